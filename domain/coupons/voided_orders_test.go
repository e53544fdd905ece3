package coupons_test

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
	"pointbridge/domain/coupons"
)

// change edits the n-th order of the shop.
func (o *outside) change(n int, edit func(*coupons.Order)) coupons.Order {
	o.mu.Lock()
	defer o.mu.Unlock()
	edit(&o.orders[n])
	o.orders[n].UpdatedAt = o.clock.Now()
	return o.orders[n]
}

func (o *outside) cancelOrder(n int, reason string) coupons.Order {
	return o.change(n, func(v *coupons.Order) {
		v.CancelledAt, v.CancelReason, v.Payment = o.clock.Now(), reason, coupons.PaymentRefunded
	})
}

// withVoidedOrder is a world in which a coupon was used by an order that was then cancelled, and its review.
func withVoidedOrder(t *testing.T, set func(*world)) (*world, string) {
	t.Helper()
	w, code := withCoupon(t, func(*world) {})
	w.out.order(code)
	s := w.service(nil)
	w.told(s, w.out.orders[0])
	set(w)
	w.told(w.service(nil), w.out.cancelOrder(0, "customer"))
	return w, code
}

// told tells the service of orders, as webhooks and the sweep do.
func (w *world) told(s *coupons.Service, orders ...coupons.Order) {
	w.t.Helper()
	for _, o := range orders {
		if err := s.SeeOrder(w.t.Context(), o); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) actions(code string) (list []string) {
	for _, e := range w.db.audit {
		if e.Code == code {
			list = append(list, e.Action)
		}
	}
	return list
}

func (w *world) count(action string) int {
	return len(slices.DeleteFunc(slices.Clone(w.db.audit),
		func(e domain.AuditEntry) bool { return e.Action != action }))
}

func decision(outcome coupons.Outcome, key string) coupons.Decision {
	return coupons.Decision{Caller: manager(), ReviewID: 1, Outcome: outcome, Note: "looked into", Key: key}
}

// covers: 000-01, 000-09, 000-10, 000-13, 004-33
func TestVoidedOrder(t *testing.T) {
	t.Parallel()
	t.Run("a declined order leaves the coupon used, moves nothing, and is one review, also when it is decided",
		func(t *testing.T) {
			t.Parallel()
			w, code := withCoupon(t, func(*world) {})
			w.out.order(code)
			s := w.service(nil)
			w.told(s, w.out.orders[0])
			voided := w.out.cancelOrder(0, "declined")
			w.told(s, voided, voided)
			c, r := w.db.coupons[0], w.db.reviews[0]
			if c.Status != domain.Used || c.UsedOrder != "#1001" || len(w.out.entries) != 1 {
				t.Errorf("%+v", c)
			}
			if len(w.db.reviews) != 1 || r.Kind != coupons.ReviewOrderCancelled || r.Reason != "declined" ||
				r.OrderName != "#1001" || !r.Open {
				t.Errorf("%+v", w.db.reviews)
			}
			history := strings.Join(w.actions(code), " ")
			if !strings.HasSuffix(history, "coupon.used order.voided") {
				t.Errorf("the history says %s", history)
			}
			if _, _, err := s.Decide(t.Context(), decision(coupons.OutcomeRefuse, "d1")); err != nil {
				t.Fatal(err)
			}
			w.told(s, voided)
			if err := s.SweepOrders(t.Context()); err != nil || len(w.db.reviews) != 1 || w.db.reviews[0].Open {
				t.Errorf("%v, %+v", err, w.db.reviews)
			}
			w.balanced()
		})
	t.Run("a refunded order is the same review, a part of it as it is configured", func(t *testing.T) {
		t.Parallel()
		for _, watched := range []bool{false, true} {
			w, code := withCoupon(t, func(w *world) { w.policy.PartialRefunds = watched })
			w.out.order(code)
			s := w.service(nil)
			part := w.out.change(0, func(o *coupons.Order) { o.Payment = coupons.PaymentPartiallyRefunded })
			w.told(s, part, part)
			if got := len(w.db.reviews); watched && got != 1 || !watched && got != 0 {
				t.Errorf("a part, watched %v: %d reviews", watched, got)
			}
			whole := w.out.change(0, func(o *coupons.Order) { o.Payment = coupons.PaymentRefunded })
			w.told(s, whole, part, whole)
			if r := w.db.reviews[0]; len(w.db.reviews) != 1 || r.Kind != coupons.ReviewOrderRefunded ||
				r.Reason != coupons.ReasonRefunded {
				t.Errorf("%+v", w.db.reviews)
			}
			w.told(s, w.out.cancelOrder(0, "staff"), whole)
			if r := w.db.reviews[0]; len(w.db.reviews) != 1 || r.Kind != coupons.ReviewOrderCancelled ||
				r.Reason != "staff" {
				t.Errorf("%+v", w.db.reviews)
			}
		}
	})
	t.Run("a refused part does not hide that the whole came to nothing", func(t *testing.T) {
		t.Parallel()
		w, code := withCoupon(t, func(w *world) { w.policy.PartialRefunds = true })
		w.out.order(code)
		s := w.service(nil)
		part := w.out.change(0, func(o *coupons.Order) { o.Payment = coupons.PaymentPartiallyRefunded })
		w.told(s, part)
		if _, _, err := s.Decide(t.Context(), decision(coupons.OutcomeRefuse, "d1")); err != nil {
			t.Fatal(err)
		}
		w.told(s, part, w.out.cancelOrder(0, "customer"), part)
		if len(w.db.reviews) != 2 || w.db.reviews[1].Kind != coupons.ReviewOrderCancelled || !w.db.reviews[1].Open {
			t.Errorf("%+v", w.db.reviews)
		}
	})
	t.Run("the shop's test orders count only where they are allowed", func(t *testing.T) {
		t.Parallel()
		for _, allowed := range []bool{false, true} {
			w, code := withCoupon(t, func(w *world) { w.policy.TestOrders = allowed })
			w.out.order(code)
			w.told(w.service(nil), w.out.change(0, func(o *coupons.Order) { o.Test = true }))
			if used := w.db.coupons[0].Status == domain.Used; used != allowed {
				t.Errorf("allowed %v, used %v", allowed, used)
			}
		}
	})
	t.Run("a code that an edit took from an order stays used, in the audit once, and without a review",
		func(t *testing.T) {
			t.Parallel()
			for _, known := range []bool{false, true} {
				w, code := withCoupon(t, func(*world) {})
				w.out.order(code)
				s := w.service(nil)
				if known {
					w.told(s, w.out.orders[0])
				}
				lost := w.out.change(0, func(o *coupons.Order) { o.Codes, o.Applied, o.Edited = nil, nil, true })
				w.told(s, lost, lost)
				if c := w.db.coupons[0]; c.Status != domain.Used || c.UsedOrder != "#1001" ||
					w.count("order.code_lost") != 1 || len(w.db.reviews) != 0 {
					t.Errorf("known %v: %+v, %v, %+v", known, c, w.actions(code), w.db.reviews)
				}
				w.told(s, w.out.cancelOrder(0, "customer"))
				if len(w.db.reviews) != 1 {
					t.Errorf("known %v: cancelled later: %+v", known, w.db.reviews)
				}
			}
		})
	t.Run("an order that was deleted leaves its coupon used, in the audit once", func(t *testing.T) {
		t.Parallel()
		w, code := withCoupon(t, func(*world) {})
		w.out.order(code)
		s := w.service(nil)
		w.told(s, w.out.orders[0])
		gid := w.out.orders[0].ID
		w.out.orders = nil
		for range 2 {
			if err := s.RefreshOrder(t.Context(), gid, domain.HintDeleted); err != nil {
				t.Fatal(err)
			}
		}
		if w.db.coupons[0].Status != domain.Used || w.count("order.deleted") != 1 || len(w.db.reviews) != 0 {
			t.Errorf("%v", w.actions(code))
		}
	})
	t.Run("what an order was told to be is a hint, the shop's answer decides", func(t *testing.T) {
		t.Parallel()
		w, code := withCoupon(t, func(*world) {})
		w.out.order(code)
		w.out.cancelOrder(0, "fraud")
		if err := w.service(nil).RefreshOrder(t.Context(), w.out.orders[0].ID, domain.HintNone); err != nil {
			t.Fatal(err)
		}
		if w.db.coupons[0].Status != domain.Used || len(w.db.reviews) != 1 || w.db.reviews[0].Reason != "fraud" {
			t.Errorf("%+v", w.db.reviews)
		}
		w.out.refuse["order"] = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify",
			Act: "read_order"}
		if err := w.service(nil).RefreshOrder(t.Context(), w.out.orders[0].ID,
			domain.HintNone); domain.KindOf(err) != domain.KindUnavailable {
			t.Errorf("%v", err)
		}
	})
}

// unspent is a world in which a cancelled order holds a code that Shopify never counted.
func unspent(t *testing.T, set func(*world)) (*world, string) {
	t.Helper()
	w, code := withCoupon(t, set)
	w.out.order(code)
	w.out.codes[code].Usage = 0
	voided := w.out.cancelOrder(0, "customer")
	w.told(w.service(nil), voided, voided)
	return w, code
}

// covers: 000-01, 004-06
func TestVoidedOrderOfAnUnusedCode(t *testing.T) {
	t.Parallel()
	t.Run("nothing moves until a person clicks, then the points return once", func(t *testing.T) {
		t.Parallel()
		w, code := unspent(t, func(*world) {})
		s := w.service(nil)
		r, err := w.db.Review(t.Context(), 1)
		if err != nil || len(w.db.reviews) != 1 || !slices.Equal(r.Outcomes(w.clock.Now()),
			[]coupons.Outcome{coupons.OutcomeReturnPoints, coupons.OutcomeRefuse}) {
			t.Fatalf("%+v, %v", w.db.reviews, err)
		}
		if w.db.coupons[0].Status != domain.Active || len(w.out.entries) != 1 {
			t.Fatalf("%+v", w.db.coupons[0])
		}
		if _, _, err := s.Decide(t.Context(), decision(coupons.OutcomeReturnPoints, "d1")); err != nil {
			t.Fatal(err)
		}
		w.told(s, w.out.orders[0])
		w.pass(s)
		w.told(w.service(nil), w.out.orders[0])
		c := w.db.coupons[0]
		if c.Status != domain.Cancelled || c.Reason != domain.ReasonOrderCancelled ||
			w.out.count(domain.GiveBackReference(code)) != 1 || len(w.db.reviews) != 1 {
			t.Errorf("%+v, %+v", c, w.db.reviews)
		}
		w.balanced()
	})
	t.Run("a use that is counted late wins, and the review is open again for it", func(t *testing.T) {
		t.Parallel()
		w, code := unspent(t, func(*world) {})
		w.out.codes[code].Usage = 1
		s := w.service(nil)
		if _, _, err := s.Decide(t.Context(), decision(coupons.OutcomeReturnPoints, "d1")); err != nil {
			t.Fatal(err)
		}
		w.pass(s)
		r, _ := w.db.Review(t.Context(), 1)
		if w.db.coupons[0].Status != domain.Used || !r.Open || r.Problem != "coupon_already_used" ||
			len(w.out.entries) != 1 {
			t.Fatalf("%+v, %+v", w.db.coupons[0], r)
		}
		s = w.service(nil)
		if _, _, err := s.Decide(t.Context(), decision(coupons.OutcomeGrant, "d2")); err != nil {
			t.Fatal(err)
		}
		w.pass(s)
		if w.out.balances["8812370934"] != 1250 {
			t.Errorf("%+v", w.out.entries)
		}
		w.balanced()
	})
	t.Run("the released code is used in an order that stands: nothing is owed", func(t *testing.T) {
		t.Parallel()
		w, code := unspent(t, func(*world) {})
		w.out.order(code)
		s := w.service(nil)
		w.told(s, w.out.orders[1], w.out.orders[0])
		r, _ := w.db.Review(t.Context(), 1)
		if c := w.db.coupons[0]; c.UsedOrder != "#1002" || !slices.Equal(r.Outcomes(w.clock.Now()),
			[]coupons.Outcome{coupons.OutcomeRefuse}) {
			t.Errorf("%+v, %v", c, r.Outcomes(w.clock.Now()))
		}
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
	w := newWorld(t)
	s := w.service(nil)
	var codes []string
	for n := range 3 {
		got, err := s.Convert(t.Context(), conversion(100, fmt.Sprint("k", n)))
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, got.Coupon.Code)
		w.out.order(got.Coupon.Code)
	}
	snapshots := [][]coupons.Order{{w.out.orders[0]}, {w.out.orders[1]}, {w.out.orders[2]}}
	w.clock.Advance(time.Minute)
	snapshots[0] = append(snapshots[0], w.out.cancelOrder(0, "customer"))
	snapshots[1] = append(snapshots[1], w.out.change(1, func(o *coupons.Order) { o.Payment = coupons.PaymentRefunded }))
	snapshots[2] = append(snapshots[2], w.out.change(2, func(o *coupons.Order) { o.Codes, o.Applied, o.Edited = []string{"WELCOME"}, []string{"WELCOME"}, true }))
	w.clock.Advance(time.Minute)
	snapshots[1] = append(snapshots[1], w.out.cancelOrder(1, "declined"))
	for _, d := range list {
		w.told(s, snapshots[d.order][d.snapshot])
	}
	if bySweep {
		if err := s.SweepOrders(t.Context()); err != nil {
			t.Fatal(err)
		}
	} else {
		for _, o := range slices.Clone(w.out.orders) {
			if err := s.RefreshOrder(t.Context(), o.ID, domain.HintNone); err != nil {
				t.Fatal(err)
			}
		}
	}
	var out strings.Builder
	for n, c := range w.db.coupons {
		fmt.Fprintf(&out, "%d %s %s", n, c.Status, c.UsedOrder)
		for _, r := range w.db.reviews {
			if r.Code == codes[n] {
				fmt.Fprintf(&out, " %s %s %s open %v", r.Kind, r.Reason, r.OrderName, r.Open)
			}
		}
		fmt.Fprintf(&out, " lost %v\n", slices.Contains(w.actions(c.Code), "order.code_lost"))
	}
	fmt.Fprintf(&out, "%d reviews, %d entries", len(w.db.reviews), len(w.out.entries))
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
	w := newWorld(t)
	s := w.service(nil)
	tell := func(n int) {
		if webhooks {
			w.told(s, w.out.orders[n])
		}
	}
	for day := range 7 {
		got, err := s.Convert(t.Context(), conversion(100, fmt.Sprint("k", day)))
		if err != nil {
			t.Fatal(err)
		}
		w.out.order(got.Coupon.Code)
		tell(day)
		w.clock.Advance(12 * time.Hour)
		switch day % 3 {
		case 0:
			w.out.cancelOrder(day, "inventory")
		case 1:
			w.out.change(day, func(o *coupons.Order) { o.Payment = coupons.PaymentRefunded })
		}
		tell(day)
		w.clock.Advance(12 * time.Hour)
	}
	if !webhooks {
		if err := s.SweepOrders(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.rest(s)
	w.balanced()
	var out strings.Builder
	for n, c := range w.db.coupons {
		fmt.Fprintf(&out, "%d %s %s\n", n, c.Status, c.UsedOrder)
	}
	for _, r := range w.db.reviews {
		fmt.Fprintf(&out, "%s %s %s\n", r.Kind, r.Reason, r.OrderName)
	}
	return out.String()
}

// cutShop gives one order per page, and is cut off after so many.
type cutShop struct {
	*outside
	left  int
	asked []time.Time
}

func (c *cutShop) OrdersSince(_ context.Context, since time.Time, after string) (coupons.OrderPage, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if after == "" {
		c.asked = append(c.asked, since)
	}
	if c.left--; c.left < 0 {
		return coupons.OrderPage{}, &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify",
			Act: "list_orders"}
	}
	list := slices.DeleteFunc(slices.Clone(c.orders), func(o coupons.Order) bool { return o.UpdatedAt.Before(since) })
	at := 0
	for after != "" && list[at].ID != after {
		at++
	}
	page := coupons.OrderPage{Orders: list[at : at+1]}
	if at+1 < len(list) {
		page.Next = list[at+1].ID
	}
	return page, nil
}

// covers: T-05
func TestALongReadingIsNotBegunAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cut := &cutShop{outside: w.out}
	s := w.service(&ports{Store: w.db, Ledger: w.out, Shop: cut})
	for n := range 6 {
		got, err := s.Convert(t.Context(), conversion(100, fmt.Sprint("k", n)))
		if err != nil {
			t.Fatal(err)
		}
		w.out.order(got.Coupon.Code)
		w.clock.Advance(24 * time.Hour)
	}
	rounds := 0
	for rounds = 1; rounds < 10; rounds++ {
		cut.left = 3
		if err := s.SweepOrders(t.Context()); err == nil {
			break
		}
	}
	used := len(w.db.pick(func(c domain.Coupon) bool { return c.Status == domain.Used }))
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
	w, first := withCoupon(t, func(*world) {})
	s := w.service(nil)
	second, err := s.Convert(t.Context(), conversion(300, "k2"))
	if err != nil {
		t.Fatal(err)
	}
	w.out.order(first)
	w.clock.Advance(time.Minute)
	w.out.order(second.Coupon.Code)
	w.clock.Advance(time.Minute)
	at := w.db.coupons[0]
	w.db.coupons[0].Status = domain.Pending
	for range 2 {
		if err := s.SweepOrders(t.Context()); !errors.Is(err, domain.ErrConflict) {
			t.Errorf("the round says %v", err)
		}
		if w.db.coupons[1].Status != domain.Used || !w.db.cursors["orders"].Equal(w.out.orders[0].UpdatedAt) {
			t.Errorf("the second order: %s, read up to %s", w.db.coupons[1].Status, w.db.cursors["orders"])
		}
		w.clock.Advance(time.Hour)
	}
	w.db.coupons[0] = at
	if err := s.SweepOrders(t.Context()); err != nil || w.db.coupons[0].Status != domain.Used ||
		!w.db.cursors["orders"].Equal(w.clock.Now()) {
		t.Errorf("%v, %s, read up to %s", err, w.db.coupons[0].Status, w.db.cursors["orders"])
	}
	w.out.refuse["orders"] = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify",
		Act: "list_orders"}
	if err := s.SweepOrders(t.Context()); domain.KindOf(err) != domain.KindUnavailable {
		t.Errorf("%v", err)
	}
}
