package learn

import (
	"context"
	"time"

	"pointbridge/domain/decisions"
)

// atOnce is how many subjects one step of the maintenance takes.
const atOnce = 500

// erasuresFor is for how long an erasure is remembered, by digests: longer than anything that was shown before it is on
// its way.
const erasuresFor = 30 * 24 * time.Hour

// Maintenance forgets what is old.
type Maintenance struct {
	Archive decisions.Archive
	// Retention is how long uses, decisions' facts and verdicts' persons are kept; zero for ever.
	Retention time.Duration
	Now       func() time.Time
}

// Forget removes what is older than the retention, step by step; one that is cut off goes on with the next round.
func (u Maintenance) Forget(ctx context.Context) error {
	remember := erasuresFor
	if u.Retention > 0 {
		remember = min(remember, u.Retention)
	}
	if err := u.Archive.ForgetErasures(ctx, u.Now().Add(-remember)); err != nil || u.Retention <= 0 {
		return err
	}
	for before := u.Now().Add(-u.Retention); ; {
		done, err := u.Archive.Forget(ctx, before, atOnce)
		if err != nil || done == 0 {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}
