package books

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/sim"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// booksWorld is one member with an active, a used and a cancelled coupon, whose books agree.
type booksWorld struct {
	*world.World
	s                       *coupons.Service
	member, gid             string
	active, used, cancelled domain.Coupon
	checkoutOfTheCancelled  int64
	checker                 *books.Checker
}

func newBooksWorld(w *world.World) *booksWorld {
	w.T.Helper()
	w.Faults.Clear()
	b := &booksWorld{World: w, s: w.Service(w.Whole()), member: w.Member()}
	b.gid = fmt.Sprintf("gid://shopify/Customer/%d", w.Members)
	b.active, b.used, b.cancelled = b.Convert("a"), b.Convert("u"), b.Convert("c")
	var err error
	if b.checkoutOfTheCancelled, err = w.Shopify.OpenCheckout(b.gid, []string{b.cancelled.Code}, "1000"); err != nil {
		w.T.Fatal(err)
	}
	b.checkout(b.used)
	if err := w.Orders(b.s).SweepOrders(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	_, err = b.s.Cancel(w.T.Context(), coupons.Cancellation{Caller: domain.Caller{ID: "key:2",
		Role: domain.RoleSystemAdmin}, Code: b.cancelled.Code,
		Reason: domain.ReasonCustomerRequest, Key: "c-" + b.member})
	if err != nil {
		w.T.Fatal(err)
	}
	b.FinishAll()
	b.checker = &books.Checker{Ours: w.Store.Books, Runs: w.Store.Books, POS: w.Ledger, Shop: w.Admin, Fields: w.Admin,
		Uses: b.s, Clock: world.InstantClock{Clock: w.Clock}, Timing: books.DefaultTiming()}
	return b
}

func (b *booksWorld) Convert(key string) domain.Coupon {
	b.T.Helper()
	got, err := b.s.Convert(b.T.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: b.member,
		Points: 100, Key: key + b.member})
	expect.MustEqual(b.T, "err", err, nil)
	expect.MustEqual(b.T, "got.Done", got.Done, true)
	return got.Coupon
}

func (b *booksWorld) checkout(c domain.Coupon) {
	b.T.Helper()
	if _, err := b.Shopify.Checkout(b.gid, []string{c.Code}, "1000"); err != nil {
		b.T.Fatal(err)
	}
}

// FinishAll lets the service do everything that is to be done.
func (b *booksWorld) FinishAll() {
	b.T.Helper()
	if err := b.s.Drain(b.T.Context()); err != nil {
		b.T.Fatal(err)
	}
	for range 5 {
		b.Clock.Advance(40 * time.Second)
		b.Mu.Lock()
		jobs := b.Jobs
		b.Jobs = nil
		b.Mu.Unlock()
		for _, j := range jobs {
			switch j.Kind {
			case domain.JobAdvance:
				_ = b.s.Advance(b.T.Context(), j.CouponID)
			case domain.JobMail, domain.JobRemoveDiscount:
			}
		}
		b.Synced(b.s)
	}
}

// compare returns the differences of this member.
func (b *booksWorld) compare(repair bool) ([]books.Difference, books.Summary) {
	b.T.Helper()
	var found []books.Difference
	sum, err := b.checker.Run(b.T.Context(), books.Options{CustomerID: b.member, Repair: repair},
		books.Sink{Difference: func(d books.Difference) { found = append(found, d) }})
	if err != nil {
		b.T.Fatal(err)
	}
	return found, sum
}

// finds wants exactly these kinds, each once.
func (b *booksWorld) finds(repair bool, want ...books.Kind) []books.Difference {
	b.T.Helper()
	found, sum := b.compare(repair)
	var kinds []books.Kind
	for _, d := range found {
		kinds = append(kinds, d.Kind)
	}
	if !slices.Equal(kinds, want) || sum.Incomplete() || sum.Differences() != len(want) {
		b.T.Fatalf("found %+v (%+v), want %v", found, sum, want)
	}
	return found
}

// picture is everything a repair could change.
func (b *booksWorld) picture() string {
	b.T.Helper()
	var audit, wanted, reviews, movements int
	var statuses string
	for query, into := range map[string]any{
		"SELECT count(*) FROM audit WHERE customer_id = '" + b.member + "'":     &audit,
		"SELECT projection_wanted FROM customers WHERE id = '" + b.member + "'": &wanted,
		"SELECT count(*) FROM reviews":                                          &reviews,
		"SELECT count(*) FROM movements WHERE customer_id = '" + b.member + "'": &movements,
		"SELECT status FROM coupons WHERE id = " + fmt.Sprint(b.active.ID):      &statuses,
	} {
		if err := b.Store.DB().QueryRowContext(b.T.Context(), query).Scan(into); err != nil {
			b.T.Fatal(err)
		}
	}
	discounts, err := json.Marshal(b.Shopify.Discounts())
	if err != nil {
		b.T.Fatal(err)
	}
	return fmt.Sprintf("audit %d, metafield %d, reviews %d, movements %d, %s, entries %d, discounts %x", audit, wanted,
		reviews, movements, statuses, len(b.POS.Entries(b.member)), sha256.Sum256(discounts))
}

func (b *booksWorld) SQL(format string, args ...any) {
	b.T.Helper()
	done, err := b.Store.DB().ExecContext(b.T.Context(), fmt.Sprintf(format, args...))
	if err != nil {
		b.T.Fatal(err)
	}
	if n, _ := done.RowsAffected(); n != 1 {
		b.T.Fatalf("%d rows were changed", n)
	}
}

// remade puts another discount in the place of a coupon's.
func (b *booksWorld) remade(c domain.Coupon, change func(*coupons.Discount)) {
	b.T.Helper()
	if err := b.Admin.DeleteDiscount(b.T.Context(), c.DiscountID); err != nil {
		b.T.Fatal(err)
	}
	d := coupons.Discount{Code: c.Code, Title: "Points " + c.Code, CustomerGID: c.ShopifyCustomerGID, Amount: c.Amount,
		StartsAt: c.CreatedAt, EndsAt: c.ExpiresAt}
	if change != nil {
		change(&d)
	}
	if _, err := b.Admin.CreateDiscount(b.T.Context(), d); err != nil {
		b.T.Fatal(err)
	}
}

func (b *booksWorld) movement(kind domain.MovementKind, points int64, reference string) {
	b.T.Helper()
	m := domain.Movement{CustomerID: b.member, Kind: kind, Points: points, Reference: reference, Key: "again-" +
		reference, Reason: "x"}
	move := b.Ledger.Add
	if kind == domain.Take {
		move = b.Ledger.Deduct
	}
	if _, err := move(b.T.Context(), m); err != nil {
		b.T.Fatal(err)
	}
}

// stuck is a conversion whose code cannot be made, long after everybody has let it go.
func (b *booksWorld) stuck() {
	b.T.Helper()
	b.Faults.Add(sim.Rule{Act: "shopify.discountCodeBasicCreate", Mode: sim.Internal, Count: -1})
	got, err := b.s.Convert(b.T.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: b.member,
		Points: 100, Key: "s" + b.member})
	expect.MustEqual(b.T, "err", err, nil)
	expect.MustEqual(b.T, "got.Done", got.Done, false)
	if err := b.s.Drain(b.T.Context()); err != nil {
		b.T.Fatal(err)
	}
	b.Mu.Lock()
	b.Jobs = nil // lost
	b.Mu.Unlock()
	b.Faults.Clear()
	b.Clock.Advance(2 * time.Hour)
}
