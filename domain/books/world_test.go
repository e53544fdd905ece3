package books_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/metafields"
	"pointbridge/domain/orders"
)

// clock is one on which every wait is over at once.
type clock struct{ *couponstest.Clock }

func (c clock) After(d time.Duration) <-chan time.Time {
	due := c.Clock.After(d)
	c.Advance(d)
	return due
}

// world is all four books in memory.
type world struct {
	t       *testing.T
	clock   clock
	members map[string]*books.Field
	states  map[string][]coupons.State
	entries map[string][]books.Entry
	codes   map[string]*coupons.FoundDiscount
	orders  map[string]*orders.Order // by code
	fields  map[string]string        // by customer gid
	fixes   []books.Fix
	used    []orders.Sighting
	runs    []books.Summary
	refuse  map[string]error // by act
	asked   map[string]int
	// onLook runs when our side of a customer is read, before it is.
	onLook func()
	page   int
	timing books.Timing
}

func newWorld(t *testing.T) *world {
	return &world{t: t, clock: clock{couponstest.NewClock()}, members: map[string]*books.Field{},
		states: map[string][]coupons.State{}, entries: map[string][]books.Entry{},
		codes: map[string]*coupons.FoundDiscount{}, orders: map[string]*orders.Order{}, fields: map[string]string{},
		refuse: map[string]error{}, asked: map[string]int{}, page: 2, timing: books.DefaultTiming()}
}

func gid(member string) string { return "gid://shopify/Customer/" + member }

// coupon makes one that rests in a status, with everything outside as it should be.
func (w *world) coupon(member string, status domain.Status) *coupons.State {
	now := w.clock.Now()
	n := 0
	for _, list := range w.states {
		n += len(list)
	}
	c := domain.Coupon{ID: int64(n + 1), Code: fmt.Sprintf("%s-AAAAA%c-500", member, 'A'+n), Status: status,
		CustomerID: member, ShopifyCustomerGID: gid(member), Points: 500, Amount: domain.Money{Minor: 500,
			Currency: "JPY"}, CreatedAt: now.Add(-100 * time.Hour),
		ExpiresAt:  now.Add(1000 * time.Hour).Truncate(time.Second),
		DiscountID: "discount-" + strconv.Itoa(n), LeaseUntil: now.Add(-99 * time.Hour)}
	st := coupons.State{Coupon: c}
	w.codes[c.Code] = &coupons.FoundDiscount{ID: c.DiscountID, Codes: []string{c.Code},
		CustomerGID: c.ShopifyCustomerGID, CustomerCount: 1, Amount: c.Amount, EndsAt: c.ExpiresAt, UsageLimit: 1,
		Status: "ACTIVE"}
	w.states[member] = append(w.states[member], st)
	got := &w.states[member][len(w.states[member])-1]
	w.moves(got, domain.Take, domain.TakeReference(c.Code), "")
	switch status {
	case domain.Used:
		at := now.Add(-50 * time.Hour)
		got.Coupon.UsedAt, w.codes[c.Code].Usage = &at, 1
	case domain.Cancelled, domain.Failed:
		w.moves(got, domain.GiveBack, domain.GiveBackReference(c.Code), domain.TakeReference(c.Code))
		w.codes[c.Code].Status = "EXPIRED"
	case domain.Suspended, domain.Forfeited, domain.Expired:
		w.codes[c.Code].Status = "EXPIRED"
	case domain.Active, domain.Pending, domain.Cancelling:
	}
	return got
}

// moves books a movement on both sides.
func (w *world) moves(st *coupons.State, kind domain.MovementKind, reference, related string) {
	m := domain.Movement{ID: int64(len(w.entries) + 1), CouponID: st.Coupon.ID, CustomerID: st.Coupon.CustomerID,
		Kind: kind, State: domain.MovementApplied, Points: st.Coupon.Points, Reference: reference,
		RelatedReference: related}
	st.Movements = append(st.Movements, m)
	points := m.Points
	if kind == domain.Take || kind == domain.TakeBack {
		points = -points
	}
	w.book(st.Coupon.CustomerID, points, reference, related)
}

// book puts an entry at the front of the POS's history.
func (w *world) book(member string, points int64, reference, related string) {
	w.entries[member] = slices.Insert(w.entries[member], 0, books.Entry{ID: "e", Points: points, Reference: reference,
		RelatedReference: related})
}

// written makes the metafield say what our books say.
func (w *world) written(member string) {
	w.t.Helper()
	value, err := metafields.Value(w.listed(member), w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	w.fields[gid(member)] = string(value)
	w.members[member] = &books.Field{CustomerGID: gid(member), Wanted: 3, Written: 3}
}

func (w *world) listed(member string) []domain.Coupon {
	list := []domain.Coupon{}
	for _, st := range w.states[member] {
		if st.Coupon.Status.Public() != "" {
			list = append(list, st.Coupon)
		}
	}
	return list
}

func (w *world) checker() *books.Checker {
	return &books.Checker{Ours: w, Runs: w, POS: pos{w}, Shop: w, Fields: w, Uses: w, Clock: w.clock,
		Timing: w.timing}
}

// run returns what one comparison finds.
func (w *world) run(o books.Options) ([]books.Difference, books.Summary) {
	w.t.Helper()
	var found []books.Difference
	sum, err := w.checker().Run(w.t.Context(), o,
		books.Sink{Difference: func(d books.Difference) { found = append(found, d) }})
	if err != nil {
		w.t.Fatal(err)
	}
	return found, sum
}

// finds wants exactly these kinds.
func (w *world) finds(o books.Options, want ...books.Kind) []books.Difference {
	w.t.Helper()
	found, sum := w.run(o)
	var kinds []books.Kind
	for _, d := range found {
		kinds = append(kinds, d.Kind)
	}
	if !slices.Equal(kinds, want) || sum.Incomplete() {
		w.t.Fatalf("found %+v (%+v), want %v", found, sum, want)
	}
	return found
}

func (w *world) enter(act string) error {
	w.asked[act]++
	return w.refuse[act]
}

func (w *world) Members(_ context.Context, after string, limit int) ([]string, error) {
	ids := slices.Sorted(maps.Keys(w.members))
	ids = slices.DeleteFunc(ids, func(id string) bool { return id <= after })
	return ids[:min(limit, len(ids))], w.enter("members")
}

func (w *world) CouponsOf(_ context.Context, member string, after int64, limit int) ([]coupons.State, error) {
	list := slices.DeleteFunc(slices.Clone(w.states[member]),
		func(st coupons.State) bool { return st.Coupon.ID <= after })
	return list[:min(limit, len(list))], w.enter("coupons")
}

func (w *world) Field(_ context.Context, member string) (books.Field, error) {
	if w.onLook != nil {
		w.onLook()
	}
	f := w.members[member]
	if f == nil {
		return books.Field{}, domain.Refuse(domain.CodeCustomerNotFound)
	}
	got := *f
	got.Coupons = w.listed(member)
	return got, w.enter("field")
}

func (w *world) History(_ context.Context, couponID int64) ([]domain.AuditEntry, error) {
	var list []domain.AuditEntry
	for _, f := range w.fixes {
		if f.Entry.CouponID == couponID && f.Entry.Action != "" {
			list = append(list, f.Entry)
		}
	}
	return list, w.enter("history")
}

func (w *world) Repaired(_ context.Context, f books.Fix) error {
	w.fixes = append(w.fixes, f)
	if f.Renew != "" {
		w.members[f.Renew].Wanted++
		w.members[f.Renew].ChangedAt = &f.At
	}
	return w.enter("repaired")
}

func (w *world) SaveRun(_ context.Context, s books.Summary) error {
	w.runs = append(w.runs, s)
	return nil
}

func (w *world) LastRun(context.Context) (books.Summary, error) {
	if len(w.runs) == 0 {
		return books.Summary{}, nil
	}
	return w.runs[len(w.runs)-1], nil
}

// pos is the world as the POS offers it; the name History is taken by our own record.
type pos struct{ *world }

func (w pos) History(_ context.Context, q books.HistoryQuery) (books.HistoryPage, error) {
	from, _ := strconv.Atoi(q.Cursor)
	list := w.entries[q.CustomerID]
	to := min(len(list), from+w.page)
	page := books.HistoryPage{Entries: list[from:to]}
	if to < len(list) {
		page.Next = strconv.Itoa(to)
	}
	return page, w.enter("pos")
}

func (w *world) FindDiscount(_ context.Context, code string) (coupons.FoundDiscount, error) {
	return w.found(func(d *coupons.FoundDiscount) bool { return d.Called(code) })
}

func (w *world) ReadDiscount(_ context.Context, id string) (coupons.FoundDiscount, error) {
	return w.found(func(d *coupons.FoundDiscount) bool { return d.ID == id })
}

func (w *world) found(is func(*coupons.FoundDiscount) bool) (coupons.FoundDiscount, error) {
	if err := w.enter("find"); err != nil {
		return coupons.FoundDiscount{}, err
	}
	for _, d := range w.codes {
		if is(d) {
			return *d, nil
		}
	}
	return coupons.FoundDiscount{}, &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify", Act: "find"}
}

func (w *world) Usage(_ context.Context, q orders.UsageQuery) (orders.Usage, error) {
	u := orders.Usage{Order: w.orders[q.Code]}
	if d := w.codes[q.Code]; d != nil {
		u.Count = d.Usage
	}
	return u, w.enter("usage")
}

func (w *world) DeactivateDiscount(_ context.Context, id string) error {
	for _, d := range w.codes {
		if d.ID == id {
			d.Status = "EXPIRED"
		}
	}
	return w.enter("deactivate")
}

func (w *world) ReadCoupons(_ context.Context, customer string) ([]byte, string, error) {
	if w.fields[customer] == "gone" {
		return nil, "", &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify", Act: "read_coupons"}
	}
	return []byte(w.fields[customer]), "", w.enter("field_read")
}

func (w *world) Use(_ context.Context, seen orders.Sighting) error {
	if err := w.enter("use"); err != nil {
		return err
	}
	w.used = append(w.used, seen)
	if d := w.codes[seen.Code]; seen.Uncounted && d != nil {
		d.Status = "EXPIRED" // what can still be spent is ended
	}
	for _, list := range w.states {
		for i := range list {
			if c := &list[i].Coupon; c.Code == seen.Code {
				c.UsedAt = &seen.At
				if c.Status == domain.Active {
					c.Status = domain.Used
					w.written(c.CustomerID)
				}
			}
		}
	}
	return nil
}
