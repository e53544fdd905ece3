// Package access is the one place where what somebody asks for is held against what they may: the API's operations, the
// console's pages and the customer's page all come here.
package access

import (
	"context"
	"time"

	"pointbridge/domain"
)

// Right is what an operation or a page needs, in the words of the policy. The zero Right is that of what is open to
// everybody.
type Right struct{ Object, Action string }

// To is the right to do an action on an object.
func To(object, action string) Right { return Right{object, action} }

// String returns the right as it is written everywhere: object:action.
func (r Right) String() string { return r.Object + ":" + r.Action }

// Policy says which role may do what.
type Policy interface {
	// Permits reports whether a caller may: their role may, and it is a person where it takes one.
	Permits(who domain.Caller, object, action string) bool
	// RightsOf lists what a caller may do, as object:action, in a stable order.
	RightsOf(who domain.Caller) []string
	// Roles are the roles that there are.
	Roles() domain.RoleBook
}

// Recorder keeps what happened and belongs to no change of state.
type Recorder interface {
	Record(ctx context.Context, entry domain.AuditEntry) error
}

// Check decides about requests.
type Check struct {
	Policy   Policy
	Recorder Recorder
	Now      func() time.Time
}

// May reports whether the caller has the right.
func (c Check) May(who domain.Caller, right Right) bool {
	return c.Policy.Permits(who, right.Object, right.Action)
}

// Demand refuses the caller who has not the right. Errors: permission_denied.
func (c Check) Demand(who domain.Caller, right Right) error {
	if !c.May(who, right) {
		return domain.Refuse(domain.CodePermissionDenied)
	}
	return nil
}

// Refused writes into the audit that somebody asked for a change that they may not make; a client that hangs up does
// not prevent it.
func (c Check) Refused(ctx context.Context, who domain.Caller, operation string, detail map[string]any) error {
	detail["operation"] = operation
	return c.Recorder.Record(context.WithoutCancel(ctx), domain.AuditEntry{At: c.Now(), Actor: who.ID,
		ActorName: who.Name, Credential: who.Credential, Action: domain.ActionAccessRefused,
		Outcome: domain.OutcomeRefused, Detail: detail})
}
