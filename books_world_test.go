package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/integrations/sim"
)

// instantClock is a clock on which every wait is over at once.
type instantClock struct{ *couponstest.Clock }

func (c instantClock) After(d time.Duration) <-chan time.Time {
	due := c.Clock.After(d)
	c.Advance(d)
	return due
}

// booksWorld is one member with an active, a used and a cancelled coupon, whose books agree.
type booksWorld struct {
	*walkWorld
	s                       *coupons.Service
	member, gid             string
	active, used, cancelled domain.Coupon
	checkoutOfTheCancelled  int64
	checker                 *books.Checker
}

func newBooksWorld(w *walkWorld) *booksWorld {
	w.t.Helper()
	w.faults.Clear()
	b := &booksWorld{walkWorld: w, s: w.service(w.whole()), member: w.member()}
	b.gid = fmt.Sprintf("gid://shopify/Customer/%d", w.members)
	b.active, b.used, b.cancelled = b.convert("a"), b.convert("u"), b.convert("c")
	var err error
	if b.checkoutOfTheCancelled, err = w.shop.OpenCheckout(b.gid, []string{b.cancelled.Code}, "1000"); err != nil {
		w.t.Fatal(err)
	}
	b.checkout(b.used)
	if err := b.s.SweepOrders(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	_, err = b.s.Cancel(w.t.Context(), coupons.Cancellation{Caller: domain.Caller{ID: "key:2", Role: domain.RoleSystemAdmin}, Code: b.cancelled.Code,
		Reason: domain.ReasonCustomerRequest, Key: "c-" + b.member})
	if err != nil {
		w.t.Fatal(err)
	}
	b.settle()
	b.checker = &books.Checker{Ours: w.db.Books, Runs: w.db.Books, Till: w.ledger, Shop: w.admin, Fields: w.admin, Uses: b.s, Clock: instantClock{w.clock},
		Timing: books.DefaultTiming()}
	return b
}

func (b *booksWorld) convert(key string) domain.Coupon {
	b.t.Helper()
	got, err := b.s.Convert(b.t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: b.member, Points: 100, Key: key + b.member})
	if err != nil || !got.Done {
		b.t.Fatalf("%+v, %v", got, err)
	}
	return got.Coupon
}

func (b *booksWorld) checkout(c domain.Coupon) {
	b.t.Helper()
	if _, err := b.shop.Checkout(b.gid, []string{c.Code}, "1000"); err != nil {
		b.t.Fatal(err)
	}
}

// settle lets the service do everything that is to be done.
func (b *booksWorld) settle() {
	b.t.Helper()
	if err := b.s.Drain(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	for range 5 {
		b.clock.Advance(40 * time.Second)
		b.mu.Lock()
		jobs := b.jobs
		b.jobs = nil
		b.mu.Unlock()
		for _, j := range jobs {
			switch j.Kind {
			case domain.JobAdvance:
				_ = b.s.Advance(b.t.Context(), j.CouponID)
			case domain.JobMetafield:
				if b.metafields(b.s).SyncMetafield(b.t.Context(), j.CustomerID) != nil { // it learns the digest, and is tried again
					_ = b.metafields(b.s).SyncMetafield(b.t.Context(), j.CustomerID)
				}
			case domain.JobMail, domain.JobRemoveDiscount:
			}
		}
	}
}

// compare gives the differences of this member.
func (b *booksWorld) compare(repair bool) ([]books.Difference, books.Summary) {
	b.t.Helper()
	var found []books.Difference
	sum, err := b.checker.Run(b.t.Context(), books.Options{CustomerID: b.member, Repair: repair},
		books.Sink{Difference: func(d books.Difference) { found = append(found, d) }})
	if err != nil {
		b.t.Fatal(err)
	}
	return found, sum
}

// finds wants exactly these kinds, each once.
func (b *booksWorld) finds(repair bool, want ...books.Kind) []books.Difference {
	b.t.Helper()
	found, sum := b.compare(repair)
	var kinds []books.Kind
	for _, d := range found {
		kinds = append(kinds, d.Kind)
	}
	if !slices.Equal(kinds, want) || sum.Incomplete() || sum.Differences() != len(want) {
		b.t.Fatalf("found %+v (%+v), want %v", found, sum, want)
	}
	return found
}

// picture is everything a repair could change.
func (b *booksWorld) picture() string {
	b.t.Helper()
	var audit, wanted, reviews, movements int
	var statuses string
	for query, into := range map[string]any{
		"SELECT count(*) FROM audit WHERE customer_id = '" + b.member + "'":     &audit,
		"SELECT projection_wanted FROM customers WHERE id = '" + b.member + "'": &wanted,
		"SELECT count(*) FROM reviews":                                          &reviews,
		"SELECT count(*) FROM movements WHERE customer_id = '" + b.member + "'": &movements,
		"SELECT status FROM coupons WHERE id = " + fmt.Sprint(b.active.ID):      &statuses,
	} {
		if err := b.db.DB().QueryRowContext(b.t.Context(), query).Scan(into); err != nil {
			b.t.Fatal(err)
		}
	}
	discounts, err := json.Marshal(b.shop.Discounts())
	if err != nil {
		b.t.Fatal(err)
	}
	return fmt.Sprintf("audit %d, metafield %d, reviews %d, movements %d, %s, entries %d, discounts %x", audit, wanted, reviews, movements, statuses,
		len(b.till.Entries(b.member)), sha256.Sum256(discounts))
}

func (b *booksWorld) sql(format string, args ...any) {
	b.t.Helper()
	done, err := b.db.DB().ExecContext(b.t.Context(), fmt.Sprintf(format, args...))
	if err != nil {
		b.t.Fatal(err)
	}
	if n, _ := done.RowsAffected(); n != 1 {
		b.t.Fatalf("%d rows were changed", n)
	}
}

// remade puts another discount in the place of a coupon's.
func (b *booksWorld) remade(c domain.Coupon, change func(*coupons.Discount)) {
	b.t.Helper()
	if err := b.admin.DeleteDiscount(b.t.Context(), c.DiscountID); err != nil {
		b.t.Fatal(err)
	}
	d := coupons.Discount{Code: c.Code, Title: "Points " + c.Code, CustomerGID: c.ShopifyCustomerGID, Amount: c.Amount, StartsAt: c.CreatedAt, EndsAt: c.ExpiresAt}
	if change != nil {
		change(&d)
	}
	if _, err := b.admin.CreateDiscount(b.t.Context(), d); err != nil {
		b.t.Fatal(err)
	}
}

func (b *booksWorld) movement(kind domain.MovementKind, points int64, reference string) {
	b.t.Helper()
	m := domain.Movement{CustomerID: b.member, Kind: kind, Points: points, Reference: reference, Key: "again-" + reference, Reason: "x"}
	move := b.ledger.Add
	if kind == domain.Take {
		move = b.ledger.Deduct
	}
	if _, err := move(b.t.Context(), m); err != nil {
		b.t.Fatal(err)
	}
}

// stuck is a conversion whose code cannot be made, long after everybody has let it go.
func (b *booksWorld) stuck() {
	b.t.Helper()
	b.faults.Add(sim.Rule{Act: "shopify.discountCodeBasicCreate", Mode: sim.Internal, Count: -1})
	got, err := b.s.Convert(b.t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: b.member, Points: 100, Key: "s" + b.member})
	if err != nil || got.Done {
		b.t.Fatalf("%+v, %v", got, err)
	}
	if err := b.s.Drain(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	b.mu.Lock()
	b.jobs = nil // lost
	b.mu.Unlock()
	b.faults.Clear()
	b.clock.Advance(2 * time.Hour)
}
