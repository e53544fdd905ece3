package jobs

import (
	"context"

	"github.com/riverqueue/river"
)

// Heads ships heads of the audit to where they are kept elsewhere.
type Heads interface {
	ShipHead(ctx context.Context, ref string) error
}

func addHeads(bundle *river.Workers, h Heads, f *floor) error {
	return river.AddWorkerSafely(bundle, &worker[headArgs]{floor: f, limit: actLimit,
		act: func(ctx context.Context, a headArgs) error { return h.ShipHead(ctx, a.Ref) }})
}
