package audit

import (
	"encoding/json"
	"fmt"
	"pointbridge/domain"
)

// actions are what a movement of each kind is recorded as.
var actions = map[string]string{"take": domain.ActionPointsTaken, "give_back": domain.ActionPointsGivenBack,
	"grant": domain.ActionPointsGranted, "take_back": domain.ActionPointsTakenBack}

// MovementActions are the actions that record a movement.
func MovementActions() []string {
	return []string{domain.ActionPointsTaken, domain.ActionPointsGivenBack, domain.ActionPointsGranted,
		domain.ActionPointsTakenBack}
}

// Account is one coupon as the books have it, with what the audit says about it.
type Account struct {
	CouponID int64
	Code     string
	Status   string
	// LastStatus is what the coupon became by the last entry of the audit that says so; empty when none does.
	LastStatus string
	Moves      []Move
	Entries    []MovementEntry
}

// Move is a movement of points that was applied.
type Move struct {
	Kind      string
	Points    int64
	Reference string
	EntryID   string
}

// MovementEntry is an audit entry about points that moved.
type MovementEntry struct {
	AuditID        int64
	Action, Detail string
}

// Differences holds the coupon's movements and its status against the audit: each sentence names the code.
func (a Account) Differences() []string {
	var list []string
	say := func(format string, args ...any) {
		list = append(list, "coupon "+a.Code+": "+fmt.Sprintf(format, args...))
	}
	if a.Status != a.LastStatus {
		say("its status is %q, the record ends with %q", a.Status, a.LastStatus)
	}
	told := make(map[string]MovementEntry, len(a.Entries))
	for _, r := range a.Entries {
		key := r.Action + " " + r.says().Reference
		if first, twice := told[key]; twice {
			say("the audit rows %d and %d record the same movement", first.AuditID, r.AuditID)
			continue
		}
		told[key] = r
	}
	for _, m := range a.Moves {
		key := actions[m.Kind] + " " + m.Reference
		r, found := told[key]
		if !found {
			say("no audit row records %s %s", actions[m.Kind], m.Reference)
			continue
		}
		delete(told, key)
		if said := r.says(); said.Points != m.Points || said.Entry != m.EntryID {
			say("movement %s is of %d points with entry %q, audit row %d says %d and %q", m.Reference, m.Points,
				m.EntryID, r.AuditID, said.Points, said.Entry)
		}
	}
	for _, r := range a.Entries { // in their order, which a map has not
		key := r.Action + " " + r.says().Reference
		if left, unmatched := told[key]; unmatched && left.AuditID == r.AuditID {
			say("audit row %d records %s, but no such movement is applied", r.AuditID, key)
		}
	}
	return list
}

type said struct {
	Points    int64  `json:"points"`
	Reference string `json:"reference"`
	Entry     string `json:"entry"`
}

// says reads the detail. What cannot be read says nothing, and so differs from every movement.
func (r MovementEntry) says() said {
	var s said
	if json.Unmarshal([]byte(r.Detail), &s) != nil {
		return said{}
	}
	return s
}
