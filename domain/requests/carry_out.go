package requests

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/notifications"
)

// mostAtOnce bounds one round.
const mostAtOnce = 100

// Work finishes what was approved and not carried out, and lets requests lapse whose coupon changed.
func (s *Service) Work(ctx context.Context) error {
	list, err := s.Store.ToDo(ctx, s.Clock.Now(), mostAtOnce)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.State == Approved {
			err = s.carryOut(ctx, r)
		} else {
			err = s.lapse(ctx, r, r.gone(s.Clock.Now()))
		}
		if err != nil && !errors.Is(err, domain.ErrConflict) && ctx.Err() == nil {
			s.Logger.LogAttrs(ctx, slog.LevelWarn, "a request to cancel waits", slog.Int64("request", r.ID),
				slog.String("cause", string(domain.CodeOf(err))))
		}
	}
	return ctx.Err()
}

// carryOut asks the saga for what was approved. An error that says nothing about the coupon or the approver leaves the
// request approved, for the next round.
func (s *Service) carryOut(ctx context.Context, r Request) error {
	err := s.cancel(ctx, r)
	now := s.Clock.Now()
	var refusal *domain.Error
	switch code := domain.CodeOf(err); {
	case err == nil:
		return s.settled(ctx, Move{ID: r.ID, From: Approved, Of: r.Decider.ID, To: Done, At: now, Fact: answered(r, now)})
	case !errors.As(err, &refusal):
		return waits(err)
	case ended(code):
		return s.settled(ctx, Move{ID: r.ID, From: Approved, Of: r.Decider.ID, To: Lapsed, At: now, Problem: code,
			Entry: s.entry(r, domain.System(), domain.ActionRequestLapsed), Fact: answered(r, now)})
	case ofApprover(code):
		back := s.settled(ctx, Move{ID: r.ID, From: Approved, Of: r.Decider.ID, To: Open, At: now, Problem: code})
		return errors.Join(err, back)
	default:
		return waits(err)
	}
}

// cancel asks as whoever approved is now, who may be gone since, or may less.
func (s *Service) cancel(ctx context.Context, r Request) error {
	who, err := s.Callers.Now(ctx, r.Decider, s.Clock.Now())
	if err != nil {
		return err
	}
	_, err = s.Saga.Cancel(ctx, coupons.Cancellation{Caller: who, Code: r.Code, Reason: r.Reason, Note: r.Note,
		Key: keyOf(r), AskedBy: r.Asker.Name, Askers: r.Asker.People()})
	return err
}

// settled writes what became of an approval. Whoever wrote it before wrote the same: the saga's answer is one.
func (s *Service) settled(ctx context.Context, m Move) error {
	err := s.Store.Move(ctx, m)
	if errors.Is(err, domain.ErrConflict) && !errors.Is(err, domain.ErrUnavailable) {
		return nil
	}
	return waits(err)
}

// waits keeps a fault from whoever approved: the approval is kept, and the round carries it out.
func waits(err error) error {
	if err == nil || domain.CodeOf(err) == domain.CodeInternal && !errors.Is(err, domain.ErrUnavailable) {
		return err
	}
	return nil
}

// ended are refusals that say that the coupon can never be cancelled by this request.
func ended(code domain.Code) bool {
	switch code { //nolint:exhaustive // the others say nothing about the coupon
	case domain.CodeCouponNotFound, domain.CodeCouponUsed, domain.CodeCouponExpired, domain.CodeCouponCancelled,
		domain.CodeCancelInProgress, domain.CodeCouponNotCancellable:
		return true
	default:
		return false
	}
}

// ofApprover are refusals of the one who approved: somebody else may still do it.
func ofApprover(code domain.Code) bool {
	switch code { //nolint:exhaustive // as above
	case domain.CodePermissionDenied, domain.CodeOwnCoupon, domain.CodeCapExceeded, domain.CodeValidation,
		domain.CodeKeyReused:
		return true
	default:
		return false
	}
}

// gone is why the request's coupon cannot be cancelled any more; empty while it can.
func (r Request) gone(now time.Time) domain.Code {
	err := coupons.RefusalOfEnding(domain.Coupon{Status: r.Coupon.Status, ExpiresAt: r.Coupon.ExpiresAt}, now)
	if err == nil {
		return ""
	}
	return domain.CodeOf(err)
}

func (s *Service) lapse(ctx context.Context, r Request, why domain.Code) error {
	if why == "" {
		return nil
	}
	now := s.Clock.Now()
	return s.Store.Move(ctx, Move{ID: r.ID, From: Open, To: Lapsed, At: now, Problem: why,
		Entry: s.entry(r, domain.System(), domain.ActionRequestLapsed), Fact: answered(r, now)})
}

// answered tells whoever asked.
func answered(r Request, at time.Time) *notifications.Fact {
	return &notifications.Fact{Kind: notifications.RequestDecided, Ref: strconv.FormatInt(r.ID, 10),
		CouponID: r.CouponID, At: at}
}
