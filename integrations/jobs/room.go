package jobs

import (
	"context"
	"time"
)

const (
	// roomLimit is for how long after it was due a mail makes room. Whoever converts has the code on the page already.
	roomLimit = 5 * time.Second
	// roomStep is how often a mail that makes room looks whether it can go.
	roomStep = 25 * time.Millisecond
)

// makeRoom waits while this process has its hands full, so that a burst of conversions is served before its mails are
// written. A mail that was due roomLimit ago goes whatever else happens; whether it is later than that is a matter of the
// workers. Due is by the clock of whoever asked for it, so this process counts its own wait as well.
func (f *floor) makeRoom(ctx context.Context, due time.Time) {
	if f.busy == nil {
		return
	}
	until := f.clock.Now().Add(roomLimit)
	if end := due.Add(roomLimit); end.Before(until) {
		until = end
	}
	for f.busy() && f.clock.Now().Before(until) {
		select {
		case <-f.clock.After(roomStep):
		case <-ctx.Done():
			return
		}
	}
}
