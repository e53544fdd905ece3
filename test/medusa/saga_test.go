//go:build medusa

package medusa

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/listing"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

const began = 1250

// shop is the world of the crash walks, with Medusa in the place of the simulated POS: the real store, the real client
// of the shop, and requests to the points that can be lost on the way.
type shop struct {
	*world.Endings
	admin
	ledger *ledger
	road   road
}

func newShop(t *testing.T, db storetest.Database) *shop {
	t.Helper()
	a := newAdmin(t)
	w := &shop{Endings: world.NewEndings(t, db, false), admin: a}
	w.road = road{a.way(), w.Faults, make(chan *http.Request, 1)}
	w.ledger = newLedger(w.Serve(w.road), a.token, world.Client())
	w.Taken = w.taken
	return w
}

// on makes the world report to a subtest.
func (w *shop) on(t *testing.T) *shop {
	w.On(t)
	w.admin.t = t
	w.Faults.Clear()
	return w
}

// taken is asked before anybody can see that a code can be spent.
func (w *shop) taken(_, code string) bool {
	st, err := w.Store.Coupons.ByCode(w.T.Context(), code)
	return err == nil && len(w.books(st.Coupon.CustomerID).of(domain.TakeReference(code))) == 1
}

func (w *shop) whole() couponstest.Ports {
	p := w.Whole()
	p.Ledger = w.ledger
	return p
}

func (w *shop) process(p couponstest.Ports) *coupons.Service {
	s := w.Process(p)
	s.POS = w.ledger.Capabilities()
	return s
}

// somebody is a customer of Medusa's and of the store's.
func (w *shop) somebody() string {
	w.T.Helper()
	w.Members++
	id, gid, now := w.member(began), w.GID(), w.Clock.Now()
	if _, err := w.Shopify.AddCustomer(gid, "m@example.com", "Member", "ja"); err != nil {
		w.T.Fatal(err)
	}
	if _, _, err := w.Store.Members.SaveCustomer(w.T.Context(), domain.Customer{ID: id, ShopifyCustomerGID: gid,
		Email: "m@example.com", CreatedAt: now, UpdatedAt: now}, domain.AuditEntry{At: now, Actor: "test",
		Action: "customer.linked", Outcome: domain.OutcomeDone}); err != nil {
		w.T.Fatal(err)
	}
	return id
}

func (w *shop) convert(s *coupons.Service, member string) (coupons.Result, error) {
	return s.Convert(w.T.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member,
		Points: 500, Key: "k-" + member})
}

// issued is a member with one coupon of 500 points.
func (w *shop) issued() (member, code string) {
	w.T.Helper()
	member = w.somebody()
	s := w.process(w.whole())
	got, err := w.convert(s, member)
	expect.MustEqual(w.T, "err", err, nil)
	expect.MustEqual(w.T, "done", got.Done, true)
	w.FinishAll(s)
	return member, got.Coupon.Code
}

// balanced holds our books against Medusa's: what it has taken is in coupons, what it was given back is of cancelled
// ones, each once and of the right size, and it has no other entry.
func (w *shop) balanced(member string, may ...domain.Status) {
	w.T.Helper()
	list, err := w.Store.Listing.List(w.T.Context(), listing.Filter{CustomerID: member, Limit: 100})
	expect.MustEqual(w.T, "err", err, nil)
	expect.Equal(w.T, "coupons", len(list) <= 1, true)
	b := w.books(member)
	ours, held := 1, int64(0) // the first entry opened the account
	for _, c := range list {
		takes, backs := b.of(domain.TakeReference(c.Code)), b.of(domain.GiveBackReference(c.Code))
		for _, t := range slices.Concat(takes, backs) {
			expect.Equal(w.T, c.Code+": amount", t.Amount, float64(c.Points))
		}
		ours += len(takes) + len(backs)
		held += int64(len(takes)-len(backs)) * c.Points
		paid, usable := len(takes)-len(backs), w.Shopify.Usable(c.Code)
		rests := c.Status == domain.Active && paid == 1 && len(backs) == 0 && usable ||
			c.Status == domain.Cancelled && paid == 0 && len(backs) == 1 && !usable ||
			c.Status == domain.Failed && paid == 0 && len(backs) <= 1 && !usable
		if !rests || !slices.Contains(may, c.Status) || c.Unfinished || c.ParkedAt != nil {
			w.T.Errorf("%s %s, not in %v: taken %d, given back %d, usable %v, unfinished %v, parked %v", c.Status, c.Code,
				may, len(takes), len(backs), usable, c.Unfinished, c.ParkedAt != nil)
		}
	}
	expect.Equal(w.T, "entries in Medusa", len(b.entries), ours)
	expect.Equal(w.T, "balance and coupons", b.Balance+held, began)
	expect.Equal(w.T, "credits less debits", b.Credits-b.Debits, b.Balance)
}

// deed is what is asked for: a conversion, or the cancellation of a coupon that there is.
type deed struct {
	name  string
	begin func(*shop) (member, code string)
	ask   func(w *shop, s *coupons.Service, member, code string)
	// may are the ends, the first of them when everybody asked again.
	may []domain.Status
}

func deeds() []deed {
	return []deed{
		{"a conversion", func(w *shop) (string, string) { return w.somebody(), "" },
			func(w *shop, s *coupons.Service, member, _ string) { _, _ = w.convert(s, member) },
			[]domain.Status{domain.Active, domain.Failed}},
		{"a cancellation", (*shop).issued,
			func(w *shop, s *coupons.Service, _, code string) {
				_, _ = s.Cancel(w.T.Context(), world.Ending(code, "c"))
			},
			[]domain.Status{domain.Cancelled, domain.Active}},
	}
}

// cutOff runs a deed in a process that dies, or loses an answer; then a new process on what it left; then everybody
// asks again.
func (w *shop) cutOff(d deed, dieAt, loseAt int) (places, acts int) {
	w.T.Helper()
	member, code := d.begin(w)
	m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: w.whole()}
	first := w.process(m.Ports())
	d.ask(w, first, member, code)
	expect.MustEqual(w.T, "drained", first.Drain(w.T.Context()), nil)
	places, acts = m.Walked()
	m.Kill()
	second := w.process(w.whole())
	w.FinishAll(second)
	w.balanced(member, d.may...)
	d.ask(w, second, member, code)
	w.FinishAll(second)
	w.balanced(member, d.may[0])
	return places, acts
}

// TestAProcessDiesAnywhereAndMedusasBooksAreRight dies at every commit and act, and loses every answer.
func TestAProcessDiesAnywhereAndMedusasBooksAreRight(t *testing.T) {
	t.Parallel()
	for _, d := range deeds() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newShop(t, db)
				places, acts := w.cutOff(d, 0, 0)
				expect.MustThat(t, "at least 8 places and 2 acts", places >= 8 && acts >= 2, places, acts)
				for n := 1; n <= places; n++ {
					t.Run(fmt.Sprintf("dies at place %d", n), func(t *testing.T) { w.on(t).cutOff(d, n, 0) })
				}
				for n := 1; n <= acts; n++ {
					t.Run(fmt.Sprintf("the answer of act %d is lost", n), func(t *testing.T) { w.on(t).cutOff(d, 0, n) })
				}
			})
		})
	}
}

// TestWhatIsLostOnTheWayIsBookedOnceAllTheSame loses requests, answers, and answers to the questions that follow.
func TestWhatIsLostOnTheWayIsBookedOnceAllTheSame(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newShop(t, db)
		for i, d := range deeds() {
			act := []string{"pos.deduct", "pos.add"}[i]
			for _, mode := range []sim.Mode{sim.DropBefore, sim.LoseAnswer, sim.BrokenAnswer, sim.Internal,
				sim.InternalAfter, sim.StatusAfter, sim.Throttle} {
				t.Run(fmt.Sprintf("%s, %s", d.name, mode), func(t *testing.T) {
					w := w.on(t)
					member, code := d.begin(w)
					w.Faults.Add(sim.Rule{Act: act, Mode: mode})
					w.Faults.Add(sim.Rule{Act: "pos.find", Mode: mode, Count: 2})
					s := w.process(w.whole())
					d.ask(w, s, member, code)
					w.FinishAll(s)
					w.balanced(member, d.may[0])
					_, left := w.Faults.Take(act, "")
					expect.Equal(t, "a fault that was never met", left, false)
				})
			}
		}
	})
}

// TestARequestThatArrivesLateIsNotSentAgain holds a request on the way while its sender has given up, and was told that
// no such entry is there: nothing may be sent again until it cannot arrive any more.
func TestARequestThatArrivesLateIsNotSentAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newShop(t, db)
		for i, d := range deeds() {
			t.Run(d.name, func(t *testing.T) {
				w := w.on(t)
				member, code := d.begin(w)
				w.Faults.Add(sim.Rule{Act: late + []string{"pos.deduct", "pos.add"}[i]})
				s := w.process(w.whole())
				d.ask(w, s, member, code)
				expect.MustEqual(t, "drained", s.Drain(t.Context()), nil)
				before := len(w.books(member).entries)
				w.Clock.Advance(s.Timing.Settle / 2) // what was sent can still arrive
				ids, err := w.Store.Backlog.Stuck(t.Context(), w.Clock.Now(), 10)
				expect.MustEqual(t, "err", err, nil)
				expect.MustEqual(t, "stuck", len(ids), 1)
				for _, id := range ids {
					expect.That(t, "the question to stay open", s.Advance(t.Context(), id) != nil)
				}
				expect.Equal(t, "entries while it is on the way", len(w.books(member).entries), before)
				w.road.arrive()
				w.FinishAll(s)
				w.balanced(member, d.may[0])
				expect.Equal(t, "entries at the end", len(w.books(member).entries), before+1)
			})
		}
	})
}
