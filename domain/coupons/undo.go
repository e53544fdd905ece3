package coupons

import (
	"context"
	"time"

	"pointbridge/domain"
)

// Undo is a customer taking an unused coupon of theirs back: a cancellation like any other, by the customer, for a
// while after the coupon became active. Whatever is used meanwhile stays used, as in every cancellation.
type Undo struct {
	Caller domain.Caller
	Code   string
	// Key is the caller's idempotency key; required.
	Key string
}

// Undo ends an active coupon for the customer whose it is and gives its points back. Errors: idempotency_key_missing,
// idempotency_key_reused, coupon_not_found, undo_not_offered, undo_time_over, coupon_already_used, coupon_expired,
// coupon_already_cancelled, cancellation_in_progress, coupon_not_cancellable.
func (s *Service) Undo(ctx context.Context, u Undo) (Ending, error) {
	if u.Key == "" {
		return Ending{}, domain.Refuse(domain.CodeKeyMissing)
	}
	// Nobody has Shopify asked about a coupon that is not theirs. What the coupon has become is looked at under its lock.
	st, err := s.Catalogue.ByCode(ctx, u.Code)
	if err != nil {
		return Ending{}, err
	}
	if err := s.Policy.undoable(st.Coupon, u.Caller); err != nil {
		return Ending{}, s.refusedEnding(ctx, u.Caller, operationUndo, u.Code, err)
	}
	c := Cancellation{Caller: u.Caller, Code: u.Code, Key: u.Key, Reason: domain.ReasonUndone}
	return s.end(ctx, c, ending{operationUndo, domain.Cancelling, flow.cancelling}, func(in Locked) error {
		return s.mayUndo(in.State.Coupon, u.Caller)
	})
}

// UndoUntil is the moment until which the owner takes a coupon back; the zero time when they cannot, as far as the
// coupon and the rules tell.
func (p Policy) UndoUntil(c domain.Coupon) time.Time {
	if p.SelfCancel <= 0 || c.Free() || c.ReissuedFrom != "" || c.Status != domain.Active || c.ActivatedAt == nil {
		return time.Time{}
	}
	if until := c.ActivatedAt.Add(p.SelfCancel); until.Before(c.ExpiresAt) {
		return until
	}
	return c.ExpiresAt
}

// UndoUntil is Policy.UndoUntil for whoever shows coupons.
func (s *Service) UndoUntil(c domain.Coupon) time.Time { return s.Policy.UndoUntil(c) }

// undoable refuses a coupon that is not the caller's own, and one that nobody takes back: it cost nothing, it replaces
// one that was used, or the merchant does not offer it.
func (p Policy) undoable(c domain.Coupon, who domain.Caller) error {
	switch {
	case who.Role != domain.RoleCustomer, who.CustomerID == "", who.CustomerID != c.CustomerID:
		return domain.Refuse(domain.CodeCouponNotFound)
	case p.SelfCancel <= 0, c.Free(), c.ReissuedFrom != "":
		return domain.Refuse(domain.CodeUndoNotOffered)
	default:
		return nil
	}
}

// mayUndo refuses what the coupon's state, its owner or its time forbids.
func (s *Service) mayUndo(c domain.Coupon, who domain.Caller) error {
	if err := s.Policy.undoable(c, who); err != nil {
		return err
	}
	if err := RefusalOfEnding(c, s.Clock.Now()); err != nil {
		return err
	}
	if !s.Clock.Now().Before(s.Policy.UndoUntil(c)) {
		return domain.Refuse(domain.CodeUndoOver, "minutes", int64(s.Policy.SelfCancel/time.Minute))
	}
	return nil
}
