package coupons

import (
	"context"
	"slices"

	"pointbridge/domain"
	"pointbridge/domain/orders"
)

// What whoever works on orders, or on reviews, asks of the saga stands here; see orders.Saga and reviews.Subjects.

// Find reads the coupon of a code. ours is false where the code in the shop is somebody else's. Errors:
// coupon_not_found.
func (s *Service) Find(ctx context.Context, code string) (c domain.Coupon, ours bool, err error) {
	st, err := s.Catalogue.ByCode(ctx, code)
	return st.Coupon, !st.foreign(), err
}

// Coupon reads a coupon. Errors: coupon_not_found.
func (s *Service) Coupon(ctx context.Context, id int64) (domain.Coupon, error) {
	st, err := s.Store.Load(ctx, id)
	return st.Coupon, err
}

// inquiry is how the saga asks whether a code was used.
func (s *Service) inquiry() orders.Inquiry {
	return orders.Inquiry{Shop: s.Shop, Cursor: s.Backlog, Clock: s.Clock, Observer: s.Observer}
}

// UsageOf is the question about a coupon.
func (p Policy) UsageOf(c domain.Coupon) orders.UsageQuery { return orders.QueryOf(c, p.TestOrders) }

func (s *Service) usage(ctx context.Context, c domain.Coupon) (orders.Usage, error) {
	return s.inquiry().Ask(ctx, s.Policy.UsageOf(c))
}

// Note writes into the audit what happened to an order, once per coupon and order. Errors: coupon_not_found;
// domain.ErrConflict while somebody is at the coupon.
func (s *Service) Note(ctx context.Context, couponID int64, action string, o orders.Order) error {
	st, err := s.Store.Load(ctx, couponID)
	if err != nil {
		return err
	}
	history, err := s.Catalogue.History(ctx, couponID)
	if err != nil || slices.ContainsFunc(history, func(e domain.AuditEntry) bool {
		return e.Action == action && e.Detail["order_id"] == o.ID
	}) {
		return err
	}
	c, now := st.Coupon, s.Clock.Now()
	if c.OnTheWay() && now.Before(c.LeaseUntil) {
		return domain.ErrConflict
	}
	_, err = s.Store.Commit(ctx, Change{Coupon: c,
		Audit: []domain.AuditEntry{domain.EntryOf(c, domain.System(), action, c.Status, now, "order", o.Name,
			"order_id", o.ID)}})
	return err
}
