package reviews_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/members"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

// TestOnePersonIsManyMembers lets two members take turns at the limit. The person's third review in the month is a
// person's to decide, by whatever they are one.
// covers: 000-08
func TestOnePersonIsManyMembers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		one, other members.Link
		same       bool
	}{
		"the same mail address":   {link("Taro@Example.com ", ""), link(" taro@example.com", ""), true},
		"the same phone number":   {link("a@example.com", "090-1"), link("b@example.com", "+8190-1"), true},
		"another address":         {link("taro@example.com", ""), link("taro+1@example.com", ""), false},
		"neither of both":         {link("", ""), link("", ""), false},
		"numbers that are none":   {link("", "none"), link("", "none"), false},
		"addresses that are none": {link(" ", ""), link(" ", ""), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := couponstest.NewWorld(t)
			w.Policy.Auto = reviews.Auto{ReissueBelow: 10_000, Reviews: 3}
			s := w.Service(nil)
			m := w.Members()
			m.Phone = func(text string) string {
				if text == "none" {
					return ""
				}
				return strings.Replace("+"+strings.NewReplacer("-", "", "+", "").Replace(text), "+090", "+8190", 1)
			}
			ids := []string{"8812370934", "12345"}
			w.Out.Balances["12345"] = 1250
			for i, l := range []members.Link{tc.one, tc.other} {
				l.CustomerID = ids[i]
				gid := fmt.Sprint("gid://shopify/Customer/", i+1)
				l.ShopifyCustomerGID = &gid
				if _, _, err := m.Link(t.Context(), l); err != nil {
					t.Fatal(err)
				}
			}
			for n := range 3 {
				c := couponstest.Conversion(200, fmt.Sprint("k", n))
				c.CustomerID = ids[n%2]
				got, err := s.Convert(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				w.Out.PlaceOrder(got.Coupon.Code)
				w.Told(s, w.Out.Orders[n], w.Out.CancelOrder(n, "customer"))
			}
			expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 3, w.DB.Reviews)
			expect.MustEqual(t, "w.DB.Reviews[0].Open", w.DB.Reviews[0].Open, false)
			expect.MustEqual(t, "w.DB.Reviews[1].Open", w.DB.Reviews[1].Open, false)
			expect.Equal(t, "w.DB.Reviews[2].Open", w.DB.Reviews[2].Open, tc.same)
		})
	}
}

// meanwhile is a store in which another review of the member is opened right after each one that is asked for.
type meanwhile struct {
	*couponstest.MemStore
	extra int
}

func (m meanwhile) OpenVoidedOrder(ctx context.Context, v reviews.VoidedOrder) (reviews.Review, error) {
	r, err := m.MemStore.OpenVoidedOrder(ctx, v)
	for n := range m.extra {
		v.OrderID = fmt.Sprint("gid://shopify/Order/9", n)
		if _, err := m.MemStore.OpenVoidedOrder(ctx, v); err != nil {
			return r, err
		}
	}
	return r, err
}

// TestReviewsInTheSameMoment: what was opened between a review and its decision counts, so that nobody gets past the
// limit by being quick.
// covers: 000-08
func TestReviewsInTheSameMoment(t *testing.T) {
	t.Parallel()
	for extra, open := range []bool{false, false, true} {
		w, code := couponstest.WithCoupon(t,
			func(w *couponstest.World) { w.Policy.Auto = reviews.Auto{ReissueBelow: 10_000, Reviews: 3} })
		w.Out.PlaceOrder(code)
		s := w.Service(&couponstest.Ports{Store: meanwhile{w.DB, extra}, Ledger: w.Out, Shop: w.Out})
		w.Told(s, w.Out.Orders[0], w.Out.CancelOrder(0, "customer"))
		if r := w.DB.Reviews[0]; r.Open != open {
			t.Errorf("%d in the same moment: open is %v", extra, r.Open)
		}
	}
}

func link(mail, phone string) members.Link {
	return members.Link{Caller: domain.System(), Email: &mail, Phone: &phone}
}
