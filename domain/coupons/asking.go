package coupons

import (
	"context"
	"time"

	"pointbridge/domain"
)

// asking is a request for a coupon of whatever campaign. A conversion and a campaign's personal code differ in what is
// checked and in what they are worth, which stands here; everything else is one way.
type asking struct {
	attempt Attempt
	request RequestKey
	// meaning is what the request's hash is made of, where that is keyed.
	meaning string
	proof   string
	// campaign is the key of the one whose coupon it is.
	campaign string
	// customerID and shopper are whom it is for, as Opening has them.
	customerID string
	shopper    *domain.Customer
	// points is what it costs.
	points int64
	// worth is what it takes off, in the unit of the campaign's values; nil where that is found out under the lock.
	worth *int64
	// started is what the audit calls the first commit.
	started string
	// protected says whether the campaign asks for decisions, where that is known.
	protected *bool
	// renew asks for the same by the campaign as it is now; nil where the rules are the configuration's.
	renew func(context.Context) (asking, error)
	// check refuses by what was read under the customer's lock. It is pure.
	check func(Intake, time.Time) error
	// coupon is what the coupon is worth, at which rate, and until when. It is pure.
	coupon func(Intake, time.Time) (domain.Coupon, error)
}

// who reads whom it is for, as far as that is known before the customer is locked.
func (s *Service) who(a asking) func(context.Context) (domain.Customer, error) {
	return func(ctx context.Context) (domain.Customer, error) {
		if a.shopper != nil {
			return *a.shopper, nil
		}
		return s.Members.Customer(ctx, a.customerID)
	}
}

// refused has an attempt recorded, and gives back what the caller is told.
func (s *Service) refused(ctx context.Context, a asking, err error) error {
	return s.Attempts.Refused(ctx, a.attempt, err)
}

// ask runs a request for as long as it has patience.
func (s *Service) ask(ctx context.Context, a asking) (Result, error) {
	patience, cancel := context.WithCancel(ctx)
	defer cancel()
	late := s.Clock.After(s.Timing.Wait)
	go func() {
		select {
		case <-late:
			cancel()
		case <-patience.Done():
		}
	}()
	return s.askWithin(ctx, patience, a)
}

// askWithin waits its turn and runs the steps. patience ends when the request has waited long enough.
func (s *Service) askWithin(ctx, patience context.Context, a asking) (Result, error) {
	release, ok := s.turns.Free(a.customerID)
	if !ok {
		// Whoever has the turn may be this very request, sent before: it is looked for before the wait, of which this is
		// a part where the database is slow, and after it.
		if request, err := s.Store.FindRequest(patience, a.request); err == nil {
			return s.replay(ctx, a, request)
		}
		if release, ok = s.turns.Take(patience, a.customerID); !ok {
			if request, err := s.Store.FindRequest(ctx, a.request); err == nil {
				return s.replay(ctx, a, request)
			}
			return Result{}, s.refused(ctx, a, inProgress())
		}
	}
	opened, earlier, err := s.open(patience, a, nil)
	if err != nil {
		// It counts before the next one has its turn, so that no burst slips past a lock.
		err = s.refused(ctx, a, err)
	}
	if err != nil || earlier != nil {
		release()
		if err != nil {
			return Result{}, err
		}
		return s.replay(ctx, a, *earlier)
	}
	done := make(chan State, 1)
	s.running.Add(1)
	go func() {
		defer s.running.Done()
		defer release()
		st := s.runAsked(context.WithoutCancel(ctx), a, opened)
		if st.Coupon.Status == domain.Failed {
			a.attempt.Failed = true
			_ = s.refused(ctx, a, st.Coupon.Failure.Err())
		}
		done <- st
	}()
	select {
	case st := <-done:
		if st.Coupon.Status == domain.Pending {
			// Left to the queue: "on its way" is this request's answer, and its repetition gets the same one.
			st.RequestID = opened.RequestID
			return s.accepted(context.WithoutCancel(ctx), st)
		}
		return resultOf(st.Coupon)
	case <-patience.Done():
		return s.accepted(context.WithoutCancel(ctx), opened)
	}
}

// runAsked runs the steps, and starts over with another code when Shopify has the drawn one already: the points are
// back by then, and the request is pointed at the new coupon.
func (s *Service) runAsked(ctx context.Context, a asking, st State) State {
	for try := 1; ; try++ {
		st = s.finish(ctx, st)
		if !codeWasTaken(st.Coupon) || try == openTries {
			return st
		}
		next, earlier, err := s.open(ctx, a, &st)
		switch {
		case err != nil:
			return st
		case earlier != nil:
			return s.startedOver(ctx, st, *earlier)
		}
		st = next
	}
}

// startedOver is what a commit in doubt turned out to have begun. The queue goes on with it once its lease has
// passed; even when that cannot be read, it has not failed.
func (s *Service) startedOver(ctx context.Context, st State, r Request) State {
	next, err := s.Store.Load(ctx, r.CouponID)
	if err != nil {
		next = st
		next.Coupon.Status, next.Coupon.Failure = domain.Pending, nil
	}
	return next
}
