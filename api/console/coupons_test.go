package console

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/cursor"
	"pointbridge/domain/listing"
	"pointbridge/domain/notices"
	"pointbridge/domain/reviews"
	"pointbridge/templates"
	"pointbridge/test/expect"
)

// TestEveryValueHasItsWord: what the pages put together to a key is said for each value there is.
func TestEveryValueHasItsWord(t *testing.T) {
	t.Parallel()
	con := newConsole(t)
	var keys []string
	for _, status := range domain.Statuses() {
		keys = append(keys, "status."+string(status))
	}
	for _, reason := range domain.CancelReasons() {
		keys = append(keys, "reason."+reason)
	}
	for _, kind := range []domain.MovementKind{domain.Take, domain.GiveBack, domain.Grant, domain.TakeBack} {
		keys = append(keys, "move."+string(kind))
	}
	for _, state := range []domain.MovementState{domain.MovementOpen, domain.MovementRefused, domain.MovementParked} {
		keys = append(keys, "move.state."+string(state))
	}
	for _, kind := range []reviews.Kind{reviews.Unsettled, reviews.SuspectedFraud,
		reviews.UsedAfterRefund} {
		for _, outcome := range kind.Outcomes() {
			keys = append(keys, "decided."+string(outcome))
		}
	}
	for action := range eventFigures {
		keys = append(keys, eventKey(action))
	}
	for _, e := range (couponHandlers{con}).endings() {
		for _, part := range []string{"title", "button", "confirm", "do", "points"} {
			keys = append(keys, "ending."+e.name+"."+part)
		}
	}
	q := couponQuery{}
	for _, c := range append(q.filters(nil), q.sorts()...) {
		keys = append(keys, c.Key)
	}
	for _, key := range []string{"deactivated", "waited", "returned", "done", "held", "taken", "made",
		"is.done", "is.now", "is.later"} {
		keys = append(keys, "progress."+key)
	}
	for _, state := range notices.States() {
		keys = append(keys, "mails.is."+string(state))
	}
	for _, kind := range domain.MailKinds() {
		keys = append(keys, "mails."+string(kind))
	}
	for _, key := range keys {
		if !con.deps.Words.Knows(key) {
			t.Errorf("nothing is said for %s", key)
		}
	}
}

// TestFiltersCoverEveryStatus: the filters but the first share out all statuses, each to one of them, but that of
// conversions that came to nothing: these are no coupons, and have a list of their own.
// covers: 004-13
func TestFiltersCoverEveryStatus(t *testing.T) {
	t.Parallel()
	seen := map[domain.Status]int{}
	for _, f := range couponFilters[1:] {
		for _, status := range f.statuses {
			seen[status]++
		}
	}
	for _, status := range domain.Statuses() {
		if want := map[bool]int{true: 0, false: 1}[status == domain.Failed]; seen[status] != want {
			t.Errorf("%s stands in %d filters", status, seen[status])
		}
	}
}

// covers: 004-24
func TestEvents(t *testing.T) {
	t.Parallel()
	req := asking(newConsole(t), nil)
	req.console.deps.Hooks.Say = func(_ string, err error) pages.Told { return pages.Told{Title: "said: " + string(domain.CodeOf(err))} }
	for _, tc := range []struct {
		entry domain.AuditEntry
		want  event
	}{
		{domain.AuditEntry{Action: "points.taken", Actor: "system", ActorName: "Pointbridge",
			Detail: map[string]any{"points": 500.0, "reference": "COUPON-X", "odd": true}},
			event{Text: "500 points were taken in the POS (reference COUPON-X). The POS's figures did not add up."}},
		{domain.AuditEntry{Action: "cancellation.started", Actor: "staff:1", ActorName: "Mori",
			Detail: map[string]any{"reason": "other", "emergency": true}},
			event{By: "Mori", Text: "Started the cancellation (reason: Other).", Emergency: true}},
		{domain.AuditEntry{Action: "cancellation.started", Actor: "key:7",
			Detail: map[string]any{"reason": "of the future"}},
			event{By: "key:7", Text: "Started the cancellation (reason: of the future)."}},
		{domain.AuditEntry{Action: "cancellation.refused", Actor: "system",
			Detail: map[string]any{"problem": "own_coupon"}}, event{Text: "Cancelling was refused: said: own_coupon."}},
		{domain.AuditEntry{Action: "conversion.failed", Actor: "system", Detail: map[string]any{"code": "gone"}},
			event{Text: "No coupon was made: gone."}},
		{domain.AuditEntry{Action: "order.seen", Actor: "system", Detail: map[string]any{"order": ""}},
			event{Text: "Order of unknown number was seen with this code."}},
		{domain.AuditEntry{Action: "books.restored", Actor: "system", Detail: map[string]any{"pos": "COUPON-X",
			"shop": "nothing", "metafield": "active"}},
			event{Text: "Restored. The POS: COUPON-X; Shopify: nothing; the metafield: Unused."}},
		{domain.AuditEntry{Action: "moon.landed", Actor: "system"}, event{Text: "Something was put on record.",
			Unknown: true}},
	} {
		tc.want.Action = tc.entry.Action
		if got := req.event(tc.entry); got != tc.want {
			t.Errorf("the events are %+v\nwant %+v", got, tc.want)
		}
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	later := now.Add(time.Hour)
	cancelling := domain.Coupon{Status: domain.Cancelling, ExpiresAt: later}
	dead := cancelling
	dead.DeactivatedAt = &now
	parked := dead
	parked.ParkedAt = &now
	back := func(state domain.MovementState) []domain.Movement {
		return []domain.Movement{{Kind: domain.Take, State: domain.MovementApplied}, {Kind: domain.GiveBack,
			State: state}}
	}
	for name, tc := range map[string]struct {
		st      coupons.State
		want    string
		running bool
	}{
		"begun":            {coupons.State{Coupon: cancelling}, "now later later later ", true},
		"the code is dead": {coupons.State{Coupon: dead}, "done now later later ", true},
		"the credit is sent": {coupons.State{Coupon: dead, Movements: back(domain.MovementOpen)},
			"done done now later ", true},
		"the points are back": {coupons.State{Coupon: dead, Movements: back(domain.MovementApplied)},
			"done done done now ", true},
		"nobody knows": {coupons.State{Coupon: parked, Movements: back(domain.MovementParked)},
			"done done now later ", false},
		"at rest": {coupons.State{Coupon: domain.Coupon{Status: domain.Active, ExpiresAt: later}}, "",
			false},
		"suspended, not dead": {coupons.State{Coupon: domain.Coupon{Status: domain.Suspended, Unfinished: true,
			ExpiresAt: later}}, "now later ", true},
		"suspended and at rest": {coupons.State{Coupon: domain.Coupon{Status: domain.Suspended, ExpiresAt: later}}, "",
			false},
		"a conversion": {coupons.State{Coupon: domain.Coupon{Status: domain.Pending, ExpiresAt: later},
			Movements: back(domain.MovementOpen)[:1]}, "done now ", true},
	} {
		p, got := progressOf(tc.st, now), ""
		for _, s := range p.Steps {
			got += s.State + " "
		}
		if got != tc.want || p.Running != tc.running {
			t.Errorf("%s: %q, running %v", name, got, p.Running)
		}
	}
}

// covers: 004-35
func TestBalances(t *testing.T) {
	t.Parallel()
	n := func(i int64) *int64 { return &i }
	take := domain.Movement{Kind: domain.Take, State: domain.MovementApplied, PreviousBalance: n(1250), Balance: n(750)}
	back := domain.Movement{Kind: domain.GiveBack, State: domain.MovementApplied, PreviousBalance: n(750),
		Balance: n(1250)}
	apart := back
	apart.PreviousBalance, apart.Balance = n(450), n(950)
	for want, list := range map[string][]domain.Movement{
		"1250 750 1250 ":      {take, back},
		"1250 750 … 450 950 ": {take, apart},
		"1250 750 ":           {take, {Kind: domain.GiveBack, State: domain.MovementOpen}},
		"":                    {{Kind: domain.Take, State: domain.MovementApplied}},
	} {
		got := ""
		for _, b := range balancesOf(list) {
			if b.Gap {
				got += "… "
			}
			got += pages.Number(b.Points) + " "
		}
		if got != want {
			t.Errorf("the balances read %q, not %q", got, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, p := range []listing.Place{{ID: 1}, {Number: cursor.LastNumber, ID: 7}} {
		if got, ok := readPlace(writePlace(p)); !ok || got != p {
			t.Errorf("%v becomes %v", p, got)
		}
	}
	for _, text := range []string{"", "x", "%", writePlace(listing.Place{ID: -1}),
		writePlace(listing.Place{Number: -1, ID: 1}), writePlace(listing.Place{Number: cursor.LastNumber + 1, ID: 1})} {
		if p, ok := readPlace(text); ok {
			t.Errorf("%q is read as %v", text, p)
		}
	}
}

func TestEveryAuditActionHasWordsInEachLanguage(t *testing.T) {
	t.Parallel()
	words, err := templates.Texts()
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range domain.AuditActions() {
		if _, known := eventFigures[action]; !known {
			t.Errorf("the console does not know which figures %s comes with", action)
		}
		if !words.Knows(eventKey(action)) {
			t.Errorf("%s has no words", action)
		}
	}
	for action := range eventFigures {
		if !slices.Contains(domain.AuditActions(), action) {
			t.Errorf("%s is worded and never written", action)
		}
	}
}

// TestEveryReasonOfTheReportLeadsToItsList: also the one that no member of the staff can give.
func TestEveryReasonOfTheReportLeadsToItsList(t *testing.T) {
	t.Parallel()
	for _, reason := range domain.EndingReasons() {
		q, wrong := parseCouponQuery(url.Values{"on": {"cancelled"}, "range": {"7d"}, "reason": {reason}}, false, time.Now())
		expect.That(t, reason+" to be known", len(wrong) == 0 && q.Reason == reason, wrong)
	}
}
