package world

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
	"pointbridge/domain/orders"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// Endings is a world in which coupons end: with a mailbox, and with a watch on every credit.
type Endings struct {
	*World
	Post *PostBox

	Watch   sync.Mutex
	issue   map[string]bool // codes that ended up active
	asked   map[string]bool // codes of which was asked, when they were deactivated, whether an order holds them
	told    map[string]bool // codes whose order the service has heard of
	Deleted map[string]bool // codes that somebody removed in the store by hand
}

func NewEndings(t *testing.T, db storetest.Database, safeKeys bool) *Endings {
	t.Helper()
	return &Endings{World: New(t, db, safeKeys), Post: &PostBox{Cancelled: map[string]int{}},
		issue: map[string]bool{}, asked: map[string]bool{}, told: map[string]bool{}, Deleted: map[string]bool{}}
}

// OnEnd makes the world report to a subtest.
func (w *Endings) OnEnd(t *testing.T) *Endings {
	w.On(t)
	return w
}

// PostBox counts the mails that tell of a cancellation, by code.
type PostBox struct {
	mu        sync.Mutex
	Cancelled map[string]int
}

// Send implements notices.Mailer.
func (p *PostBox) Send(_ context.Context, m notices.Mail) (notices.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.Kind == domain.MailCancelled {
		p.Cancelled[m.Code]++
	}
	return notices.Receipt{}, nil
}

func (p *PostBox) Count(code string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.Cancelled[code]
}

// WatchedLedger looks at the store before each credit: no points return while their code can be spent, nor before the
// store was asked for an order, nor after one has come to light.
type WatchedLedger struct {
	coupons.Ledger
	W *Endings
}

// Add implements coupons.Ledger.
// covers: 004-25, T-02, T-11
func (l WatchedLedger) Add(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	code := strings.TrimPrefix(m.Reference, domain.GiveBackReference(""))
	if l.W.Shopify.Usable(code) {
		l.W.T.Errorf("points of %s return while its code is usable", code)
	}
	l.W.Watch.Lock()
	told, unasked := l.W.told[code], l.W.issue[code] && !l.W.asked[code]
	l.W.Watch.Unlock()
	if told || unasked {
		l.W.T.Errorf("points of %s return: its order had come to light %v, nobody had asked for one %v", code, told,
			unasked)
	}
	return l.Ledger.Add(ctx, m)
}

// watchedShop remembers of which codes was asked, and with what answer, without trusting what the service makes of it.
type watchedShop struct {
	couponstest.Shop
	w *Endings
}

// Usage implements coupons.Shop.
func (s watchedShop) Usage(ctx context.Context, q orders.UsageQuery) (orders.Usage, error) {
	dead, ordered := !s.w.Shopify.Usable(q.Code), s.w.ordered(q.Code)
	got, err := s.Shop.Usage(ctx, q)
	if err == nil {
		s.w.Watch.Lock()
		defer s.w.Watch.Unlock()
		s.w.asked[q.Code] = s.w.asked[q.Code] || dead
		s.w.told[q.Code] = s.w.told[q.Code] || ordered
	}
	return got, err
}

// ordered reports whether the store has an order with the code.
func (w *Endings) ordered(code string) bool {
	for _, o := range w.Shopify.Orders() {
		if slices.Contains(o.DiscountCodes, code) {
			return true
		}
	}
	return false
}

// eagerClock moves by itself when a flow waits between two steps; how long a request waits for its answer stays a
// matter of the test.
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

func (w *Endings) Watched() couponstest.Ports {
	p := w.Whole()
	p.Ledger, p.Shop = WatchedLedger{p.Ledger, w}, watchedShop{p.Shop, w}
	return p
}

// Process is one that runs the endings.
func (w *Endings) Process(p couponstest.Ports) *coupons.Service {
	s := w.Service(p)
	s.Clock, s.Timing.Wait, s.Timing.Grace = eagerClock{w.Clock}, answerWait, 10*time.Second
	return s
}

// Notices sends mails through the process of s.
func (w *Endings) Notices(s *coupons.Service) *notices.Service {
	return &notices.Service{Coupons: s.Store, Members: w.Store.Members, POS: s.Ledger, Mailer: w.Post, Log: w.Store.Mails, Logger: s.Logger, Clock: s.Clock,
		Observer: s.Observer,
		ApplyURL: "https://shop.example/discount/"}
}

// Issued makes a member with an address and one coupon of 500 points that has been told of.
func (w *Endings) Issued() (member, code string) {
	w.T.Helper()
	member = w.Addressed()
	s := w.Process(w.Watched())
	got, err := s.Convert(w.T.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member,
		Points: 500, Key: "k-" + member})
	expect.MustEqual(w.T, "err", err, nil)
	expect.MustEqual(w.T, "got.Done", got.Done, true)
	w.FinishAll(s)
	w.Watch.Lock()
	defer w.Watch.Unlock()
	w.issue[got.Coupon.Code] = true
	return member, got.Coupon.Code
}

func (w *Endings) Addressed() string {
	w.T.Helper()
	member := w.Member()
	now := w.Clock.Now()
	c := domain.Customer{ID: member, ShopifyCustomerGID: w.GID(), Email: member + "@example.com", CreatedAt: now,
		UpdatedAt: now}
	if _, _, err := w.Store.Members.SaveCustomer(w.T.Context(), c, domain.AuditEntry{At: now, Actor: "test",
		Action: "customer.updated", Outcome: domain.OutcomeDone}); err != nil {
		w.T.Fatal(err)
	}
	return member
}

// GID is the store's customer of the last member.
func (w *Endings) GID() string { return fmt.Sprintf("gid://shopify/Customer/%d", w.Members) }

// FinishAll lets a living process find and finish everything.
func (w *Endings) FinishAll(s *coupons.Service) {
	w.T.Helper()
	for range 60 {
		if err := s.Drain(w.T.Context()); err != nil {
			w.T.Fatal(err)
		}
		w.Clock.Advance(11 * time.Second)
		ids, err := w.Store.Backlog.Stuck(w.T.Context(), w.Clock.Now(), 100)
		if err != nil {
			w.T.Fatal(err)
		}
		for _, id := range ids {
			if err := s.Advance(w.T.Context(), id); err != nil {
				w.T.Log(err)
			}
		}
		worked := w.workOff(s)
		waiting, err := w.Store.Backlog.Gauges(w.T.Context())
		if err != nil {
			w.T.Fatal(err)
		}
		if len(ids) == 0 && !worked && waiting["on_the_way"] == 0 && waiting["metafields_behind"] == 0 {
			return
		}
	}
	w.T.Error("the world does not come to rest")
}

// workOff writes the metafields, and does the jobs that were committed with the states; those that move a coupon on are found by the sweep.
func (w *Endings) workOff(s *coupons.Service) (worked bool) {
	w.Mu.Lock()
	jobs := w.Jobs
	w.Jobs = nil
	w.Mu.Unlock()
	_ = w.Metafields(s).Project(w.T.Context())
	for _, j := range jobs {
		if j.Kind != domain.JobMail {
			continue
		}
		worked = true
		if err := w.Notices(s).SendMail(w.T.Context(), j.CouponID, j.Mail, j.Step, j.Ref); err != nil {
			w.Mu.Lock()
			w.Jobs = append(w.Jobs, j)
			w.Mu.Unlock()
		}
	}
	return worked
}

// Shown is the status under which the customer's metafield lists a code; "" when it does not.
func (w *Endings) Shown(gid, code string) string {
	m, _ := w.Shopify.Metafield(gid, "$app", "coupons")
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
