package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
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

// TestThePastIsNotDecidedAbout: an order that was imported is heard of again whenever something of it changes, and is
// not judged by rules that came after it.
func TestThePastIsNotDecidedAbout(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		for n := range 2 {
			o := w.used(n, 100-n, taro())
			o.Use.Source = decisions.FromImport
			_, err := w.SeeUse(t.Context(), o)
			expect.MustEqual(t, "err", err, nil)
		}
		expect.Equal(t, "a decision about the past", w.see(1, 99, taro()).PublicID, "")
		wants(t, "a new order", w.see(2, 1, taro()), decisions.Refuse, decisions.ReasonAlreadyUsed)
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
			for w.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
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
