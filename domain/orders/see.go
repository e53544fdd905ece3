package orders

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

// What has become of an order decides about the coupon that it used. Shopify leaves the code used when an order comes
// to nothing, and is never asked to let it be used again: what the customer has lost is a new code's, or the points',
// to make good, once. docs/orders.md has the whole table, and a test walks it.
//
//	coupon              what a cancelled or refunded order does that carries its code
//	pending             wait: whoever is at it knows soon
//	active              Shopify counts the use: used, and the review of a used one. It counts none (the order never
//	                    redeemed the code): it stays good, and the review offers to cancel it and return the points
//	expired             used by the order, and the review of a used one
//	used by this order  one review: reissue, grant the points, or refuse
//	used by another     nothing: this order did not use it up
//	cancelling          a review about this order asked for it: the flow itself asks whether the code was used. Else
//	                    as Use has it
//	cancelled, failed   the points are back: a review about this order asked for it, or a person looks at a use after
//	                    a refund
//	suspended, forfeited the order is noted; the review that is open anyway decides
//
// An order from which an edit took the code stands: the shop's own people changed it together with its price, Shopify
// does not free the use, and the coupon stays used. That is written into the audit and opens no review, because nobody
// has lost the order; if it is voided later, its coupon's review is opened like any other.
//
// Coupons in an order that stands beyond as many as may stand in one are each a review of their own: those that the
// order lists last. The shop cannot refuse them at the checkout.

// SeeOrder does everything that an order means for coupons. It can be told of the same order, and of older states of
// it, any number of times and in any sequence. Errors: domain.ErrConflict while somebody is at a coupon: tell it again;
// a *domain.UpstreamError.
func (s *Service) SeeOrder(ctx context.Context, o Order) error {
	if o.ID == "" {
		return nil
	}
	o, err := s.named(ctx, o)
	if err != nil {
		return err
	}
	// Neither keeps the other from being done.
	return errors.Join(s.seeCoupons(ctx, o), s.seeUses(ctx, o))
}

// seeUses lets learn from an order whoever does.
func (s *Service) seeUses(ctx context.Context, o Order) error {
	if s.Uses == nil || len(o.Codes)+len(o.Applied) == 0 {
		return nil
	}
	return s.Uses.Notice(ctx, o)
}

// seeCoupons does everything that an order means for coupons.
func (s *Service) seeCoupons(ctx context.Context, o Order) error {
	see := s.seeCode
	if o.Test && !s.TestOrders {
		see = s.seeTest
	}
	for _, code := range o.carried() {
		err := see(ctx, o, code)
		if err != nil && !errors.Is(err, &domain.Error{Code: domain.CodeCouponNotFound}) {
			return err
		}
	}
	if o.Test && !s.TestOrders {
		return nil
	}
	if err := s.seeEdited(ctx, o); err != nil {
		return err
	}
	used, err := s.Coupons.UsedBy(ctx, o.ID)
	if err != nil {
		return err
	}
	for _, c := range used {
		if !o.Holds(c.Code) {
			err = errors.Join(err, s.Saga.Note(ctx, c.ID, domain.ActionOrderCodeLost, o))
		}
		if c.Status == domain.Used {
			err = errors.Join(err, s.fate(ctx, o, c))
		}
	}
	return errors.Join(err, s.tooMany(ctx, o, used))
}

// seeTest puts a test order into the audit that is no order here: it can have spent the code in Shopify all the same.
// Nobody paid for it, so the coupon stays active, and cancelling it returns its points.
func (s *Service) seeTest(ctx context.Context, o Order, code string) error {
	c, _, err := s.Saga.Find(ctx, code)
	if err != nil || o.Evidence(code) != EvidenceCode {
		return err
	}
	return s.Saga.Note(ctx, c.ID, domain.ActionOrderTest, o)
}

// seeCode does what one code in an order means.
func (s *Service) seeCode(ctx context.Context, o Order, code string) error {
	c, ours, err := s.Saga.Find(ctx, code)
	if err != nil || !ours {
		return err
	}
	if c.Status == domain.Pending {
		return domain.ErrConflict
	}
	k, err := s.claim(ctx, o, c)
	if err != nil {
		return err
	}
	if k.takes && c.Status == domain.Used && c.UsedOrderID == "" && o.Evidence(code) == EvidenceText {
		k.takes, k.look = false, reviews.LookSecondOrder // the use that was counted is another order's
	}
	seen := Sighting{Code: code, OrderID: o.ID, OrderName: o.Name, At: o.CreatedAt, Uncounted: k.uncounted}
	if o.Voided() {
		return s.seeVoided(ctx, o, c, k, seen)
	}
	return s.seeStanding(ctx, o, k, seen)
}

// seeVoided does what a code in a voided order means. One that did not take the coupon took nothing.
func (s *Service) seeVoided(ctx context.Context, o Order, c domain.Coupon, k claim, seen Sighting) error {
	if !k.takes {
		return nil
	}
	switch c.StatusAt(s.Clock.Now()) {
	case domain.Active:
		// A code that is gone cannot be asked about, and counts as used. The count may lag: a use that is counted later
		// is found when the points are to go back.
		if k.uncounted && !k.gone {
			return s.reviewVoided(ctx, o, c)
		}
	case domain.Cancelling, domain.Cancelled:
		if _, err := s.Reviews.VoidedOrderOf(ctx, c.ID, o.ID); !errors.Is(err,
			&domain.Error{Code: domain.CodeReviewNotFound}) {
			return err
		}
	case domain.Pending, domain.Used, domain.Expired, domain.Suspended, domain.Forfeited, domain.Failed:
	}
	return s.Saga.Use(ctx, seen)
}

// seeStanding does what a code in an order that stands means. Where its value may have been given twice, nothing moves
// and a person looks.
func (s *Service) seeStanding(ctx context.Context, o Order, k claim, seen Sighting) error {
	if k.takes {
		if err := s.Saga.Use(ctx, seen); err != nil {
			return err
		}
	}
	c, _, err := s.Saga.Find(ctx, seen.Code)
	if err != nil {
		return err
	}
	why := k.look
	if why == "" && c.UsedOrderID != "" && c.UsedOrderID != o.ID {
		why = reviews.LookSecondOrder
	}
	if why == "" {
		return nil
	}
	return s.lookInto(ctx, o, c, why)
}

// seeEdited looks for codes that an edit took from an order before anybody told us of them: among its customer's
// coupons that are still good here, those that Shopify counts as used.
func (s *Service) seeEdited(ctx context.Context, o Order) error {
	if !o.Edited || o.CustomerGID == "" {
		return nil
	}
	good, err := s.Coupons.ActiveOf(ctx, o.CustomerGID)
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
		if err := s.Saga.Use(ctx, usage.Sighting(c, s.Clock.Now())); err != nil {
			return err
		}
	}
	return nil
}
