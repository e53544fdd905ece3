//go:build medusa

package medusa

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/pos/postest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

func instead(old, by string) func([]byte) []byte {
	return func(body []byte) []byte { return bytes.ReplaceAll(body, []byte(old), []byte(by)) }
}

// twists are answers that Medusa would not give; those to a movement speak of the account, because nothing else does.
func twists() []postest.Twist {
	list := []postest.Twist{
		{Name: "no account where there was one, but a count", Of: postest.Read, Change: instead(`"count":1`, `"count":0`)},
		{Name: "an entry more than is shown", Of: postest.Look, Change: instead(`"count":2`, `"count":3`)},
		{Name: "a page from elsewhere", Of: postest.Look, Change: instead(`"offset":0`, `"offset":15`)},
		{Name: "more points", Of: postest.Look, Change: instead(`"amount":1,`, `"amount":10,`)},
		{Name: "a fraction", Of: postest.Look, Change: instead(`"amount":1,`, `"amount":1.5,`)},
		{Name: "points as text", Of: postest.Look, Change: instead(`"amount":1,`, `"amount":"1",`)},
		{Name: "points given, not taken", Of: postest.Look, Change: instead(`"type":"debit"`, `"type":"credit"`)},
		{Name: "an entry without a name", Of: postest.Look, Change: instead(`"id":"sc_trx`, `"was":"sc_trx`)},
		{Name: "a date that is none", Of: postest.Look, Change: instead(`"created_at":"20`, `"created_at":"XX`)},
		{Name: "the reference on every entry", Of: postest.Look,
			Change: instead(`"note":"Welcome"`, `"note":"[COUPON-70934-AB72CD-1]"`)},
	}
	for name, of := range map[string]postest.Of{"a movement": postest.Move, "a balance": postest.Read} {
		list = append(list, []postest.Twist{
			{Name: "another customer's account, in " + name, Of: of, Change: instead(`"customer_id":"cus_`, `"customer_id":"x`)},
			{Name: "a balance with a fraction, in " + name, Of: of, Change: instead(`"balance":49`, `"balance":49.5`)},
			{Name: "a balance as text, in " + name, Of: of, Change: instead(`"balance":49`, `"balance":"49"`)},
			{Name: "no balance, in " + name, Of: of, Change: instead(`"balance":49`, `"balance":null`)},
		}...)
	}
	return append(list, postest.Twist{Name: "another account", Of: postest.Move,
		Change: instead(`"id":"sc_acc`, `"id":"x`)})
}

func TestMedusaKeepsWhatTheAdapterPromises(t *testing.T) {
	t.Parallel()
	postest.Run(t, func(t *testing.T, front postest.Front) postest.Till {
		a := newAdmin(t)
		s := httptest.NewServer(front(a.way()))
		t.Cleanup(s.Close)
		l := newLedger(s.URL, a.token, world.Client())
		return postest.Till{Ledger: l, Capabilities: l.Capabilities(), Member: a.member(50), Other: a.member(500),
			Nobody: "cus_01NOBODY", Points: func(member string) int64 { return a.books(member).Balance },
			Moves: func(r *http.Request) bool { return r.Method == http.MethodPost },
			Finds: func(r *http.Request) bool { return actOf(r) == "pos.find" },
			Reads: func(r *http.Request) bool { return actOf(r) == "pos.balance" }, Twists: twists()}
	})
}

// TestAScanReadsBeyondTheFirstPage books more entries than a page holds behind the one that is looked for.
func TestAScanReadsBeyondTheFirstPage(t *testing.T) {
	t.Parallel()
	a := newAdmin(t)
	member := a.member(1000)
	l := newLedger(a.base, a.token, world.Client())
	m := domain.Movement{Kind: domain.Take, CustomerID: member, Points: 7, Reference: "COUPON-70934-AB72CD-7"}
	id := a.books(member).ID
	for range page + 1 {
		a.post("/admin/store-credit-accounts/"+id+"/debit", map[string]any{"amount": 1, "note": "Sale"}, nil)
	}
	_, err := l.Find(t.Context(), m)
	expect.Equal(t, "before", domain.KindOf(err), domain.KindNotFound)
	_, err = l.Deduct(t.Context(), m)
	expect.MustEqual(t, "err", err, nil)
	got, err := l.Find(t.Context(), m)
	expect.Equal(t, "err", err, nil)
	expect.Equal(t, "points", got.Points, -7)
}

// TestAReasonIsKeptAsItIs writes the longest reason that the adapter promises to be kept.
func TestAReasonIsKeptAsItIs(t *testing.T) {
	t.Parallel()
	a := newAdmin(t)
	member := a.member(10)
	l := newLedger(a.base, a.token, world.Client())
	m := domain.Movement{Kind: domain.Take, CustomerID: member, Points: 1, Reference: "COUPON-70934-AB72CD-1",
		Reason: strings.Repeat("クーポン ", reasonLimit/5)}
	_, err := l.Deduct(t.Context(), m)
	expect.MustEqual(t, "err", err, nil)
	kept := a.books(member).of(m.Reference)
	expect.MustEqual(t, "entries", len(kept), 1)
	expect.Equal(t, "note", kept[0].Note, noteOf(m))
}

// TestMedusaBooksARepetitionTwice is why nothing is ever sent to it again that may have arrived: the same bytes under
// the same reference are booked once more, and then the look-up says that it cannot tell.
func TestMedusaBooksARepetitionTwice(t *testing.T) {
	t.Parallel()
	a := newAdmin(t)
	member := a.member(10)
	l := newLedger(a.base, a.token, world.Client())
	m := domain.Movement{Kind: domain.Take, CustomerID: member, Points: 1, Reference: "COUPON-70934-AB72CD-1"}
	for range 2 {
		_, err := l.Deduct(t.Context(), m)
		expect.MustEqual(t, "err", err, nil)
	}
	expect.Equal(t, "balance", a.books(member).Balance, 8)
	_, err := l.Find(t.Context(), m)
	expect.Equal(t, "reason", domain.ReasonOf(err), domain.ReasonAmbiguous)
	expect.Equal(t, "capabilities", l.Capabilities().Replay, false)
	expect.Equal(t, "look-up", l.Capabilities().Lookup, coupons.LookupScan)
}
