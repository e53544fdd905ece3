package coupons

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

const (
	operationCancellation = "cancellation"
	operationSuspension   = "suspension"
	operationRefund       = "refund"
	operationDecision     = "decision"
	operationUndo         = "undo"

	// askFirst is how long a request waits for Shopify's word on whether the code was used. No word is no obstacle: the
	// flow asks again when the code is deactivated.
	askFirst = 300 * time.Millisecond
)

// Cancel ends an active coupon and gives its points back. It answers after the first commit; the steps go on without
// the request.
//
// Errors: validation_failed, permission_denied, idempotency_key_missing, idempotency_key_reused, coupon_not_found,
// coupon_already_used, coupon_expired, coupon_already_cancelled, cancellation_in_progress, coupon_not_cancellable,
// own_coupon, cancellation_limit_exceeded.
func (s *Service) Cancel(ctx context.Context, c Cancellation) (Ending, error) {
	if err := c.check(domain.CancelReasons()); err != nil {
		return Ending{}, err
	}
	return s.endBy(ctx, c, domain.ActCancel, ending{operationCancellation, domain.Cancelling, flow.cancelling})
}

// Suspend ends an active coupon without moving points and opens a review. Errors as Cancel.
func (s *Service) Suspend(ctx context.Context, p Suspension) (Ending, error) {
	c := Cancellation(p)
	if err := c.check(domain.SuspendReasons()); err != nil {
		return Ending{}, err
	}
	return s.endBy(ctx, c, domain.ActSuspend, ending{operationSuspension, domain.Suspended, flow.suspended})
}

// ending is a way in which a coupon is ended: what the request is called, what it makes of the coupon, and how.
type ending struct {
	operation string
	to        domain.Status
	change    func(flow, Cancellation) Change
}

// endBy ends a coupon for somebody who may do the act.
func (s *Service) endBy(ctx context.Context, c Cancellation, act domain.Act, e ending) (Ending, error) {
	if domain.NeedsNote(c.Reason) && !domain.NoteSays(c.Note) {
		return Ending{}, domain.Refuse(domain.CodeValidation, "field", "note")
	}
	if err := s.Policy.mayDo(act, c.Caller); err != nil {
		return Ending{}, s.refusedEnding(ctx, c.Caller, e.operation, c.Code, err)
	}
	return s.end(ctx, c, e, func(in Locked) error { return s.mayEnd(in, c.Caller, act) })
}

// end makes the first commit of a cancellation or suspension and starts the steps that follow. may is asked under the
// coupon's lock.
func (s *Service) end(ctx context.Context, c Cancellation, e ending, may func(Locked) error) (Ending, error) {
	if err := s.askShopify(ctx, c.Code); err != nil {
		return Ending{}, err
	}
	q := s.question(c, e.operation)
	var answer Ending
	st, err := s.decide(ctx, q, func(in Locked) (Change, error) {
		answer = Ending{}
		if in.Replay != nil {
			answer.Replayed = true
			return Change{}, sameRequest(in, q.Request)
		}
		if err := may(in); err != nil {
			return Change{}, err
		}
		ch := e.change(s.at(in.State), c)
		ch.Request = &Request{Key: q.Request, Answer: AnswerAccepted, At: s.Clock.Now()}
		return ch, nil
	})
	if err != nil {
		return Ending{}, s.refusedEnding(ctx, c.Caller, e.operation, c.Code, err)
	}
	answer.Coupon = st.Coupon.AsEnding(e.to)
	if !answer.Replayed {
		s.goOn(ctx, st)
	}
	return answer, nil
}

func (s *Service) question(c Cancellation, operation string) Question {
	q := s.about(c.Code, c.Caller)
	q.Askers = c.Askers
	q.Request = RequestKey{CallerID: c.Caller.ID, Operation: operation, Key: c.Key, Hash: c.meaning()}
	return q
}

// mayEnd refuses what the coupon's state, or who asks, forbids.
func (s *Service) mayEnd(in Locked, who domain.Caller, act domain.Act) error {
	if err := RefusalOfEnding(in.State.Coupon, s.Clock.Now()); err != nil {
		return err
	}
	if owns(who, in) {
		return domain.Refuse(domain.CodeOwnCoupon)
	}
	return s.Policy.withinCap(act, who, in)
}

// RefusalOfEnding is why a coupon can be ended by nobody at an instant; nil when it can.
func RefusalOfEnding(c domain.Coupon, now time.Time) error {
	switch c.StatusAt(now) {
	case domain.Active:
	case domain.Used:
		return domain.Refuse(domain.CodeCouponUsed)
	case domain.Expired:
		return domain.Refuse(domain.CodeCouponExpired)
	case domain.Cancelled:
		return domain.Refuse(domain.CodeCouponCancelled)
	case domain.Cancelling:
		return &domain.Error{Code: domain.CodeCancelInProgress, RetryAfter: askAgain}
	case domain.Pending, domain.Failed, domain.Suspended, domain.Forfeited:
		return domain.Refuse(domain.CodeCouponNotCancellable, "status", string(c.Status))
	}
	return nil
}

// begun is what every ending has in common: who, why, and the lease for the steps that follow.
func (f flow) begun(by Cancellation, to domain.Status) domain.Coupon {
	now := f.s.Clock.Now()
	c := f.s.extended(f.st.Coupon, now)
	c.Status, c.CancelActor, c.CancelledBy, c.CancelStartedAt = to, by.Caller.ID, by.Caller.Name, &now
	c.Reason, c.Note = by.Reason, by.Note
	return c
}

// cancelling is the first commit of a cancellation.
func (f flow) cancelling(by Cancellation) Change {
	c := f.begun(by, domain.Cancelling)
	return Change{Coupon: c, Project: true,
		Audit: []domain.AuditEntry{domain.EntryOf(c, by.Caller, domain.ActionCancellationStarted, domain.Active,
			*c.CancelStartedAt, by.figures(c)...)}}
}

// figures is what the audit says of an ending.
func (c Cancellation) figures(of domain.Coupon) []any {
	return c.asked("reason", c.Reason, "points", of.Points)
}

// asked adds who asked the caller for it, where somebody did.
func (c Cancellation) asked(list ...any) []any {
	if c.AskedBy != "" {
		list = append(list, "asked_by", c.AskedBy)
	}
	return list
}

// suspended is the first commit of a suspension, and all but the end of the code.
func (f flow) suspended(by Cancellation) Change {
	c := f.begun(by, domain.Suspended)
	c.Unfinished = true // until the code is deactivated
	return Change{Coupon: c, Project: true, Review: reviews.SuspectedFraud,
		Audit: []domain.AuditEntry{domain.EntryOf(c, by.Caller, domain.ActionCouponSuspended, domain.Active,
			*c.CancelStartedAt, by.asked("reason", by.Reason)...)},
		Jobs: append(f.s.Policy.Tags.Jobs(c.UsedOrderID, c.ID),
			domain.Job{Kind: domain.JobMail, CouponID: c.ID, Mail: domain.MailHeld})}
}

// askShopify looks for an order that nobody has told us of yet, so that the caller hears at once that the code was
// used.
func (s *Service) askShopify(ctx context.Context, code string) error {
	st, err := s.Catalogue.ByCode(ctx, code)
	if err != nil || st.Coupon.StatusAt(s.Clock.Now()) != domain.Active {
		return nil //nolint:nilerr // what is wrong is found again under the lock
	}
	ctx, cancel := context.WithTimeout(ctx, askFirst)
	defer cancel()
	usage, err := s.usage(ctx, st.Coupon)
	if err != nil || !usage.Used() {
		return nil //nolint:nilerr // the flow asks again when the code is deactivated
	}
	err = s.Use(context.WithoutCancel(ctx), usage.Sighting(st.Coupon, s.Clock.Now()))
	if errors.Is(err, domain.ErrConflict) {
		return nil // somebody moved the coupon meanwhile; what holds now is read under the lock
	}
	return err
}

// check refuses what is no way to end a coupon. What says too little by itself is asked of people, in end: the POS, which
// asks for refunds, has nobody who could write a note.
func (c Cancellation) check(reasons []string) error {
	switch {
	case c.Key == "":
		return domain.Refuse(domain.CodeKeyMissing)
	case !slices.Contains(reasons, c.Reason):
		return domain.Refuse(domain.CodeValidation, "field", "reason")
	case !domain.NoteFits(c.Note):
		return domain.Refuse(domain.CodeValidation, "field", "note")
	default:
		return nil
	}
}

func (c Cancellation) meaning() string {
	code, _ := domain.NormalizeCode(c.Code)
	return hashOf(code, c.Reason, c.Note)
}

// hashOf is the hash of what a request asks for: the same key with another meaning is refused.
func hashOf(parts ...string) string { return domain.Meanings(nil).Of(partsOf(parts...)) }

// partsOf is a text that no other parts make.
func partsOf(parts ...string) string { return strings.Join(parts, "\x00") + "\x00" }
