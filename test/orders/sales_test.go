package orders

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestSalesByDiscountOverHTTP: orders with codes, one of which comes to nothing, as lines by code and as a table that
// spreadsheets open, for those who may read figures. No campaign is protected for it.
// covers: 001-35
func TestSalesByDiscountOverHTTP(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		stands, void := w.buyer(), w.buyer()
		w.buy(stands.gid, stands.code)
		w.must(w.shop.CancelOrder(w.buy(void.gid, void.code), "CUSTOMER"))
		w.delivered()
		status, text := w.ask("admin", http.MethodGet, "/v1/reports/sales-by-discount?by=code", "", "")
		expect.MustEqual(t, "status", status, http.StatusOK, text)
		var got struct {
			Lines []struct {
				Key, Campaign, Currency      string
				Orders, Gross, Discount, Net int64
				Void                         struct{ Orders, Gross, Discount int64 }
			}
			Totals []struct{ Orders, Gross, Discount, Net int64 }
		}
		w.must(json.Unmarshal([]byte(text), &got))
		expect.MustThat(t, "two lines and one total", len(got.Lines) == 2 && len(got.Totals) == 1, text)
		for _, l := range got.Lines {
			want := [2]int64{1, 0}
			if l.Key == void.code {
				want = [2]int64{0, 1}
			}
			expect.Equal(t, "orders and void ones of "+l.Key, [2]int64{l.Orders, l.Void.Orders}, want)
			expect.Equal(t, "campaign", l.Campaign, "points")
		}
		total := got.Totals[0]
		expect.Equal(t, "the total", [4]int64{total.Orders, total.Gross, total.Discount, total.Net},
			[4]int64{1, 3000, 500, 2500})

		status, text = w.ask("admin", http.MethodGet, "/v1/reports/sales-by-discount?by=campaign&format=csv", "", "")
		expect.MustEqual(t, "status", status, http.StatusOK, text)
		expect.That(t, "Excel reads UTF-8", strings.HasPrefix(text, "\xEF\xBB\xBFcampaign,"), text)
		expect.That(t, "the line of points", strings.Contains(text, "points,points,,JPY,1,3000,500,2500,1,3000,500\r\n"), text)
		status, _ = w.ask("pos", http.MethodGet, "/v1/reports/sales-by-discount", "", "")
		expect.Equal(t, "a till's answer", status, http.StatusForbidden)
		status, _ = w.ask("admin", http.MethodGet, "/v1/reports/sales-by-discount?by=mood", "", "")
		expect.Equal(t, "an unknown line's answer", status, http.StatusUnprocessableEntity)
	})
}

// TestVulnerableCodesAreFound: of the codes of the store, those that anybody could use without end are named with what
// to do about them; a member's own codes are none of them, and nothing is changed.
// covers: 001-48
func TestVulnerableCodesAreFound(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		w.buyer()
		w.must(w.shop.AddCode("OPEN-TO-ALL", "500")) // by hand: one of ours would get its end again meanwhile
		open, _ := w.shop.DiscountByCode("OPEN-TO-ALL")
		w.must(w.shop.EditDiscount(open.GID(), func(d *simshopify.Discount) {
			d.EndsAt, d.UsageLimit, d.CustomerIDs, d.AppliesOncePerCustomer = nil, nil, nil, false
		}))
		before, _ := w.shop.Discount(open.GID())
		status, text := w.ask("Sato", http.MethodPost, "/v1/discounts/scan", "", "{}")
		expect.MustEqual(t, "status", status, http.StatusOK, text)
		var got struct {
			Seen     int
			Findings []struct {
				Code   string
				Faults []struct{ Fault, Advice string }
			}
			Cut bool
		}
		w.must(json.Unmarshal([]byte(text), &got))
		expect.MustThat(t, "one of two codes is found", got.Seen == 2 && len(got.Findings) == 1 && !got.Cut, text)
		found := got.Findings[0]
		expect.Equal(t, "code", found.Code, open.Code)
		expect.MustThat(t, "what is wrong, and what to do", len(found.Faults) == 5 && found.Faults[0].Fault == "no_end" &&
			strings.Contains(found.Faults[0].Advice, "終了"), text)
		after, _ := w.shop.Discount(open.GID())
		expect.Equal(t, "the discount was changed", after.UpdatedAt, before.UpdatedAt)
		status, _ = w.ask("pos", http.MethodPost, "/v1/discounts/scan", "", "{}")
		expect.Equal(t, "a till's answer", status, http.StatusForbidden)
	})
}

// TestEachCodeOfAnOrderIsToldItsOwnPart: where two discounts took part in an order, the lines add up to what was taken
// off, and the order counts once.
// covers: 001-35
func TestEachCodeOfAnOrderIsToldItsOwnPart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		b := w.buyer()
		second := w.Coupon(b)
		order, err := w.shop.Checkout(b.gid, []string{b.code, second}, "700")
		w.must(err)
		w.delivered()
		status, text := w.ask("admin", http.MethodGet, "/v1/reports/sales-by-discount?by=code", "", "")
		expect.MustEqual(t, "status", status, http.StatusOK, text)
		var got struct {
			Lines  []struct{ Orders, Gross, Discount int64 }
			Totals []struct{ Orders, Gross, Discount, Net int64 }
		}
		w.must(json.Unmarshal([]byte(text), &got))
		expect.MustThat(t, "two lines and one total of "+order, len(got.Lines) == 2 && len(got.Totals) == 1, text)
		expect.Equal(t, "the parts", [2]int64{got.Lines[0].Discount, got.Lines[1].Discount}, [2]int64{500, 200})
		total := got.Totals[0]
		expect.Equal(t, "the total", [4]int64{total.Orders, total.Gross, total.Discount, total.Net}, [4]int64{1, 700, 700, 0})
	})
}
