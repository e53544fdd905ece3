package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"
)

// rounds runs every kind of round.
type rounds struct {
	worker[roundArgs]
	byName map[string]Round
}

// Timeout implements river.Worker.
func (w *rounds) Timeout(job *river.Job[roundArgs]) time.Duration {
	if limit := w.byName[job.Args.Name].Limit; limit > 0 {
		return limit
	}
	return longLimit
}

func (w *rounds) run(ctx context.Context, a roundArgs) error {
	round, known := w.byName[a.Name]
	if !known {
		return fmt.Errorf("no round is called %q", a.Name)
	}
	return round.Run(ctx)
}
