package coupons

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/orders"
	"pointbridge/domain/reviews"
)

// returnPoints is what follows in a cancellation once the code is deactivated: wait for orders that were under way, ask
// whether there is one, and only then give the points back.
func (f flow) returnPoints(ctx context.Context) (Change, error) {
	if wait := f.s.spentUntil(f.st.Coupon).Sub(f.s.Clock.Now()); wait > 0 {
		return Change{}, &waitError{For: wait, Hold: true}
	}
	back := f.st.Movement(domain.GiveBack)
	switch {
	case back == nil:
		return f.creditUnlessUsed(ctx, f.usedFirst, f.intendBack)
	case !f.st.fresh(back.CreatedAt):
		return f.resumeBack(ctx, *back)
	case back.CreatedAt.After(*f.st.Coupon.DeactivatedAt):
		return f.giveBack(ctx, *back)
	}
	// A person found that the credit never arrived. The code was deactivated once more since then, and what was asked
	// before the first credit is asked again.
	return f.creditUnlessUsed(ctx,
		func(seen orders.Sighting) Change { return f.withdrawn(*back, seen) },
		func() (Change, error) { return f.giveBack(ctx, *back) })
}

// spentUntil is until when an order can come that spends a deactivated code: the time for those that were under way,
// and for a call of ours that would switch it on once more.
func (s *Service) spentUntil(c domain.Coupon) time.Time {
	until := c.DeactivatedAt.Add(s.Timing.Grace)
	if c.EndSetUntil != nil && c.EndSetUntil.After(until) {
		return *c.EndSetUntil
	}
	return until
}

// creditUnlessUsed is the last question before a credit: was the code used, or is it switched on? An order that came to
// light stops the credit. A code that somebody switched on is deactivated once more, and the wait begins anew.
func (f flow) creditUnlessUsed(ctx context.Context, used func(orders.Sighting) Change,
	credit func() (Change, error)) (Change, error) {
	c := f.st.Coupon
	usage, err := f.s.inquiry().Anywhere(ctx, f.s.Policy.UsageOf(c))
	switch {
	case err != nil:
		return Change{}, err
	case c.UsedAt != nil:
		return used(orders.Sighting{OrderID: c.UsedOrderID, OrderName: c.UsedOrder, At: *c.UsedAt}), nil
	case usage.Used():
		return used(usage.Sighting(c, f.s.Clock.Now())), nil
	case usage.Alive:
		return f.deactivateCode(ctx)
	}
	return credit()
}

// intendBack writes the intent to give the points back. Where none were taken the coupon ends at once.
func (f flow) intendBack() (Change, error) {
	now := f.s.Clock.Now()
	if f.st.Coupon.Free() {
		ch := f.ended(now)
		ch.Audit = []domain.AuditEntry{domain.EntryOf(ch.Coupon, domain.System(), domain.ActionCouponCancelled,
			domain.Cancelling, now)}
		return ch, nil
	}
	c := f.s.extended(f.st.Coupon, now)
	back, err := f.s.intend(domain.GiveBack, c, now)
	if err != nil {
		return Change{}, err
	}
	return Change{Coupon: c, Movements: []domain.Movement{back},
		Audit: []domain.AuditEntry{domain.EntryOf(c, domain.System(), domain.ActionRefundStarted, c.Status, now,
			"points", back.Points, "reference", back.Reference)}}, nil
}

// resumeBack sends a credit that an earlier actor may have sent. Where the POS does not say that it has arrived, an
// order that came to light since then still stops it.
func (f flow) resumeBack(ctx context.Context, back domain.Movement) (Change, error) {
	if f.s.askable() {
		got, there, err := f.arrived(ctx, back)
		switch {
		case there:
			return f.cancelled(back, got), nil
		case errors.Is(err, errUnaskable):
			return f.park(back, err), nil
		case err != nil:
			return Change{}, err
		}
	}
	return f.creditUnlessUsed(ctx,
		func(seen orders.Sighting) Change { return f.stopped(back, seen) },
		func() (Change, error) { return f.giveBack(ctx, back) })
}

// stopped ends the credit of a code that was used: it is withdrawn where the POS says that it never arrived, and is a
// person's to find out where the POS says nothing.
func (f flow) stopped(back domain.Movement, seen orders.Sighting) Change {
	if f.s.askable() {
		return f.withdrawn(back, seen)
	}
	f.st.Coupon = sighted(f.st.Coupon, seen)
	return f.park(back, nil)
}

// withdrawn takes back the intent of a credit that never reached the POS, because an order came to light before it.
func (f flow) withdrawn(back domain.Movement, seen orders.Sighting) Change {
	now := f.s.Clock.Now()
	ch := f.usedFirst(seen)
	ch.Movements = []domain.Movement{asRefused(back, now)}
	return ch
}

// giveBack sends the credit: no usable code exists, so the points return. One that the POS refuses is a person's,
// because the points are the customer's.
func (f flow) giveBack(ctx context.Context, back domain.Movement) (Change, error) {
	return f.settle(ctx, back, f.givenBack, f.park)
}

// givenBack is the commit after a credit: it ends a cancellation, or a conversion that failed.
func (f flow) givenBack(back domain.Movement, got Entry) Change {
	if f.st.Coupon.Status == domain.Cancelling {
		return f.cancelled(back, got)
	}
	return f.compensated(back, got)
}

// cancelled is the last commit of a cancellation: the points are back. An order that turned up meanwhile opens a
// review.
func (f flow) cancelled(back domain.Movement, got Entry) Change {
	now := f.s.Clock.Now()
	ch := f.ended(now)
	back = asApplied(back, got, now)
	e := moved(ch.Coupon, back, domain.ActionPointsGivenBack, now)
	e.From = domain.Cancelling
	e.Detail["related_reference"] = back.RelatedReference
	ch.Movements, ch.Audit = []domain.Movement{back}, []domain.AuditEntry{e}
	return ch
}

// ended is what the last commit of every cancellation has in common.
func (f flow) ended(now time.Time) Change {
	c := f.st.Coupon
	c.Status, c.CancelledAt, c.LeaseUntil, c.Attempts = domain.Cancelled, &now, now, 0
	ch := Change{Coupon: c, Project: true,
		Jobs: []domain.Job{{Kind: domain.JobMail, CouponID: c.ID, Mail: domain.MailCancelled}}}
	if c.UsedAt != nil {
		ch.Review = reviews.UsedAfterRefund
	}
	return ch
}
