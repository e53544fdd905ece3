package coupons

import (
	"context"

	"pointbridge/domain"
	"pointbridge/domain/orders"
	"pointbridge/domain/reviews"
)

// Use records that an order holds a code. An order that came before the points went back ends a cancellation; one
// that is heard of afterwards opens a review and moves nothing. The same order again changes nothing. Errors:
// coupon_not_found; domain.ErrConflict while somebody is at the coupon and its points may be on their way: ask again.
func (s *Service) Use(ctx context.Context, seen orders.Sighting) error {
	st, err := s.Catalogue.ByCode(ctx, seen.Code)
	if err != nil {
		return err
	}
	ch, err := s.at(st).seen(seen)
	if err != nil || ch.Coupon.ID == 0 {
		return err
	}
	_, err = s.Store.Commit(ctx, ch)
	return err
}

// seen says what an order means for a coupon; a zero change is nothing new.
func (f flow) seen(seen orders.Sighting) (Change, error) {
	c := f.st.Coupon
	switch c.Status {
	case domain.Active, domain.Expired:
		return f.usedFirst(seen), nil
	case domain.Cancelling:
		return f.seenWhileCancelling(seen)
	case domain.Cancelled:
		return f.seenLate(seen, reviews.UsedAfterRefund), nil
	case domain.Failed:
		if f.st.foreign() {
			return Change{}, nil
		}
		return f.seenLate(seen, reviews.UsedAfterRefund), nil
	case domain.Suspended, domain.Forfeited:
		return f.seenLate(seen, ""), nil
	case domain.Pending:
		return Change{}, domain.ErrConflict
	case domain.Used:
		if c.UsedOrderID == "" && seen.OrderID != "" {
			return f.seenLate(seen, ""), nil // only the count was known so far
		}
	}
	return Change{}, nil
}

// usedFirst writes down that an order used the coupon. It ends a cancellation in which the order came first: nothing is
// given back.
func (f flow) usedFirst(seen orders.Sighting) Change {
	now, was := f.s.Clock.Now(), f.st.Coupon.Status
	c := sighted(f.st.Coupon, seen)
	c.Status, c.LeaseUntil, c.Attempts = domain.Used, now, 0
	ch := Change{Project: true,
		Audit: []domain.AuditEntry{domain.EntryOf(c, domain.System(), domain.ActionCouponUsed, was, now, "order",
			seen.OrderName)}}
	if seen.Uncounted && c.DeactivatedAt == nil && c.DiscountID != "" && c.DiscountDeletedAt == nil {
		// The code can be spent beside the order: it is owed that it is deactivated.
		c.Unfinished = true
		ch.Jobs = append(ch.Jobs, domain.Job{Kind: domain.JobAdvance, CouponID: c.ID})
	}
	if was == domain.Cancelling {
		// If a review of an order asked for it, there is something else to decide now.
		ch.Reopened = &reviews.Reopened{Outcome: reviews.OutcomeReturnPoints, Problem: string(domain.CodeCouponUsed)}
	}
	ch.Coupon = c
	return ch
}

// sighted writes an order into a coupon.
func sighted(c domain.Coupon, seen orders.Sighting) domain.Coupon {
	at := seen.At
	c.UsedAt, c.UsedOrder, c.UsedOrderID = &at, seen.OrderName, seen.OrderID
	return c
}

// seenWhileCancelling lets the order win as long as the credit was not intended. After that the coupon belongs to
// whoever is at it; when nobody is, the order is written down for the one who goes on.
func (f flow) seenWhileCancelling(seen orders.Sighting) (Change, error) {
	if f.st.Movement(domain.GiveBack) == nil {
		return f.usedFirst(seen), nil
	}
	if f.s.Clock.Now().Before(f.st.Coupon.LeaseUntil) {
		return Change{}, domain.ErrConflict
	}
	return f.seenLate(seen, ""), nil
}

// seenLate writes an order into a coupon whose status it does not change.
func (f flow) seenLate(seen orders.Sighting, review reviews.Kind) Change {
	c := f.st.Coupon
	if c.UsedAt != nil && (c.UsedOrderID != "" || seen.OrderID == "") {
		return Change{}
	}
	c = sighted(c, seen)
	return Change{Coupon: c, Review: review,
		Audit: []domain.AuditEntry{domain.EntryOf(c, domain.System(), domain.ActionOrderSeen, c.Status, f.s.Clock.Now(),
			"order", seen.OrderName)}}
}
