package world

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
)

// Finale is one way in which a coupon ends, and what may have come of it: the first when everybody asked again.
type Finale struct {
	Name       string
	UnsafeKeys bool
	Wiped      bool // somebody has deleted the code in the store
	Run        func(*Endings, *coupons.Service, string)
	Must       []domain.Status
}

func TheManager() domain.Caller {
	return domain.Caller{ID: "staff:1", Name: "Sato", Role: domain.RoleStoreManager}
}

func Ending(code, key string) coupons.Cancellation {
	return coupons.Cancellation{Caller: TheManager(), Code: code, Reason: domain.ReasonCustomerRequest,
		Note: "bought twice", Key: key + code}
}

// ReviewOf is the number of a coupon's review, or 0.
func (w *Endings) ReviewOf(code string, kind reviews.Kind) int64 {
	list, err := w.Store.Reviews.Reviews(w.T.Context(), reviews.Filter{Limit: 50})
	if err != nil {
		w.T.Error(err)
	}
	for _, r := range list {
		if r.Code == code && r.Kind == kind {
			return r.ID
		}
	}
	return 0
}

// begin makes a coupon for an ending.
func (w *Endings) begin(f Finale) (member, code string) {
	w.T.Helper()
	w.Faults.Clear()
	member, code = w.Issued()
	if f.Wiped {
		d, _ := w.Shopify.DiscountByCode(code)
		if err := w.Admin.DeleteDiscount(w.T.Context(), fmt.Sprintf("gid://shopify/DiscountCodeNode/%d",
			d.ID)); err != nil {
			w.T.Fatal(err)
		}
		w.Deleted[code] = true
	}
	return member, code
}

// endedAs checks a member's books, and that the one coupon ended as it may.
func (w *Endings) endedAs(member, code string, must []domain.Status) {
	w.T.Helper()
	list := w.BalancedBooks(w.View(), member, 1250)
	if len(list) != 1 || !slices.Contains(must, list[0].Status) {
		w.T.Fatalf("%s ended in %+v, not in %v", code, list, must)
	}
	if got := w.Shown(list[0].ShopifyCustomerGID, code); got != string(list[0].Status.Public()) {
		w.T.Errorf("%s %s: the metafield shows %q", list[0].Status, code, got)
	}
}

// CutOff runs one ending in a process that is cut off, then a new process on what it left, then everybody asks again.
func (w *Endings) CutOff(f Finale, dieAt, loseAt int) (places, acts int) {
	w.T.Helper()
	member, code := w.begin(f)
	m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: w.Watched()}
	first := w.Process(m.Ports())
	f.Run(w, first, code)
	if err := first.Drain(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	places, acts = m.Walked()
	if dieAt == 0 {
		w.FinishAll(first)
	}
	m.Kill()
	second := w.Process(w.Watched())
	w.FinishAll(second)
	w.endedAs(member, code, f.Must)
	f.Run(w, second, code)
	w.FinishAll(second)
	w.endedAs(member, code, f.Must[:1])
	return places, acts
}

func (w *Endings) Raced(f Finale, diedAt int) {
	w.T.Helper()
	member, code := w.begin(f)
	m := &couponstest.Mortal{DieAt: diedAt, Inner: w.Watched()}
	dead := w.Process(m.Ports())
	f.Run(w, dead, code)
	if err := dead.Drain(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	m.Kill()
	workers := []*coupons.Service{w.Process(w.Watched()), w.Process(w.Watched())}
	for range 8 {
		w.Clock.Advance(11 * time.Second)
		ids, err := w.Store.Backlog.Stuck(w.T.Context(), w.Clock.Now(), 10)
		if err != nil {
			w.T.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 4 {
			for _, id := range ids {
				wg.Go(func() { _ = workers[i%2].Advance(w.T.Context(), id) })
			}
			wg.Go(func() { f.Run(w, workers[i%2], code) })
		}
		wg.Wait()
		for _, s := range workers { // what is under way has arrived before the clock goes on
			if err := s.Drain(w.T.Context()); err != nil {
				w.T.Fatal(err)
			}
		}
	}
	w.FinishAll(workers[0])
	w.endedAs(member, code, f.Must[:1])
}
