package coupons_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/members"
	"pointbridge/domain/metafields"
	"pointbridge/domain/notices"
)

// outside is POS, Shopify and mailbox in memory: what a crash of ours does not touch.
type outside struct {
	mu       sync.Mutex
	t        *testing.T
	clock    domain.Clock
	balances map[string]int64
	entries  []posEntry
	keys     bool // the POS recognises a repeated key
	codes    map[string]*coupons.FoundDiscount
	fields   map[string]string
	mails    []notices.Mail
	// tags are the tags of the shop's orders and customers, as they were asked for.
	tags   []string
	orders []coupons.Order
	// held lets checkouts that applied a code before its end still use it.
	held bool
	// behind is how far the shop's clock is behind ours.
	behind time.Duration
	// lag hides uses from the count and from the orders.
	lag bool
	// gone are customers whom the shop has no more.
	gone map[string]bool
	// told holds the codes whose use was told to us.
	told map[string]bool
	// reissues reports whether our books have a code as the successor of a used one.
	reissues func(code string) bool
	// wiped says that somebody deleted codes by hand.
	wiped  bool
	refuse map[string]error // by act
	// onAct runs before the named act takes effect.
	onAct func(act string)
}

type posEntry struct {
	customer, reference, related, key, reason string
	points, balance                           int64
}

func newOutside(t *testing.T) *outside {
	return &outside{t: t, balances: map[string]int64{"8812370934": 1250}, keys: true,
		codes: map[string]*coupons.FoundDiscount{}, fields: map[string]string{}, told: map[string]bool{},
		gone: map[string]bool{}, refuse: map[string]error{}}
}

func (o *outside) enter(act string) error {
	if o.onAct != nil {
		o.onAct(act)
	}
	o.mu.Lock()
	return o.refuse[act]
}

func (o *outside) Balance(_ context.Context, id string) (coupons.Balance, error) {
	err := o.enter("balance")
	defer o.mu.Unlock()
	return coupons.Balance{Points: o.balances[id]}, err
}

func (o *outside) Deduct(_ context.Context, m domain.Movement) (coupons.Entry, error) {
	err := o.enter("deduct")
	defer o.mu.Unlock()
	if err != nil {
		return coupons.Entry{}, err
	}
	return o.book(m, -m.Points)
}

// covers: 004-25
func (o *outside) Add(_ context.Context, m domain.Movement) (coupons.Entry, error) {
	err := o.enter("add")
	defer o.mu.Unlock()
	if err != nil {
		return coupons.Entry{}, err
	}
	for code, d := range o.codes { // an order that is known keeps its points
		if m.Reference == domain.GiveBackReference(code) && o.told[code] && !o.booked(m.Reference) {
			o.t.Errorf("points of %s return although its order had come to light", code)
		}
		if m.Reference == domain.GiveBackReference(code) && d.Status == "ACTIVE" {
			o.t.Errorf("points of %s return while its code is usable", code)
		}
	}
	return o.book(m, m.Points)
}

func (o *outside) book(m domain.Movement, points int64) (coupons.Entry, error) {
	if o.keys {
		for i, e := range o.entries {
			if e.key == m.Key {
				return o.entry(i), nil
			}
		}
	}
	if balance := o.balances[m.CustomerID]; balance+points < 0 {
		return coupons.Entry{}, &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Act: "deduct",
			Reason: domain.ReasonInsufficientPoints, Balance: &balance}
	}
	o.balances[m.CustomerID] += points
	o.entries = append(o.entries, posEntry{m.CustomerID, m.Reference, m.RelatedReference, m.Key, m.Reason, points,
		o.balances[m.CustomerID]})
	return o.entry(len(o.entries) - 1), nil
}

func (o *outside) entry(i int) coupons.Entry {
	e := o.entries[i]
	previous := e.balance - e.points
	return coupons.Entry{ID: fmt.Sprintf("e%d", i), Points: e.points, PreviousBalance: &previous, Balance: &e.balance}
}

func (o *outside) Find(_ context.Context, m domain.Movement) (coupons.Entry, error) {
	err := o.enter("find")
	defer o.mu.Unlock()
	if err != nil {
		return coupons.Entry{}, err
	}
	for i, e := range o.entries {
		if e.reference == m.Reference {
			return o.entry(i), nil
		}
	}
	return coupons.Entry{}, &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "pos", Act: "find"}
}

// covers: T-10
func (o *outside) CreateDiscount(_ context.Context, d coupons.Discount) (string, error) {
	err := o.enter("create")
	defer o.mu.Unlock()
	if err != nil {
		return "", err
	}
	if o.called(d.Code) != nil {
		return "", &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Act: "create",
			Reason: domain.ReasonCodeTaken}
	}
	if !o.booked(domain.TakeReference(d.Code)) && !o.reissues(d.Code) {
		o.t.Errorf("%s becomes usable before its points are taken", d.Code)
	}
	id := fmt.Sprintf("gid://shopify/DiscountCodeNode/%d", len(o.codes)+1)
	o.codes[d.Code] = &coupons.FoundDiscount{ID: id, Codes: []string{d.Code}, CustomerGID: d.CustomerGID,
		CustomerCount: 1, Title: d.Title, Tags: d.Tags, Amount: d.Amount, EndsAt: d.EndsAt, UsageLimit: 1,
		Status: "ACTIVE", MinimumSubtotal: d.MinimumSubtotal, CombinesWith: d.CombinesWith}
	return id, nil
}

func (o *outside) booked(reference string) bool {
	for _, e := range o.entries {
		if e.reference == reference {
			return true
		}
	}
	return false
}

// called finds a discount by a text that it has now, byID by its id; nil for none.
func (o *outside) called(code string) *coupons.FoundDiscount {
	for _, d := range o.codes {
		if d.Called(code) {
			return d
		}
	}
	return nil
}

func (o *outside) byID(id string) *coupons.FoundDiscount {
	for _, d := range o.codes {
		if d.ID == id {
			return d
		}
	}
	return nil
}

func (o *outside) FindDiscount(_ context.Context, code string) (coupons.FoundDiscount, error) {
	err := o.enter("finddiscount")
	defer o.mu.Unlock()
	return o.found(o.called(code), err)
}

func (o *outside) ReadDiscount(_ context.Context, id string) (coupons.FoundDiscount, error) {
	err := o.enter("finddiscount")
	defer o.mu.Unlock()
	return o.found(o.byID(id), err)
}

func (o *outside) DiscountOf(ctx context.Context, code string) (string, error) {
	d, err := o.FindDiscount(ctx, code)
	return d.ID, err
}

// found is a discount as the shop shows it: one whose end has passed on its own clock has expired.
func (o *outside) found(d *coupons.FoundDiscount, err error) (coupons.FoundDiscount, error) {
	if err != nil {
		return coupons.FoundDiscount{}, err
	}
	if d == nil {
		return coupons.FoundDiscount{}, &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify",
			Act: "find"}
	}
	shown := *d
	if o.clock != nil && shown.Status == "ACTIVE" && !shown.EndsAt.IsZero() && !o.shopTime().Before(shown.EndsAt) {
		shown.Status = "EXPIRED"
	}
	return shown, nil
}

func (o *outside) SetDiscountEnd(_ context.Context, id string, at time.Time) error {
	err := o.enter("set_end")
	defer o.mu.Unlock()
	if err != nil {
		return err
	}
	d := o.byID(id)
	if d == nil {
		return &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify", Act: "set_end"}
	}
	d.EndsAt, d.Status = at, "EXPIRED"
	if o.clock.Now().Before(at) {
		d.Status = "ACTIVE"
	}
	return nil
}

// shopTime is the shop's own clock, which tells the same time as ours unless a test says otherwise.
func (o *outside) shopTime() time.Time { return o.clock.Now().Add(-o.behind) }

func (o *outside) DeleteDiscount(_ context.Context, id string) error {
	err := o.enter("delete")
	defer o.mu.Unlock()
	for code, d := range o.codes {
		if err == nil && d.ID == id {
			delete(o.codes, code)
		}
	}
	return err
}

func (o *outside) DeactivateDiscount(_ context.Context, id string) error {
	err := o.enter("deactivate")
	defer o.mu.Unlock()
	if err != nil {
		return err
	}
	for _, d := range o.codes {
		if d.ID == id {
			d.Status = "EXPIRED"
			return nil
		}
	}
	return &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify", Act: "deactivate"}
}

func (o *outside) Count(_ context.Context, q coupons.UsageQuery) (coupons.Usage, error) {
	err := o.enter("count")
	defer o.mu.Unlock()
	if err != nil {
		return coupons.Usage{}, err
	}
	return o.counted(q), nil
}

func (o *outside) counted(q coupons.UsageQuery) coupons.Usage {
	found := coupons.Usage{CustomerGone: o.gone[q.CustomerGID]}
	d := o.byID(q.DiscountID)
	if d != nil {
		found.Codes, found.Alive = d.Codes, d.Alive()
	} else {
		d = o.called(q.Code)
	}
	found.CodeGone = d == nil
	if d != nil && !o.lag {
		found.Count = d.Usage
	}
	return found
}

func (o *outside) Usage(_ context.Context, q coupons.UsageQuery) (coupons.Usage, error) {
	err := o.enter("usage")
	defer o.mu.Unlock()
	if err != nil {
		return coupons.Usage{}, err
	}
	found := o.counted(q)
	for _, order := range o.orders {
		if !o.lag && !o.gone[q.CustomerGID] && order.CustomerGID == q.CustomerGID {
			found.Add(q, order)
		}
	}
	if found.Live() {
		o.told[q.Code] = true
	}
	return found, nil
}

func (o *outside) Order(_ context.Context, gid string) (coupons.Order, error) {
	err := o.enter("order")
	defer o.mu.Unlock()
	if err != nil {
		return coupons.Order{}, err
	}
	for _, order := range o.orders {
		if order.ID == gid {
			return order, nil
		}
	}
	return coupons.Order{}, &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify", Act: "read_order"}
}

func (o *outside) OrdersSince(context.Context, time.Time, string) (coupons.OrderPage, error) {
	err := o.enter("orders")
	defer o.mu.Unlock()
	if o.lag {
		return coupons.OrderPage{}, err
	}
	return coupons.OrderPage{Orders: slices.Clone(o.orders)}, err
}

// order places an order with the code, if the shop still takes it, and reports whether it did.
func (o *outside) order(code string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.called(code)
	if d == nil || d.Status != "ACTIVE" && !o.held || d.Usage > 0 {
		return false
	}
	d.Usage++
	o.orders = append(o.orders, coupons.Order{ID: fmt.Sprintf("gid://shopify/Order/%d", len(o.orders)+1),
		Name: fmt.Sprintf("#%d", 1001+len(o.orders)), CustomerGID: d.CustomerGID, Codes: []string{code},
		Applied: []string{code}, Payment: coupons.PaymentPaid, CreatedAt: o.clock.Now(), UpdatedAt: o.clock.Now()})
	return true
}

func (o *outside) WriteCoupons(_ context.Context, gid string, entries []byte, digest string) (string, error) {
	err := o.enter("metafield")
	defer o.mu.Unlock()
	if err != nil {
		return "", err
	}
	if have := o.fields[gid]; digestOf(have) != digest {
		return "", &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Act: "metafield",
			Reason: domain.ReasonStale}
	}
	o.fields[gid] = string(entries)
	return digestOf(string(entries)), nil
}

func (o *outside) ReadCoupons(_ context.Context, gid string) ([]byte, string, error) {
	err := o.enter("readmetafield")
	defer o.mu.Unlock()
	return []byte(o.fields[gid]), digestOf(o.fields[gid]), err
}

func digestOf(value string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf("%d:%x", len(value), value[len(value)/2])
}

func (o *outside) Send(_ context.Context, m notices.Mail) error {
	err := o.enter("mail")
	defer o.mu.Unlock()
	if err == nil {
		o.mails = append(o.mails, m)
	}
	return err
}

func (o *outside) count(reference string) (n int) {
	for _, e := range o.entries {
		if e.reference == reference {
			n++
		}
	}
	return n
}

func (o *outside) AddTag(_ context.Context, gid, tag string) error {
	err := o.enter("tag")
	defer o.mu.Unlock()
	o.tags = append(o.tags, gid+" "+tag)
	return err
}

type silent struct{}

func (silent) Step(context.Context, string, string, time.Duration) {}
func (silent) Ended(context.Context, domain.Coupon)                {}

func policy() coupons.Policy {
	tokyo := time.FixedZone("JST", 9*60*60)
	return coupons.Policy{Acts: couponstest.Acts(), Rate: domain.MustRate("1"), Currency: "JPY", Unit: 100,
		Minimum: 100, DailyLimit: 10_000, Location: tokyo, Validity: 365 * 24 * time.Hour, ReminderDays: []int{30, 7,
			1}, Retention: 30 * 24 * time.Hour}
}

// world is one shop: a database and an outside that outlive processes.
type world struct {
	t     *testing.T
	clock *couponstest.Clock
	db    *memStore
	out   *outside
	pos   coupons.Capabilities
	// random feeds codes; nil means crypto/rand.
	random io.Reader
	policy coupons.Policy
	lock   members.LockRule
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, clock: couponstest.NewClock(), db: newMemStore(), out: newOutside(t),
		pos: coupons.Capabilities{Replay: true, Lookup: true}, policy: policy()}
	w.out.reissues = func(code string) bool {
		return len(w.db.pick(func(c domain.Coupon) bool { return c.Code == code && c.ReissuedFrom != "" })) == 1
	}
	w.out.clock, w.db.now = w.clock, w.clock.Now
	w.db.customers["8812370934"] = domain.Customer{ID: "8812370934", ShopifyCustomerGID: "gid://shopify/Customer/1",
		Name: "Yamada Taro", Email: "taro@example.com", Locale: "ja"}
	return w
}

// eager is a clock that moves by itself when a flow waits between two steps; how long a request waits is left to the
// test.
type eager struct{ *couponstest.Clock }

func (c eager) After(d time.Duration) <-chan time.Time {
	due := c.Clock.After(d)
	if d != requestWait {
		c.Advance(d)
	}
	return due
}

const requestWait = 8 * time.Second

type ports = couponstest.Ports

func (w *world) service(p *ports) *coupons.Service {
	if p == nil {
		p = &ports{Store: w.db, Ledger: w.out, Shop: w.out}
	}
	random := w.random
	if random == nil {
		random = rand.Reader
	}
	return &coupons.Service{Store: p.Store, Catalogue: w.db, Backlog: w.db, Members: w.db, Attempts: w.members(),
		Ledger: p.Ledger, POS: w.pos, Shop: p.Shop, Tagger: w.out, Clock: eager{w.clock}, Random: random,
		Policy: w.policy, Timing: coupons.Timing{Wait: requestWait, Lease: 30 * time.Second, Settle: 30 * time.Second,
			Grace: 10 * time.Second},
		Observer: silent{}, Logger: slog.New(slog.DiscardHandler)}
}

// members counts what is refused; the clock is the world's own.
func (w *world) members() *members.Service {
	return &members.Service{Members: w.db, Locks: w.db, Recorder: w.db, POS: w.out, Lock: w.lock, Clock: w.clock,
		Observer: silent{}, Logger: slog.New(slog.DiscardHandler)}
}

// metafields writes what the shop shows through the process of s.
func (w *world) metafields(s *coupons.Service) *metafields.Service {
	return &metafields.Service{Projections: w.db, Fields: w.out, Clock: s.Clock, Observer: s.Observer}
}

// notices sends mails through the process of s.
func (w *world) notices(s *coupons.Service) *notices.Service {
	return &notices.Service{Coupons: s.Store, Members: w.db, POS: s.Ledger, Mailer: w.out, Clock: s.Clock,
		Observer: s.Observer,
		ApplyURL: "https://shop.example/discount/"}
}

func conversion(points int64, key string) coupons.Conversion {
	return coupons.Conversion{Caller: domain.Caller{ID: "key:1", Role: domain.RolePOS}, CustomerID: "8812370934",
		Points: points, Key: key}
}

// rest lets the queue and the sweep work until nothing is left to do.
func (w *world) rest(s *coupons.Service) {
	w.t.Helper()
	for round := range 100 {
		if err := s.Sweep(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		w.db.mu.Lock()
		jobs := w.db.jobs
		w.db.jobs = nil
		w.db.mu.Unlock()
		if len(jobs) == 0 && round > 8 {
			return
		}
		for _, j := range jobs {
			if err := w.work(s, j); err != nil {
				_ = w.db.Enqueue(w.t.Context(), []domain.Job{j})
			}
		}
		w.clock.Advance(7 * time.Second)
	}
	w.t.Fatal("the world does not come to rest")
}

func (w *world) work(s *coupons.Service, j domain.Job) error {
	ctx := w.t.Context()
	switch j.Kind {
	case domain.JobAdvance:
		return s.Advance(ctx, j.CouponID)
	case domain.JobMetafield:
		return w.metafields(s).SyncMetafield(ctx, j.CustomerID)
	case domain.JobMail:
		return w.notices(s).SendMail(ctx, j.CouponID, j.Mail, j.Step)
	case domain.JobRemoveDiscount:
		return s.RemoveDiscount(ctx, j.CouponID)
	case domain.JobOrder:
		return s.RefreshOrder(ctx, j.Ref, j.Hint)
	case domain.JobTag:
		return s.TagForReview(ctx, j.Ref, j.CouponID)
	default:
		return errors.New("no such job")
	}
}

// balanced checks the invariant: points taken are points in coupons plus points given back or granted, a chain of
// reissues counted once, by its last coupon; a code can be used exactly where its points were taken and not given back;
// nothing moved twice.
func (w *world) balanced() {
	w.t.Helper()
	held := int64(0)
	for _, c := range w.db.coupons {
		code := w.out.codes[c.Code]
		usable := code != nil && code.Status == "ACTIVE" && code.Usage == 0 && code.CustomerGID == c.ShopifyCustomerGID
		if c.SupersededBy != "" || c.Status == domain.Failed && c.ReissuedFrom != "" {
			w.passedOn(c, usable)
			continue
		}
		takes, backs, grants := w.moves(c)
		if backs > 1 || backs > takes || takes > 2 {
			w.t.Errorf("%s: taken %d times, given back %d times", c.Code, takes, backs)
		}
		held += int64(takes-backs) * c.Points
		switch c.Status {
		case domain.Active:
			if takes-backs != 1 || code == nil && !w.out.wiped {
				w.t.Errorf("active %s: taken %d, given back %d, code %v", c.Code, takes, backs, code)
			}
		case domain.Failed, domain.Cancelled:
			again := w.out.count(domain.TakeBackReference(c.Code))
			if takes-backs != again || usable {
				w.t.Errorf("%s %s: taken %d, given back %d, code %v", c.Status, c.Code, takes, backs, code)
			}
		case domain.Used, domain.Suspended, domain.Forfeited, domain.Expired:
			if takes-backs != 1-grants || grants > 0 && code != nil && code.Status == "ACTIVE" || usable &&
				c.Status != domain.Expired {
				w.t.Errorf("%s %s: taken %d, given back %d, code %v", c.Status, c.Code, takes, backs, code)
			}
		default:
			w.t.Errorf("%s rests in %s", c.Code, c.Status)
		}
		w.openReview(c, code != nil && code.Usage > 0 && takes == backs && grants == 0)
	}
	if got := w.out.balances["8812370934"]; got+held != 1250 {
		w.t.Errorf("balance %d and coupons worth %d do not make 1250", got, held)
	}
}

// moves counts what the POS has for a coupon and those before it in its chain.
func (w *world) moves(last domain.Coupon) (takes, backs, grants int) {
	for _, c := range w.db.coupons {
		if c.TakenAs() != last.TakenAs() {
			continue
		}
		takes += w.out.count(domain.TakeReference(c.Code)) + w.out.count(domain.TakeBackReference(c.Code))
		grants += w.out.count(domain.GrantReference(c.Code))
		backs += w.out.count(domain.GiveBackReference(c.Code)) + w.out.count(domain.GrantReference(c.Code))
	}
	return takes, backs, grants
}

// passedOn checks a coupon that others count for: its code is deactivated, and no points moved for it but those that
// were taken.
func (w *world) passedOn(c domain.Coupon, usable bool) {
	w.t.Helper()
	if usable || w.out.count(domain.GrantReference(c.Code))+w.out.count(domain.GiveBackReference(c.Code)) > 0 {
		w.t.Errorf("%s %s was replaced: usable %v", c.Status, c.Code, usable)
	}
	if c.Status == domain.Used && w.out.codes[c.Code] != nil && w.out.codes[c.Code].Status == "ACTIVE" {
		w.t.Errorf("the code of %s was not ended", c.Code)
	}
}

// openReview checks that a discount beside its points is always, and only, a review for a person.
func (w *world) openReview(c domain.Coupon, both bool) {
	w.t.Helper()
	opened := 0
	for _, r := range w.db.reviews {
		if r.CouponID == c.ID && r.Kind == coupons.ReviewUsedAfterRefund && r.Open {
			opened++
		}
	}
	if both && opened != 1 || !both && opened != 0 {
		w.t.Errorf("%s: used beside its points %v, open reviews %d", c.Code, both, opened)
	}
}
