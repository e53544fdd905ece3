package api

import (
	"context"
	"maps"

	"pointbridge/domain"
)

// read writes into the audit that somebody was shown customers' data: whose, and how much. Nothing is shown that cannot
// be recorded. A customer who looks at their own leaves no entry. The POS looks members up all day, so its reads are
// told by their number once a minute, and wait for nothing.
func (a *API) read(ctx context.Context, action, customerID string, detail map[string]any) error {
	x := exchangeOf(ctx)
	if x.caller.Role == domain.RoleCustomer {
		return nil
	}
	e := domain.AuditEntry{At: a.deps.Now(), Actor: x.caller.ID, ActorName: x.caller.Name,
		Credential: x.caller.Credential, Action: action, CustomerID: customerID, Outcome: domain.OutcomeDone,
		Detail: maps.Clone(detail)}
	if x.caller.Role == domain.RolePOS {
		a.deps.Counter.Count(e)
		return nil
	}
	return a.deps.Recorder.Record(context.WithoutCancel(ctx), e)
}

// found says how many there were.
func found(n int) map[string]any { return map[string]any{"found": n} }
