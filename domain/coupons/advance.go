package coupons

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pointbridge/domain"
)

// actor tells who runs the steps, because a fault is handed on differently: the request leaves a job behind, the job
// itself is tried again by the queue.
type actor int

const (
	fromRequest actor = iota
	fromJob
)

// waitError says that nothing was sent and nothing can be concluded yet. Hold tells that the wait belongs to the flow: who
// runs the steps for a request waits within it, under a lease that outlasts the wait.
type waitError struct {
	For  time.Duration
	Hold bool
}

func (e *waitError) Error() string {
	return fmt.Sprintf("too early to conclude; look again in %s", e.For)
}

// Advance finishes a coupon that a crash or an outage left on the way. Errors: domain.ErrConflict when somebody else is
// at it, coupon_not_found, or the *domain.UpstreamError that stopped it: the queue then tries again.
func (s *Service) Advance(ctx context.Context, couponID int64) error {
	st, err := s.Store.Load(ctx, couponID)
	if err != nil {
		return err
	}
	if !st.Coupon.OnTheWay() || st.Coupon.ParkedAt != nil {
		return nil
	}
	now := s.Clock.Now()
	st, err = s.Store.Claim(ctx, couponID, now, now.Add(s.Timing.Lease))
	if err != nil {
		return err
	}
	_, err = s.run(ctx, st, fromJob)
	return err
}

// finish runs the steps for a request; faults have been handed to the queue when it returns.
func (s *Service) finish(ctx context.Context, st State, who actor) State {
	last, err := s.run(ctx, st, who)
	if err != nil {
		s.Logger.WarnContext(ctx, "conversion left to the queue", "coupon_id", st.Coupon.ID, "error", err)
	}
	return last
}

// run does one step after the other until the coupon rests, is parked, or a fault stops it. Each step is one act
// outside and one commit.
func (s *Service) run(ctx context.Context, st State, who actor) (State, error) {
	for st.Coupon.OnTheWay() && st.Coupon.ParkedAt == nil {
		change, err := s.step(ctx, st)
		if who == fromRequest && s.held(err) {
			continue
		}
		if err != nil {
			s.fault(ctx, st, who, err)
			return st, fault(err)
		}
		next, err := s.Store.Commit(ctx, change)
		if err != nil {
			s.fault(ctx, st, who, err)
			return st, err
		}
		st = st.After(next)
	}
	if !st.Coupon.OnTheWay() {
		s.Observer.Ended(ctx, st.Coupon)
	}
	return st, nil
}

// held waits where waiting is what the flow does next, and tells whether it is over.
func (s *Service) held(err error) bool {
	var wait *waitError
	return errors.As(err, &wait) && wait.Hold && s.hold(wait.For)
}

// After is the state that a commit led to: the changed movements in the place of what they were.
func (st State) After(next State) State {
	next.ActedBy, next.RequestID = st.ActedBy, st.RequestID
	for _, old := range st.Movements {
		if next.Movement(old.Kind) == nil {
			next.Movements = append(next.Movements, old)
		}
	}
	return next
}

// step does the one act that the state asks for, under a deadline within the lease, and says what to commit.
func (s *Service) step(ctx context.Context, st State) (Change, error) {
	take := st.Movement(domain.Take)
	if take == nil && st.Coupon.ReissuedFrom == "" {
		return Change{}, fmt.Errorf("no step for coupon %d in %s", st.Coupon.ID, st.Coupon.Status)
	}
	left := st.Coupon.LeaseUntil.Sub(s.Clock.Now())
	if left <= 0 {
		return Change{}, domain.ErrConflict
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	switch {
	case st.Coupon.Status != domain.Pending && st.Coupon.DeactivatedAt == nil:
		return s.killCode(ctx, st)
	case st.Coupon.Status == domain.Cancelling:
		return s.returnPoints(ctx, st)
	case st.Coupon.Unfinished:
		return s.owed(ctx, st)
	case st.Coupon.ReissuedFrom != "":
		return s.createAgain(ctx, st)
	case take.State == domain.MovementOpen:
		return s.takePoints(ctx, st, *take)
	case st.Coupon.Failure == nil:
		return s.createCode(ctx, st)
	default:
		return s.compensation(ctx, st)
	}
}

// fault lets the lease go, so that the queue can go on at once, and leaves a job when a request was at it. When even
// that fails the sweep finds the coupon once its lease has passed.
func (s *Service) fault(ctx context.Context, st State, who actor, cause error) {
	now := s.Clock.Now()
	c := st.Coupon
	c.LeaseUntil = st.actedAt(now)
	var wait *waitError
	if errors.As(cause, &wait) {
		c.LeaseUntil = st.ActedBy // nothing was sent: the last possible act is still the earlier one
	} else {
		c.Attempts++
	}
	change := Change{Coupon: c}
	if who == fromRequest {
		change.Jobs = []domain.Job{{Kind: domain.JobAdvance, CouponID: c.ID, RunAt: now.Add(delayAfter(cause))}}
	}
	if _, err := s.Store.Commit(ctx, change); err != nil {
		s.Logger.WarnContext(ctx, "lease kept until it passes", "coupon_id", c.ID, "error", err)
	}
}

// fault translates a stop into what the queue understands.
func fault(err error) error {
	var wait *waitError
	if errors.As(err, &wait) {
		return &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "settle", Act: "wait", RetryAfter: wait.For, Err: err}
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
