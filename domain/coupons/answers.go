package coupons

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"pointbridge/domain"
)

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
	return resultOf(st.Coupon)
}

// resultOf is what the request is told of its coupon.
func resultOf(c domain.Coupon) (Result, error) {
	switch c.Status {
	case domain.Failed:
		return Result{}, c.Failure.Err()
	case domain.Pending:
		return Result{Coupon: c.AsAccepted()}, nil
	default:
		return Result{Coupon: c.AsIssued(), Done: true}, nil
	}
}

// Conversion tells how a conversion stands that this caller asked for under this key. Errors: not_found, and the
// refusal in which the conversion ended.
func (s *Service) Conversion(ctx context.Context, callerID, key string) (Result, error) {
	return s.standing(ctx, RequestKey{CallerID: callerID, Operation: operationConversion, Key: key})
}

func (s *Service) standing(ctx context.Context, key RequestKey) (Result, error) {
	request, err := s.Store.FindRequest(ctx, key)
	if err != nil {
		return Result{}, err
	}
	st, err := s.Store.Load(ctx, request.CouponID)
	if err != nil {
		return Result{}, err
	}
	return resultOf(st.Coupon)
}

// replay returns the first answer again.
func (s *Service) replay(ctx context.Context, a asking, r Request) (Result, error) {
	if r.Key.Hash != a.request.Hash && (a.meaning == "" || !s.Meanings.Same(r.Key.Hash, a.meaning)) {
		return Result{}, s.refused(ctx, a, domain.Refuse(domain.CodeKeyReused))
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
	result, err := resultOf(st.Coupon)
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
