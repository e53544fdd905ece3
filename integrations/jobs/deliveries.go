package jobs

import (
	"context"

	"github.com/riverqueue/river"
)

// Deliveries works on what the shop told by itself. Each call may come more than once for the same work.
type Deliveries interface {
	// WorkDelivery works on a stored delivery that is not about an order.
	WorkDelivery(ctx context.Context, webhookID string) error
}

// addDeliveries registers the worker of deliveries. It has the long limit: a privacy request can touch many rows.
func addDeliveries(bundle *river.Workers, d Deliveries, f *floor) error {
	return river.AddWorkerSafely(bundle, &worker[webhookArgs]{floor: f, limit: longLimit,
		act: func(ctx context.Context, a webhookArgs) error { return d.WorkDelivery(ctx, a.Ref) }})
}
