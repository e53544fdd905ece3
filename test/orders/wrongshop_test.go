package orders

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestTheWrongShop: a shop that sells in another currency than the settings say makes no code, and no point is taken
// for one, until it is right; neither does one that took away the right to see orders.
func TestTheWrongShop(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		look := func() {
			t.Helper()
			if err := w.App.Setup.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		first := w.buyer()
		convert := func() (int, string) {
			w.drawn++
			return w.ask("pos", http.MethodPost, "/v1/customers/"+first.member+"/conversions",
				fmt.Sprint("wrong-", w.drawn), `{"points":500}`)
		}
		ready := func() string {
			_, body := w.ask("pos", http.MethodGet, "/readyz", "", "")
			return body
		}
		for name, c := range map[string]struct {
			spoil, mend func()
			note        string
		}{
			"another currency": {func() { w.shop.SellIn("USD") }, func() { w.shop.SellIn("JPY") },
				"the shop's currency is USD, the settings say JPY"},
			"no right to orders": {func() { w.shop.Grant("write_discounts,write_customers") },
				func() { w.shop.Grant("write_discounts,write_customers,read_orders") },
				"the scope read_orders is not granted"},
		} {
			c.spoil()
			look()
			before, _ := w.POS.Balance(first.member)
			status, body := convert()
			expect.Equal(t, "status", status, http.StatusServiceUnavailable, name)
			expect.That(t, "body to contain `\"code\":\"`+ string(domain.CodeShopSettings)+`\"`",
				strings.Contains(body, `"code":"`+string(domain.CodeShopSettings)+`"`), name, body)
			if after, _ := w.POS.Balance(first.member); after != before {
				t.Errorf("%s: %d points were taken", name, before-after)
			}
			if notes := ready(); !strings.Contains(notes, c.note) {
				t.Errorf("%s: /readyz does not tell: %s", name, notes)
			}
			c.mend()
			look()
		}
		if status, body := convert(); status != http.StatusCreated {
			t.Errorf("put right, and still %d %s", status, body)
		}
	})
}
