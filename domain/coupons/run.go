package coupons

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pointbridge/domain"
)

// flow is the service s at work on one coupon; st is the coupon as it was read or committed last. Every step, and every
// change that a step leads to, is a method of it: the state stays in one place while the coupon is moved on.
type flow struct {
	s  *Service
	st State
}

func (s *Service) at(st State) flow { return flow{s, st} }

// step is one act outside. It says what one commit then writes.
type step struct {
	asked func(State) bool
	do    func(flow, context.Context) (Change, error)
}

// steps are all acts of the saga in the order of the flow. Of a coupon that is on the way the first one that its
// state asks for is done, the change that it says is committed, and the state is looked at again. A step is therefore
// the same the first time and after a crash: it asks what an earlier actor may have left outside before it acts.
//
//	step                     fails before the call     during it, or its answer is lost    after it, before the commit
//	take the points          sent with its first key   the same bytes are sent again; or   the POS gives its first answer
//	                                                   the POS is asked for the reference  again, or has the reference
//	create the code          created                   Shopify is asked for the code       it is there and ours: active
//	compensate               as taking                 as taking                           as taking
//	reissue                  the old code is           Shopify is asked for the new code   it is there and ours: active
//	                         deactivated again
//	deactivate for a grant   deactivated               deactivated again, which changes    the same; no credit is sent
//	                                                   nothing                             before it is committed
//	deactivate               deactivated               the same                            the same
//	return the points        the rest of the wait,     the POS is asked for the reference  the POS has the reference:
//	                         then the question for     first; if it is not there Shopify   cancelled
//	                         orders                    is asked for orders once more
//	grant                    as taking                 as taking                           as taking
//	take the points back     as taking                 as taking                           as taking
//
// A refusal is final once nothing that an earlier actor sent can still arrive. What can neither be sent again nor be
// asked for is parked: a person finds it out.
var steps = []step{
	// A conversion.
	{State.asksToTake, flow.takePoints},
	{State.asksForCode, flow.createCode},
	{State.asksToCompensate, flow.compensate},
	// A coupon that replaces a used one.
	{State.asksForReissue, flow.reissueCode},
	// A coupon that ends, or for which points are granted.
	{State.asksToDeactivateForGrant, flow.deactivateForGrant},
	{State.asksToDeactivate, flow.deactivateCode},
	{State.asksToReturn, flow.returnPoints},
	{State.asksToGrant, flow.grant},
	{State.asksToTakeBack, flow.takeBack},
}

func (st State) asksToTake() bool { return st.converting() && st.open(domain.Take) != nil }

func (st State) asksForCode() bool {
	return st.converting() && st.open(domain.Take) == nil && st.Coupon.Failure == nil
}

func (st State) asksToCompensate() bool {
	return st.converting() && st.open(domain.Take) == nil && st.Coupon.Failure != nil
}

func (st State) converting() bool {
	return st.Coupon.Status == domain.Pending && st.Coupon.ReissuedFrom == ""
}

func (st State) asksForReissue() bool {
	return st.Coupon.Status == domain.Pending && st.Coupon.ReissuedFrom != ""
}

func (st State) asksToDeactivateForGrant() bool {
	return st.asksToDeactivate() && st.open(domain.Grant) != nil
}

func (st State) asksToDeactivate() bool {
	return st.Coupon.Status != domain.Pending && st.Coupon.DeactivatedAt == nil
}

func (st State) asksToReturn() bool { return st.Coupon.Status == domain.Cancelling }

func (st State) asksToGrant() bool { return st.Coupon.Unfinished && st.open(domain.Grant) != nil }

func (st State) asksToTakeBack() bool { return st.Coupon.Unfinished && st.open(domain.TakeBack) != nil }

// actor says who runs the steps, because a fault is handed on differently: the request leaves a job behind, the job
// itself is tried again by the queue.
type actor int

const (
	fromRequest actor = iota
	fromJob
)

// Advance finishes a coupon that a crash or an outage left on the way. Errors: domain.ErrConflict when somebody else is
// at it, coupon_not_found, or the *domain.UpstreamError that stopped it: the queue then tries again.
func (s *Service) Advance(ctx context.Context, couponID int64) error {
	st, err := s.Store.Load(ctx, couponID)
	if err != nil || !st.toMove() {
		return err
	}
	if s.Listen != nil {
		if err := s.Listen(ctx); err != nil {
			return err
		}
	}
	now := s.Clock.Now()
	if st, err = s.Store.Claim(ctx, couponID, now, now.Add(s.Timing.Lease)); err != nil {
		return err
	}
	_, err = s.run(ctx, st, fromJob)
	return err
}

// finish runs the steps for a request; faults have been handed to the queue when it returns.
func (s *Service) finish(ctx context.Context, st State) State {
	last, err := s.run(ctx, st, fromRequest)
	if err != nil {
		s.Logger.WarnContext(ctx, "conversion left to the queue", "coupon_id", st.Coupon.ID, "error", err)
	}
	return last
}

// goOn runs the steps that follow a first commit, without the request.
func (s *Service) goOn(ctx context.Context, st State) {
	ctx = context.WithoutCancel(ctx)
	s.running.Go(func() { s.finish(ctx, st) })
}

// run does one step after the other until the coupon rests, is parked, or a fault stops it. Each step is one act
// outside and one commit.
func (s *Service) run(ctx context.Context, st State, who actor) (State, error) {
	f := s.at(st)
	for f.st.toMove() {
		change, err := f.step(ctx)
		if who == fromRequest && s.held(err) {
			continue
		}
		var next State
		if err == nil {
			next, err = s.Store.Commit(ctx, change)
		}
		if err != nil {
			f.leave(ctx, who, err)
			return f.st, forQueue(err)
		}
		f.st = f.st.After(next)
	}
	if !f.st.Coupon.OnTheWay() {
		s.Observer.Ended(ctx, f.st.Coupon)
	}
	return f.st, nil
}

// step does the one act that the state asks for, under a deadline within the lease, and says what to commit.
func (f flow) step(ctx context.Context) (Change, error) {
	if f.st.Movement(domain.Take) == nil && f.st.Coupon.ReissuedFrom == "" && !f.st.Coupon.Free() {
		return Change{}, f.noStep()
	}
	left := f.st.Coupon.LeaseUntil.Sub(f.s.Clock.Now())
	if left <= 0 {
		return Change{}, domain.ErrConflict
	}
	if m := f.elsewhere(); m != nil && f.s.PutDown {
		return f.park(*m, errUnaskable), nil
	} else if m != nil {
		return Change{}, &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "pos", Act: "settle",
			Reason: "another_pos"}
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	for _, step := range steps {
		if step.asked(f.st) {
			return step.do(f, ctx)
		}
	}
	return Change{}, f.noStep()
}

// elsewhere is an open movement that was made with another POS, or nil: what was sent to one cannot be asked for at
// another, and would be taken for absent there.
func (f flow) elsewhere() *domain.Movement {
	for i, m := range f.st.Movements {
		if m.State == domain.MovementOpen && m.POS != "" && m.POS != f.s.Till {
			return &f.st.Movements[i]
		}
	}
	return nil
}

func (f flow) noStep() error {
	return fmt.Errorf("no step for coupon %d in %s", f.st.Coupon.ID, f.st.Coupon.Status)
}

// leave lets the lease go after a fault, so that the queue can go on at once, and leaves a job when a request was at
// it. When even that fails the sweep finds the coupon once its lease has passed.
func (f flow) leave(ctx context.Context, who actor, cause error) {
	now := f.s.Clock.Now()
	c := f.st.Coupon
	c.LeaseUntil = f.st.actedAt(now)
	var wait *waitError
	if errors.As(cause, &wait) {
		c.LeaseUntil = f.st.ActedBy // nothing was sent: the last possible act is still the earlier one
	} else {
		c.Attempts++
	}
	change := Change{Coupon: c}
	if who == fromRequest {
		change.Jobs = []domain.Job{{Kind: domain.JobAdvance, CouponID: c.ID, RunAt: now.Add(delayAfter(cause))}}
	}
	if _, err := f.s.Store.Commit(ctx, change); err != nil {
		f.s.Logger.WarnContext(ctx, "lease kept until it passes", "coupon_id", c.ID, "error", err)
	}
}

// extended renews the lease with a commit that is being made anyway.
func (s *Service) extended(c domain.Coupon, now time.Time) domain.Coupon {
	c.LeaseUntil, c.Attempts = now.Add(s.Timing.Lease), 0
	return c
}

// waitError says that nothing was sent and nothing can be concluded yet. Hold says that the wait belongs to the flow:
// who runs the steps for a request waits within it, under a lease that outlasts the wait.
type waitError struct {
	For  time.Duration
	Hold bool
}

func (e *waitError) Error() string {
	return fmt.Sprintf("too early to conclude; look again in %s", e.For)
}

// held waits where waiting is what the flow does next, and reports whether the wait is over.
func (s *Service) held(err error) bool {
	var wait *waitError
	return errors.As(err, &wait) && wait.Hold && s.hold(wait.For)
}

// forQueue translates a wait into what the queue understands.
func forQueue(err error) error {
	var wait *waitError
	if errors.As(err, &wait) {
		return &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "settle", Act: "wait",
			RetryAfter: wait.For, Err: err}
	}
	return err
}

func delayAfter(err error) time.Duration {
	var wait *waitError
	if errors.As(err, &wait) {
		return wait.For
	}
	return max(askAgain, domain.RetryAfterOf(err))
}
