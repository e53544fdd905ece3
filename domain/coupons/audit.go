package coupons

import (
	"context"
	"errors"

	"pointbridge/domain"
)

// refusedActions are what the audit calls a request that was refused.
var refusedActions = map[string]string{
	operationCancellation: domain.ActionCancellationRefused, operationSuspension: domain.ActionSuspensionRefused,
	operationRefund: domain.ActionRefundRefused, operationDecision: domain.ActionDecisionRefused,
	operationUndo: domain.ActionCancellationRefused,
}

// refusedEnding puts an attempt into the audit that was refused; faults are not attempts.
func (s *Service) refusedEnding(ctx context.Context, who domain.Caller, operation, code string,
	cause error) error {
	var e *domain.Error
	if !errors.As(cause, &e) || e.Code == domain.CodeInternal {
		return cause
	}
	entry := domain.AuditEntry{At: s.Clock.Now(), Actor: who.ID, ActorName: who.Name, Credential: who.Credential,
		Action: refusedActions[operation], Outcome: domain.OutcomeRefused,
		Detail: map[string]any{"problem": string(e.Code)}}
	if st, err := s.Catalogue.ByCode(ctx, code); err == nil {
		entry.Code, entry.CouponID, entry.CustomerID = st.Coupon.Code, st.Coupon.ID, st.Coupon.CustomerID
	}
	if err := s.Store.Record(ctx, entry); err != nil {
		s.Logger.ErrorContext(ctx, "a refused attempt could not be recorded", "error", err)
	}
	return cause
}
