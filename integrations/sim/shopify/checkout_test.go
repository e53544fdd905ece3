package shopify_test

import (
	"errors"
	"testing"
	"time"

	sim "pointbridge/integrations/sim/shopify"
)

// tryToBuy places an order with one code.
func (s store) tryToBuy(customer, code string) error {
	_, err := s.Checkout(customer, []string{code}, "3000")
	return err
}

// covers: 004-03, 004-04
func TestCheckout(t *testing.T) {
	t.Parallel()
	t.Run("a second order with the same code is refused", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		s.create("ONCE", nil)
		orderID, err := s.Checkout(taro, []string{"once"}, "3000")
		if err != nil {
			t.Fatalf("first order: %v", err)
		}
		if err := s.tryToBuy(taro, "ONCE"); !errors.Is(err, sim.ErrUsedUp) {
			t.Errorf("second order: %v", err)
		}
		d, _ := s.DiscountByCode("ONCE")
		equal(t, "status says nothing of use", d.Status, "ACTIVE")
		equal(t, "usable", s.Usable("ONCE"), false)
		order, _ := s.Order(orderID)
		equal(t, "discount", order.TotalDiscount, "500.0")
		if err := s.CancelOrder(orderID, "CUSTOMER"); err != nil {
			t.Fatalf("CancelOrder: %v", err)
		}
		if err := s.tryToBuy(taro, "ONCE"); !errors.Is(err, sim.ErrUsedUp) {
			t.Errorf("after the order was cancelled: %v", err)
		}
	})
	t.Run("once for a customer is once for an account, an e-mail or a phone", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		s.create("GUESTS", nil)
		d, _ := s.DiscountByCode("GUESTS")
		if err := s.EditDiscount(d.GID(), func(d *sim.Discount) {
			d.CustomerIDs, d.UsageLimit, d.AppliesOncePerCustomer = nil, nil, true
		}); err != nil {
			t.Fatal(err)
		}
		for _, row := range []struct {
			customer, email, phone string
			want                   error
		}{
			{"", "a@example.com", "+819000000001", nil}, {"", "b@example.com", "", nil},
			{"", "A@example.com", "", sim.ErrUsedUp}, {"", "c@example.com", "+819000000001", sim.ErrUsedUp},
			{taro, "", "", nil}, {taro, "d@example.com", "", sim.ErrUsedUp}, {"", "", "", nil}, {"", "", "", nil},
		} {
			_, err := s.CheckoutAs(row.customer, []string{"GUESTS"}, "3000", sim.Buyer{Email: row.email, Phone: row.phone})
			if !errors.Is(err, row.want) {
				t.Errorf("%q %q %q: %v, want %v", row.customer, row.email, row.phone, err, row.want)
			}
		}
	})
	t.Run("another customer's checkout is refused", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		s.create("MINE", nil)
		for _, other := range []string{hanako, ""} {
			if err := s.tryToBuy(other, "MINE"); !errors.Is(err, sim.ErrOtherCustomer) {
				t.Errorf("customer %q: %v", other, err)
			}
		}
		equal(t, "usable", s.Usable("MINE"), true)
	})
}

// covers: 001-46
func TestCheckoutConditions(t *testing.T) {
	t.Parallel()
	t.Run("a cart below the minimum is refused", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		s.create("MIN", map[string]any{"minimumRequirement": map[string]any{"subtotal": map[string]any{"greaterThanOrEqualToSubtotal": "3000.01"}}})
		if err := s.tryToBuy(taro, "MIN"); !errors.Is(err, sim.ErrBelowMinimum) {
			t.Errorf("below: %v", err)
		}
		if _, err := s.Checkout(taro, []string{"MIN"}, "3000.01"); err != nil {
			t.Errorf("at the minimum: %v", err)
		}
	})
	t.Run("unknown, expired and stacked codes are refused", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		if err := s.tryToBuy(taro, "NONE"); !errors.Is(err, sim.ErrUnknownCode) {
			t.Errorf("unknown: %v", err)
		}
		s.create("A", nil)
		s.create("B", nil)
		if _, err := s.Checkout(taro, []string{"A", "B"}, "3000"); !errors.Is(err, sim.ErrNotCombinable) {
			t.Errorf("stacked: %v", err)
		}
		s.clock.advance(25 * time.Hour)
		if err := s.tryToBuy(taro, "A"); !errors.Is(err, sim.ErrNotActive) {
			t.Errorf("expired: %v", err)
		}
	})
}

// covers: T-11
func TestOpenCheckout(t *testing.T) {
	t.Parallel()
	t.Run("a checkout that holds a deactivated code completes or not, by the switch", func(t *testing.T) {
		t.Parallel()
		for _, good := range []bool{false, true} {
			s := newStore(t)
			s.HeldCodesStayGood(good)
			id := s.create("HELD", nil)
			cart, err := s.OpenCheckout(taro, []string{"HELD"}, "3000")
			if err != nil {
				t.Fatalf("OpenCheckout: %v", err)
			}
			s.byID("discountCodeDeactivate", id)
			_, err = s.CompleteCheckout(cart)
			equal(t, "completed", err == nil, good)
			equal(t, "orders", len(s.Orders()) == 1, good)
		}
	})
	t.Run("a checkout that holds a code used meanwhile never completes", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		s.HeldCodesStayGood(true)
		s.create("RACE", nil)
		cart, err := s.OpenCheckout(taro, []string{"RACE"}, "3000")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Checkout(taro, []string{"RACE"}, "3000"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.CompleteCheckout(cart); !errors.Is(err, sim.ErrUsedUp) {
			t.Errorf("got %v", err)
		}
	})
}
