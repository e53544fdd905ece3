package books_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/quick"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/metafields"
	"pointbridge/domain/orders"
	"pointbridge/test/expect"
)

var (
	planNow   = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	planStart = planNow.Add(-10 * 24 * time.Hour)
	planRules = books.Settings{Validity: 365 * 24 * time.Hour, Rate: domain.MustRate("1"), Currency: "JPY", Till: "generic"}
)

// code makes what stands outside of one code, as it is right after its conversion.
func code(change ...func(*books.Outside)) books.Outside {
	const text = "70934-AB72CD-500"
	d := &coupons.FoundDiscount{ID: "gid://shopify/DiscountCodeNode/1", Codes: []string{text}, Title: "Points " + text,
		Tags: []string{"pointbridge", "pb-member-8812370934", "pb-points-500"}, CustomerGID: "gid://shopify/Customer/1",
		CustomerCount: 1, Amount: domain.Money{Minor: 500, Currency: "JPY"}, StartsAt: planStart.Add(-time.Hour),
		EndsAt: planStart.Add(planRules.Validity), UsageLimit: 1, Status: "ACTIVE"}
	o := books.Outside{Code: text, First: text, Discount: d,
		Customer: domain.Customer{ID: "8812370934", ShopifyCustomerGID: d.CustomerGID},
		Take:     &books.Entry{ID: "e1", Points: -500, Reference: "COUPON-" + text, At: planStart}}
	for _, c := range change {
		c(&o)
	}
	return o
}

func back(o *books.Outside) {
	o.Back = &books.Entry{ID: "e2", Points: 500, At: planNow.Add(-time.Hour)}
}
func granted(o *books.Outside) {
	o.Grant = &books.Entry{ID: "e3", Points: 500, At: planNow.Add(-time.Hour)}
}
func retaken(o *books.Outside) {
	o.Retake = &books.Entry{ID: "e4", Points: -500, At: planNow.Add(-time.Minute)}
}
func untaken(o *books.Outside)      { o.Take = nil }
func noCode(o *books.Outside)       { o.Discount = nil }
func unreferenced(o *books.Outside) { o.Take, o.Unreferenced = nil, true }

func dead(o *books.Outside) {
	o.Discount.Status, o.Discount.EndsAt = "EXPIRED", planNow.Add(-2*time.Hour)
}

func over(o *books.Outside) {
	o.Discount.Status = "EXPIRED"
	o.Discount.StartsAt = planNow.Add(-planRules.Validity - 2*time.Hour)
	o.Discount.EndsAt = planNow.Add(-time.Hour)
}

func used(o *books.Outside) {
	o.Discount.Usage = 1
	ordered(o)
}

func ordered(o *books.Outside) {
	o.Usage = &orders.Usage{Order: &orders.Order{ID: "gid://shopify/Order/1", Name: "#1001", CreatedAt: planNow.Add(-3 * time.Hour)}}
	if o.Discount != nil {
		o.Usage.Count = o.Discount.Usage
	}
}

func shown(status domain.Status) func(*books.Outside) {
	return func(o *books.Outside) {
		o.Shown = &metafields.Shown{Code: o.Code, Status: status, Points: 500,
			Amount: domain.Money{Minor: 500, Currency: "JPY"}, IssuedAt: planStart, ExpiresAt: planStart.Add(planRules.Validity)}
	}
}

func altered(change func(*coupons.FoundDiscount)) func(*books.Outside) {
	return func(o *books.Outside) { change(o.Discount) }
}

// TestPlanOfEachRow walks the table in docs/architecture.md.
func TestPlanOfEachRow(t *testing.T) {
	t.Parallel()
	type row struct {
		name   string
		at     books.Outside
		want   domain.Status
		doubts []books.Doubt
		stop   bool
		review bool // used after refund
	}
	doubt := func(list ...books.Doubt) []books.Doubt { return list }
	for _, c := range []row{
		{name: "1", at: code(), want: domain.Active},
		{name: "1 listed", at: code(shown(domain.Active)), want: domain.Active},
		{name: "2 text", at: code(altered(func(d *coupons.FoundDiscount) { d.Codes = []string{"FREE"} })), want: domain.Active, doubts: doubt(books.DoubtDiffers)},
		{name: "2 amount", at: code(altered(func(d *coupons.FoundDiscount) { d.Amount.Minor = 900 })), want: domain.Active, doubts: doubt(books.DoubtDiffers)},
		{name: "2 limit", at: code(altered(func(d *coupons.FoundDiscount) { d.UsageLimit = 0 })), want: domain.Active, doubts: doubt(books.DoubtDiffers)},
		{name: "2 end", at: code(shown(domain.Active), altered(func(d *coupons.FoundDiscount) { d.EndsAt = d.EndsAt.Add(time.Hour) })), want: domain.Active, doubts: doubt(books.DoubtDiffers)},
		{name: "2 no end", at: code(altered(func(d *coupons.FoundDiscount) { d.EndsAt = time.Time{} })), want: domain.Active, doubts: doubt(books.DoubtDiffers)},
		{name: "2 customer", at: code(altered(func(d *coupons.FoundDiscount) { d.CustomerCount = 2 })), want: domain.Active, doubts: doubt(books.DoubtDiffers)},
		{name: "3 counted", at: code(used), want: domain.Used},
		{name: "3 an order alone", at: code(ordered), want: domain.Used},
		{name: "3 whatever the metafield says", at: code(used, shown(domain.Cancelled)), want: domain.Used},
		{name: "4", at: code(over), want: domain.Expired},
		{name: "5", at: code(dead), want: domain.Suspended, doubts: doubt(books.DoubtDeactivated)},
		{name: "5 listed", at: code(dead, shown(domain.Cancelled)), want: domain.Suspended, doubts: doubt(books.DoubtDeactivated)},
		{name: "6 used", at: code(noCode, shown(domain.Used)), want: domain.Used},
		{name: "6 expired", at: code(noCode, shown(domain.Expired)), want: domain.Expired},
		{name: "7 not listed", at: code(noCode), want: domain.Suspended, doubts: doubt(books.DoubtNoCode)},
		{name: "7 cancelled", at: code(noCode, shown(domain.Cancelled)), want: domain.Suspended, doubts: doubt(books.DoubtNoCode)},
		{name: "7 active", at: code(noCode, shown(domain.Active)), want: domain.Suspended, doubts: doubt(books.DoubtNoCode)},
		{name: "8", at: code(back, dead), want: domain.Cancelled},
		{name: "8 whatever is listed", at: code(back, dead, shown(domain.Active)), want: domain.Cancelled},
		{name: "9", at: code(back, noCode, shown(domain.Cancelled)), want: domain.Cancelled},
		{name: "10", at: code(back, noCode), want: domain.Failed},
		{name: "11", at: code(back), want: domain.Cancelled, stop: true},
		{name: "11 altered", at: code(back, altered(func(d *coupons.FoundDiscount) { d.UsageLimit = 0 })), want: domain.Cancelled, stop: true},
		{name: "12 dead", at: code(back, dead, used), want: domain.Cancelled, review: true},
		{name: "12 alive", at: code(back, used), want: domain.Cancelled, stop: true, review: true},
		{name: "12 taken again", at: code(back, dead, used, retaken), want: domain.Cancelled},
		{name: "13", at: code(granted, dead, used), want: domain.Used},
		{name: "13 alive", at: code(granted, used), want: domain.Used, stop: true},
		{name: "13 gone", at: code(granted, noCode), want: domain.Used},
		{name: "14 alive", at: code(untaken, back), want: domain.Cancelled, doubts: doubt(books.DoubtBackOnly), stop: true},
		{name: "14 gone", at: code(untaken, back, noCode), want: domain.Cancelled, doubts: doubt(books.DoubtBackOnly)},
		{name: "15 alive", at: code(untaken), want: domain.Suspended, stop: true, doubts: doubt(books.DoubtNotTaken)},
		{name: "15 dead", at: code(untaken, dead), want: domain.Suspended, doubts: doubt(books.DoubtNotTaken)},
		{name: "15 used", at: code(untaken, used), want: domain.Suspended, stop: true, doubts: doubt(books.DoubtNotTaken)},
		{name: "16", at: code(untaken, noCode, shown(domain.Active)), want: ""},
		{name: "17", at: code(unreferenced), want: domain.Active, doubts: doubt(books.DoubtUnreferenced)},
		{name: "18 used", at: code(unreferenced, used), want: domain.Used},
		{name: "18 over", at: code(unreferenced, over), want: domain.Expired},
		{name: "19 dead", at: code(unreferenced, dead), want: domain.Suspended, doubts: doubt(books.DoubtDeactivated, books.DoubtUnreferenced)},
		{name: "19 used", at: code(unreferenced, noCode, shown(domain.Used)), want: domain.Used},
		{name: "19 cancelled", at: code(unreferenced, noCode, shown(domain.Cancelled)), want: domain.Suspended, doubts: doubt(books.DoubtNoCode, books.DoubtUnreferenced)},
		{name: "20 twice", at: code(func(o *books.Outside) { o.Doubled = true }), want: domain.Active, doubts: doubt(books.DoubtDoubled)},
		{name: "20 points", at: code(func(o *books.Outside) { o.Take.Points = -400 }), want: domain.Active, doubts: doubt(books.DoubtPoints)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := planRules.Plan(c.at, planNow)
			expect.Equal(t, "p.Coupon.Status", p.Coupon.Status, c.want)
			expect.Equal(t, "p.Stop", p.Stop, c.stop)
			expect.Equal(t, "p.UsedAfterRefund", p.UsedAfterRefund, c.review)
			if !slices.Equal(p.Doubts, c.doubts) {
				t.Errorf("doubts %v, want %v", p.Doubts, c.doubts)
			}
		})
	}
}

// drawn is anything that can stand outside of a code.
type drawn struct {
	Take, Back, Grant, Retake, Twice, Unreferenced, Discount, Dead, Over, Used, Order, Altered bool
	Shown                                                                                      uint8
}

func (d drawn) outside() books.Outside {
	o := code()
	apply := func(is bool, change func(*books.Outside)) {
		if is {
			change(&o)
		}
	}
	apply(!d.Take, untaken)
	apply(d.Back, back)
	apply(d.Grant, granted)
	apply(d.Retake, retaken)
	apply(d.Over, over)
	apply(d.Dead, dead)
	apply(d.Altered, altered(func(f *coupons.FoundDiscount) { f.UsageLimit = 0 }))
	apply(d.Used, used)
	apply(!d.Discount, noCode)
	apply(d.Order, ordered)
	apply(d.Twice, func(o *books.Outside) { o.Doubled = true })
	apply(d.Unreferenced, func(o *books.Outside) {
		o.Unreferenced, o.Take, o.Back, o.Grant, o.Retake = true, nil, nil, nil, nil
	})
	statuses := []domain.Status{"", domain.Active, domain.Used, domain.Expired, domain.Cancelled}
	if s := statuses[int(d.Shown)%len(statuses)]; s != "" {
		shown(s)(&o)
	}
	return o
}

// TestPlanOfAnything: whatever stands outside, no code is left usable beside its points, no points are in two places, and
// what does not agree is a review.
func TestPlanOfAnything(t *testing.T) {
	t.Parallel()
	holds := func(d drawn) bool {
		o := d.outside()
		p := planRules.Plan(o, planNow)
		if p.Nothing() {
			return !d.Take && !d.Back && !d.Grant && !d.Retake && !d.Discount || d.Unreferenced && !d.Discount && o.Shown == nil
		}
		alive := o.Discount != nil && o.Discount.Alive()
		backs := o.Back != nil || o.Grant != nil
		free := alive && (backs || o.Take == nil && !o.Unreferenced) && !p.Stop
		resting := !p.Coupon.Status.OnTheWay() && p.Coupon.Status != domain.Forfeited
		unpaid := p.Coupon.Status == domain.Active && o.Take == nil && !p.Unsure()
		loose := p.Coupon.Status == domain.Suspended && alive && !p.Coupon.Unfinished && !p.Stop
		whole := p.Coupon.Code == o.Code && p.Coupon.ShopifyCustomerGID != "" && !p.Coupon.ExpiresAt.IsZero() &&
			!p.Coupon.CreatedAt.IsZero() && (p.Coupon.Status == domain.Used) == (p.Coupon.UsedAt != nil && p.Coupon.CancelledAt == nil && p.Coupon.Failure == nil)
		if free || !resting || unpaid || loose || !whole || p.Coupon.Points < 0 {
			fmt.Printf("%+v\n%+v\n", d, p)
			return false
		}
		again := planRules.Plan(o, planNow)
		return fmt.Sprint(again.Coupon.Status, again.Doubts) == fmt.Sprint(p.Coupon.Status, p.Doubts)
	}
	if err := quick.Check(holds, &quick.Config{MaxCount: 20_000}); err != nil {
		t.Fatal(err)
	}
}
