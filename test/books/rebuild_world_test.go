package books

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// lostWorld is a world after a small storm, whose database gets lost.
type lostWorld struct {
	*world.Endings
	members []holder
	codes   []string
	// was is the database that got lost; backup is what it held in the middle of the storm.
	was    *store.Store
	backup []books.Restoration
	// prepare makes what a new database has before anything is restored; nil for nothing. withoutRules says that nobody knows
	// by which rules codes were given.
	prepare      func(t *testing.T)
	withoutRules bool
	// dies ends the process at the nth thing that a rebuild does; zero for never.
	mu        sync.Mutex
	did, dies int
	commits   int
	written   int // coupons, each as often as it was written
	stopped   []string
}

type holder struct{ id, gid string }

var errDied = errors.New("the process died")

// step is a thing that a rebuild does for which the process can die.
func (l *lostWorld) step() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.did++; l.dies > 0 && l.did >= l.dies {
		return errDied
	}
	return nil
}

// storm converts, cancels, uses, suspends and fails half-way, a drawn amount of it but always the same.
func (l *lostWorld) storm() {
	for range 5 {
		l.members = append(l.members, holder{l.Addressed(), l.GID()})
	}
	for round, h := range slices.Concat(l.members, l.members, l.members, l.members) {
		l.deed(round, h)
		if round == 9 {
			l.FinishAll(l.Process(l.Whole()))
			l.backup = l.snapshot()
		}
	}
	s := l.Process(l.Whole())
	if err := l.Orders(s).SweepOrders(l.T.Context()); err != nil {
		l.T.Fatal(err)
	}
	l.FinishAll(s)
}

// deed is one conversion and what becomes of it.
func (l *lostWorld) deed(n int, h holder) {
	l.T.Helper()
	ctx, s := l.T.Context(), l.Process(l.Whole())
	if n%7 == 6 { // Shopify refuses the code for good: the points go back
		l.Faults.Add(sim.Rule{Act: "shopify.discountCodeBasicCreate", Mode: sim.Refuse, Reason: "INVALID", Count: 1})
	}
	got, err := s.Convert(ctx, coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: h.id, Points: 100,
		Key: fmt.Sprint("k", n)})
	l.Faults.Clear()
	if err != nil || !got.Done {
		l.FinishAll(s)
		return
	}
	code := got.Coupon.Code
	l.codes = append(l.codes, code)
	switch n % 5 {
	case 1:
		_, err = s.Cancel(ctx, world.Ending(code, fmt.Sprint("c", n)))
	case 2:
		_, err = l.Shopify.Checkout(h.gid, []string{code}, "1000")
	case 4:
		err = l.remedied(s, h, code, n)
	case 3:
		if n > 4 {
			_, err = s.Suspend(ctx, coupons.Suspension(world.Ending(code, fmt.Sprint("s", n))))
		}
	}
	if err != nil {
		l.T.Fatal(err)
	}
}

// remedied uses a code, cancels its order, and makes the customer whole: by a new code, or by points.
func (l *lostWorld) remedied(s *coupons.Service, h holder, code string, n int) error {
	ctx := l.T.Context()
	name, err := l.Shopify.Checkout(h.gid, []string{code}, "1000")
	if err != nil {
		return err
	}
	if err = l.Orders(s).SweepOrders(ctx); err != nil {
		return err
	}
	l.Clock.Advance(time.Minute)
	if err = l.Shopify.CancelOrder(name, "CUSTOMER"); err != nil {
		return err
	}
	if err = l.Orders(s).SweepOrders(ctx); err != nil {
		return err
	}
	outcome := reviews.OutcomeReissue
	if n%2 == 0 {
		outcome = reviews.OutcomeGrant
	}
	_, _, err = s.Decide(ctx, coupons.Decision{Caller: world.TheManager(), ReviewID: l.ReviewOf(code, reviews.OrderCancelled),
		Outcome: outcome, Key: fmt.Sprint("d", n)})
	l.FinishAll(s)
	return err
}

// snapshot is everything that the database holds of coupons.
func (l *lostWorld) snapshot() (list []books.Restoration) {
	l.T.Helper()
	for _, h := range l.members {
		states, err := l.Store.Books.CouponsOf(l.T.Context(), h.id, 0, 1000)
		if err != nil {
			l.T.Fatal(err)
		}
		for _, st := range states {
			list = append(list, books.Restoration{State: st, Customer: domain.Customer{ID: h.id, ShopifyCustomerGID: h.gid},
				Audit: domain.EntryOf(st.Coupon, domain.System(), domain.ActionBooksRestored, "", l.Clock.Now(),
					"moves", books.Moves(applied(st.Movements)))})
		}
	}
	return list
}

func applied(list []domain.Movement) (made []domain.Movement) {
	for _, m := range list {
		if m.State == domain.MovementApplied {
			made = append(made, m)
		}
	}
	return made
}

// lose puts an empty database in the place of the one there is, or one that holds a backup.
func (l *lostWorld) lose(t *testing.T, backup []books.Restoration) {
	t.Helper()
	l.OnEnd(t)
	fresh := storetest.SQLite
	if l.Database.Dialect == "postgres" {
		fresh = storetest.Postgres
	}
	l.Jobs, l.did, l.dies, l.commits, l.written, l.stopped = nil, 0, 0, 0, 0, nil
	l.Store = fresh(t).Open(t, l.Clock.Now, l.Enqueue)
	if l.prepare != nil {
		l.prepare(t)
	}
	for _, r := range backup {
		r.State.Coupon.ID, r.State.Coupon.Version = 0, 0
		r.State.Movements = slices.Clone(r.State.Movements)
		for i := range r.State.Movements {
			r.State.Movements[i].ID = 0
		}
		if err := l.Store.Books.Restore(t.Context(), []books.Restoration{r}); err != nil {
			t.Fatal(err)
		}
	}
}

// quietShop is a shop in which a rebuild may do one thing.
type quietShop struct {
	couponstest.Shop
	l *lostWorld
}

// DeactivateDiscount implements books.Shop.
func (s quietShop) DeactivateDiscount(ctx context.Context, id string) error {
	if err := s.l.step(); err != nil {
		return err
	}
	if err := s.Shop.DeactivateDiscount(ctx, id); err != nil {
		return err
	}
	s.l.mu.Lock()
	s.l.stopped = append(s.l.stopped, id)
	s.l.mu.Unlock()
	return s.l.step() // the answer is lost with the process
}

// watchedRestorer looks at each commit: no coupon is put away whose code can be spent.
type watchedRestorer struct {
	store.Books
	l *lostWorld
}

// Restore implements books.Restorer.
func (w watchedRestorer) Restore(ctx context.Context, list []books.Restoration) error {
	if err := w.l.step(); err != nil {
		return err
	}
	for _, r := range list {
		c := r.State.Coupon
		back := slices.ContainsFunc(r.State.Movements, func(m domain.Movement) bool {
			return m.Kind == domain.GiveBack || m.Kind == domain.Grant
		})
		if (back || c.Status == domain.Cancelled || c.Status == domain.Failed) && w.l.Shopify.Usable(c.Code) {
			w.l.T.Errorf("%s is restored as %s while its code is usable beside its points", c.Code, c.Status)
		}
	}
	err := w.Books.Restore(ctx, list)
	w.l.mu.Lock()
	w.l.commits++
	if err == nil {
		w.l.written += len(list)
	}
	w.l.mu.Unlock()
	return err
}

func (l *lostWorld) checker() *books.Checker {
	return &books.Checker{Ours: l.Store.Books, Runs: l.Store.Books, POS: l.Ledger, Shop: quietShop{l.Admin, l}, Fields: l.Admin,
		Uses: l.Process(l.Whole()), Clock: world.InstantClock{Clock: l.Clock}, Timing: books.DefaultTiming()}
}

func (l *lostWorld) rebuilder() *books.Rebuilder {
	return &books.Rebuilder{Checker: l.checker(), Discounts: l.Admin, Restorer: watchedRestorer{l.Store.Books, l},
		Settings:  books.Settings{Validity: l.Policy.Validity, Rate: l.Policy.Rate, Currency: "JPY"},
		ShopperID: couponstest.ShopperID, Workers: 3}
}

// rebuilt runs once and gives what was found, by code.
func (l *lostWorld) rebuilt(write bool) (books.RebuildSummary, map[string]books.Restored) {
	l.T.Helper()
	return l.rebuiltBy(l.rebuilder(), write)
}

func (l *lostWorld) rebuiltBy(r *books.Rebuilder, write bool) (books.RebuildSummary, map[string]books.Restored) {
	l.T.Helper()
	found := map[string]books.Restored{}
	sum, err := r.Rebuild(l.T.Context(), write, books.RebuildSink{Found: func(f books.Restored) { found[f.Code] = f }})
	expect.MustEqual(l.T, "err", err, nil)
	return sum, found
}

// killed lets runs die at their nth things, each a later one than the run before, until one comes to its end: what an earlier
// run restored no later one writes again. It reports whether one died in the middle, with something restored.
func (l *lostWorld) killed() (midway bool) {
	l.T.Helper()
	for l.dies = 1; ; l.dies++ {
		l.did = 0
		if _, err := l.rebuilder().Rebuild(l.T.Context(), true, books.RebuildSink{}); err == nil {
			break
		}
		midway = midway || l.written > 0
	}
	l.dies = 0
	there := 0
	for _, h := range l.members {
		list, err := l.Store.Books.CouponsOf(l.T.Context(), h.id, 0, 1000)
		expect.MustEqual(l.T, "err", err, nil)
		there += len(list)
	}
	expect.Equal(l.T, "coupons written by all runs", l.written, there)
	return midway
}

// restoredAs is what a lost coupon comes back as; empty where nothing outside knows it.
func restoredAs(st coupons.State, now time.Time) domain.Status {
	switch c := st.Coupon; c.Status {
	case domain.Forfeited, domain.Cancelling:
		return domain.Suspended
	case domain.Failed:
		if take := st.Movement(domain.Take); take == nil || take.State != domain.MovementApplied {
			return ""
		}
		return domain.Failed
	default:
		return c.StatusAt(now)
	}
}

// same compares every coupon and movement with the database that was lost.
func (l *lostWorld) same() {
	l.T.Helper()
	for _, h := range l.members {
		was, err := l.was.Books.CouponsOf(l.T.Context(), h.id, 0, 1000)
		if err != nil {
			l.T.Fatal(err)
		}
		for _, before := range was {
			l.sameCoupon(before)
		}
	}
}

func (l *lostWorld) sameCoupon(before coupons.State) {
	l.T.Helper()
	b := before.Coupon
	after, err := l.Store.Coupons.ByCode(l.T.Context(), b.Code)
	want := restoredAs(before, l.Clock.Now())
	if want == "" {
		return
	}
	if err != nil {
		l.T.Errorf("%s %s: %v", b.Status, b.Code, err)
		return
	}
	a := after.Coupon
	second := func(at *time.Time) string {
		if at == nil {
			return "never"
		}
		return at.Truncate(time.Second).Format(time.RFC3339)
	}
	if l.withoutRules {
		b.Rules = 0
	}
	for what, pair := range map[string][2]any{
		"campaign": {a.Campaign, b.Campaign}, "rules": {a.Rules, b.Rules}, "percent": {a.Percent, b.Percent},
		"status": {a.StatusAt(l.Clock.Now()), want}, "customer": {a.CustomerID, b.CustomerID}, "gid": {a.ShopifyCustomerGID, b.ShopifyCustomerGID},
		"points": {a.Points, b.Points}, "amount": {a.Amount, b.Amount}, "rate": {a.Rate.String(), b.Rate.String()},
		"discount": {a.DiscountID, b.DiscountID}, "order": {a.UsedOrderID, b.UsedOrderID}, "used": {second(a.UsedAt), second(b.UsedAt)},
		"made": {second(&a.CreatedAt), second(&b.CreatedAt)}, "terms": {a.Terms, b.Terms}, "first": {a.FirstCode, b.FirstCode},
		"reissued from": {a.ReissuedFrom, b.ReissuedFrom}, "superseded by": {a.SupersededBy, b.SupersededBy},
	} {
		if b.Status == domain.Failed && (what == "discount" || what == "terms") {
			continue
		}
		expect.Equal(l.T, b.Code+" "+string(b.Status)+" "+what, pair[0], pair[1])
	}
	if b.Status != domain.Failed {
		expect.Equal(l.T, b.Code+" end", a.ExpiresAt, b.ExpiresAt)
	}
	for _, m := range before.Movements {
		got := after.Movement(m.Kind)
		if got == nil {
			l.T.Errorf("%s has no %s", b.Code, m.Kind)
			continue
		}
		for what, pair := range map[string][2]any{"state": {got.State, m.State}, "points": {got.Points, m.Points},
			"reference": {got.Reference, m.Reference}, "related": {got.RelatedReference, m.RelatedReference},
			"entry": {got.EntryID, m.EntryID}, "member": {got.CustomerID, m.CustomerID}, "reason": {got.Reason, m.Reason}} {
			expect.Equal(l.T, b.Code+" "+string(m.Kind)+" "+what, pair[0], pair[1])
		}
	}
	expect.Equal(l.T, b.Code+" movements", len(after.Movements), len(before.Movements))
}
