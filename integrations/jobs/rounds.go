package jobs

import (
	"context"
	"fmt"
	"time"
)

// rounds runs every kind of round.
type rounds struct {
	worker[roundArgs]
	byName map[string]Round
}

func (w *rounds) limitFor(a roundArgs) time.Duration {
	if limit := w.byName[a.Name].Limit; limit > 0 {
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
