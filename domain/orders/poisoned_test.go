package orders_test

import (
	"context"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/orders"
	"pointbridge/test/expect"
)

// poisoned is a shop that never gives a sensible answer about one customer's orders.
type poisoned struct {
	*couponstest.Outside
	gid string
}

func (p poisoned) Usage(ctx context.Context, q orders.UsageQuery) (orders.Usage, error) {
	if q.CustomerGID == p.gid {
		return orders.Usage{}, &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "read_usage"}
	}
	return p.Outside.Usage(ctx, q)
}

// TestPoisonedOrder: an order about which the shop cannot be asked keeps none of the others from being seen.
// covers: 004-24, T-11
func TestPoisonedOrder(t *testing.T) {
	t.Parallel()
	t.Run("the orders behind it are seen, and it is read again", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		w.DB.Customers["7700000001"] = domain.Customer{ID: "7700000001", ShopifyCustomerGID: "gid://shopify/Customer/2"}
		w.Out.Balances["7700000001"] = 1000
		s := w.Service(&couponstest.Ports{Store: w.DB, Ledger: w.Out, Shop: poisoned{w.Out, "gid://shopify/Customer/1"}})
		if _, err := s.Convert(t.Context(), couponstest.Conversion(500, "k1")); err != nil {
			t.Fatal(err)
		}
		second := couponstest.Conversion(500, "k2")
		second.CustomerID = "7700000001"
		got, err := s.Convert(t.Context(), second)
		if err != nil {
			t.Fatal(err)
		}
		w.Out.Orders = append(w.Out.Orders, orders.Order{ID: "gid://shopify/Order/1", Name: "#1001",
			CustomerGID: "gid://shopify/Customer/1", Edited: true, CreatedAt: w.Clock.Now(), UpdatedAt: w.Clock.Now()})
		w.Clock.Advance(time.Hour)
		w.Out.PlaceOrder(got.Coupon.Code)
		w.Clock.Advance(time.Hour)
		for range 2 {
			if err := w.Orders(s).SweepOrders(t.Context()); domain.KindOf(err) != domain.KindUnknown || err == nil {
				t.Errorf("the round says %v", err)
			}
			w.Clock.Advance(time.Hour)
		}
		c := w.Last()
		expect.Equal(t, "c.Status", c.Status, domain.Used)
		expect.Equal(t, "c.UsedOrder", c.UsedOrder, "#1002")
		if at := w.DB.Cursors["orders"]; at.After(w.Out.Orders[0].UpdatedAt) {
			t.Errorf("the reading went on past the order that was not seen: %s", at)
		}
	})
	t.Run("a shop that answers nothing ends the round", func(t *testing.T) {
		t.Parallel()
		w, _ := couponstest.WithCoupon(t, func(*world) {})
		asked := 0
		for range 9 {
			w.Out.Orders = append(w.Out.Orders, orders.Order{ID: "gid://shopify/Order/" +
				string(rune('1'+len(w.Out.Orders))), Edited: true,
				CustomerGID: "gid://shopify/Customer/1", CreatedAt: w.Clock.Now(), UpdatedAt: w.Clock.Now()})
		}
		w.Out.Refuse["usage"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "read_usage"}
		w.Out.OnAct = func(act string) {
			if act == "usage" {
				asked++
			}
		}
		if err := w.Orders(w.Service(nil)).SweepOrders(t.Context()); err == nil || asked > 3 {
			t.Errorf("asked %d times, %v", asked, err)
		}
	})
}
