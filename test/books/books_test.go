package books

import (
	"fmt"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestBooksFindEachDrift plants one drift at a time beside a real database and the simulators over HTTP: it is found
// under its own kind and no other, repaired where that is safe, and a second repair changes nothing.
// covers: 004-37
func TestBooksFindEachDrift(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.New(t, db, false)
		kinds := map[books.Kind]bool{}
		for _, c := range drifts() {
			kinds[c.kind] = true
			t.Run(fmt.Sprintf("%s: %s", c.kind, c.name), func(t *testing.T) {
				b := newBooksWorld(w.On(t))
				b.finds(false)
				b.finds(true)
				c.plant(b)
				before := b.picture()
				d := b.finds(false, c.kind)[0]
				if c.code != nil && d.Code != c.code(b) {
					t.Fatalf("it names %q", d.Code)
				}
				if after := b.picture(); after != before {
					t.Fatalf("looking changed %s\nto %s", before, after)
				}
				b.mended(c.kind, before)
			})
		}
		for _, kind := range books.Kinds() {
			if !kinds[kind] && !kind.OfCampaigns() {
				t.Errorf("no drift of kind %s is planted", kind)
			}
		}
	})
}

// mended repairs, and looks whether that held.
// covers: T-11
func (b *booksWorld) mended(kind books.Kind, before string) {
	b.T.Helper()
	d := b.finds(true, kind)[0]
	expect.MustEqual(b.T, "d.Fault", d.Fault, nil)
	expect.MustEqual(b.T, "d.Repaired", d.Repaired, kind.Safe())
	if !kind.Safe() {
		if after := b.picture(); after != before {
			b.T.Fatalf("what only a person may repair was changed from %s\nto %s", before, after)
		}
		return
	}
	once := b.picture()
	found, _ := b.compare(true)
	if twice := b.picture(); once != twice || once == before {
		b.T.Fatalf("the second repair (%+v) changed %s\nto %s\nbefore: %s", found, once, twice, before)
	}
	if n := b.repairs(kind); n != 1 {
		b.T.Fatalf("%d repairs are in the audit", n)
	}
	b.FinishAll()
	b.finds(true)
	b.finds(false)
	var opened int
	query := fmt.Sprintf("SELECT count(*) FROM reviews WHERE coupon_id = %d AND kind = 'used_after_refund' AND status = 'open'", b.cancelled.ID)
	if err := b.Store.DB().QueryRowContext(b.T.Context(), query).Scan(&opened); err != nil ||
		(opened == 1) != (kind == books.UsedAfterRefund) {
		b.T.Fatalf("%d reviews are open, %v", opened, err)
	}
	st, err := b.Store.Coupons.Load(b.T.Context(), b.active.ID)
	if err != nil || (st.Coupon.Status == domain.Used && st.Coupon.UsedOrder != "") != (kind == books.UsedButActive) {
		b.T.Fatalf("the active coupon is now %+v, %v", st.Coupon, err)
	}
}

// repairs counts the repairs of a kind in the audit for the member.
func (b *booksWorld) repairs(kind books.Kind) (n int) {
	b.T.Helper()
	err := b.Store.DB().QueryRowContext(b.T.Context(),
		"SELECT count(*) FROM audit WHERE action = 'books.repaired' AND customer_id = '"+b.member+
			"' AND detail LIKE '%"+string(kind)+"%'").Scan(&n)
	if err != nil {
		b.T.Fatal(err)
	}
	return n
}

// TestBooksIncomplete: an upstream that cannot be asked never makes the books clean, and does not hide what the others
// say.
// covers: 004-37
func TestBooksIncomplete(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.New(t, db, false)
		for _, act := range []string{"pos.history", "shopify.codeDiscountNodeByCode", "shopify.customer"} {
			for _, mode := range []sim.Mode{sim.Internal, sim.BrokenAnswer, sim.Throttle} {
				t.Run(fmt.Sprintf("%s answers with %s", act, mode), func(t *testing.T) {
					b := newBooksWorld(w.On(t))
					b.Faults.Add(sim.Rule{Act: act, Mode: mode, Count: -1})
					found, sum := b.compare(true)
					expect.MustEqual(t, "len(found)", len(found), 0, found)
					expect.MustEqual(t, "sum.Incomplete()", sum.Incomplete(), true)
					expect.MustThat(t, "sum.Gaps != 0", sum.Gaps != 0)
					b.Faults.Clear()
					b.Faults.Add(sim.Rule{Act: act, Mode: mode, Count: 1})
					b.finds(false) // one bad answer is asked again
				})
			}
		}
		t.Run("the POS is silent, the store is not", func(t *testing.T) {
			b := newBooksWorld(w.On(t))
			b.remade(b.cancelled, nil)
			b.Faults.Add(sim.Rule{Act: "pos.history", Mode: sim.Internal, Count: -1})
			found, sum := b.compare(false)
			expect.MustEqual(t, "len(found)", len(found), 1, found)
			expect.MustEqual(t, "found[0].Kind", found[0].Kind, books.CodeAliveThoughEnded)
			expect.MustEqual(t, "sum.Incomplete()", sum.Incomplete(), true)
		})
	})
}

// TestBooksOfManyPages compares histories and lists longer than a page.
func TestBooksOfManyPages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.New(t, db, true)
		b := newBooksWorld(w)
		w.Policy.DailyLimit = 1_000_000
		b.s = w.Service(w.Whole())
		w.POS.SellAtPOS(b.member, 100_000)
		for i := range 120 {
			b.Convert(fmt.Sprint("p", i))
		}
		for range 300 {
			w.POS.SellAtPOS(b.member, 1)
		}
		b.FinishAll()
		found, sum := b.compare(false)
		expect.MustEqual(t, "len(found)", len(found), 0, found)
		expect.MustEqual(t, "sum.Coupons", sum.Coupons, 123)
		expect.MustEqual(t, "sum.Incomplete()", sum.Incomplete(), false)
		b.SQL(`UPDATE movements SET points = 900 WHERE id = (SELECT min(id) FROM movements WHERE customer_id = '%s')`,
			b.member)
		b.finds(false, books.MovementAmount)
	})
}

// TestBooksRemembersRuns: the figures of the last whole comparison are there for every replica.
func TestBooksRemembersRuns(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.New(t, db, false)
		b := newBooksWorld(w)
		due := func() bool {
			t.Helper()
			yes, err := b.checker.Due(t.Context(), 24*time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			return yes
		}
		if !due() {
			t.Error("the first comparison is not due")
		}
		b.remade(b.cancelled, nil)
		newBooksWorld(w)
		if _, err := b.checker.Run(t.Context(), books.Options{}, books.Sink{}); err != nil {
			t.Fatal(err)
		}
		last, err := w.Store.Books.LastRun(t.Context())
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "last.Customers", last.Customers, 2)
		expect.MustEqual(t, "last.Coupons", last.Coupons, 6)
		expect.MustEqual(t, "last.Found[books.CodeAliveThoughEnded]", last.Found[books.CodeAliveThoughEnded], 1)
		expect.MustEqual(t, "last.Differences()", last.Differences(), 1)
		expect.MustEqual(t, "last.Incomplete()", last.Incomplete(), false)
		if due() {
			t.Error("the next comparison is due at once")
		}
		b.Clock.Advance(24 * time.Hour)
		if !due() {
			t.Error("the next comparison never comes")
		}
		b.Faults.Add(sim.Rule{Act: "pos.history", Mode: sim.Internal, Count: -1})
		sum, err := b.checker.Run(t.Context(), books.Options{}, books.Sink{})
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "sum.Incomplete()", sum.Incomplete(), true)
		b.Clock.Advance(time.Hour)
		if !due() {
			t.Error("one that was incomplete is not tried again soon")
		}
	})
}
