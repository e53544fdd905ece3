package audit

import (
	"encoding/json"
	"fmt"
	"pointbridge/domain"
)

// actions are what a movement of each kind is recorded as.
var actions = map[string]string{"take": domain.ActionPointsTaken, "give_back": domain.ActionPointsGivenBack,
	"grant": domain.ActionPointsGranted, "take_back": domain.ActionPointsTakenBack}

// MovementActions are the actions that record movements: each when it is made, or all of a coupon that is restored.
func MovementActions() []string {
	return []string{domain.ActionPointsTaken, domain.ActionPointsGivenBack, domain.ActionPointsGranted,
		domain.ActionPointsTakenBack, domain.ActionBooksRestored}
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
	records := a.records()
	told := make(map[string]record, len(records))
	for _, r := range records {
		if first, twice := told[r.key()]; twice {
			say("the audit rows %d and %d record the same movement", first.AuditID, r.AuditID)
			continue
		}
		told[r.key()] = r
	}
	for _, m := range a.Moves {
		key := actions[m.Kind] + " " + m.Reference
		r, found := told[key]
		if !found {
			say("no audit row records %s %s", actions[m.Kind], m.Reference)
			continue
		}
		delete(told, key)
		if r.Points != m.Points || r.Entry != m.EntryID {
			say("movement %s is of %d points with entry %q, audit row %d says %d and %q", m.Reference, m.Points,
				m.EntryID, r.AuditID, r.Points, r.Entry)
		}
	}
	for _, r := range records { // in their order, which a map has not
		if left, unmatched := told[r.key()]; unmatched && left == r {
			say("audit row %d records %s, but no such movement is applied", r.AuditID, r.key())
		}
	}
	return list
}

// record is one movement that an audit row records.
type record struct {
	AuditID int64  `json:"-"`
	Action  string `json:"-"`
	// Kind says in the entry about a restored coupon what moved; elsewhere the action does.
	Kind      string `json:"kind"`
	Points    int64  `json:"points"`
	Reference string `json:"reference"`
	Entry     string `json:"entry"`
}

func (r record) key() string { return r.Action + " " + r.Reference }

// records are the movements that the coupon's entries record.
func (a Account) records() (list []record) {
	for _, e := range a.Entries {
		list = append(list, e.records()...)
	}
	return list
}

// records reads the detail. One that cannot be read records a movement that there is none like, or nothing at all where
// it is about a restored coupon: its movements are then recorded nowhere.
func (r MovementEntry) records() []record {
	if r.Action != domain.ActionBooksRestored {
		var one record
		if json.Unmarshal([]byte(r.Detail), &one) != nil {
			one = record{}
		}
		one.AuditID, one.Action, one.Kind = r.AuditID, r.Action, ""
		return []record{one}
	}
	var restored struct {
		Moves []record `json:"moves"`
	}
	if json.Unmarshal([]byte(r.Detail), &restored) != nil {
		return nil
	}
	for i, m := range restored.Moves {
		restored.Moves[i].AuditID, restored.Moves[i].Action, restored.Moves[i].Kind = r.AuditID, actions[m.Kind], ""
	}
	return restored.Moves
}
