package couponstest

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
	"pointbridge/domain/metafields"
	"pointbridge/domain/notices"
	"pointbridge/domain/orders"
	"pointbridge/domain/reviews"
)

type silent struct{}

func (silent) Step(context.Context, string, string, time.Duration) {}

func (silent) Ended(context.Context, domain.Coupon) {}

// Policy is what holds in a world where a test says nothing else.
func Policy() coupons.Policy {
	tokyo := time.FixedZone("JST", 9*60*60)
	return coupons.Policy{Acts: Acts(), Rate: domain.MustRate("1"), Currency: "JPY", Unit: 100,
		Minimum: 100, DailyLimit: 10_000, Location: tokyo, Validity: 365 * 24 * time.Hour, ReminderDays: []int{30, 7,
			1}, Retention: 30 * 24 * time.Hour}
}

// World is one shop: a database and an outside that outlive processes.
type World struct {
	// MailLog is what is written of mails.
	MailLog MailLog
	T       *testing.T
	Clock   *Clock
	DB      *MemStore
	Out     *Outside
	POS     coupons.Capabilities
	// Random feeds codes; nil means crypto/rand.
	Random io.Reader
	Policy coupons.Policy
	Lock   members.LockRule
	// Guard decides who may have a code; nil lets everybody.
	Guard coupons.Guard
	// Campaigns are those beside that of points, as they stand now; Revise changes them while others look.
	Campaigns []campaigns.Campaign
	past      []campaigns.Campaign
	revising  sync.Mutex
}

// ShopperID is the id of a customer of the shop who is no member.
func ShopperID(gid string) string { return domain.ShopperID([]byte("key"), gid) }

// NewWorld makes a shop with one member, who has 1,250 points.
func NewWorld(t *testing.T) *World {
	w := &World{T: t, Clock: NewClock(), DB: NewMemStore(), Out: newOutside(t),
		POS: coupons.Capabilities{Replay: true, Lookup: coupons.LookupExact}, Policy: Policy()}
	w.Out.unpaid = func(code string) bool {
		return len(w.DB.Pick(func(c domain.Coupon) bool {
			return c.Code == code && (c.ReissuedFrom != "" || c.Free())
		})) == 1
	}
	w.Out.clock, w.DB.now, w.DB.campaign = w.Clock, w.Clock.Now, w.byKey
	w.DB.Customers["8812370934"] = domain.Customer{ID: "8812370934", ShopifyCustomerGID: "gid://shopify/Customer/1",
		Name: "Yamada Taro", Email: "taro@example.com", Locale: "ja"}
	return w
}

// eager is a clock that moves by itself when a flow waits between two steps; how long a request waits is left to the
// test.
type eager struct{ *Clock }

func (c eager) After(d time.Duration) <-chan time.Time {
	due := c.Clock.After(d)
	if d != RequestWait {
		c.Advance(d)
	}
	return due
}

// RequestWait is how long a request waits for its coupon.
const RequestWait = 8 * time.Second

// Whole are the ports of a process that nothing is wrong with.
func (w *World) Whole() Ports {
	p := Ports{Store: w.DB, Ledger: w.Out, Shop: w.Out}
	if w.POS.Lookup == coupons.LookupAmount {
		p.Past = Till{w.Out}
	}
	return p
}

// Service is a new process; without ports of its own nothing is wrong with it.
func (w *World) Service(p *Ports) *coupons.Service {
	if p == nil {
		whole := w.Whole()
		p = &whole
	}
	random := w.Random
	if random == nil {
		random = rand.Reader
	}
	return &coupons.Service{Store: p.Store, Catalogue: w.DB, Backlog: w.DB, Members: w.DB, Attempts: w.Members(),
		Campaigns: w, Shoppers: w.Out, Guard: w.Guard, ShopperID: ShopperID,
		Ledger: p.Ledger, History: p.Past, POS: w.POS, Shop: p.Shop, Clock: eager{w.Clock}, Random: random,
		Policy: w.Policy, Timing: coupons.Timing{Wait: RequestWait, Lease: 30 * time.Second, Settle: 30 * time.Second,
			Grace: 10 * time.Second},
		Observer: silent{}, Logger: slog.New(slog.DiscardHandler)}
}

// Members counts what is refused; the clock is the world's own.
func (w *World) Members() *members.Service {
	return &members.Service{Members: w.DB, Locks: w.DB, Recorder: w.DB, POS: w.Out, Lock: w.Lock, Clock: w.Clock,
		Observer: silent{}, Logger: slog.New(slog.DiscardHandler)}
}

// Orders works on orders through the process of s.
func (w *World) Orders(s *coupons.Service) *orders.Service {
	return Orders(s, w.DB, w.DB)
}

// Marker tags what reviews are about through the process of s.
func (w *World) Marker(s *coupons.Service) *reviews.Marker {
	return &reviews.Marker{Tags: s.Policy.Tags, Coupons: s, Tagger: w.Out, Clock: s.Clock, Observer: s.Observer,
		Logger: s.Logger}
}

// Metafields writes what the shop shows through the process of s.
func (w *World) Metafields(s *coupons.Service) *metafields.Service {
	return &metafields.Service{Projections: w.DB, Fields: w.Out, Clock: s.Clock, Observer: s.Observer,
		Logger: s.Logger}
}

// Notices sends mails through the process of s.
func (w *World) Notices(s *coupons.Service) *notices.Service {
	return &notices.Service{Coupons: s.Store, Members: w.DB, POS: s.Ledger, Mailer: w.Out, Log: &w.MailLog,
		Logger: s.Logger, Clock: s.Clock, Observer: s.Observer,
		ApplyURL: "https://shop.example/discount/"}
}

// Conversion asks for the points of the one member.
func Conversion(points int64, key string) coupons.Conversion {
	return coupons.Conversion{Caller: domain.Caller{ID: "key:1", Role: domain.RolePOS}, CustomerID: "8812370934",
		Points: points, Key: key}
}

// Rest lets the queue and the sweep work until nothing is left to do.
func (w *World) Rest(s *coupons.Service) {
	w.T.Helper()
	for round := range 100 {
		if err := s.Sweep(w.T.Context()); err != nil {
			w.T.Fatal(err)
		}
		w.DB.mu.Lock()
		jobs := w.DB.Jobs
		w.DB.Jobs = nil
		w.DB.mu.Unlock()
		if len(jobs) == 0 && round > 8 {
			return
		}
		for _, j := range jobs {
			if err := w.Work(s, j); err != nil {
				_ = w.DB.Enqueue(w.T.Context(), []domain.Job{j})
			}
		}
		_ = w.Metafields(s).Project(w.T.Context()) // what is not written waits, and is written in another round
		w.Clock.Advance(7 * time.Second)
	}
	w.T.Fatal("the world does not come to rest")
}

// Work does one job through the process of s.
func (w *World) Work(s *coupons.Service, j domain.Job) error {
	ctx := w.T.Context()
	switch j.Kind {
	case domain.JobAdvance:
		return s.Advance(ctx, j.CouponID)
	case domain.JobMail:
		return w.Notices(s).SendMail(ctx, j.CouponID, j.Mail, j.Step, j.Ref)
	case domain.JobRemoveDiscount:
		return s.RemoveDiscount(ctx, j.CouponID)
	case domain.JobOrder:
		return w.Orders(s).RefreshOrder(ctx, j.Ref, j.Hint)
	case domain.JobTag:
		return w.Marker(s).TagForReview(ctx, j.Ref, j.CouponID)
	default:
		return errors.New("no such job")
	}
}

// Balanced checks the invariant: points taken are points in coupons plus points given back or granted, a chain of
// reissues counted once, by its last coupon; a code can be used exactly where its points were taken and not given back;
// nothing moved twice.
func (w *World) Balanced() {
	w.T.Helper()
	held := int64(0)
	for _, c := range w.DB.Coupons {
		code := w.Out.Codes[c.Code]
		usable := code != nil && code.Status == "ACTIVE" && code.Usage == 0 && code.CustomerGID == c.ShopifyCustomerGID
		if c.SupersededBy != "" || c.Status == domain.Failed && c.ReissuedFrom != "" {
			w.passedOn(c, usable)
			continue
		}
		takes, backs, grants := w.moves(c)
		if c.Free() {
			w.movedNothing(c, takes+backs+grants, usable)
			continue
		}
		if backs > 1 || backs > takes || takes > 2 {
			w.T.Errorf("%s: taken %d times, given back %d times", c.Code, takes, backs)
		}
		held += int64(takes-backs) * c.Points
		switch c.Status {
		case domain.Active:
			if takes-backs != 1 || code == nil && !w.Out.Wiped {
				w.T.Errorf("active %s: taken %d, given back %d, code %v", c.Code, takes, backs, code)
			}
		case domain.Failed, domain.Cancelled:
			again := w.Out.Times(domain.TakeBackReference(c.Code))
			if takes-backs != again || usable {
				w.T.Errorf("%s %s: taken %d, given back %d, code %v", c.Status, c.Code, takes, backs, code)
			}
		case domain.Used, domain.Suspended, domain.Forfeited, domain.Expired:
			if takes-backs != 1-grants || grants > 0 && code != nil && code.Status == "ACTIVE" || usable &&
				c.Status != domain.Expired {
				w.T.Errorf("%s %s: taken %d, given back %d, code %v", c.Status, c.Code, takes, backs, code)
			}
		default:
			w.T.Errorf("%s rests in %s", c.Code, c.Status)
		}
		w.openReview(c, code != nil && code.Usage > 0 && takes == backs && grants == 0)
	}
	if got, till := w.Out.Balances["8812370934"], w.Out.tillSum(); got+held != 1250+till {
		w.T.Errorf("balance %d and coupons worth %d do not make 1250, with %d booked at the till", got, held, till)
	}
}

// movedNothing checks a coupon that cost nothing: no points move for it, whatever becomes of it, and its code is good
// exactly while it is active.
func (w *World) movedNothing(c domain.Coupon, moves int, usable bool) {
	w.T.Helper()
	code := w.Out.Codes[c.Code]
	switch {
	case moves != 0:
		w.T.Errorf("%s cost nothing and moved points %d times", c.Code, moves)
	case c.Status == domain.Active && code == nil && !w.Out.Wiped:
		w.T.Errorf("active %s has no code", c.Code)
	case c.Status != domain.Active && c.Status != domain.Expired && usable:
		w.T.Errorf("%s %s can be used", c.Status, c.Code)
	case c.OnTheWay():
		w.T.Errorf("%s rests in %s", c.Code, c.Status)
	}
}

// moves counts what the POS has for a coupon and those before it in its chain.
func (w *World) moves(last domain.Coupon) (takes, backs, grants int) {
	for _, c := range w.DB.Coupons {
		if c.TakenAs() != last.TakenAs() {
			continue
		}
		takes += w.Out.Times(domain.TakeReference(c.Code)) + w.Out.Times(domain.TakeBackReference(c.Code))
		grants += w.Out.Times(domain.GrantReference(c.Code))
		backs += w.Out.Times(domain.GiveBackReference(c.Code)) + w.Out.Times(domain.GrantReference(c.Code))
	}
	return takes, backs, grants
}

// passedOn checks a coupon that others count for: its code is deactivated, and no points moved for it but those that
// were taken.
func (w *World) passedOn(c domain.Coupon, usable bool) {
	w.T.Helper()
	if usable || w.Out.Times(domain.GrantReference(c.Code))+w.Out.Times(domain.GiveBackReference(c.Code)) > 0 {
		w.T.Errorf("%s %s was replaced: usable %v", c.Status, c.Code, usable)
	}
	if c.Status == domain.Used && w.Out.Codes[c.Code] != nil && w.Out.Codes[c.Code].Status == "ACTIVE" {
		w.T.Errorf("the code of %s was not ended", c.Code)
	}
}

// openReview checks that a discount beside its points is always, and only, a review for a person.
func (w *World) openReview(c domain.Coupon, both bool) {
	w.T.Helper()
	cases := 0
	for _, r := range w.DB.Reviews {
		if r.CouponID == c.ID && r.Kind == reviews.UsedAfterRefund && r.Open {
			cases++
		}
	}
	if both && cases != 1 || !both && cases != 0 {
		w.T.Errorf("%s: used beside its points %v, open cases %d", c.Code, both, cases)
	}
}
