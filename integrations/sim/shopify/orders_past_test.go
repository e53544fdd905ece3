package shopify_test

import (
	"errors"
	"testing"
	"time"

	shop "pointbridge/integrations/sim/shopify"
)

// TestAnOrderOfThePast: it shows its own time and buyer, and leaves the numbers of new orders as they were.
func TestAnOrderOfThePast(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	past := shop.Past{Number: 941, At: at, Code: "WELCOME", Subtotal: "5000", Off: "1000",
		Buyer: shop.Buyer{Email: "somebody@example.com", ClientIP: "192.0.2.7"}}
	if _, err := s.PlacePast(past); err != nil {
		t.Fatal(err)
	}
	orders := s.Orders()
	equal(t, "how many", len(orders), 1)
	equal(t, "name", orders[0].Name(), "#941")
	equal(t, "placed at", orders[0].CreatedAt, at)
	equal(t, "buyer", orders[0].Buyer.Email, "somebody@example.com")
	s.buy(taro)
	equal(t, "the next order", s.Orders()[1].Name(), "#1001")

	for name, wrong := range map[string]struct {
		change func(*shop.Past)
		want   error
	}{
		"taken":         {func(*shop.Past) {}, shop.ErrBadNumber},
		"a later one":   {func(p *shop.Past) { p.Number = 1001 }, shop.ErrBadNumber},
		"more than all": {func(p *shop.Past) { p.Number, p.Off = 942, "5001" }, shop.ErrBadSubtotal},
		"no address":    {func(p *shop.Past) { p.Number, p.Buyer.ClientIP = 942, "somewhere" }, shop.ErrBadBuyer},
	} {
		p := past
		wrong.change(&p)
		if _, err := s.PlacePast(p); !errors.Is(err, wrong.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
