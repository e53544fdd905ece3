package coupons

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
)

// killCode is the first act of every ending: Shopify ends the code. It can be sent any number of times. A code that
// somebody deleted by hand is as dead as one that was ended.
func (s *Service) killCode(ctx context.Context, st State) (Change, error) {
	if grant := st.open(domain.Grant); grant != nil {
		return s.endBeforeGrant(ctx, st, *grant)
	}
	gone, err := s.endCode(ctx, st.Coupon)
	if err != nil {
		return Change{}, err
	}
	return s.dead(st, gone), nil
}

// returnPoints is what follows once the code is dead: wait for orders that were under way, ask whether there is one, and
// only then give the points back.
func (s *Service) returnPoints(ctx context.Context, st State) (Change, error) {
	c := st.Coupon
	if wait := s.spentUntil(c).Sub(s.Clock.Now()); wait > 0 {
		return Change{}, &waitError{For: wait, Hold: true}
	}
	if back := st.Movement(domain.GiveBack); back != nil {
		return s.resumeBack(ctx, st, *back)
	}
	usage, err := s.usageAnywhere(ctx, s.Policy.UsageOf(c))
	if err != nil {
		return Change{}, err
	}
	switch {
	case usage.Used():
		return s.usedFirst(st, usage.sighting(c, s.Clock.Now())), nil
	case usage.Alive:
		return s.killCode(ctx, st) // somebody switched it on again: it is ended once more, and the wait begins anew
	}
	return s.intendBack(st)
}

// spentUntil is until when an order can come that spends a dead code: the time for those that were under way, and for a
// call of ours that would make it alive once more.
func (s *Service) spentUntil(c domain.Coupon) time.Time {
	until := c.DeactivatedAt.Add(s.Timing.Grace)
	if c.EndSetUntil != nil && c.EndSetUntil.After(until) {
		return *c.EndSetUntil
	}
	return until
}

// resumeBack sends the credit. When an earlier actor may have sent it, and the till does not say that it has arrived, an
// order that came to light since then still stops it.
func (s *Service) resumeBack(ctx context.Context, st State, back domain.Movement) (Change, error) {
	if st.fresh(back.CreatedAt) {
		if back.CreatedAt.After(*st.Coupon.DeactivatedAt) {
			return s.giveBack(ctx, st, back)
		}
		return s.backAgain(ctx, st, back)
	}
	if s.POS.Lookup {
		got, err := s.lookUp(ctx, back)
		if err == nil {
			return s.cancelled(st, back, got), nil
		}
		if errors.Is(err, errUnaskable) {
			return s.park(st, back), nil
		}
		if domain.KindOf(err) != domain.KindNotFound {
			return Change{}, err
		}
		if !s.quiet(st, back.CreatedAt) {
			return Change{}, s.later(st, err)
		}
	}
	usage, err := s.usageAnywhere(ctx, s.Policy.UsageOf(st.Coupon))
	if err != nil {
		return Change{}, err
	}
	switch {
	case usage.Used() || st.Coupon.UsedAt != nil:
		return s.stopped(st, back, usage), nil
	case usage.Alive:
		return s.killCode(ctx, st)
	}
	return s.giveBack(ctx, st, back)
}

// backAgain sends a credit of which a person found that it never arrived. The code was ended once more since then, and what
// was asked before the first credit is asked again.
func (s *Service) backAgain(ctx context.Context, st State, back domain.Movement) (Change, error) {
	usage, err := s.usageAnywhere(ctx, s.Policy.UsageOf(st.Coupon))
	if err != nil {
		return Change{}, err
	}
	if usage.Used() {
		st.Coupon = sighted(st.Coupon, usage.sighting(st.Coupon, s.Clock.Now()))
		return s.withdrawn(st, back), nil
	}
	if usage.Alive {
		return s.killCode(ctx, st)
	}
	return s.giveBack(ctx, st, back)
}

// stopped ends the credit of a code that was used: it is withdrawn where the till says that it never arrived, and is a
// person's to find out where the till says nothing.
func (s *Service) stopped(st State, back domain.Movement, usage Usage) Change {
	if st.Coupon.UsedAt == nil {
		st.Coupon = sighted(st.Coupon, usage.sighting(st.Coupon, s.Clock.Now()))
	}
	if !s.POS.Lookup {
		return s.park(st, back)
	}
	return s.withdrawn(st, back)
}

// owed does what was decided for a coupon that rests: points are granted for it, or taken again.
func (s *Service) owed(ctx context.Context, st State) (Change, error) {
	if grant := st.open(domain.Grant); grant != nil {
		return s.grant(ctx, st, *grant)
	}
	again := st.open(domain.TakeBack)
	if again == nil {
		return Change{}, errors.New("nothing is owed for this coupon")
	}
	got, err := s.move(ctx, st, *again, "pos.deduct", s.Ledger.Deduct)
	if err == nil {
		return s.takenBack(st, *again, got), nil
	}
	if errors.Is(err, errUnaskable) {
		return s.park(st, *again), nil
	}
	if kind := domain.KindOf(err); kind != domain.KindRefused && kind != domain.KindNotFound {
		return Change{}, err
	}
	if !s.quiet(st, again.CreatedAt) {
		return Change{}, s.later(st, err)
	}
	return s.takeBackRefused(st, *again, err), nil
}
