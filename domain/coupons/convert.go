package coupons

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"pointbridge/domain"
)

const (
	operationConversion = "conversion"
	// openTries bounds the draws of a code: a collision among 31^6 codes twice in a row means a broken source.
	openTries = 5
	// busyWait is the pause before asking again whether another replica's movement for this customer is settled.
	busyWait = 20 * time.Millisecond
	// doubtWait is the pause before a database that cannot be asked is asked again whether a commit was made.
	doubtWait = 200 * time.Millisecond
	// askAgain is what a client is told to wait before it asks again.
	askAgain = time.Second
	// nextProof is when the storefront signs anew: its signatures are for a whole second, and all that one customer
	// asks for within it has the same one.
	nextProof = time.Second
)

// errBusy tells the loop that another movement of the customer is open.
var errBusy = errors.New("another movement of this customer is open")

// Convert turns points into a coupon. The caller's request runs the steps itself; whatever stands in the way after the
// first commit is left to the queue, and the result is then not Done.
//
// Errors: validation_failed, points_not_in_units, daily_limit_exceeded, too_many_active_coupons, idempotency_key_missing,
// idempotency_key_reused, request_in_progress, conversion_in_progress, customer_not_found, customer_not_linked,
// conversions_locked, insufficient_points, upstream_unavailable, shop_settings_differ, conversion_failed.
func (s *Service) Convert(ctx context.Context, c Conversion) (Result, error) {
	if c.Key == "" {
		return Result{}, s.Attempts.Refused(ctx, c, domain.Refuse(domain.CodeKeyMissing))
	}
	if !domain.ValidCustomerID(c.CustomerID) {
		return Result{}, s.Attempts.Refused(ctx, c, domain.Refuse(domain.CodeValidation, "field", "customer_id"))
	}
	if err := s.Policy.checkPoints(c.Points); err != nil {
		return Result{}, s.Attempts.Refused(ctx, c, err)
	}
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
	return s.convert(ctx, patience, c)
}

// convert waits its turn and runs the steps. patience ends when the request has waited long enough.
func (s *Service) convert(ctx, patience context.Context, c Conversion) (Result, error) {
	release, ok := s.turns.Free(c.CustomerID)
	if !ok {
		// Whoever has the turn may be this very request, sent before: it is looked for before the wait and after it.
		if request, err := s.Store.FindRequest(ctx, c.request()); err == nil {
			return s.replay(ctx, c, request, c.meaning())
		}
		if release, ok = s.turns.Take(patience, c.CustomerID); !ok {
			if request, err := s.Store.FindRequest(ctx, c.request()); err == nil {
				return s.replay(ctx, c, request, c.meaning())
			}
			return Result{}, s.Attempts.Refused(ctx, c, inProgress())
		}
	}
	opened, err := s.open(patience, c, nil)
	if err != nil {
		// It counts before the next one has its turn, so that no burst slips past a lock.
		err = s.Attempts.Refused(ctx, c, err)
	}
	if err != nil || opened.replay != nil {
		release()
		if err != nil {
			return Result{}, err
		}
		return s.replay(ctx, c, *opened.replay, opened.hash)
	}
	done := make(chan State, 1)
	s.running.Add(1)
	go func() {
		defer s.running.Done()
		defer release()
		st := s.runConversion(context.WithoutCancel(ctx), c, opened.state)
		if st.Coupon.Status == domain.Failed {
			_ = s.Attempts.Refused(ctx, c, st.Coupon.Failure.Err())
		}
		done <- st
	}()
	select {
	case st := <-done:
		if st.Coupon.Status == domain.Pending {
			// Left to the queue: "on its way" is this request's answer, and its repetition gets the same one.
			st.RequestID = opened.state.RequestID
			return s.accepted(context.WithoutCancel(ctx), st)
		}
		return s.result(st)
	case <-patience.Done():
		return s.accepted(context.WithoutCancel(ctx), opened.state)
	}
}

// runConversion runs the steps, and starts over with another code when Shopify has the drawn one already: the points
// are back by then, and the request is pointed at the new coupon.
func (s *Service) runConversion(ctx context.Context, c Conversion, st State) State {
	for try := 1; ; try++ {
		st = s.finish(ctx, st, fromRequest)
		if !codeWasTaken(st.Coupon) || try == openTries {
			return st
		}
		next, err := s.open(ctx, c, &st)
		switch {
		case err != nil:
			return st
		case next.replay != nil:
			return s.startedOver(ctx, st, *next.replay)
		}
		st = next.state
	}
}

// startedOver is what a commit in doubt turned out to have begun. The queue goes on with it once its lease has passed; even when
// that cannot be read, it has not failed.
func (s *Service) startedOver(ctx context.Context, st State, r Request) State {
	next, err := s.Store.Load(ctx, r.CouponID)
	if err != nil {
		next = st
		next.Coupon.Status, next.Coupon.Failure = domain.Pending, nil
	}
	return next
}

func codeWasTaken(c domain.Coupon) bool {
	return c.Status == domain.Failed && c.Failure != nil && c.Failure.Detail == domain.ReasonCodeTaken
}

// accepted answers a request that outlasted its patience, unless the steps finished in the same moment.
func (s *Service) accepted(ctx context.Context, opened State) (Result, error) {
	answer, err := s.Store.Answer(ctx, opened.RequestID, AnswerAccepted)
	if err != nil || answer == AnswerAccepted {
		// An answer that could not be recorded is still true: the coupon is on its way.
		return Result{Coupon: opened.Coupon.AsAccepted()}, nil
	}
	st, err := s.Store.Load(ctx, opened.Coupon.ID)
	if err != nil {
		return Result{}, err
	}
	return s.result(st)
}

// result turns a state into what the request is told.
func (s *Service) result(st State) (Result, error) {
	if st.Coupon.Status == domain.Failed {
		return Result{}, st.Coupon.Failure.Err()
	}
	if st.Coupon.Status == domain.Pending {
		return Result{Coupon: st.Coupon.AsAccepted()}, nil
	}
	return Result{Coupon: st.Coupon.AsIssued(), Done: true}, nil
}

// Conversion tells how a conversion stands that this caller asked for under this key. Errors: not_found, and the refusal
// in which the conversion ended.
func (s *Service) Conversion(ctx context.Context, callerID, key string) (Result, error) {
	request, err := s.Store.FindRequest(ctx, RequestKey{CallerID: callerID, Operation: operationConversion, Key: key})
	if err != nil {
		return Result{}, err
	}
	st, err := s.Store.Load(ctx, request.CouponID)
	if err != nil {
		return Result{}, err
	}
	return s.result(st)
}

// replay gives the first answer again.
func (s *Service) replay(ctx context.Context, c Conversion, r Request, hash string) (Result, error) {
	if r.Key.Hash != hash {
		return Result{}, s.Attempts.Refused(ctx, c, domain.Refuse(domain.CodeKeyReused))
	}
	if r.Answer == AnswerAccepted {
		st, err := s.Store.Load(ctx, r.CouponID)
		return Result{Coupon: st.Coupon.AsAccepted(), Replayed: true}, err
	}
	st, err := s.Store.Load(ctx, r.CouponID)
	if err != nil {
		return Result{}, err
	}
	if st.Coupon.Status == domain.Pending {
		return Result{}, &domain.Error{Code: domain.CodeRequestInProgress, RetryAfter: askAgain}
	}
	result, err := s.result(st)
	result.Replayed = true
	return result, err
}

func inProgress() *domain.Error {
	return &domain.Error{Code: domain.CodeConversionInProgress, RetryAfter: askAgain}
}

// request names the request itself.
func (c Conversion) request() RequestKey {
	return RequestKey{CallerID: c.Caller.ID, Operation: operationConversion, Key: c.Key, Hash: c.meaning()}
}

// meaning is the hash of what a request asks for: the same key with another meaning is refused.
func (c Conversion) meaning() string {
	sum := sha256.Sum256([]byte(c.CustomerID + "\n" + strconv.FormatInt(c.Points, 10)))
	return hex.EncodeToString(sum[:])
}
