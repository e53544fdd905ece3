package coupons

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"pointbridge/domain"
)

const (
	operationCancellation = "cancellation"
	operationSuspension   = "suspension"
	operationRefund       = "refund"
	operationDecision     = "decision"

	// askFirst is how long a request waits for Shopify's word on whether the code was used. No word is no obstacle: the
	// flow asks again when the code is dead.
	askFirst = 300 * time.Millisecond
)

// refusedActions are what the audit calls a request that was refused.
var refusedActions = map[string]string{operationCancellation: domain.ActionCancellationRefused, operationSuspension: domain.ActionSuspensionRefused,
	operationRefund: domain.ActionRefundRefused, operationDecision: domain.ActionDecisionRefused}

// Cancel ends an active coupon and gives its points back. It answers after the first commit; the steps go on without the
// request.
//
// Errors: validation_failed, permission_denied, idempotency_key_missing, idempotency_key_reused, coupon_not_found, coupon_already_used,
// coupon_expired, coupon_already_cancelled, cancellation_in_progress, coupon_not_cancellable, own_coupon,
// cancellation_limit_exceeded.
func (s *Service) Cancel(ctx context.Context, c Cancellation) (Ending, error) {
	if err := c.check(); err != nil {
		return Ending{}, err
	}
	return s.end(ctx, c, domain.ActCancel, domain.Cancelling, s.cancelling)
}

// Suspend ends an active coupon without moving points and opens a case. Errors as Cancel.
func (s *Service) Suspend(ctx context.Context, p Suspension) (Ending, error) {
	c := Cancellation(p)
	if err := c.check(); err != nil {
		return Ending{}, err
	}
	return s.end(ctx, c, domain.ActSuspend, domain.Suspended, s.suspended)
}

type ending func(st State, c Cancellation) Change

// end makes the first commit of a cancellation or suspension and starts the steps that follow.
func (s *Service) end(ctx context.Context, c Cancellation, act domain.Act, to domain.Status, change ending) (Ending, error) {
	operation := operationCancellation
	if act == domain.ActSuspend {
		operation = operationSuspension
	}
	if err := s.Policy.mayDo(act, c.Caller); err != nil {
		return Ending{}, s.refusedEnding(ctx, c.Caller, operation, c.Code, err)
	}
	if err := s.askShopify(ctx, c.Code); err != nil {
		return Ending{}, err
	}
	q := s.question(c, operation)
	var answer Ending
	st, err := s.decide(ctx, q, func(k Case) (Change, error) {
		answer = Ending{}
		if k.Replay != nil {
			answer.Replayed = true
			return Change{}, sameRequest(k, q.Request)
		}
		if err := s.mayEnd(k, c.Caller, act); err != nil {
			return Change{}, err
		}
		ch := change(k.State, c)
		ch.Request = &Request{Key: q.Request, Answer: AnswerAccepted, At: s.Clock.Now()}
		return ch, nil
	})
	if err != nil {
		return Ending{}, s.refusedEnding(ctx, c.Caller, operation, c.Code, err)
	}
	answer.Coupon = st.Coupon.AsEnding(to)
	if !answer.Replayed {
		s.goOn(ctx, st)
	}
	return answer, nil
}

func (s *Service) question(c Cancellation, operation string) Question {
	q := s.about(c.Code, c.Caller)
	q.Request = RequestKey{CallerID: c.Caller.ID, Operation: operation, Key: c.Key, Hash: c.meaning()}
	return q
}

// decide asks the store until the answer is not that somebody was faster. The second time the earlier request is seen, also
// when it is this one, whose commit was in doubt; a database that then cannot be asked leaves it under way.
func (s *Service) decide(ctx context.Context, q Question, decide func(Case) (Change, error)) (State, error) {
	var err error
	doubt := false
	for range openTries {
		var st State
		st, err = s.Store.Decide(ctx, q, decide)
		if !errors.Is(err, domain.ErrConflict) && (!doubt || !errors.Is(err, domain.ErrUnavailable)) {
			return st, err
		}
		doubt = doubt || errors.Is(err, domain.ErrUnavailable)
	}
	return State{}, &domain.Error{Code: domain.CodeRequestInProgress, RetryAfter: askAgain, Err: err}
}

// mayEnd refuses what the coupon's state, or who asks, forbids.
func (s *Service) mayEnd(k Case, who domain.Caller, act domain.Act) error {
	c := k.State.Coupon
	switch c.StatusAt(s.Clock.Now()) {
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
	if owns(who, k) {
		return domain.Refuse(domain.CodeOwnCoupon)
	}
	return s.Policy.withinCap(act, who, k)
}

// askShopify looks for an order that nobody has told us of yet, so that the caller hears at once that the code was used.
func (s *Service) askShopify(ctx context.Context, code string) error {
	st, err := s.Catalogue.ByCode(ctx, code)
	if err != nil || st.Coupon.StatusAt(s.Clock.Now()) != domain.Active {
		return nil //nolint:nilerr // what is wrong is found again under the lock
	}
	ctx, cancel := context.WithTimeout(ctx, askFirst)
	defer cancel()
	usage, err := s.usage(ctx, st.Coupon)
	if err != nil || !usage.Used() {
		return nil //nolint:nilerr // the flow asks again when the code is dead
	}
	err = s.Use(context.WithoutCancel(ctx), usage.sighting(st.Coupon, s.Clock.Now()))
	if errors.Is(err, domain.ErrConflict) {
		return nil // somebody moved the coupon meanwhile; what holds now is read under the lock
	}
	return err
}

// goOn runs the steps that follow a first commit, without the request.
func (s *Service) goOn(ctx context.Context, st State) {
	ctx = context.WithoutCancel(ctx)
	s.running.Go(func() { s.finish(ctx, st, fromRequest) })
}

// refusedEnding puts an attempt on record that was refused; faults are not attempts.
func (s *Service) refusedEnding(ctx context.Context, who domain.Caller, operation, code string, cause error) error {
	var e *domain.Error
	if !errors.As(cause, &e) || e.Code == domain.CodeInternal {
		return cause
	}
	entry := domain.AuditEntry{At: s.Clock.Now(), Actor: who.ID, ActorName: who.Name, Credential: who.Credential, Action: refusedActions[operation],
		Outcome: domain.OutcomeRefused, Detail: map[string]any{"problem": string(e.Code)}}
	if st, err := s.Catalogue.ByCode(ctx, code); err == nil {
		entry.Code, entry.CouponID, entry.CustomerID = st.Coupon.Code, st.Coupon.ID, st.Coupon.CustomerID
	}
	if err := s.Store.Record(ctx, entry); err != nil {
		s.Logger.ErrorContext(ctx, "a refused attempt could not be recorded", "error", err)
	}
	return cause
}

// sameRequest refuses a key that was used for something else.
func sameRequest(k Case, key RequestKey) error {
	if k.Replay.Key.Hash != key.Hash || k.Replay.CouponID != k.State.Coupon.ID {
		return domain.Refuse(domain.CodeKeyReused)
	}
	return nil
}

func (c Cancellation) check() error {
	switch {
	case c.Key == "":
		return domain.Refuse(domain.CodeKeyMissing)
	case !slices.Contains(domain.CancelReasons(), c.Reason):
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
func hashOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_, _ = h.Write([]byte(p))
		_, _ = h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}
