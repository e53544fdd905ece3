package domain

import (
	"time"
)

// AuditEntry is one entry of the append-only audit: who did what to which coupon, from where to where, and how it
// ended.
type AuditEntry struct {
	ID        int64
	At        time.Time
	Actor     string // Caller.ID, or "system" for what the service does by itself
	ActorName string
	// Credential names what let the actor in; it is stored as a member of Detail. Empty for what nobody signed in for.
	Credential string
	Action     string // one of AuditActions
	Code       string // the coupon's code; empty when there is none
	CouponID   int64
	CustomerID string
	From, To   Status // equal, or empty, when the status did not move
	Outcome    string // "done", "refused", "unknown"
	Detail     map[string]any
}

// Outcomes of audited steps.
const (
	OutcomeDone    = "done"
	OutcomeRefused = "refused"
	OutcomeUnknown = "unknown"
)

// ReadActions are those that tell who looked at customers' data, or took it away.
func ReadActions() []string {
	return []string{ActionCustomerRead, ActionCouponsOfRead, ActionCouponRead, ActionCouponsFound, ActionReviewRead,
		ActionReviewsFound, ActionRequestsFound, ActionAuditExportBegun, ActionAuditExported, ActionReportExported, ActionPrivacyExported,
		ActionCampaignTried, ActionDecisionRead, ActionDecisionsFound, ActionIdentityPerson, ActionIdentityScanned,
		ActionDiscountsScanned, ActionBatchExported, ActionTableExported}
}

// System is the actor of everything that no caller asked for.
func System() Caller { return Caller{ID: "system", Name: "Pointbridge", Role: RoleService} }

// EntryOf makes an audit entry for a coupon; figures are name, value pairs.
func EntryOf(c Coupon, who Caller, action string, from Status, at time.Time,
	figures ...any) AuditEntry {
	detail := make(map[string]any, len(figures)/2)
	for i := 0; i+1 < len(figures); i += 2 {
		if name, ok := figures[i].(string); ok {
			detail[name] = figures[i+1]
		}
	}
	if who.Role == RoleSystemAdmin {
		detail["emergency"] = true // coupons are the work of others: whoever runs the system only steps in
	}
	return AuditEntry{At: at, Actor: who.ID, ActorName: who.Name, Credential: who.Credential, Action: action,
		Code: c.Code, CouponID: c.ID, CustomerID: c.CustomerID, From: from, To: c.Status,
		Outcome: OutcomeDone, Detail: detail}
}
