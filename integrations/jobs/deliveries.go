package jobs

import (
	"context"
	"errors"

	"github.com/riverqueue/river"
)

// Deliveries works on what the shop told by itself. Each call may come more than once for the same work.
type Deliveries interface {
	// RefreshOrder reads an order anew and does what it means.
	RefreshOrder(ctx context.Context, gid string) error
	// WorkDelivery works on a stored delivery that is not about an order.
	WorkDelivery(ctx context.Context, webhookID string) error
}

// addDeliveries registers the workers of deliveries. They have the long limit: a privacy request can touch many rows.
func addDeliveries(bundle *river.Workers, d Deliveries, f *floor) error {
	return errors.Join(
		river.AddWorkerSafely(bundle, &worker[orderArgs]{floor: f, limit: actLimit,
			act: func(ctx context.Context, a orderArgs) error { return d.RefreshOrder(ctx, a.Ref) }}),
		river.AddWorkerSafely(bundle, &worker[webhookArgs]{floor: f, limit: longLimit,
			act: func(ctx context.Context, a webhookArgs) error { return d.WorkDelivery(ctx, a.Ref) }}),
	)
}
