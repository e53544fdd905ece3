package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/listing"
	"pointbridge/domain/members"
	"pointbridge/domain/metafields"
	"pointbridge/integrations/metrics"
	"pointbridge/integrations/pos"
	"pointbridge/integrations/shopify"
	"pointbridge/integrations/sim"
	simpos "pointbridge/integrations/sim/pos"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
)

// walkWorld is a real database, the real clients, and the simulated outside; only the process that stands between them is
// mortal, and only the clock is not the machine's.
type walkWorld struct {
	t       *testing.T
	clock   *couponstest.Clock
	faults  *sim.Faults
	till    *simpos.Server
	shop    *simshopify.Server
	db      *store.Store
	ledger  *pos.Client
	admin   *shopify.Client
	policy  coupons.Policy
	figures *metrics.Metrics
	mu      sync.Mutex
	jobs    []domain.Job
	members int
	// behind is how far the shop's clock is behind ours.
	behind time.Duration
}

func newWalkWorld(t *testing.T, db storetest.Database, safeKeys bool) *walkWorld {
	t.Helper()
	w := &walkWorld{t: t, clock: couponstest.NewClock(), faults: &sim.Faults{}, figures: metrics.New()}
	w.db = db.Open(t, w.clock.Now, func(_ context.Context, _ *sql.Tx, jobs []domain.Job) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.jobs = append(w.jobs, jobs...)
		return nil
	})
	var err error
	if w.till, err = simpos.New(simpos.Config{Token: "till", Clock: w.clock.Now, Faults: w.faults, IgnoreKeys: !safeKeys, IgnoreReferences: !safeKeys}); err != nil {
		t.Fatal(err)
	}
	if w.shop, err = simshopify.New(simshopify.Config{Shop: demoShop, APIVersion: demoAPIVersion, AccessToken: "shop", Currency: "JPY",
		Clock: func() time.Time { return w.clock.Now().Add(-w.behind) }, Faults: w.faults, Bucket: simshopify.Bucket{Maximum: 1e9, RestoreRate: 1e9, SingleQuery: 1000}}); err != nil {
		t.Fatal(err)
	}
	w.ledger, err = pos.New(pos.Config{URL: w.serve(w.till), Token: "till", Timeout: 5 * time.Second, Replay: safeKeys, Lookup: true}, httpClient())
	if err != nil {
		t.Fatal(err)
	}
	w.admin, err = shopify.New(shopify.Config{Shop: demoShop, APIURL: w.serve(w.shop), APIVersion: demoAPIVersion, AccessToken: "shop",
		MetafieldNamespace: "$app", MetafieldKey: "coupons", Timeout: 5 * time.Second, Logger: slog.New(slog.DiscardHandler)}, httpClient())
	if err != nil {
		t.Fatal(err)
	}
	w.policy = coupons.Policy{Acts: couponstest.Acts(), Rate: domain.MustRate("1"), Currency: "JPY", Unit: 100, Minimum: 100, DailyLimit: 10_000, Location: time.UTC,
		Validity: 365 * 24 * time.Hour, Retention: 30 * 24 * time.Hour}
	w.shop.OnDiscountChange(w.neverFree)
	return w
}

func (w *walkWorld) serve(h http.Handler) string {
	s := httptest.NewServer(h)
	w.t.Cleanup(s.Close)
	return s.URL
}

// neverFree is asked before anybody can see a change in the store: no code becomes usable before its points are taken.
// covers: T-10
func (w *walkWorld) neverFree(c simshopify.Change) {
	if !c.Usable {
		return
	}
	code := strings.TrimPrefix(c.Discount.Title, "Points ") // what it was made as, whatever it is called by now
	for _, e := range w.till.Entries(boundMember(w.t, c.Discount.CustomerIDs)) {
		if e.Reference == "COUPON-"+code {
			return
		}
	}
	if st, err := w.db.ByCode(w.t.Context(), code); err == nil && st.Coupon.ReissuedFrom != "" {
		return // its points were taken for the first code of its chain
	}
	w.t.Errorf("%s becomes usable before its points are taken", c.Discount.Code)
}

// boundMember is the member to whom the one customer of a code belongs.
func boundMember(t *testing.T, customers []string) string {
	n, err := strconv.Atoi(strings.TrimPrefix(strings.Join(customers, " "), "gid://shopify/Customer/"))
	if err != nil {
		t.Errorf("a code is bound to %v", customers)
	}
	return strconv.Itoa(8_812_300_000 + n)
}

func (w *walkWorld) count(code, prefix string) (n int) {
	for _, e := range w.till.AllEntries() {
		if e.Reference == prefix+code {
			n++
		}
	}
	return n
}

// member makes somebody new with 1,250 points, so that one database serves the whole walk.
func (w *walkWorld) member() string {
	w.members++
	id := strconv.Itoa(8_812_300_000 + w.members)
	gid := "gid://shopify/Customer/" + strconv.Itoa(w.members)
	w.till.AddCustomer(id, "Member", 1250)
	if _, err := w.shop.AddCustomer(gid, "m@example.com", "Member", "ja"); err != nil {
		w.t.Fatal(err)
	}
	now := w.clock.Now()
	if _, _, err := w.db.Members.SaveCustomer(w.t.Context(), domain.Customer{ID: id, ShopifyCustomerGID: gid, CreatedAt: now, UpdatedAt: now},
		domain.AuditEntry{At: now, Actor: "test", Action: "customer.linked", Outcome: domain.OutcomeDone}); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *walkWorld) service(p couponstest.Ports) *coupons.Service {
	return &coupons.Service{Store: p.Store, Catalogue: w.db, Backlog: w.db, Members: w.db.Members, Attempts: w.attempts(), Ledger: p.Ledger, POS: w.ledger.Capabilities(),
		Shop: p.Shop, Clock: w.clock, Random: rand.Reader, Policy: w.policy, Observer: w.figures,
		Timing: coupons.Timing{Wait: 8 * time.Second, Lease: 30 * time.Second, Settle: 30 * time.Second},
		Logger: slog.New(slog.DiscardHandler)}
}

// attempts keeps count of what is refused.
func (w *walkWorld) attempts() *members.Service {
	return &members.Service{Members: w.db.Members, Locks: w.db.Members, Clock: w.clock, Observer: w.figures, Logger: slog.New(slog.DiscardHandler)}
}

// metafields writes what the shop shows through the process of s.
func (w *walkWorld) metafields(s *coupons.Service) *metafields.Service {
	return &metafields.Service{Projections: w.db.Metafields, Fields: w.admin, Clock: s.Clock, Observer: s.Observer}
}

func (w *walkWorld) whole() couponstest.Ports {
	return couponstest.Ports{Store: w.db, Ledger: w.ledger, Shop: w.admin}
}

// rest lets a living process find and finish everything.
func (w *walkWorld) rest(s *coupons.Service) {
	w.t.Helper()
	for round := range 30 {
		w.clock.Advance(11 * time.Second)
		ids, err := w.db.Stuck(w.t.Context(), w.clock.Now(), 100)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(ids) == 0 && round > 6 {
			break
		}
		for _, id := range ids {
			_ = s.Advance(w.t.Context(), id)
		}
	}
	w.mu.Lock()
	jobs := w.jobs
	w.jobs = nil
	w.mu.Unlock()
	for _, j := range jobs {
		if j.Kind == domain.JobMetafield {
			if err := w.metafields(s).SyncMetafield(w.t.Context(), j.CustomerID); err != nil {
				w.t.Error(err)
			}
		}
	}
}

// balanced checks one member's books: points taken are points in coupons plus points given back.
func (w *walkWorld) balanced(member string) (states []domain.Status) {
	w.t.Helper()
	list, err := w.db.Listing.List(w.t.Context(), listing.Filter{CustomerID: member, Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	held := int64(0)
	for _, c := range list {
		states = append(states, c.Status)
		takes, backs, usable := w.count(c.Code, "COUPON-"), w.count(c.Code, "CANCEL-"), w.shop.Usable(c.Code)
		switch {
		case c.Status == domain.Active && takes == 1 && backs == 0 && usable:
			held += c.Points
		case c.Status == domain.Failed && takes == backs && takes <= 1 && !usable:
		default:
			w.t.Errorf("%s %s: taken %d, given back %d, usable %v", c.Status, c.Code, takes, backs, usable)
		}
	}
	if balance, _ := w.till.Balance(member); balance+held != 1250 {
		w.t.Errorf("balance %d and coupons worth %d do not make 1250", balance, held)
	}
	return states
}

// walk runs one conversion that is cut off, then a new process on what it left.
func (w *walkWorld) walk(dieAt, loseAt int, refused bool) (places, acts int) {
	w.t.Helper()
	w.faults.Clear()
	if refused {
		w.faults.Add(sim.Rule{Act: "shopify.discountCodeBasicCreate", Mode: sim.Refuse, Reason: "INVALID", Count: -1})
	}
	member := w.member()
	c := coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member, Points: 500, Key: "k-" + member}
	m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: w.whole()}
	first := w.service(m.Ports())
	_, _ = first.Convert(w.t.Context(), c)
	if err := first.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	m.Kill()
	second := w.service(w.whole())
	w.rest(second)
	_, _ = second.Convert(w.t.Context(), c)
	w.rest(second)
	states := w.balanced(member)
	if len(states) > 1 || (refused && len(states) == 1 && states[0] != domain.Failed) {
		w.t.Errorf("one request ended in %v", states)
	}
	return m.Walked()
}

// TestCrashWalkForReal dies at every commit and act there is, on both databases, against the simulators over HTTP.
// covers: H-12, H-13, H-14, T-10
func TestCrashWalkForReal(t *testing.T) {
	t.Parallel()
	for _, sc := range []struct {
		name              string
		safeKeys, refused bool
	}{
		{"all goes well", true, false},
		{"keys are not safe to replay", false, false},
		{"Shopify refuses for good", true, true},
		{"Shopify refuses, keys not safe", false, true},
	} {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newWalkWorld(t, db, sc.safeKeys)
				places, acts := w.walk(0, 0, sc.refused)
				if places < 10 || acts < 2 {
					t.Fatalf("only %d places and %d acts were found", places, acts)
				}
				for n := 1; n <= places; n++ {
					t.Run(fmt.Sprintf("dies at place %d", n), func(t *testing.T) { w.on(t).walk(n, 0, sc.refused) })
				}
				for n := 1; n <= acts; n++ {
					t.Run(fmt.Sprintf("the answer of act %d is lost", n), func(t *testing.T) { w.on(t).walk(0, n, sc.refused) })
				}
				w.on(t).recordAgrees()
			})
		})
	}
}

// on makes the world report to a subtest.
func (w *walkWorld) on(t *testing.T) *walkWorld {
	w.t = t
	return w
}

// TestAnswersLostByTheOutside lets the simulators themselves lose answers, break them, fail and throttle: what the clients
// make of it must be what the saga needs.
// covers: H-13, H-14
func TestAnswersLostByTheOutside(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		for _, safeKeys := range []bool{true, false} {
			w := newWalkWorld(t, db, safeKeys)
			w.members = map[bool]int{true: 1000, false: 2000}[safeKeys]
			for _, act := range []string{"pos.deduct", "shopify.discountCodeBasicCreate"} {
				for _, mode := range []sim.Mode{sim.LoseAnswer, sim.DropBefore, sim.BrokenAnswer, sim.Internal, sim.InternalAfter, sim.Throttle} {
					t.Run(fmt.Sprintf("%s %s, keys safe %v", act, mode, safeKeys), func(t *testing.T) {
						w := w.on(t)
						w.faults.Clear()
						w.faults.Add(sim.Rule{Act: act, Mode: mode, RetryAfter: "1"})
						member := w.member()
						s := w.service(w.whole())
						_, err := s.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member, Points: 500, Key: "k-" + member})
						if err != nil {
							t.Fatalf("a passing fault was told as %v", err)
						}
						w.rest(s)
						if states := w.balanced(member); len(states) != 1 || states[0] != domain.Active {
							t.Fatalf("ended as %v", states)
						}
					})
				}
			}
		}
	})
}

// TestTwoReplicas lets two processes convert for one customer at once, with points for three.
func TestTwoReplicas(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWalkWorld(t, db, true)
		member := w.member()
		w.till.SellAtTill(member, 250) // 1,500 points: three times 500
		replicas := []*coupons.Service{w.service(w.whole()), w.service(w.whole())}
		stop := make(chan struct{})
		var moving sync.WaitGroup
		moving.Go(func() { // the clock has to move for those who wait for another replica
			for {
				select {
				case <-stop:
					return
				default:
					w.clock.Advance(5 * time.Microsecond)
				}
			}
		})
		var done sync.Map
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				got, err := replicas[i%2].Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member, Points: 500, Key: strconv.Itoa(i)})
				if err == nil && got.Done {
					done.Store(got.Coupon.Code, true)
				}
			})
		}
		wg.Wait()
		close(stop)
		moving.Wait()
		w.rest(replicas[0])
		balance, _ := w.till.Balance(member)
		if n := len(w.shop.Discounts()); n != 3 || balance != 0 {
			t.Fatalf("100 at once with points for 3: %d codes, balance %d", n, balance)
		}
	})
}
