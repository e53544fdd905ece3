package coupons

import (
	"context"
	"errors"
	"slices"
	"time"

	"pointbridge/domain"
)

// What an order that came to nothing (cancelled, or refunded as a whole) means for a coupon whose code it holds. Shopify
// leaves the code used after either, and is never asked to let it be used again: what the customer has lost is a new code's,
// or the points', to make good, once.
//
//	coupon              what is done
//	pending             wait: whoever is at it knows soon
//	active              Shopify counts the use: used, and the case of a used one. It counts none (the order never redeemed the
//	                    code): it stays good, and the case offers to cancel it and return the points
//	expired             used by the order, and the case of a used one
//	used by this order  one case: reissue, grant the points, or refuse
//	used by another     nothing: this order did not use it up
//	cancelling          a case about this order asked for it: the flow itself asks whether the code was used. Else as Use has it
//	cancelled, failed   the points are back: a case about this order asked for it, or a person looks at a use after a refund
//	suspended, forfeited the order is noted; the case that is open anyway decides
//
// An order from which an edit took the code stands: the shop's own people changed it together with its price, Shopify does
// not free the use, and the coupon stays used. That is put on record and opens no case, because nobody has lost the order;
// if it comes to nothing later, its coupon's case is opened like any other.

// SeeOrder does everything that an order means for coupons. It can be told of the same order, and of older states of it, any
// number of times and in any sequence. Errors: domain.ErrConflict while somebody is at a coupon: tell it again; a
// *domain.UpstreamError.
func (s *Service) SeeOrder(ctx context.Context, o Order) error {
	if o.ID == "" || o.Test && !s.Policy.TestOrders {
		return nil
	}
	for _, code := range o.Codes {
		normal, ours := domain.NormalizeCode(code)
		if !ours {
			continue
		}
		err := s.seeCode(ctx, o, normal)
		if err != nil && !errors.Is(err, &domain.Error{Code: domain.CodeCouponNotFound}) {
			return err
		}
	}
	if err := s.seeEdited(ctx, o); err != nil {
		return err
	}
	used, err := s.Catalogue.UsedBy(ctx, o.ID)
	if err != nil {
		return err
	}
	for _, c := range used {
		if !o.Holds(c.Code) {
			err = errors.Join(err, s.noteOnce(ctx, c.ID, "order.code_lost", o))
		}
		if c.Status == domain.Used && (o.Voided() || o.PartiallyRefunded && s.Policy.PartialRefunds) {
			err = errors.Join(err, s.void(ctx, o, c))
		}
	}
	return err
}

// seeCode does what one code in an order means.
func (s *Service) seeCode(ctx context.Context, o Order, code string) error {
	seen := Sighting{Code: code, OrderID: o.ID, OrderName: o.Name, At: o.CreatedAt}
	if !o.Voided() {
		return s.seeStanding(ctx, o, seen)
	}
	st, err := s.Catalogue.ByCode(ctx, code)
	if err != nil {
		return err
	}
	switch c := st.Coupon; c.StatusAt(s.Clock.Now()) {
	case domain.Active:
		if counted, err := s.counted(ctx, c); err != nil {
			return err
		} else if !counted {
			return s.void(ctx, o, c)
		}
	case domain.Cancelling, domain.Cancelled:
		if _, err := s.Store.VoidOf(ctx, c.ID, o.ID); !errors.Is(err, &domain.Error{Code: domain.CodeReviewNotFound}) {
			return err
		}
	case domain.Pending, domain.Used, domain.Expired, domain.Suspended, domain.Forfeited, domain.Failed:
	}
	return s.Use(ctx, seen)
}

// seeStanding does what a code in an order that stands means. A second order with a code that is good once moves nothing, but
// is put on record.
func (s *Service) seeStanding(ctx context.Context, o Order, seen Sighting) error {
	if err := s.Use(ctx, seen); err != nil {
		return err
	}
	st, err := s.Catalogue.ByCode(ctx, seen.Code)
	if c := st.Coupon; err != nil || c.UsedOrderID == "" || c.UsedOrderID == o.ID {
		return err
	}
	return s.noteOnce(ctx, st.Coupon.ID, "order.second_use", o)
}

// seeEdited looks for codes that an edit took from an order before anybody told us of them: among its customer's coupons
// that are still good here, those that Shopify counts as used.
func (s *Service) seeEdited(ctx context.Context, o Order) error {
	if !o.Edited || o.CustomerGID == "" {
		return nil
	}
	good, err := s.Catalogue.ActiveOf(ctx, o.CustomerGID)
	if err != nil {
		return err
	}
	for _, c := range good {
		usage, err := s.usage(ctx, c)
		if err != nil {
			return err
		}
		if usage.Count == 0 || o.CreatedAt.Before(c.CreatedAt.Truncate(time.Second)) {
			continue
		}
		if usage.Order == nil {
			usage.Order = &o
		}
		if err := s.Use(ctx, usage.sighting(c, s.Clock.Now())); err != nil {
			return err
		}
	}
	return nil
}

// counted tells whether Shopify counts a use of the code. The count may lag: a use that is counted later is found when the
// points are to go back. A code that is gone cannot be asked about, and counts as used.
func (s *Service) counted(ctx context.Context, c domain.Coupon) (bool, error) {
	found, err := s.findCode(ctx, State{Coupon: c})
	if err != nil && domain.KindOf(err) == domain.KindNotFound {
		return true, nil
	}
	return found.Usage > 0, err
}

// void opens the case of an order that came to nothing, and decides it where that is left to the service.
func (s *Service) void(ctx context.Context, o Order, c domain.Coupon) error {
	now := s.Clock.Now()
	v := Void{CouponID: c.ID, OrderID: o.ID, OrderName: o.Name, Kind: ReviewOrderCancelled, Reason: o.CancelReason, At: now}
	switch {
	case !o.CancelledAt.IsZero():
	case o.FullyRefunded:
		v.Kind, v.Reason = ReviewOrderRefunded, VoidRefunded
	default:
		v.Kind, v.Reason, v.Partial = ReviewOrderRefunded, VoidPartiallyRefunded, true
	}
	v.Entry = entry(c, domain.System(), "order.voided", c.Status, now, "order", o.Name, "kind", string(v.Kind), "reason", v.Reason)
	v.Jobs = s.Policy.Tags.jobs(o.ID, c.ID)
	review, err := s.Store.OpenVoid(ctx, v)
	if err != nil {
		return err
	}
	return s.decideAlone(ctx, review)
}

// noteOnce puts on record what happened to an order, once per coupon and order.
func (s *Service) noteOnce(ctx context.Context, couponID int64, action string, o Order) error {
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
		Audit: []domain.AuditEntry{entry(c, domain.System(), action, c.Status, now, "order", o.Name, "order_id", o.ID)}})
	return err
}
