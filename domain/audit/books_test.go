package audit

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pointbridge/domain"
)

// account draws a coupon whose audit agrees with it.
func account(t *rapid.T) Account {
	a := Account{CouponID: 1, Code: "70934-AB72CD-500", Status: "active", LastStatus: "active"}
	points := rapid.Int64Range(1, 1e6).Draw(t, "points")
	for _, m := range []Move{{"take", points, "COUPON-" + a.Code, "e1"}, {"give_back", points, "CANCEL-" + a.Code,
		"e2"}, {"grant", points, "GRANT-" + a.Code, ""}} {
		if rapid.Bool().Draw(t, m.Kind) {
			a.Moves = append(a.Moves, m)
			a.Entries = append(a.Entries, MovementEntry{AuditID: int64(len(a.Entries) + 1), Action: actions[m.Kind],
				Detail: fmt.Sprintf(`{"balance":750,"entry":%q,"points":%d,"reference":%q}`, m.EntryID, m.Points,
					m.Reference)})
		}
	}
	return a
}

// covers: 004-37, 004-55
func TestDifferences(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := account(t)
		if got := a.Differences(); len(got) != 0 {
			t.Fatalf("sound, but %q", got)
		}
		changes := map[string]func(){"status": func() { a.Status = "used" },
			"no status at all": func() { a.LastStatus = "" }}
		if len(a.Moves) > 0 {
			i := rapid.IntRange(0, len(a.Moves)-1).Draw(t, "which")
			m, r := &a.Moves[i], &a.Entries[i]
			changes["points"] = func() { m.Points++ }
			changes["reference"] = func() { m.Reference += "x" }
			changes["entry"] = func() { m.EntryID += "x" }
			changes["kind"] = func() { m.Kind = "lost" }
			changes["movement gone"] = func() { a.Moves = append(a.Moves[:i:i], a.Moves[i+1:]...) }
			changes["record gone"] = func() { a.Entries = append(a.Entries[:i:i], a.Entries[i+1:]...) }
			changes["record twice"] = func() { a.Entries = append(a.Entries, MovementEntry{AuditID: 99, Action: r.Action, Detail: r.Detail}) }
			changes["record's points"] = func() { r.Detail = strings.Replace(r.Detail, `"points":`, `"points":1`, 1) }
			changes["record's action"] = func() { r.Action = "points.lost" }
			changes["record unreadable"] = func() { r.Detail = "{" }
		}
		name := rapid.SampledFrom(keys(changes)).Draw(t, "change")
		changes[name]()
		got := a.Differences()
		if len(got) == 0 {
			t.Fatalf("%s is not found: %+v", name, a)
		}
		for _, sentence := range got {
			if !strings.Contains(sentence, a.Code) {
				t.Errorf("%q does not name the code", sentence)
			}
		}
	})
}

// keys returns the names of the changes in an order that does not move.
func keys(m map[string]func()) []string {
	var list []string
	for _, name := range []string{"status", "no status at all", "points", "reference", "entry", "kind", "movement gone",
		"record gone", "record twice",
		"record's points", "record's action", "record unreadable"} {
		if m[name] != nil {
			list = append(list, name)
		}
	}
	return list
}

// TestARestoredCouponsMovements: one entry records all movements that were restored with a coupon, each as strictly as an
// entry of its own would.
func TestARestoredCouponsMovements(t *testing.T) {
	t.Parallel()
	const taken = `{"kind":"take","points":500,"reference":"COUPON-A","entry":"e1"}`
	const back = `{"kind":"give_back","points":500,"reference":"CANCEL-A","entry":"e2"}`
	for detail, want := range map[string]int{
		`{"pos":"COUPON-A, CANCEL-A","moves":[` + taken + `,` + back + `]}`:                0,
		`{"pos":"COUPON-A, CANCEL-A"}`:                                                     2,
		`{"moves":[` + taken + `]}`:                                                        1,
		`{"moves":[` + taken + `,` + back + `,` + back + `]}`:                              1,
		`{"moves":[` + taken + `,` + strings.Replace(back, "500", "400", 1) + `]}`:         1,
		`{"moves":[` + taken + `,` + strings.Replace(back, "e2", "e3", 1) + `]}`:           1,
		`{"moves":[` + taken + `,` + strings.Replace(back, "give_back", "grant", 1) + `]}`: 2,
		`{"moves":`: 2,
	} {
		a := Account{Code: "A", Status: "cancelled", LastStatus: "cancelled",
			Moves:   []Move{{"take", 500, "COUPON-A", "e1"}, {"give_back", 500, "CANCEL-A", "e2"}},
			Entries: []MovementEntry{{7, domain.ActionBooksRestored, detail}}}
		if got := a.Differences(); len(got) != want {
			t.Errorf("%s: %q, want %d", detail, got, want)
		}
	}
}

func TestMovementActions(t *testing.T) {
	t.Parallel()
	listed := MovementActions()
	for kind, action := range actions {
		if !strings.Contains(strings.Join(listed, " "), action) || len(listed) != len(actions)+1 {
			t.Errorf("%s of %s is not among %v", action, kind, listed)
		}
	}
}
