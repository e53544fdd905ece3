package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/notices"
	"pointbridge/integrations/store/storetest"
)

// endWorld is a world in which coupons end: with a mailbox, and with a watch on every credit.
type endWorld struct {
	*walkWorld
	post *postBox

	watch   sync.Mutex
	issue   map[string]bool // codes that ended up active
	asked   map[string]bool // codes of which was asked, when they were dead, whether an order holds them
	told    map[string]bool // codes whose order the service has heard of
	deleted map[string]bool // codes that somebody removed in the store by hand
}

func newEndWorld(t *testing.T, db storetest.Database, safeKeys bool) *endWorld {
	t.Helper()
	return &endWorld{walkWorld: newWalkWorld(t, db, safeKeys), post: &postBox{cancelled: map[string]int{}}, issue: map[string]bool{}, asked: map[string]bool{},
		told: map[string]bool{}, deleted: map[string]bool{}}
}

// onEnd makes the world report to a subtest.
func (w *endWorld) onEnd(t *testing.T) *endWorld {
	w.on(t)
	return w
}

// postBox counts the mails that tell of a cancellation, by code.
type postBox struct {
	mu        sync.Mutex
	cancelled map[string]int
}

// Send implements notices.Mailer.
func (p *postBox) Send(_ context.Context, m notices.Mail) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.Kind == domain.MailCancelled {
		p.cancelled[m.Code]++
	}
	return nil
}

func (p *postBox) count(code string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cancelled[code]
}

// watchedLedger looks at the store before each credit: no points return while their code can be spent, nor before the store
// was asked for an order, nor after one has come to light.
type watchedLedger struct {
	coupons.Ledger
	w *endWorld
}

// Add implements coupons.Ledger.
// covers: 004-25, T-02, T-11
func (l watchedLedger) Add(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	code := strings.TrimPrefix(m.Reference, domain.GiveBackReference(""))
	if l.w.shop.Usable(code) {
		l.w.t.Errorf("points of %s return while its code is usable", code)
	}
	l.w.watch.Lock()
	told, unasked := l.w.told[code], l.w.issue[code] && !l.w.asked[code]
	l.w.watch.Unlock()
	if told || unasked {
		l.w.t.Errorf("points of %s return: its order had come to light %v, nobody had asked for one %v", code, told, unasked)
	}
	return l.Ledger.Add(ctx, m)
}

// watchedShop remembers of which codes was asked, and with what answer, without trusting what the service makes of it.
type watchedShop struct {
	coupons.Shop
	w *endWorld
}

// Usage implements coupons.Shop.
func (s watchedShop) Usage(ctx context.Context, q coupons.UsageQuery) (coupons.Usage, error) {
	dead, ordered := !s.w.shop.Usable(q.Code), s.w.ordered(q.Code)
	got, err := s.Shop.Usage(ctx, q)
	if err == nil {
		s.w.watch.Lock()
		defer s.w.watch.Unlock()
		s.w.asked[q.Code] = s.w.asked[q.Code] || dead
		s.w.told[q.Code] = s.w.told[q.Code] || ordered
	}
	return got, err
}

// ordered tells whether the store has an order with the code.
func (w *endWorld) ordered(code string) bool {
	for _, o := range w.shop.Orders() {
		if slices.Contains(o.DiscountCodes, code) {
			return true
		}
	}
	return false
}

// eagerClock moves by itself when a flow waits between two steps; how long a request waits for its answer stays a matter of
// the test.
type eagerClock struct{ *couponstest.Clock }

// After implements domain.Clock.
func (c eagerClock) After(d time.Duration) <-chan time.Time {
	due := c.Clock.After(d)
	if d != answerWait {
		c.Advance(d)
	}
	return due
}

const answerWait = 8 * time.Second

func (w *endWorld) watched() couponstest.Ports {
	p := w.whole()
	p.Ledger, p.Shop = watchedLedger{p.Ledger, w}, watchedShop{p.Shop, w}
	return p
}

// process is one that runs the endings.
func (w *endWorld) process(p couponstest.Ports) *coupons.Service {
	s := w.service(p)
	s.Clock, s.Timing.Wait, s.Timing.Grace = eagerClock{w.clock}, answerWait, 10*time.Second
	return s
}

// notices sends mails through the process of s.
func (w *endWorld) notices(s *coupons.Service) *notices.Service {
	return &notices.Service{Coupons: s.Store, Members: w.db.Members, Till: s.Ledger, Mailer: w.post, Clock: s.Clock, Observer: s.Observer,
		ApplyURL: "https://shop.example/discount/"}
}

// issued makes a member with an address and one coupon of 500 points that has been told of.
func (w *endWorld) issued() (member, code string) {
	w.t.Helper()
	member = w.addressed()
	s := w.process(w.watched())
	got, err := s.Convert(w.t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member, Points: 500, Key: "k-" + member})
	if err != nil || !got.Done {
		w.t.Fatalf("%+v, %v", got, err)
	}
	w.settle(s)
	w.watch.Lock()
	defer w.watch.Unlock()
	w.issue[got.Coupon.Code] = true
	return member, got.Coupon.Code
}

func (w *endWorld) addressed() string {
	w.t.Helper()
	member := w.member()
	now := w.clock.Now()
	c := domain.Customer{ID: member, ShopifyCustomerGID: w.gid(), Email: member + "@example.com", CreatedAt: now, UpdatedAt: now}
	if _, _, err := w.db.Members.SaveCustomer(w.t.Context(), c, domain.AuditEntry{At: now, Actor: "test", Action: "customer.updated", Outcome: domain.OutcomeDone}); err != nil {
		w.t.Fatal(err)
	}
	return member
}

// gid is the store's customer of the last member.
func (w *endWorld) gid() string { return fmt.Sprintf("gid://shopify/Customer/%d", w.members) }

// settle lets a living process find and finish everything.
func (w *endWorld) settle(s *coupons.Service) {
	w.t.Helper()
	for range 60 {
		if err := s.Drain(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		w.clock.Advance(11 * time.Second)
		ids, err := w.db.Stuck(w.t.Context(), w.clock.Now(), 100)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, id := range ids {
			if err := s.Advance(w.t.Context(), id); err != nil {
				w.t.Log(err)
			}
		}
		worked := w.workOff(s)
		waiting, err := w.db.Gauges(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if len(ids) == 0 && !worked && waiting["on_the_way"] == 0 {
			return
		}
	}
	w.t.Error("the world does not come to rest")
}

// workOff does the jobs that were committed with the states; those that move a coupon on are found by the sweep.
func (w *endWorld) workOff(s *coupons.Service) (worked bool) {
	w.mu.Lock()
	jobs := w.jobs
	w.jobs = nil
	w.mu.Unlock()
	for _, j := range jobs {
		var err error
		switch j.Kind {
		case domain.JobMetafield:
			err = w.metafields(s).SyncMetafield(w.t.Context(), j.CustomerID)
		case domain.JobMail:
			err = w.notices(s).SendMail(w.t.Context(), j.CouponID, j.Mail, j.Step)
		default:
			continue
		}
		worked = true
		if err != nil {
			w.mu.Lock()
			w.jobs = append(w.jobs, j)
			w.mu.Unlock()
		}
	}
	return worked
}

// shown is the status under which the customer's metafield lists a code; "" when it does not.
func (w *endWorld) shown(gid, code string) string {
	m, _ := w.shop.Metafield(gid, "$app", "coupons")
	var list []struct {
		Code   string `json:"code"`
		Status string `json:"status"`
	}
	_ = json.Unmarshal([]byte(m.Value), &list)
	for _, c := range list {
		if c.Code == code {
			return c.Status
		}
	}
	return ""
}
