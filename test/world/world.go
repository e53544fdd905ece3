package world

import (
	"context"
	"crypto/rand"
	"database/sql"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/app"
	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/listing"
	"pointbridge/domain/members"
	"pointbridge/domain/metafields"
	"pointbridge/domain/orders"
	"pointbridge/integrations/metrics"
	"pointbridge/integrations/pos/generic"
	"pointbridge/integrations/shopify"
	"pointbridge/integrations/sim"
	simpos "pointbridge/integrations/sim/pos"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
)

// World is the harness in which the service runs in this process, beside the simulated outside: put together from its
// parts by a clock that the test moves, so that processes are mortal, or whole, as App.
type World struct {
	*Outside
	Clock   *couponstest.Clock
	Ledger  *generic.Client
	Admin   *shopify.Client
	Policy  coupons.Policy
	Figures *metrics.Metrics
	Mu      sync.Mutex
	Jobs    []domain.Job
	// Behind is how far the shop's clock is behind ours.
	Behind time.Duration
	// Taken tells, of another POS than the simulated one, whether a code's points are taken from its member.
	Taken func(member, code string) bool
	// App is the whole service without its queue, which goes by the machine's clock; nil where the test moves the clock.
	App *app.App
}

// New is a world whose clock the test moves. A POS without safe keys applies what is sent twice twice.
func New(t *testing.T, db storetest.Database, safeKeys bool) *World {
	t.Helper()
	w := parts(t, db, safeKeys)
	w.Shopify.OnDiscountChange(w.NeverFree)
	return w
}

func parts(t *testing.T, db storetest.Database, safeKeys bool) *World {
	t.Helper()
	w := &World{Clock: couponstest.NewClock(), Figures: metrics.New()}
	w.Outside = outside(t, db, w.Clock.Now, w.Enqueue, nil, func(pos *simpos.Config, shop *simshopify.Config) {
		pos.IgnoreKeys, pos.IgnoreReferences = !safeKeys, !safeKeys
		shop.Clock, shop.BulkDelay = func() time.Time { return w.Clock.Now().Add(-w.Behind) }, bulkDelay
	})
	w.Connect(Patience, Client(), safeKeys)
	w.Policy = coupons.Policy{Acts: couponstest.Acts(), Rate: domain.MustRate("1"), Currency: "JPY", Unit: 100,
		Minimum: 100, DailyLimit: 10_000, Location: time.UTC, Validity: 365 * 24 * time.Hour,
		Retention: 30 * 24 * time.Hour}
	return w
}

// Connect makes the clients of the POS and the shop, which wait this long for an answer.
func (w *World) Connect(timeout time.Duration, client *http.Client, safeKeys bool) {
	w.T.Helper()
	var err error
	if w.Ledger, err = generic.New(generic.Config{URL: w.URL + demo.PosPath, Token: w.Creds.POSToken, Timeout: timeout,
		Replay: safeKeys, Lookup: coupons.LookupExact}, client); err != nil {
		w.T.Fatal(err)
	}
	if w.Admin, err = shopify.New(shopify.Config{Shop: demo.DemoShop, APIURL: w.URL, APIVersion: demo.DemoAPIVersion,
		AccessToken: w.Creds.AccessToken, MetafieldNamespace: "$app", MetafieldKey: "coupons", Timeout: timeout,
		Logger: slog.New(slog.DiscardHandler)}, client); err != nil {
		w.T.Fatal(err)
	}
}

// Enqueue keeps the jobs that are committed with the states.
func (w *World) Enqueue(_ context.Context, _ *sql.Tx, jobs []domain.Job) error {
	w.Mu.Lock()
	defer w.Mu.Unlock()
	w.Jobs = append(w.Jobs, jobs...)
	return nil
}

// NeverFree is asked before anybody can see a change in the store: no code becomes usable before its points are taken.
// covers: T-10
func (w *World) NeverFree(c simshopify.Change) {
	if !c.Usable {
		return
	}
	code := c.Discount.Title[strings.LastIndex(c.Discount.Title, " ")+1:] // what it was made as, whatever it is called by now
	if w.Taken != nil {
		if !w.Taken(boundMember(w.T, c.Discount.CustomerIDs), code) {
			w.T.Errorf("%s becomes usable before its points are taken", c.Discount.Code)
		}
		return
	}
	for _, e := range w.POS.Entries(boundMember(w.T, c.Discount.CustomerIDs)) {
		if e.Reference == "COUPON-"+code {
			return
		}
	}
	if st, err := w.Store.Coupons.ByCode(w.T.Context(), code); err == nil && st.Coupon.ReissuedFrom != "" {
		return // its points were taken for the first code of its chain
	}
	if st, err := w.Store.Coupons.ByCode(w.T.Context(), c.Discount.Code); err == nil && st.Coupon.Free() {
		return // it costs nothing
	}
	w.T.Errorf("%s becomes usable before its points are taken", c.Discount.Code)
}

// boundMember is the member to whom the one customer of a code belongs.
func boundMember(t *testing.T, customers []string) string {
	n, err := strconv.Atoi(strings.TrimPrefix(strings.Join(customers, " "), "gid://shopify/Customer/"))
	if err != nil {
		t.Errorf("a code is bound to %v", customers)
	}
	return strconv.Itoa(8_812_300_000 + n)
}

func (w *World) Count(code, prefix string) (n int) {
	for _, e := range w.POS.AllEntries() {
		if e.Reference == prefix+code {
			n++
		}
	}
	return n
}

// Member makes somebody new with 1,250 points, so that one database serves the whole walk.
func (w *World) Member() string {
	w.Members++
	id := strconv.Itoa(8_812_300_000 + w.Members)
	gid := "gid://shopify/Customer/" + strconv.Itoa(w.Members)
	w.POS.AddCustomer(id, "Member", 1250)
	if _, err := w.Shopify.AddCustomer(gid, "m@example.com", "Member", "ja"); err != nil {
		w.T.Fatal(err)
	}
	now := w.Clock.Now()
	if _, _, err := w.Store.Members.SaveCustomer(w.T.Context(), domain.Customer{ID: id, ShopifyCustomerGID: gid,
		CreatedAt: now, UpdatedAt: now},
		domain.AuditEntry{At: now, Actor: "test", Action: "customer.linked", Outcome: domain.OutcomeDone}); err != nil {
		w.T.Fatal(err)
	}
	return id
}

func (w *World) Service(p couponstest.Ports) *coupons.Service {
	return &coupons.Service{Store: p.Store, Catalogue: w.Store.Coupons, Backlog: w.Store.Backlog, Members: w.Store.Members,
		Campaigns: w.Store.Campaigns, Attempts: w.attempts(), Ledger: p.Ledger, POS: w.Ledger.Capabilities(), Shop: p.Shop, Clock: w.Clock,
		Random: rand.Reader, Policy: w.Policy, Observer: w.Figures, Timing: coupons.Timing{Wait: 8 * time.Second,
			Lease: 30 * time.Second, Settle: 30 * time.Second},
		Logger: slog.New(slog.DiscardHandler)}
}

// attempts keeps count of what is refused.
func (w *World) attempts() *members.Service {
	return &members.Service{Members: w.Store.Members, Locks: w.Store.Members, Clock: w.Clock, Observer: w.Figures,
		Logger: slog.New(slog.DiscardHandler)}
}

// Orders works on orders through the process of s.
func (w *World) Orders(s *coupons.Service) *orders.Service {
	return couponstest.Orders(s, w.Store.Coupons, w.Store.Backlog)
}

// Metafields writes what the shop shows through the process of s.
func (w *World) Metafields(s *coupons.Service) *metafields.Service {
	return &metafields.Service{Projections: w.Store.Metafields, Fields: w.Admin, Clock: s.Clock, Observer: s.Observer,
		Logger: slog.New(slog.DiscardHandler)}
}

func (w *World) Whole() couponstest.Ports {
	return couponstest.Ports{Store: w.Store.Coupons, Ledger: w.Ledger, Shop: w.Admin}
}

// Rest lets a living process find and finish everything.
func (w *World) Rest(s *coupons.Service) {
	w.T.Helper()
	for round := range 30 {
		w.Clock.Advance(11 * time.Second)
		ids, err := w.Store.Backlog.Stuck(w.T.Context(), w.Clock.Now(), 100)
		if err != nil {
			w.T.Fatal(err)
		}
		if len(ids) == 0 && round > 6 {
			break
		}
		for _, id := range ids {
			_ = s.Advance(w.T.Context(), id)
		}
	}
	w.Synced(s)
}

// Balanced checks one member's books: points taken are points in coupons plus points given back.
func (w *World) Balanced(member string) (states []domain.Status) {
	w.T.Helper()
	list, err := w.Store.Listing.List(w.T.Context(), listing.Filter{CustomerID: member, Limit: 100})
	if err != nil {
		w.T.Fatal(err)
	}
	held := int64(0)
	for _, c := range list {
		states = append(states, c.Status)
		takes, backs, usable := w.Count(c.Code, "COUPON-"), w.Count(c.Code, "CANCEL-"), w.Shopify.Usable(c.Code)
		switch {
		case c.Status == domain.Active && takes == 1 && backs == 0 && usable:
			held += c.Points
		case c.Status == domain.Failed && takes == backs && takes <= 1 && !usable:
		default:
			w.T.Errorf("%s %s: taken %d, given back %d, usable %v", c.Status, c.Code, takes, backs, usable)
		}
	}
	if balance, _ := w.POS.Balance(member); balance+held != 1250 {
		w.T.Errorf("balance %d and coupons worth %d do not make 1250", balance, held)
	}
	return states
}

// Walk runs one conversion that is cut off, then a new process on what it left.
func (w *World) Walk(dieAt, loseAt int, refused bool) (places, acts int) {
	w.T.Helper()
	w.Faults.Clear()
	if refused {
		w.Faults.Add(sim.Rule{Act: "shopify.discountCodeBasicCreate", Mode: sim.Refuse, Reason: "INVALID", Count: -1})
	}
	member := w.Member()
	c := coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member, Points: 500, Key: "k-" + member}
	m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: w.Whole()}
	first := w.Service(m.Ports())
	_, _ = first.Convert(w.T.Context(), c)
	if err := first.Drain(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	m.Kill()
	second := w.Service(w.Whole())
	w.Rest(second)
	_, _ = second.Convert(w.T.Context(), c)
	w.Rest(second)
	states := w.Balanced(member)
	if len(states) > 1 || (refused && len(states) == 1 && states[0] != domain.Failed) {
		w.T.Errorf("one request ended in %v", states)
	}
	return m.Walked()
}

// On makes the world report to a subtest.
func (w *World) On(t *testing.T) *World {
	w.T = t
	return w
}
