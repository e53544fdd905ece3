package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/domain/sales"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestSalesByDiscountAreTheSumOfTheOrders to the last minor unit, whatever they are added up by: orders that come twice,
// that come to nothing later, that use two codes, and those of another currency.
//
// covers: 001-35
func TestSalesByDiscountAreTheSumOfTheOrders(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.make("winter", "WINTER-", decisions.Basic)
		random := rand.New(rand.NewPCG(1, 2))
		zone, want := time.FixedZone("JST", 9*3600), map[string]sales.Sums{}
		first := noon.AddDate(0, 0, -9)
		for n := range 60 {
			at := first.Add(time.Duration(random.Int64N(int64(8 * 24 * time.Hour))))
			void, currency, codes := n%5 == 0, "JPY", []string{fmt.Sprint("SUMMER-", n%7)}
			if n%9 == 0 {
				currency = "USD"
			}
			if n%4 == 0 {
				codes = append(codes, fmt.Sprint("WINTER-", n%3))
			}
			gross := 1000 + random.Int64N(9000)
			var whole sales.Sums
			for _, code := range codes {
				off := 1 + random.Int64N(500)
				use := decisions.Use{OrderID: fmt.Sprint("gid://shopify/Order/", n), Order: fmt.Sprint("#", n), Code: code,
					At: at, Gross: gross, Discount: off, Currency: currency, Source: decisions.FromOrder}
				for range 2 {
					if _, err := w.SeeUse(t.Context(), decisions.SeenOrder{Use: use}); err != nil {
						t.Fatal(err)
					}
				}
				if void {
					w.void(decisions.SeenOrder{Use: use, Shown: identity.Shown{}})
				}
				whole.Discount += off
			}
			whole.Orders, whole.Gross = 1, gross
			if void {
				whole = sales.Sums{Void: sales.Void{Orders: whole.Orders, Gross: whole.Gross, Discount: whole.Discount}}
			}
			want[currency] = sumOf(want[currency], whole)
		}
		desk := sales.Desk{Store: w.store.Sales, Zone: zone}
		for _, by := range sales.Bys() {
			r, err := desk.Report(t.Context(), by, "", first.AddDate(0, 0, -1), noon)
			expect.MustThat(t, "the report by "+string(by), err == nil && len(r.Lines) > 0 && len(r.Totals) == 2, err)
			discount := map[string]int64{}
			for _, l := range r.Lines {
				discount[l.Currency] += l.Discount
			}
			for _, total := range r.Totals {
				expect.Equal(t, "the total by "+string(by), total.Sums, want[total.Currency])
				expect.Equal(t, "the lines' discount by "+string(by), discount[total.Currency], total.Discount)
			}
		}
		none, err := desk.Report(t.Context(), sales.ByCode, "", noon.AddDate(0, 0, 1), noon.AddDate(0, 0, 2))
		expect.MustThat(t, "days without orders have no lines", err == nil && len(none.Lines)+len(none.Totals) == 0, err)
		one, err := desk.Report(t.Context(), sales.ByCampaign, "winter", first.AddDate(0, 0, -1), noon)
		expect.MustThat(t, "one campaign's", err == nil && len(one.Lines) > 0 && one.Lines[0].Key == "winter", err)
	})
}

func sumOf(a, b sales.Sums) sales.Sums {
	return sales.Sums{Orders: a.Orders + b.Orders, Gross: a.Gross + b.Gross, Discount: a.Discount + b.Discount,
		Void: sales.Void{Orders: a.Void.Orders + b.Void.Orders, Gross: a.Void.Gross + b.Void.Gross,
			Discount: a.Void.Discount + b.Void.Discount}}
}
