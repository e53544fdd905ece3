package books

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestBooksAreRebuilt loses a database after a small storm, and makes it again: from nothing, from a backup of the middle
// of the storm, by a process that dies at each thing that it does, and while the outside does not answer. What differs
// afterwards is restoredAs, microseconds, and who did something.
func TestBooksAreRebuilt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		l := &lostWorld{Endings: world.NewEndings(t, db, true)}
		l.storm()
		l.was = l.Store
		entries := len(l.POS.AllEntries())
		t.Run("a rehearsal says what would be restored and writes nothing", func(t *testing.T) {
			l.lose(t, nil)
			sum, found := l.rebuilt(false)
			expect.Equal(t, "l.did", l.did, 0)
			expect.Equal(t, "len(found)", len(found), total(sum))
			expect.That(t, "sum.Restored[used] > 0", sum.Restored[domain.Used] > 0)
			expect.That(t, "sum.Reviews > 0", sum.Reviews > 0)
			ids, err := l.Store.Books.Members(t.Context(), "", 10)
			expect.Equal(t, "err", err, nil)
			expect.Equal(t, "len(ids)", len(ids), 0)
		})
		t.Run("from nothing", func(t *testing.T) {
			l.lose(t, nil)
			sum, _ := l.rebuilt(true)
			l.same()
			l.whole()
			l.again(total(sum))
		})
		t.Run("from a backup of the middle of the storm", func(t *testing.T) {
			l.lose(t, l.backup)
			sum, _ := l.rebuilt(true)
			expect.That(t, "sum.Right > 0", sum.Right > 0)
			l.same()
			l.whole()
			l.again(total(sum) + sum.Right)
		})
		t.Run("wherever the process dies", func(t *testing.T) {
			l.lose(t, nil)
			l.killed()
			l.same()
			l.whole()
		})
		t.Run("a question without an answer restores nothing, and is asked again by the next run", func(t *testing.T) {
			l.lose(t, nil)
			l.Faults.Add(sim.Rule{Act: "pos.history", Mode: sim.Internal, Count: -1})
			sum, found := l.rebuilt(true)
			l.Faults.Clear()
			expect.Equal(t, "restored", total(sum)-sum.Left, 0)
			expect.Equal(t, "l.commits", l.commits, 0)
			expect.That(t, "sum.Left > 0", sum.Left > 0)
			for _, f := range found {
				expect.That(t, `f.Cause != ""`, f.Cause != "")
			}
			l.rebuilt(true)
			l.same()
			l.whole()
		})
		t.Run("no point moved, and no code was touched", func(t *testing.T) {
			expect.Equal(t, "entries", len(l.POS.AllEntries()), entries)
			expect.Equal(t, "l.stopped", len(l.stopped), 0)
		})
		t.Run("where the till keeps no references what is not over is a person's", func(t *testing.T) {
			l.lose(t, nil)
			r := l.rebuilder()
			r.Checker.POS = nil
			_, err := r.Rebuild(t.Context(), true, books.RebuildSink{Found: func(f books.Restored) {
				over := f.To == domain.Used || f.To == domain.Expired
				expect.Equal(t, f.Code+" is over", len(f.Reviews) == 0 && f.Cause == "", over)
			}})
			expect.Equal(t, "err", err, nil)
		})
		t.Run("what a backup knows of another POS is left, and no code of it is stopped", func(t *testing.T) {
			former := slices.Clone(l.backup)
			var moved []string
			for i, r := range former {
				former[i].State.Movements = slices.Clone(r.State.Movements)
				for j := range r.State.Movements {
					former[i].State.Movements[j].POS = "former"
				}
				if len(r.State.Movements) > 0 {
					moved = append(moved, r.State.Coupon.Code)
				}
			}
			l.lose(t, former)
			r := l.rebuilder()
			r.Till = "now"
			_, found := l.rebuiltBy(r, true)
			expect.That(t, "some have moved points", len(moved) > 0)
			for _, code := range moved {
				expect.Equal(t, code, found[code].Cause, "its points moved in another POS")
			}
			expect.Equal(t, "stopped", len(l.stopped), 0)
		})
		t.Run("a code whose points are back is stopped before anything is restored", l.stops)
		t.Run("a conversion that ends while it is read keeps its code", l.beside)
		t.Run("a service that works on the database keeps a rebuild away", func(t *testing.T) {
			l.lose(t, nil)
			r := l.rebuilder()
			r.Serving = func(context.Context) (bool, error) { return true, nil }
			_, err := r.Rebuild(t.Context(), true, books.RebuildSink{})
			expect.Equal(t, "err", err, books.ErrServing)
			expect.Equal(t, "l.commits", l.commits, 0)
		})
	})
}

func total(sum books.RebuildSummary) (n int) {
	for _, of := range sum.Restored {
		n += of
	}
	return n + sum.Left
}

// whole lets a service go on with what was restored; then the books agree, and so does the audit.
func (l *lostWorld) whole() {
	l.T.Helper()
	l.FinishAll(l.Process(l.Whole()))
	sum, err := l.checker().Run(l.T.Context(), books.Options{}, books.Sink{Difference: func(d books.Difference) {
		l.T.Errorf("%s %s %s %s", d.Kind, d.Code, d.Reference, d.Detail)
	}})
	expect.Equal(l.T, "err", err, nil)
	expect.Equal(l.T, "sum.Incomplete()", sum.Incomplete(), false)
	expect.Equal(l.T, "sum.Customers", sum.Customers, len(l.members))
	l.AuditAgrees()
}

// again runs twice more: nothing changes.
func (l *lostWorld) again(codes int) {
	l.T.Helper()
	l.commits = 0
	for range 2 {
		sum, found := l.rebuilt(true)
		expect.Equal(l.T, "restored by a second run", len(found), sum.Left)
		expect.Equal(l.T, "sum.Right+sum.Left", sum.Right+sum.Left, codes)
	}
	expect.Equal(l.T, "l.commits", l.commits, 0)
}

// stops plants what must never be: points that are back beside a code that can be spent, and a conversion whose process
// died before its code was made.
func (l *lostWorld) stops(t *testing.T) {
	l.lose(t, nil)
	l.rebuilt(true)
	h := l.members[0]
	s := l.Process(l.Whole())
	convert := func(key string) domain.Coupon {
		got, err := s.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: h.id, Points: 100, Key: key})
		expect.MustEqual(t, "err", err, nil)
		return got.Coupon
	}
	living := convert("living")
	m := domain.Movement{CustomerID: h.id, Kind: domain.GiveBack, Points: 100, Reference: "CANCEL-" + living.Code,
		RelatedReference: "COUPON-" + living.Code, Key: "by hand", Reason: "by hand"}
	if _, err := l.Ledger.Add(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	l.Faults.Add(sim.Rule{Act: "shopify.discountCodeBasicCreate", Mode: sim.Internal, Count: -1})
	halfway := convert("halfway")
	expect.MustEqual(t, "err", s.Drain(t.Context()), nil)
	l.Faults.Clear()

	l.lose(t, nil)
	_, found := l.rebuilt(false)
	expect.Equal(t, "a rehearsal stops nothing", l.Shopify.Usable(living.Code), true)
	expect.Equal(t, "found[living].Stopped", found[living.Code].Stopped, true)
	l.Faults.Add(sim.Rule{Act: "shopify.discountCodeDeactivate", Mode: sim.Internal, Count: 3})
	_, found = l.rebuilt(true)
	expect.That(t, "unknown whether it was stopped: not restored", found[living.Code].Cause != "")
	_, err := l.Store.Coupons.ByCode(t.Context(), living.Code)
	expect.Equal(t, "code", domain.CodeOf(err), domain.CodeCouponNotFound)
	_, found = l.rebuilt(true)
	expect.Equal(t, "l.stopped", l.stopped, []string{living.DiscountID})
	expect.Equal(t, "usable", l.Shopify.Usable(living.Code), false)
	expect.Equal(t, "found[living].To", found[living.Code].To, domain.Cancelled)

	st, err := l.Store.Coupons.ByCode(t.Context(), halfway.Code)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "st.Coupon.Status", st.Coupon.Status, domain.Suspended)
	open := l.ReviewOf(halfway.Code, reviews.Restored)
	expect.MustThat(t, "a review is open", open != 0)
	again := l.Process(l.Whole())
	_, _, err = again.Decide(t.Context(), coupons.Decision{Caller: world.TheManager(), ReviewID: open,
		Outcome: reviews.OutcomeReturnPoints, Key: "return"})
	expect.MustEqual(t, "err", err, nil)
	l.FinishAll(again)
	expect.Equal(t, "given back", l.Count(halfway.Code, "CANCEL-"), 1)
	l.rebuilt(true)
	l.whole()
}

// TestRebuildOfManyCoupons measures how many coupons a second are restored where the outside has no limits: of
// POINTBRIDGE_REBUILD members with eight each. More than one page of discounts is more than twelve.
func TestRebuildOfManyCoupons(t *testing.T) {
	t.Parallel()
	l := &lostWorld{Endings: world.NewEndings(t, storetest.SQLite(t), true)}
	l.Policy.DailyLimit = 1_000_000
	members, each := int(world.FromEnv("POINTBRIDGE_REBUILD", 3)), 8
	s := l.Process(l.Whole())
	for i := range members {
		h := holder{l.Addressed(), l.GID()}
		l.members = append(l.members, h)
		for n := range each {
			if _, err := s.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: h.id,
				Points: 100, Key: fmt.Sprint(i, "-", n)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	l.FinishAll(s)
	l.was = l.Store
	l.lose(t, nil)
	began := time.Now()
	sum, _ := l.rebuilt(true)
	took := time.Since(began)
	expect.Equal(t, "sum.Restored", sum.Restored[domain.Active], members*each)
	l.same()
	t.Logf("%d coupons of %d members in %s: %.0f a second", members*each, members, took.Round(time.Millisecond),
		float64(members*each)/took.Seconds())
}
