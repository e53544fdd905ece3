package coupons

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
)

// entry makes an audit entry for a coupon; figures are name, value pairs.
func entry(c domain.Coupon, who domain.Caller, action string, from domain.Status, at time.Time,
	figures ...any) domain.AuditEntry {
	detail := make(map[string]any, len(figures)/2)
	for i := 0; i+1 < len(figures); i += 2 {
		if name, ok := figures[i].(string); ok {
			detail[name] = figures[i+1]
		}
	}
	if who.Role == domain.RoleSystemAdmin {
		detail["emergency"] = true // coupons are the work of others: whoever runs the system only steps in
	}
	return domain.AuditEntry{At: at, Actor: who.ID, ActorName: who.Name, Credential: who.Credential, Action: action,
		Code: c.Code, CouponID: c.ID, CustomerID: c.CustomerID, From: from, To: c.Status,
		Outcome: domain.OutcomeDone, Detail: detail}
}

// refusedActions are what the audit calls a request that was refused.
var refusedActions = map[string]string{
	operationCancellation: domain.ActionCancellationRefused, operationSuspension: domain.ActionSuspensionRefused,
	operationRefund: domain.ActionRefundRefused, operationDecision: domain.ActionDecisionRefused,
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
