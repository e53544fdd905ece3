package coupons_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
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
			w := newWorld(t)
			w.policy.Auto = coupons.Auto{ReissueBelow: 10_000, Reviews: 3}
			s := w.service(nil)
			m := w.members()
			m.Phone = func(text string) string {
				if text == "none" {
					return ""
				}
				return strings.Replace("+"+strings.NewReplacer("-", "", "+", "").Replace(text), "+090", "+8190", 1)
			}
			ids := []string{"8812370934", "12345"}
			w.out.balances["12345"] = 1250
			for i, l := range []members.Link{tc.one, tc.other} {
				l.CustomerID = ids[i]
				gid := fmt.Sprint("gid://shopify/Customer/", i+1)
				l.ShopifyCustomerGID = &gid
				if _, _, err := m.Link(t.Context(), l); err != nil {
					t.Fatal(err)
				}
			}
			for n := range 3 {
				c := conversion(200, fmt.Sprint("k", n))
				c.CustomerID = ids[n%2]
				got, err := s.Convert(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				w.out.order(got.Coupon.Code)
				w.told(s, w.out.orders[n], w.out.cancelOrder(n, "customer"))
			}
			if len(w.db.reviews) != 3 || w.db.reviews[0].Open || w.db.reviews[1].Open ||
				w.db.reviews[2].Open != tc.same {
				t.Errorf("%+v", w.db.reviews)
			}
		})
	}
}

// meanwhile is a store in which another review of the member is opened right after each one that is asked for.
type meanwhile struct {
	*memStore
	extra int
}

func (m meanwhile) OpenVoidedOrder(ctx context.Context, v coupons.VoidedOrder) (coupons.Review, error) {
	r, err := m.memStore.OpenVoidedOrder(ctx, v)
	for n := range m.extra {
		v.OrderID = fmt.Sprint("gid://shopify/Order/9", n)
		if _, err := m.memStore.OpenVoidedOrder(ctx, v); err != nil {
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
		w, code := withCoupon(t, func(w *world) { w.policy.Auto = coupons.Auto{ReissueBelow: 10_000, Reviews: 3} })
		w.out.order(code)
		s := w.service(&ports{Store: meanwhile{w.db, extra}, Ledger: w.out, Shop: w.out})
		w.told(s, w.out.orders[0], w.out.cancelOrder(0, "customer"))
		if r := w.db.reviews[0]; r.Open != open {
			t.Errorf("%d in the same moment: open is %v", extra, r.Open)
		}
	}
}

func link(mail, phone string) members.Link {
	return members.Link{Caller: domain.System(), Email: &mail, Phone: &phone}
}
