package coupons_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

var errDied = errors.New("the process is dead")

// mortal is a process's way to the world, on which it dies at one place. Places are counted in the order in which they
// are reached: one before and one after each commit and each act.
type mortal struct {
	mu      sync.Mutex
	reached int
	dieAt   int // 0: never
	loseAt  int // the act reached at this place is applied and its answer lost; the process lives on
	dead    bool
	acts    int
	inner   ports
}

// at says whether the process is alive at this place.
func (m *mortal) at() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reached++
	if m.reached == m.dieAt {
		m.dead = true
	}
	return !m.dead
}

func (m *mortal) lost() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.acts++
	return m.acts == m.loseAt
}

func pass[T any](m *mortal, outside bool, do func() (T, error)) (T, error) {
	var none T
	if !m.at() {
		return none, errDied
	}
	got, err := do()
	if !m.at() {
		return none, errDied
	}
	if outside && m.lost() {
		return none, &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "test", Act: "lost"}
	}
	return got, err
}

func (m *mortal) Open(ctx context.Context, o coupons.Opening, decide func(coupons.Intake) (coupons.Change, error)) (coupons.State, error) {
	return pass(m, false, func() (coupons.State, error) { return m.inner.Store.Open(ctx, o, decide) })
}

func (m *mortal) Load(ctx context.Context, id int64) (coupons.State, error) {
	return pass(m, false, func() (coupons.State, error) { return m.inner.Store.Load(ctx, id) })
}

func (m *mortal) Claim(ctx context.Context, id int64, now, until time.Time) (coupons.State, error) {
	return pass(m, false, func() (coupons.State, error) { return m.inner.Store.Claim(ctx, id, now, until) })
}

func (m *mortal) Commit(ctx context.Context, c coupons.Change) (coupons.State, error) {
	return pass(m, false, func() (coupons.State, error) { return m.inner.Store.Commit(ctx, c) })
}

func (m *mortal) Answer(ctx context.Context, id int64, a coupons.Answer) (coupons.Answer, error) {
	return pass(m, false, func() (coupons.Answer, error) { return m.inner.Store.Answer(ctx, id, a) })
}

func (m *mortal) FindRequest(ctx context.Context, k coupons.RequestKey) (coupons.Request, error) {
	return m.inner.Store.FindRequest(ctx, k)
}

func (m *mortal) Balance(ctx context.Context, id string) (coupons.Balance, error) {
	return m.inner.Balance(ctx, id)
}

func (m *mortal) Deduct(ctx context.Context, v domain.Movement) (coupons.Entry, error) {
	return pass(m, true, func() (coupons.Entry, error) { return m.inner.Deduct(ctx, v) })
}

func (m *mortal) Add(ctx context.Context, v domain.Movement) (coupons.Entry, error) {
	return pass(m, true, func() (coupons.Entry, error) { return m.inner.Add(ctx, v) })
}

func (m *mortal) Find(ctx context.Context, v domain.Movement) (coupons.Entry, error) {
	return pass(m, true, func() (coupons.Entry, error) { return m.inner.Find(ctx, v) })
}

func (m *mortal) CreateDiscount(ctx context.Context, d coupons.Discount) (string, error) {
	return pass(m, true, func() (string, error) { return m.inner.CreateDiscount(ctx, d) })
}

func (m *mortal) FindDiscount(ctx context.Context, code string) (coupons.FoundDiscount, error) {
	return pass(m, true, func() (coupons.FoundDiscount, error) { return m.inner.FindDiscount(ctx, code) })
}

func (m *mortal) DeleteDiscount(ctx context.Context, id string) error {
	_, err := pass(m, true, func() (struct{}, error) { return struct{}{}, m.inner.DeleteDiscount(ctx, id) })
	return err
}

// scene is what happens outside while the process lives and dies.
type scene struct {
	name string
	set  func(*world)
	// must says what must have come of it; nil means one active coupon.
	must func(*testing.T, *world)
}

func scenes() []scene {
	refused := &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Act: "create", Reason: "invalid"}
	return []scene{
		{name: "all goes well", set: func(*world) {}},
		{name: "keys are not safe to replay", set: func(w *world) { w.out.keys, w.pos.Replay = false, false }},
		{name: "H-12 Shopify refuses for good", set: func(w *world) { w.out.refuse["create"] = refused }, must: noCoupon},
		{name: "H-12 Shopify refuses and keys are not safe to replay", set: func(w *world) {
			w.out.refuse["create"] = refused
			w.out.keys, w.pos.Replay = false, false
		}, must: noCoupon},
	}
}

func noCoupon(t *testing.T, w *world) {
	t.Helper()
	for _, c := range w.db.coupons {
		if c.Status == domain.Active {
			t.Errorf("%s is active", c.Code)
		}
	}
}

// live runs one conversion in a process that is cut off at a place, then starts a new one on what is left.
func live(t *testing.T, sc scene, dieAt, loseAt int) (reached, acts int) {
	t.Helper()
	w := newWorld(t)
	sc.set(w)
	m := &mortal{dieAt: dieAt, loseAt: loseAt, inner: ports{w.db, w.out, w.out}}
	first := w.service(&ports{m, m, m})
	_, _ = first.Convert(t.Context(), conversion(500, "k1"))
	if err := first.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if dieAt == 0 {
		// The same process goes on working; the answer lost at one act is all that went wrong.
		w.rest(first)
	} else {
		m.mu.Lock()
		m.dead = true
		m.mu.Unlock()
	}
	w.rest(w.service(nil))
	w.balanced()
	if sc.must != nil {
		sc.must(t, w)
	}
	// The client that got no answer asks again with its key: still one effect.
	_, _ = w.service(nil).Convert(t.Context(), conversion(500, "k1"))
	w.rest(w.service(nil))
	w.balanced()
	if n := len(w.db.coupons); n > 1 {
		t.Errorf("one request made %d coupons", n)
	}
	return m.reached, m.acts
}

// TestCrashWalk dies at every place there is, and loses every answer there is.
func TestCrashWalk(t *testing.T) {
	t.Parallel()
	for _, sc := range scenes() {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			places, acts := live(t, sc, 0, 0)
			if places < 10 || acts < 2 {
				t.Fatalf("only %d places and %d acts were found: the walk walks past something", places, acts)
			}
			for n := 1; n <= places; n++ {
				t.Run(fmt.Sprintf("T-10 dies at place %d", n), func(t *testing.T) {
					t.Parallel()
					live(t, sc, n, 0)
				})
			}
			for n := 1; n <= acts+2; n++ {
				t.Run(fmt.Sprintf("H-14 the answer of act %d is lost", n), func(t *testing.T) {
					t.Parallel()
					live(t, sc, 0, n)
				})
				for d := 1; d <= places+4; d++ {
					t.Run(fmt.Sprintf("H-14 the answer of act %d is lost and it dies at place %d", n, d), func(t *testing.T) {
						t.Parallel()
						live(t, sc, d, n)
					})
				}
			}
		})
	}
}

// TestRacingWorkers lets two processes work on everything that a dead one left, at the same time.
func TestRacingWorkers(t *testing.T) {
	t.Parallel()
	for _, sc := range scenes() {
		places, _ := live(t, sc, 0, 0)
		for n := 1; n <= places; n++ {
			t.Run(fmt.Sprintf("%s, died at place %d", sc.name, n), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				sc.set(w)
				m := &mortal{dieAt: n, inner: ports{w.db, w.out, w.out}}
				_, _ = w.service(&ports{m, m, m}).Convert(t.Context(), conversion(500, "k1"))
				m.mu.Lock()
				m.dead = true
				m.mu.Unlock()
				a, b := w.service(nil), w.service(nil)
				for range 20 {
					w.clock.Advance(11 * time.Second)
					ids, _ := w.db.Stuck(t.Context(), w.clock.Now(), 10)
					var wg sync.WaitGroup
					for _, s := range []*coupons.Service{a, b, a, b} {
						for _, id := range ids {
							wg.Go(func() { _ = s.Advance(t.Context(), id) })
						}
					}
					wg.Wait()
				}
				w.rest(a)
				w.balanced()
				if sc.must != nil {
					sc.must(t, w)
				}
			})
		}
	}
}
