package store

import (
	"context"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

// Coupons implements coupons.Store and coupons.Catalogue: every commit of the saga is made here, with the movement, the
// request, the refund, the review and the audit that belong to it.
type Coupons struct{ *database }

// Backlog implements coupons.Backlog.
type Backlog struct{ *database }

// Reviews reads reviews and what their risk is made of. They are opened and closed by Coupons, with the coupon.
type Reviews struct{ *database }

// Audit keeps the audit, and chains and reads its seals.
type Audit struct{ *database }

// Guard implements the ports of domain/guard: how far the metafields of the checkout's Function have come, and what
// they are made of.
type Guard struct{ *database }

// Reports implements reports.Store.
type Reports struct{ *database }

// Settings implements setup.Memory.
type Settings struct{ *database }

// Staff implements staff.People and staff.SecondFactors.
type Staff struct{ *database }

// SignIns implements staff.Attempts.
type SignIns struct{ *database }

// Sessions implements staff.Sessions.
type Sessions struct{ *database }

// Notices implements staff.Notices.
type Notices struct{ *database }

// Keys keeps the API keys of programs, and the tokens of people, which are keys too.
type Keys struct{ *database }

// Record implements coupons.Recorder.
func (s Coupons) Record(ctx context.Context, entry domain.AuditEntry) error {
	return s.record(ctx, entry)
}

// Review implements coupons.VoidedOrders.
func (s Coupons) Review(ctx context.Context, id int64) (reviews.Review, error) {
	return s.review(ctx, id)
}
