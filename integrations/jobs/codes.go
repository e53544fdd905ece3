package jobs

import (
	"context"

	"github.com/riverqueue/river"
)

// Codes makes the codes of campaigns and keeps the shop's discounts in step with them: a slice of whatever is due.
// domain.Later says that there is more.
type Codes interface {
	Work(ctx context.Context) error
}

// Bulk does one thing to many coupons: a slice of whatever is due. domain.Later says that there is more.
type Bulk interface {
	Work(ctx context.Context) error
}

func addBulk(bundle *river.Workers, h Bulk, f *floor) error {
	return river.AddWorkerSafely(bundle, &worker[bulkArgs]{floor: f, limit: longLimit,
		act: func(ctx context.Context, _ bulkArgs) error { return h.Work(ctx) }})
}

// codesAtOnce is two, so that what was asked for now need not wait for a slice of what was asked for before.
const codesAtOnce = 2

func addCodes(bundle *river.Workers, h Codes, f *floor) error {
	return river.AddWorkerSafely(bundle, &worker[codesArgs]{floor: f, limit: longLimit,
		act: func(ctx context.Context, _ codesArgs) error { return h.Work(ctx) }})
}
