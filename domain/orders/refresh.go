package orders

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

// RefreshOrder reads an order anew and does what it means. What was told of it is a hint, the shop's answer decides;
// only where the shop cannot show the order does the hint count. Errors as SeeOrder.
func (s *Service) RefreshOrder(ctx context.Context, gid string, hint domain.OrderHint) error {
	o, err := domain.Timed(ctx, s.Clock, s.Observer, "shopify.order", func(ctx context.Context) (Order, error) {
		return s.Shop.Order(ctx, gid)
	})
	if err == nil {
		return s.SeeOrder(ctx, o)
	}
	if domain.KindOf(err) != domain.KindNotFound {
		return err
	}
	used, err := s.Coupons.UsedBy(ctx, gid)
	now := s.Clock.Now()
	for _, c := range used {
		if hidden(c, now) {
			err = errors.Join(err, s.unreadable(ctx, c, hint))
			continue
		}
		// Shopify lets an order be deleted once it is over; its codes stay used.
		err = errors.Join(err, s.Saga.Note(ctx, c.ID, domain.ActionOrderDeleted, Order{ID: gid, Name: c.UsedOrder}))
	}
	return err
}

// hidden reports whether the order that used a coupon is too old for Shopify to show. It then answers as for one that
// does not exist, whatever became of it.
func hidden(c domain.Coupon, now time.Time) bool {
	return c.UsedAt != nil && c.UsedAt.Before(now.Add(-ordersHorizon))
}

// unreadable is what is left to do about an order that Shopify does not show. Nothing moves. Where the customer may
// be owed something a person looks at it in the shop, and nothing is ever decided without one; any other change is of
// no concern to a coupon that is used. How much a refund was cannot be known: a cancellation that is told of later is
// a review of its own.
func (s *Service) unreadable(ctx context.Context, c domain.Coupon, hint domain.OrderHint) error {
	s.Logger.InfoContext(ctx, "an order is too old for the shop to show",
		"coupon_id", c.ID, "order_id", c.UsedOrderID, "told", string(hint))
	if c.Status != domain.Used || hint == domain.HintNone {
		return nil
	}
	now := s.Clock.Now()
	v := reviews.VoidedOrder{CouponID: c.ID, OrderID: c.UsedOrderID, OrderName: c.UsedOrder,
		Kind: reviews.OrderCancelled, Reason: reviews.ReasonUnreadable, At: now}
	if hint == domain.HintRefunded {
		v.Kind, v.Part = reviews.OrderRefunded, reviews.PartUnreadable
	}
	v.Entry = domain.EntryOf(c, domain.System(), domain.ActionOrderUnreadable, c.Status, now,
		"order", c.UsedOrder, "kind", string(v.Kind), "told", string(hint))
	_, err := s.Reviews.OpenVoidedOrder(ctx, v)
	return err
}
