package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/domain/identity/learn"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

var errDied = errors.New("the process died here")

// mortal is a process that reads the past and dies at one of its steps, before or after it was done.
type mortal struct {
	*past
	decisions.Imports
	decisions.Uses
	steps, dies int
}

// step reports whether the process dies now; every call is two steps, one before it and one after.
func (m *mortal) step() error {
	if m.steps++; m.steps == m.dies {
		return errDied
	}
	return nil
}

func (m *mortal) OrdersShown(ctx context.Context, from, to time.Time, after string) (identity.OrderPage, error) {
	page, err := m.past.OrdersShown(ctx, from, to, after)
	return page, errors.Join(err, m.step())
}

func (m *mortal) KeepUse(ctx context.Context, u decisions.Use, print identity.Print) (kept bool, err error) {
	if err := m.step(); err != nil {
		return false, err
	}
	kept, err = m.Uses.KeepUse(ctx, u, print)
	return kept, errors.Join(err, m.step())
}

func (m *mortal) BeginImport(ctx context.Context, days int, at time.Time) (decisions.Import, error) {
	i, err := m.Imports.BeginImport(ctx, days, at)
	return i, errors.Join(err, m.step())
}

func (m *mortal) MoveImport(ctx context.Context, from, to decisions.Import) error {
	if err := m.step(); err != nil {
		return err
	}
	return errors.Join(m.Imports.MoveImport(ctx, from, to), m.step())
}

// read is one life of the process.
func (m *mortal) read(t *testing.T, w *deciding) (decisions.Import, error) {
	service := *w.Service
	service.Uses = m
	return decisions.Importer{Shop: m, Service: service, Imports: m, Now: func() time.Time { return noon }}.Run(
		t.Context(), 3)
}

// TestAnImportThatDiesAnywhereLosesAndDoublesNothing: the next process ends with the same uses and the same figures,
// at whichever step the one before died.
func TestAnImportThatDiesAnywhereLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w, lives := decide(t, db), 0
		for dies := 1; ; dies++ {
			shop := &past{}
			for n := range 4 {
				shop.orders = append(shop.orders, identity.Order{ID: fmt.Sprintf("gid://shopify/Order/%d-%d", dies, n),
					CreatedAt: noon.Add(-time.Duration(n*10+1) * time.Hour), Codes: []string{"SUMMER-1"}, Shown: taro()})
			}
			_, err := (&mortal{past: shop, Imports: w.store.Identity, Uses: w.store.Identity, dies: dies}).read(t, w)
			if err == nil {
				break // it had fewer steps
			}
			expect.MustThat(t, "it died where it should", errors.Is(err, errDied), err)
			lives++
			done, err := (&mortal{past: shop, Imports: w.store.Identity, Uses: w.store.Identity}).read(t, w)
			expect.MustEqual(t, "err", err, nil, dies)
			expect.Equal(t, "done.State", done.State, decisions.ImportDone, dies)
			expect.Equal(t, "done.Orders", done.Orders, 4, dies)
			expect.Equal(t, "done.Uses", done.Uses, 4, dies)
			expect.Equal(t, "kept uses", w.count(fmt.Sprintf(
				`SELECT count(*) FROM identity_uses WHERE order_id LIKE 'gid://shopify/Order/%d-%%'`, dies)), 4, dies)
		}
		expect.That(t, "there were steps to die at", lives > 15, lives)
	})
}

// TestAnImportIsNoNewerThanItsReading: an order that came to nothing while the past was read stays so, and test orders
// count where the settings let them.
func TestAnImportIsNoNewerThanItsReading(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		order := identity.Order{ID: "gid://shopify/Order/1", CreatedAt: noon.Add(-time.Hour), Codes: []string{"SUMMER-1"},
			Shown: taro(), Test: true}
		read := func(counts bool, meanwhile func()) {
			now := noon
			reader := decisions.Importer{Shop: reading{&past{orders: []identity.Order{order}}, func() {
				now = now.Add(time.Minute)
				meanwhile()
			}}, Service: *w.Service, Imports: w.store.Identity, Now: func() time.Time { return now }, TestOrders: counts}
			_, err := reader.Run(t.Context(), 1)
			expect.MustEqual(t, "err", err, nil)
		}
		read(false, func() {})
		wants(t, "a test order that is none", w.ask(taro()), decisions.Allow, "")
		read(true, func() {})
		wants(t, "a test order that counts", w.ask(taro()), decisions.Refuse, decisions.ReasonAlreadyUsed)
		void := w.used(1, 0, taro())
		void.Use.OrderID, void.Use.Code, void.Use.VoidReason = order.ID, "SUMMER-1", "cancelled"
		void.Use.SeenAt = noon.Add(30 * time.Second)
		read(true, func() {
			_, err := w.SeeUse(t.Context(), void)
			expect.MustEqual(t, "err", err, nil)
		})
		wants(t, "cancelled while it was read", w.ask(taro()), decisions.Allow, "")
	})
}

// TestThePastIsNotDecidedAbout: an order that was placed before the protection began is a use, by which later ones are
// refused, and is never refused itself, whenever and however it comes to light.
// covers: 003-08
func TestThePastIsNotDecidedAbout(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.rulesAt = noon.Add(-50 * time.Hour)
		for prefix, source := range map[string]decisions.Source{"WINTER": decisions.FromImport, "SPRING": decisions.FromOrder} {
			w.make(strings.ToLower(prefix), prefix+"-", decisions.Medium)
			see := func(number, hours int, source decisions.Source) decisions.Decision {
				o := w.used(number, hours, taro())
				o.Use.OrderID, o.Use.Code, o.Use.Source = prefix+o.Use.OrderID, prefix+"-1", source
				d, err := w.SeeUse(t.Context(), o)
				expect.MustEqual(t, "err", err, nil, source)
				return d
			}
			expect.Equal(t, "a decision about the past", see(1, 100, source).PublicID, "", source)
			expect.Equal(t, "a decision about the past", see(2, 99, source).PublicID, "", source)
			expect.Equal(t, "a decision when it changes", see(2, 99, decisions.FromOrder).PublicID, "", source)
			wants(t, "a new order", see(3, 1, decisions.FromOrder), decisions.Refuse, decisions.ReasonAlreadyUsed)
		}
	})
}

// TestAnOrderIsJudgedByTheRulesOfItsTime: what a campaign only watched when it was placed is not acted on because it
// came to light after the campaign was enforced, and what was placed in the very second of the change is.
func TestAnOrderIsJudgedByTheRulesOfItsTime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.protect(func(p *decisions.Policy) { p.Mode = decisions.Off })
		w.rulesAt = noon.Add(-30 * time.Hour)
		w.protect(func(p *decisions.Policy) { p.Mode = decisions.Shadow })
		w.rulesAt = noon.Add(-20*time.Hour + 700*time.Millisecond)
		w.protect(func(p *decisions.Policy) { p.Mode = decisions.Enforce })
		for _, tc := range []struct {
			number, hours     int
			decided, enforced bool
		}{{1, 40, false, false}, {2, 25, true, false}, {3, 20, true, true}, {4, 2, true, true}} {
			d := w.see(tc.number, tc.hours, taro())
			expect.Equal(t, "decided", d.PublicID != "", tc.decided, tc.hours)
			expect.Equal(t, "enforced", d.Answer.Enforced, tc.enforced, tc.hours)
			again, err := w.Replay(t.Context(), d.PublicID, 0)
			expect.That(t, "it is said again", !tc.decided || err == nil && again.Same, tc.hours, err)
		}
	})
}

// TestAnOrderThatIsImportedBeforeItIsToldIsDecided: reading the past while orders come in lets none of them through.
func TestAnOrderThatIsImportedBeforeItIsToldIsDecided(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w, jobs := decide(t, db), 0
		w.store.SetEnqueueOnce(func(_ context.Context, _ *sql.Tx, list []domain.Job) error {
			jobs += len(list)
			return nil
		})
		w.see(1, 5, taro())
		imported := w.used(2, 1, taro())
		imported.Use.Source, imported.Use.SeenAt = decisions.FromImport, noon
		d, err := w.SeeUse(t.Context(), imported)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "a decision about what is imported", d.PublicID, "")
		told := learn.Sighting{ID: imported.Use.OrderID, Codes: []string{imported.Use.Code}, UpdatedAt: noon.Add(-time.Hour)}
		asks := func() int {
			before := jobs
			err := w.store.Identity.AskOnce(t.Context(), told, domain.Job{Kind: domain.JobUse, Ref: told.ID})
			expect.MustEqual(t, "err", err, nil)
			return jobs - before
		}
		expect.Equal(t, "jobs when it is told", asks(), 1)
		wants(t, "the order", w.see(2, 1, taro()), decisions.Refuse, decisions.ReasonAlreadyUsed)
		expect.Equal(t, "jobs when it is told again", asks(), 0)
	})
}

// TestAnErasureBesideANewKeyLeavesNothing: what waits for rows that are being wrapped removes what they became.
func TestAnErasureBesideANewKeyLeavesNothing(t *testing.T) {
	t.Parallel()
	w := decide(t, storetest.Postgres(t)) // SQLite has one writer at a time
	w.see(1, 5, taro())
	person, err := ring(1).Candidates(asWritten{}.Forms(taro()))
	expect.MustEqual(t, "err", err, nil)
	erased := make(chan error, 1)
	var once sync.Once
	wrap := func(d identity.Digest) (identity.Digest, error) {
		once.Do(func() {
			go func() {
				_, err := w.store.Identity.Erase(t.Context(), taro().CustomerID, person, noon)
				erased <- err
			}()
			for len(erased) == 0 && w.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
				AND wait_event_type = 'Lock'`) == 0 {
				runtime.Gosched()
			}
		})
		return ring(2).WrapTo(d, 2)
	}
	_, err = w.store.Identity.Rewrap(t.Context(), 2, 100, wrap)
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "err of the erasure", <-erased, nil)
	expect.Equal(t, "digests left", w.count(`SELECT count(*) FROM identity_digests`), 0)
}

// reading is the past, and what happens while it is read.
type reading struct {
	*past
	meanwhile func()
}

func (r reading) OrdersShown(ctx context.Context, from, to time.Time, after string) (identity.OrderPage, error) {
	page, err := r.past.OrdersShown(ctx, from, to, after)
	r.meanwhile()
	return page, err
}
