package api

import (
	"context"
	"sync"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/domain/members"
	"pointbridge/domain/reviews"
)

// fakeService answers as its fields say and remembers what it was asked. Its zero value succeeds.
type fakeService struct {
	mu          sync.Mutex
	calls       int
	conversions []coupons.Conversion
	links       []members.Link
	endings     []coupons.Cancellation
	decisions   []coupons.Decision
	issued      []coupons.Issue
	unreadable  []string // whose points were refused before the service was asked
	unlocked    []domain.Caller
	renumbered  []members.Renumbering
	former      []string // numbers that members had before
	polled      [][2]string
	members     []string          // the shop's customers who were looked up
	linked      map[string]string // beside yamada, members by their gids

	// err is what every call answers with.
	err error
	// pending and replayed shape the answer to a conversion.
	pending, replayed bool
	// known makes a link an update.
	known bool
	panic any
}

func (f *fakeService) enter() error {
	f.mu.Lock()
	defer f.mu.Unlock() // also when it panics
	f.calls++
	if f.panic != nil {
		panic(f.panic)
	}
	return f.err
}

func (f *fakeService) called() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

func (f *fakeService) Points(_ context.Context, id string) (coupons.Points, error) {
	return coupons.Points{CustomerID: id, Balance: 1250, AsOf: issuedAt, Unit: 100, Minimum: 100, DailyLimit: 10_000,
		DailyRemaining: 9_500, Rate: domain.MustRate("1.2"), Currency: "JPY"}, f.enter()
}

func (f *fakeService) Quote(_ context.Context, _ domain.Caller, _ string, points int64) (coupons.Quote, error) {
	return coupons.Quote{Points: points, Amount: domain.Money{Minor: points, Currency: "JPY"},
		Rate: domain.MustRate("1"), ExpiresAt: endsAt, Balance: 1250, AsOf: issuedAt}, f.enter()
}

func (f *fakeService) Convert(_ context.Context, c coupons.Conversion) (coupons.Result, error) {
	if err := f.enter(); err != nil {
		return coupons.Result{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.conversions = append(f.conversions, c)
	return f.result(), nil
}

func (f *fakeService) Issue(_ context.Context, i coupons.Issue) (coupons.Result, error) {
	if err := f.enter(); err != nil {
		return coupons.Result{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.issued = append(f.issued, i)
	got := f.result()
	got.Coupon.Campaign = i.Campaign
	return got, nil
}

func (f *fakeService) Issued(_ context.Context, callerID, key string) (coupons.Result, error) {
	err := f.enter()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.polled = append(f.polled, [2]string{callerID, key})
	got := f.result()
	got.Coupon.Campaign = "summer"
	return got, err
}

func (f *fakeService) Conversion(_ context.Context, callerID, key string) (coupons.Result, error) {
	if err := f.enter(); err != nil {
		return coupons.Result{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.polled = append(f.polled, [2]string{callerID, key})
	return f.result(), nil
}

func (f *fakeService) result() coupons.Result {
	c := coupon(domain.Active)
	if f.pending {
		return coupons.Result{Coupon: c.AsAccepted(), Replayed: f.replayed}
	}
	return coupons.Result{Coupon: c, Done: true, Replayed: f.replayed}
}

func (f *fakeService) Link(_ context.Context, l members.Link) (domain.Customer, bool, error) {
	if err := f.enter(); err != nil {
		return domain.Customer{}, false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.links = append(f.links, l)
	c := domain.Customer{ID: l.CustomerID, CreatedAt: issuedAt, UpdatedAt: issuedAt}
	for to, value := range map[*string]*string{&c.ShopifyCustomerGID: l.ShopifyCustomerGID, &c.Name: l.Name,
		&c.Email: l.Email,
		&c.Phone: l.Phone, &c.Locale: l.Locale, &c.Rank: l.Rank} {
		if value != nil {
			*to = *value
		}
	}
	return c, !f.known, nil
}

// link makes a customer of the shop a member.
func (f *fakeService) link(gid, id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.linked == nil {
		f.linked = map[string]string{}
	}
	f.linked[gid] = id
}

// MemberOf knows yamada as the shop's customer 7001, and who was linked.
func (f *fakeService) MemberOf(_ context.Context, _ domain.Caller, gid string) (domain.Customer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.members = append(f.members, gid)
	if id := f.linked[gid]; id != "" {
		return domain.Customer{ID: id, ShopifyCustomerGID: gid}, nil
	}
	if gid != gidPrefix+"7001" {
		return domain.Customer{}, domain.Refuse(domain.CodeCustomerNotLinked)
	}
	return domain.Customer{ID: yamada, ShopifyCustomerGID: gid}, nil
}

func (f *fakeService) RefusedPoints(_ context.Context, caller domain.Caller, customerID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unreadable = append(f.unreadable, caller.ID+" "+customerID)
}

func (f *fakeService) AddNote(context.Context, domain.Caller, string, string, string) error {
	return f.enter()
}

func (f *fakeService) Unlock(_ context.Context, caller domain.Caller, _ string) error {
	if err := f.enter(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unlocked = append(f.unlocked, caller)
	return nil
}

func (f *fakeService) Renumber(_ context.Context, r members.Renumbering) (domain.Customer, error) {
	if err := f.enter(); err != nil {
		return domain.Customer{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.renumbered = append(f.renumbered, r)
	return domain.Customer{ID: r.To, CreatedAt: issuedAt, UpdatedAt: issuedAt}, nil
}

func (f *fakeService) FormerNumbers(context.Context, string) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.former, nil
}

func (f *fakeService) HolderOf(context.Context, string) (domain.Customer, error) {
	return domain.Customer{}, domain.Refuse(domain.CodeCustomerNotFound)
}

// fakeRecorder keeps what is written to it.
type fakeRecorder struct {
	mu   sync.Mutex
	list []domain.AuditEntry
	// counted is what was only counted.
	counted []domain.AuditEntry
	fail    error
}

func (f *fakeRecorder) Record(_ context.Context, e domain.AuditEntry) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, e)
	return f.fail
}

// Count implements Recorder.
func (f *fakeRecorder) Count(e domain.AuditEntry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counted = append(f.counted, e)
}

func (f *fakeService) lastLink() members.Link {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.links[len(f.links)-1]
}

func (f *fakeService) Cancel(_ context.Context, c coupons.Cancellation) (coupons.Ending, error) {
	return f.ended(c, domain.Cancelling)
}

func (f *fakeService) Suspend(_ context.Context, c coupons.Suspension) (coupons.Ending, error) {
	return f.ended(coupons.Cancellation(c), domain.Suspended)
}

func (f *fakeService) Undo(_ context.Context, u coupons.Undo) (coupons.Ending, error) {
	return f.ended(coupons.Cancellation{Caller: u.Caller, Code: u.Code, Key: u.Key, Reason: domain.ReasonUndone},
		domain.Cancelling)
}

func (f *fakeService) UndoUntil(domain.Coupon) time.Time { return time.Time{} }

func (f *fakeService) ended(c coupons.Cancellation, to domain.Status) (coupons.Ending, error) {
	if err := f.enter(); err != nil {
		return coupons.Ending{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.endings = append(f.endings, c)
	k := coupon(domain.Active)
	k.CancelledBy, k.Reason, k.Note = c.Caller.Name, c.Reason, c.Note
	return coupons.Ending{Coupon: k.AsEnding(to), Replayed: f.replayed}, nil
}

func (f *fakeService) Refund(_ context.Context, r coupons.RefundRequest) (coupons.Refund, error) {
	if err := f.enter(); err != nil {
		return coupons.Refund{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.endings = append(f.endings, r.Cancellation)
	return coupons.Refund{Reference: r.Reference, Code: code, Status: coupons.RefundAccepted, Points: 500,
		POSReference: "CANCEL-" + code, CreatedAt: issuedAt, Replayed: f.replayed}, nil
}

func (f *fakeService) FindRefund(_ context.Context, reference string) (coupons.Refund, error) {
	if err := f.enter(); err != nil {
		return coupons.Refund{}, err
	}
	balance := int64(1250)
	return coupons.Refund{Reference: reference, Code: code, Status: coupons.RefundDone, Points: 500, Balance: &balance,
		POSReference: "CANCEL-" + code, CreatedAt: issuedAt, CompletedAt: &issuedAt}, nil
}

func (f *fakeService) Decide(_ context.Context, d coupons.Decision) (reviews.Review, bool, error) {
	if err := f.enter(); err != nil {
		return reviews.Review{}, false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.decisions = append(f.decisions, d)
	r := review(d.ReviewID)
	r.Open, r.Outcome, r.Note, r.DecidedBy, r.DecidedAt = false, d.Outcome, d.Note, d.Caller.Name, &issuedAt
	return r, f.replayed, nil
}

func review(id int64) reviews.Review {
	return reviews.Review{ID: id, Kind: reviews.SuspectedFraud, Open: true, CouponID: 7, Code: code,
		OpenedAt: issuedAt}
}

// fakeCoupons is a catalogue over a list, newest first.
type fakeCoupons struct {
	mu            sync.Mutex
	list          []domain.Coupon
	filters       []listing.Filter
	cases         reviews.Filter
	circumstances reviews.Circumstances
	// shown makes a review; nil means review.
	shown   func(id int64) reviews.Review
	reads   int
	err     error
	unknown bool
	member  domain.Customer
}

func (f *fakeCoupons) List(_ context.Context, want listing.Filter) ([]domain.Coupon, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	f.filters = append(f.filters, want)
	var found []domain.Coupon
	for _, c := range f.list {
		status := c.StatusAt(want.Now)
		skip := (want.After.ID != 0 && !want.Sort.Before(want.After, want.Sort.Place(c))) || (want.CustomerID != "" &&
			c.CustomerID != want.CustomerID) ||
			(want.Status != "" && status != want.Status) || (want.Visible && status.Public() == "")
		if !skip && len(found) < want.Limit {
			found = append(found, c)
		}
	}
	return found, f.err
}

func (f *fakeCoupons) lastFilter() listing.Filter {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.filters[len(f.filters)-1]
}

func (f *fakeCoupons) ByCode(_ context.Context, text string) (coupons.State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	normal, _ := domain.NormalizeCode(text)
	for _, c := range f.list {
		if c.Code == normal {
			before, after := int64(1250), int64(750)
			return coupons.State{Coupon: c, Movements: []domain.Movement{{Kind: domain.Take,
				State: domain.MovementApplied, Points: c.Points, Reference: domain.TakeReference(c.Code),
				Reason: domain.ReasonTake, PreviousBalance: &before, Balance: &after, CreatedAt: issuedAt, SettledAt: &c.CreatedAt}}}, f.err
		}
	}
	return coupons.State{}, domain.Refuse(domain.CodeCouponNotFound)
}

func (f *fakeCoupons) MovedAfter(context.Context, []int64) (map[int64][]domain.MovementKind, error) {
	return nil, nil
}

func (f *fakeCoupons) History(context.Context, int64) ([]domain.AuditEntry, error) {
	return []domain.AuditEntry{{At: issuedAt, Actor: "key:pos", Action: "conversion.started", To: domain.Pending,
		Outcome: domain.OutcomeDone},
		{At: issuedAt, Actor: "system", Action: "points.taken", From: domain.Pending, To: domain.Pending,
			Outcome: domain.OutcomeDone, Detail: map[string]any{"points": 500}}}, f.err
}

func (f *fakeCoupons) Reviews(_ context.Context, want reviews.Filter) ([]reviews.Review, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	f.cases = want
	list := []reviews.Review{}
	for id := int64(3); id > 0 && len(list) < want.Limit; id-- {
		if want.Before == 0 || id < want.Before {
			list = append(list, f.review(id))
		}
	}
	return list, f.err
}

func (f *fakeCoupons) Review(_ context.Context, id int64) (reviews.Review, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	if id > 3 {
		return reviews.Review{}, domain.Refuse(domain.CodeReviewNotFound)
	}
	return f.review(id), f.err
}

func (f *fakeCoupons) Circumstances(context.Context, reviews.Review) (reviews.Circumstances, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.circumstances, f.err
}

func (f *fakeCoupons) review(id int64) reviews.Review {
	if f.shown != nil {
		return f.shown(id)
	}
	return review(id)
}

// directory knows a member, and nothing of what only pages ask.
type directory struct {
	pages.Directory
	known *fakeCoupons
}

func (d directory) Customer(ctx context.Context, id string) (domain.Customer, error) {
	return d.known.Customer(ctx, id)
}

func (f *fakeCoupons) Customer(_ context.Context, id string) (domain.Customer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	if f.unknown {
		return domain.Customer{}, domain.Refuse(domain.CodeCustomerNotFound)
	}
	c := f.member
	c.ID = id
	return c, f.err
}

// fakeAudit is an audit over a list, newest first.
type fakeAudit struct {
	mu      sync.Mutex
	list    []audit.Entry
	filters []audit.Filter
}

func (f *fakeAudit) Audit(_ context.Context, want audit.Filter) ([]audit.Entry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.filters = append(f.filters, want)
	var found []audit.Entry
	for _, e := range f.list {
		if (want.Before == 0 || e.ID < want.Before) && len(found) < want.Limit {
			found = append(found, e)
		}
	}
	return found, nil
}

var (
	issuedAt = time.Date(2026, 3, 1, 11, 59, 0, 0, time.FixedZone("JST", 9*60*60)).UTC()
	endsAt   = time.Date(2027, 3, 1, 2, 59, 0, 0, time.UTC)
)

func coupon(status domain.Status) domain.Coupon {
	return domain.Coupon{ID: 7, Code: code, Status: status, CustomerID: yamada, Points: 500,
		Amount: domain.Money{Minor: 500, Currency: "JPY"}, CreatedAt: issuedAt, ExpiresAt: endsAt,
		DiscountID: "gid://shopify/DiscountCodeNode/1"}
}
