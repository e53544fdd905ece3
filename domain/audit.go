package domain

import "time"

// AuditEntry is one line of the append-only record: who did what to which coupon, from where to where, and how it
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
		ActionReviewsFound, ActionAuditExportBegun, ActionAuditExported, ActionReportExported, ActionPrivacyExported,
		ActionCampaignTried, ActionDecisionRead, ActionDecisionsFound, ActionIdentityPerson, ActionIdentityScanned}
}

// System is the actor of everything that no caller asked for.
func System() Caller { return Caller{ID: "system", Name: "Pointbridge", Role: RoleService} }
