package orders_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/orders"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

// covers: 000-01, 000-09, 000-10, 000-13, 004-33
func TestVoidedOrder(t *testing.T) {
	t.Parallel()
	t.Run("a declined order leaves the coupon used, moves nothing, and is one review, also when it is decided",
		func(t *testing.T) {
			t.Parallel()
			w, code := couponstest.WithCoupon(t, func(*world) {})
			w.Out.PlaceOrder(code)
			s := w.Service(nil)
			w.Told(s, w.Out.Orders[0])
			void := w.Out.CancelOrder(0, "declined")
			w.Told(s, void, void)
			c, r := w.DB.Coupons[0], w.DB.Reviews[0]
			expect.Equal(t, "c.Status", c.Status, domain.Used)
			expect.Equal(t, "c.UsedOrder", c.UsedOrder, "#1001")
			expect.Equal(t, "len(w.Out.Entries)", len(w.Out.Entries), 1)
			expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 1, w.DB.Reviews)
			expect.Equal(t, "r.Kind", r.Kind, reviews.OrderCancelled)
			expect.Equal(t, "r.Reason", r.Reason, "declined")
			expect.Equal(t, "r.OrderName", r.OrderName, "#1001")
			expect.Equal(t, "r.Open", r.Open, true)
			history := strings.Join(w.Actions(code), " ")
			if !strings.HasSuffix(history, "coupon.used order.voided") {
				t.Errorf("the history says %s", history)
			}
			if _, _, err := s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeRefuse, "d1")); err != nil {
				t.Fatal(err)
			}
			w.Told(s, void)
			expect.MustEqual(t, "w.Orders(s).SweepOrders(t.Context())", w.Orders(s).SweepOrders(t.Context()), nil)
			expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 1, w.DB.Reviews)
			expect.Equal(t, "w.DB.Reviews[0].Open", w.DB.Reviews[0].Open, false)
			w.Balanced()
		})
	t.Run("a refunded order is the same review, a part of it as it is configured", func(t *testing.T) {
		t.Parallel()
		for _, watched := range []bool{false, true} {
			w, code := couponstest.WithCoupon(t, func(w *world) { w.Policy.PartialRefunds = watched })
			w.Out.PlaceOrder(code)
			s := w.Service(nil)
			part := w.Out.Change(0, func(o *orders.Order) { o.Payment = domain.PaymentPartiallyRefunded })
			w.Told(s, part, part)
			if got := len(w.DB.Reviews); watched && got != 1 || !watched && got != 0 {
				t.Errorf("a part, watched %v: %d reviews", watched, got)
			}
			whole := w.Out.Change(0, func(o *orders.Order) { o.Payment = domain.PaymentRefunded })
			w.Told(s, whole, part, whole)
			r := w.DB.Reviews[0]
			expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 1, w.DB.Reviews)
			expect.Equal(t, "r.Kind", r.Kind, reviews.OrderRefunded)
			expect.Equal(t, "r.Reason", r.Reason, reviews.ReasonRefunded)
			w.Told(s, w.Out.CancelOrder(0, "staff"), whole)
			r = w.DB.Reviews[0]
			expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 1, w.DB.Reviews)
			expect.Equal(t, "r.Kind", r.Kind, reviews.OrderCancelled)
			expect.Equal(t, "r.Reason", r.Reason, "staff")
		}
	})
	t.Run("a refused part does not hide that the whole came to nothing", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(w *world) { w.Policy.PartialRefunds = true })
		w.Out.PlaceOrder(code)
		s := w.Service(nil)
		part := w.Out.Change(0, func(o *orders.Order) { o.Payment = domain.PaymentPartiallyRefunded })
		w.Told(s, part)
		if _, _, err := s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeRefuse, "d1")); err != nil {
			t.Fatal(err)
		}
		w.Told(s, part, w.Out.CancelOrder(0, "customer"), part)
		expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 2, w.DB.Reviews)
		expect.MustEqual(t, "w.DB.Reviews[1].Kind", w.DB.Reviews[1].Kind, reviews.OrderCancelled)
		expect.Equal(t, "w.DB.Reviews[1].Open", w.DB.Reviews[1].Open, true)
	})
	t.Run("the shop's test orders count only where they are allowed", func(t *testing.T) {
		t.Parallel()
		for _, allowed := range []bool{false, true} {
			w, code := couponstest.WithCoupon(t, func(w *world) { w.Policy.TestOrders = allowed })
			w.Out.PlaceOrder(code)
			w.Told(w.Service(nil), w.Out.Change(0, func(o *orders.Order) { o.Test = true }))
			if used := w.DB.Coupons[0].Status == domain.Used; used != allowed {
				t.Errorf("allowed %v, used %v", allowed, used)
			}
		}
	})
	t.Run("a code that an edit took from an order stays used, in the audit once, and without a review",
		func(t *testing.T) {
			t.Parallel()
			for _, known := range []bool{false, true} {
				w, code := couponstest.WithCoupon(t, func(*world) {})
				w.Out.PlaceOrder(code)
				s := w.Service(nil)
				if known {
					w.Told(s, w.Out.Orders[0])
				}
				lost := w.Out.Change(0, func(o *orders.Order) { o.Codes, o.Applied, o.Edited = nil, nil, true })
				w.Told(s, lost, lost)
				if c := w.DB.Coupons[0]; c.Status != domain.Used || c.UsedOrder != "#1001" ||
					w.Count("order.code_lost") != 1 || len(w.DB.Reviews) != 0 {
					t.Errorf("known %v: %+v, %v, %+v", known, c, w.Actions(code), w.DB.Reviews)
				}
				w.Told(s, w.Out.CancelOrder(0, "customer"))
				if len(w.DB.Reviews) != 1 {
					t.Errorf("known %v: cancelled later: %+v", known, w.DB.Reviews)
				}
			}
		})
	t.Run("an order that was deleted leaves its coupon used, in the audit once", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(*world) {})
		w.Out.PlaceOrder(code)
		s := w.Service(nil)
		w.Told(s, w.Out.Orders[0])
		gid := w.Out.Orders[0].ID
		w.Out.Orders = nil
		for range 2 {
			if err := w.Orders(s).RefreshOrder(t.Context(), gid, domain.HintDeleted); err != nil {
				t.Fatal(err)
			}
		}
		if w.DB.Coupons[0].Status != domain.Used || w.Count("order.deleted") != 1 || len(w.DB.Reviews) != 0 {
			t.Errorf("%v", w.Actions(code))
		}
	})
	t.Run("what an order was told to be is a hint, the shop's answer decides", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(*world) {})
		w.Out.PlaceOrder(code)
		w.Out.CancelOrder(0, "fraud")
		if err := w.Orders(w.Service(nil)).RefreshOrder(t.Context(), w.Out.Orders[0].ID, domain.HintNone); err != nil {
			t.Fatal(err)
		}
		expect.Equal(t, "w.DB.Coupons[0].Status", w.DB.Coupons[0].Status, domain.Used)
		expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 1, w.DB.Reviews)
		expect.Equal(t, "w.DB.Reviews[0].Reason", w.DB.Reviews[0].Reason, "fraud")
		w.Out.Refuse["order"] = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify",
			Act: "read_order"}
		err := w.Orders(w.Service(nil)).RefreshOrder(t.Context(), w.Out.Orders[0].ID, domain.HintNone)
		expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnavailable, err)
	})
}

// unspent is a world in which a cancelled order holds a code that Shopify never counted.
func unspent(t *testing.T, set func(*world)) (*world, string) {
	t.Helper()
	w, code := couponstest.WithCoupon(t, set)
	w.Out.PlaceOrder(code)
	w.Out.Codes[code].Usage = 0
	void := w.Out.CancelOrder(0, "customer")
	w.Told(w.Service(nil), void, void)
	return w, code
}

// covers: 000-01, 004-06
func TestVoidedOrderOfAnUnusedCode(t *testing.T) {
	t.Parallel()
	t.Run("nothing moves until a person clicks, then the points return once", func(t *testing.T) {
		t.Parallel()
		w, code := unspent(t, func(*world) {})
		s := w.Service(nil)
		r, err := w.DB.Review(t.Context(), 1)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 1, w.DB.Reviews)
		expect.MustEqual(t, "r.Outcomes(w.Clock.Now())", r.Outcomes(w.Clock.Now()),
			[]reviews.Outcome{reviews.OutcomeReturnPoints, reviews.OutcomeRefuse})
		expect.MustEqual(t, "w.DB.Coupons[0].Status", w.DB.Coupons[0].Status, domain.Active)
		expect.MustEqual(t, "len(w.Out.Entries)", len(w.Out.Entries), 1)
		if _, _, err := s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeReturnPoints, "d1")); err != nil {
			t.Fatal(err)
		}
		w.Told(s, w.Out.Orders[0])
		w.Pass(s)
		w.Told(w.Service(nil), w.Out.Orders[0])
		c := w.DB.Coupons[0]
		expect.Equal(t, "c.Status", c.Status, domain.Cancelled)
		expect.Equal(t, "c.Reason", c.Reason, domain.ReasonOrderCancelled)
		expect.Equal(t, "w.Out.Times(domain.GiveBackReference(code))", w.Out.Times(domain.GiveBackReference(code)), 1)
		expect.Equal(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 1, w.DB.Reviews)
		w.Balanced()
	})
	t.Run("a use that is counted late wins, and the review is open again for it", func(t *testing.T) {
		t.Parallel()
		w, code := unspent(t, func(*world) {})
		w.Out.Codes[code].Usage = 1
		s := w.Service(nil)
		if _, _, err := s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeReturnPoints, "d1")); err != nil {
			t.Fatal(err)
		}
		w.Pass(s)
		r, _ := w.DB.Review(t.Context(), 1)
		expect.MustEqual(t, "w.DB.Coupons[0].Status", w.DB.Coupons[0].Status, domain.Used)
		expect.MustEqual(t, "r.Open", r.Open, true)
		expect.MustEqual(t, "r.Problem", r.Problem, "coupon_already_used")
		expect.MustEqual(t, "len(w.Out.Entries)", len(w.Out.Entries), 1)
		s = w.Service(nil)
		if _, _, err := s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeGrant, "d2")); err != nil {
			t.Fatal(err)
		}
		w.Pass(s)
		expect.Equal(t, `w.Out.Balances["8812370934"]`, w.Out.Balances["8812370934"], 1250, w.Out.Entries)
		w.Balanced()
	})
	t.Run("the released code is used in an order that stands: nothing is owed", func(t *testing.T) {
		t.Parallel()
		w, code := unspent(t, func(*world) {})
		w.Out.PlaceOrder(code)
		s := w.Service(nil)
		w.Told(s, w.Out.Orders[1], w.Out.Orders[0])
		r, _ := w.DB.Review(t.Context(), 1)
		expect.Equal(t, "w.DB.Coupons[0].UsedOrder", w.DB.Coupons[0].UsedOrder, "#1002")
		expect.Equal(t, "r.Outcomes(w.Clock.Now())", r.Outcomes(w.Clock.Now()),
			[]reviews.Outcome{reviews.OutcomeRefuse})
	})
}

// delivery is one of three orders' snapshots.
type delivery struct{ order, snapshot int }

// TestDeliveries tells of three orders in every sequence, some snapshots twice, some not at all. Whatever came, what
// the shop says in the end makes the same of it.
// covers: 000-01, 000-09, T-05
func TestDeliveries(t *testing.T) {
	t.Parallel()
	all := []delivery{{0, 0}, {0, 1}, {1, 0}, {1, 1}, {1, 2}, {2, 0}, {2, 1}}
	want := ""
	random := rand.New(rand.NewPCG(1, 2))
	n := 0
	permute(all, func(sequence []delivery) {
		var list []delivery
		for _, d := range sequence {
			for range []int{1, 1, 2, 0}[random.IntN(4)] {
				list = append(list, d)
			}
		}
		if n++; n == 1 {
			list = all
		}
		got := deliver(t, list, n%2 == 0)
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatalf("after %v:\n%s\nwant\n%s", list, got, want)
		}
	})
	if n != 5040 || !strings.Contains(want, "order_cancelled customer") {
		t.Errorf("%d sequences, which end as %s", n, want)
	}
}

func permute(list []delivery, visit func([]delivery)) {
	var walk func(int)
	walk = func(at int) {
		if at == len(list) {
			visit(slices.Clone(list))
			return
		}
		for i := at; i < len(list); i++ {
			list[at], list[i] = list[i], list[at]
			walk(at + 1)
			list[at], list[i] = list[i], list[at]
		}
	}
	walk(0)
}

// deliver returns what the books say when everything is over.
func deliver(t *testing.T, list []delivery, bySweep bool) string {
	t.Helper()
	w := couponstest.NewWorld(t)
	s := w.Service(nil)
	var codes []string
	for n := range 3 {
		got, err := s.Convert(t.Context(), couponstest.Conversion(100, fmt.Sprint("k", n)))
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, got.Coupon.Code)
		w.Out.PlaceOrder(got.Coupon.Code)
	}
	snapshots := [][]orders.Order{{w.Out.Orders[0]}, {w.Out.Orders[1]}, {w.Out.Orders[2]}}
	w.Clock.Advance(time.Minute)
	snapshots[0] = append(snapshots[0], w.Out.CancelOrder(0, "customer"))
	snapshots[1] = append(snapshots[1], w.Out.Change(1, func(o *orders.Order) { o.Payment = domain.PaymentRefunded }))
	snapshots[2] = append(snapshots[2], w.Out.Change(2, func(o *orders.Order) {
		o.Codes, o.Applied, o.Edited = []string{"WELCOME"}, []string{"WELCOME"}, true
	}))
	w.Clock.Advance(time.Minute)
	snapshots[1] = append(snapshots[1], w.Out.CancelOrder(1, "declined"))
	for _, d := range list {
		w.Told(s, snapshots[d.order][d.snapshot])
	}
	if bySweep {
		if err := w.Orders(s).SweepOrders(t.Context()); err != nil {
			t.Fatal(err)
		}
	} else {
		for _, o := range slices.Clone(w.Out.Orders) {
			if err := w.Orders(s).RefreshOrder(t.Context(), o.ID, domain.HintNone); err != nil {
				t.Fatal(err)
			}
		}
	}
	var out strings.Builder
	for n, c := range w.DB.Coupons {
		fmt.Fprintf(&out, "%d %s %s", n, c.Status, c.UsedOrder)
		for _, r := range w.DB.Reviews {
			if r.Code == codes[n] {
				fmt.Fprintf(&out, " %s %s %s open %v", r.Kind, r.Reason, r.OrderName, r.Open)
			}
		}
		fmt.Fprintf(&out, " lost %v\n", slices.Contains(w.Actions(c.Code), "order.code_lost"))
	}
	fmt.Fprintf(&out, "%d cases, %d entries", len(w.DB.Reviews), len(w.Out.Entries))
	return out.String()
}

// TestAWeekWithoutWebhooks reads everything by the sweep alone, in rounds that are cut off after each page.
// covers: 000-09, T-05
func TestAWeekWithoutWebhooks(t *testing.T) {
	t.Parallel()
	perfect, silent := week(t, true), week(t, false)
	if perfect != silent || !strings.Contains(perfect, "order_cancelled") {
		t.Errorf("with every webhook:\n%s\nwithout any:\n%s", perfect, silent)
	}
}

func week(t *testing.T, webhooks bool) string {
	t.Helper()
	w := couponstest.NewWorld(t)
	s := w.Service(nil)
	tell := func(n int) {
		if webhooks {
			w.Told(s, w.Out.Orders[n])
		}
	}
	for day := range 7 {
		got, err := s.Convert(t.Context(), couponstest.Conversion(100, fmt.Sprint("k", day)))
		if err != nil {
			t.Fatal(err)
		}
		w.Out.PlaceOrder(got.Coupon.Code)
		tell(day)
		w.Clock.Advance(12 * time.Hour)
		switch day % 3 {
		case 0:
			w.Out.CancelOrder(day, "inventory")
		case 1:
			w.Out.Change(day, func(o *orders.Order) { o.Payment = domain.PaymentRefunded })
		}
		tell(day)
		w.Clock.Advance(12 * time.Hour)
	}
	if !webhooks {
		if err := w.Orders(s).SweepOrders(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.Rest(s)
	w.Balanced()
	var out strings.Builder
	for n, c := range w.DB.Coupons {
		fmt.Fprintf(&out, "%d %s %s\n", n, c.Status, c.UsedOrder)
	}
	for _, r := range w.DB.Reviews {
		fmt.Fprintf(&out, "%s %s %s\n", r.Kind, r.Reason, r.OrderName)
	}
	return out.String()
}

// cutShop gives one order per page, and is cut off after so many.
type cutShop struct {
	*couponstest.Outside
	left  int
	asked []time.Time
}

func (c *cutShop) OrdersSince(_ context.Context, since time.Time, after string) (orders.Page, error) {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	if after == "" {
		c.asked = append(c.asked, since)
	}
	if c.left--; c.left < 0 {
		return orders.Page{}, &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify",
			Act: "list_orders"}
	}
	list := slices.DeleteFunc(slices.Clone(c.Orders), func(o orders.Order) bool { return o.UpdatedAt.Before(since) })
	at := 0
	for after != "" && list[at].ID != after {
		at++
	}
	page := orders.Page{Orders: list[at : at+1]}
	if at+1 < len(list) {
		page.Next = list[at+1].ID
	}
	return page, nil
}

// covers: T-05
func TestALongReadingIsNotBegunAgain(t *testing.T) {
	t.Parallel()
	w := couponstest.NewWorld(t)
	cut := &cutShop{Outside: w.Out}
	s := w.Service(&couponstest.Ports{Store: w.DB, Ledger: w.Out, Shop: cut})
	for n := range 6 {
		got, err := s.Convert(t.Context(), couponstest.Conversion(100, fmt.Sprint("k", n)))
		if err != nil {
			t.Fatal(err)
		}
		w.Out.PlaceOrder(got.Coupon.Code)
		w.Clock.Advance(24 * time.Hour)
	}
	rounds := 0
	for rounds = 1; rounds < 10; rounds++ {
		cut.left = 3
		if err := w.Orders(s).SweepOrders(t.Context()); err == nil {
			break
		}
	}
	used := len(w.DB.Pick(func(c domain.Coupon) bool { return c.Status == domain.Used }))
	if used != 6 || rounds > 3 || !slices.IsSortedFunc(cut.asked, time.Time.Compare) ||
		cut.asked[0].Equal(cut.asked[1]) {
		t.Errorf("%d of six orders in %d rounds, which began at %v", used, rounds, cut.asked)
	}
}

// TestOneOrderKeepsNoOther: an order whose coupon somebody is at is read again, and those after it are seen all the
// same.
// covers: 000-09
func TestOneOrderKeepsNoOther(t *testing.T) {
	t.Parallel()
	w, first := couponstest.WithCoupon(t, func(*world) {})
	s := w.Service(nil)
	second, err := s.Convert(t.Context(), couponstest.Conversion(300, "k2"))
	if err != nil {
		t.Fatal(err)
	}
	w.Out.PlaceOrder(first)
	w.Clock.Advance(time.Minute)
	w.Out.PlaceOrder(second.Coupon.Code)
	w.Clock.Advance(time.Minute)
	at := w.DB.Coupons[0]
	w.DB.Coupons[0].Status = domain.Pending
	for range 2 {
		if err := w.Orders(s).SweepOrders(t.Context()); !errors.Is(err, domain.ErrConflict) {
			t.Errorf("the round says %v", err)
		}
		if w.DB.Coupons[1].Status != domain.Used || !w.DB.Cursors["orders"].Equal(w.Out.Orders[0].UpdatedAt) {
			t.Errorf("the second order: %s, read up to %s", w.DB.Coupons[1].Status, w.DB.Cursors["orders"])
		}
		w.Clock.Advance(time.Hour)
	}
	w.DB.Coupons[0] = at
	if err := w.Orders(s).SweepOrders(t.Context()); err != nil || w.DB.Coupons[0].Status != domain.Used ||
		!w.DB.Cursors["orders"].Equal(w.Clock.Now()) {
		t.Errorf("%v, %s, read up to %s", err, w.DB.Coupons[0].Status, w.DB.Cursors["orders"])
	}
	w.Out.Refuse["orders"] = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify",
		Act: "list_orders"}
	err = w.Orders(s).SweepOrders(t.Context())
	expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnavailable, err)
}
