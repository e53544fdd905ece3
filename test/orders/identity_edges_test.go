package orders

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pointbridge/domain/privacy"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// closed waits until the newest request is carried out.
func (w *orderWorld) closed(kind privacy.Kind) {
	w.T.Helper()
	world.Eventually(w.T, "the request is closed", func() bool {
		list, err := w.Store.Privacy.Requests(w.T.Context(), false, 1)
		return err == nil && len(list) == 1 && list[0].Kind == kind && !list[0].Open
	})
}

// asked decides at the cart about somebody who is nobody's member, by the JSON of what they show.
func (w *orderWorld) asked(shown string) string {
	w.T.Helper()
	status, text := w.ask("admin", http.MethodPost, "/v1/decisions", "", `{"campaign": "points", "stage": "cart", `+shown+`}`)
	expect.MustEqual(w.T, "status", status/100, 2, text)
	return text
}

// TestAGuestIsForgottenByTheirEMailAndPhone: whoever was never a member, and asked with an e-mail or a phone alone, is
// found by those that the shop's request says; somebody else stays, and no table says who it was.
func TestAGuestIsForgottenByTheirEMailAndPhone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		w.rules(once)
		w.orderAs(w.buyer(), home(2, "other@example.com"))
		const gid, mail = "gid://shopify/Customer/8800", "guest.secret@example.com"
		_, err := w.shop.AddCustomer(gid, mail, "Guest", "en")
		w.must(err)
		_, err = w.shop.CheckoutAs(gid, nil, "3000", home(1, mail))
		w.must(err)
		w.asked(`"customer": {"email": "Guest.Secret@example.com"}`)
		w.asked(`"customer": {"phone": "090-1234-0001"}`)
		w.asked(`"customer": {"email": "somebody@example.com"}`)
		kept := w.count(`SELECT count(*) FROM decisions WHERE erased_at IS NULL`)
		w.must(w.shop.RedactCustomer(gid))
		w.delivered()
		w.closed(privacy.CustomersRedact)
		expect.Equal(t, "erased decisions", kept-w.count(`SELECT count(*) FROM decisions WHERE erased_at IS NULL`), 2)
		expect.Equal(t, "uses that stay somebody's", w.count(
			`SELECT count(*) FROM identity_uses WHERE customer_gid <> ''`), 1)
		expect.Equal(t, "digests in requests", w.count(`SELECT (SELECT count(*) FROM privacy_requests WHERE person <> '')
			+ (SELECT count(*) FROM webhook_deliveries WHERE person <> '')`), 0)
		if left := found(storetest.Texts(t, w.Store), []string{"guest.secret", "90123400"}); len(left) > 0 {
			t.Errorf("in the database:\n%s", strings.Join(left, "\n"))
		}
	})
}

// TestAShopThatIsForgottenLeavesNothingOfItsBuyers: no use, no digest, no mark, and nothing that a decision was made from.
func TestAShopThatIsForgottenLeavesNothingOfItsBuyers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		w.rules(once)
		gone := w.buyer()
		w.orderAs(gone, home(1, "a@example.com"))
		w.orderAs(w.buyer(), home(1, "b@example.com"))
		w.judge(w.decisions("order")[0], "abuse")
		w.must(w.shop.RedactCustomer(gone.gid))
		w.delivered()
		w.closed(privacy.CustomersRedact)
		for _, table := range []string{"identity_uses", "identity_digests", "identity_erasures"} {
			expect.That(t, "there is something in "+table, w.count(`SELECT count(*) FROM `+table) > 0)
		}
		w.proved()
		w.redactShop()
		w.closed(privacy.ShopRedact)
		for _, query := range []string{`identity_uses`, `identity_digests`, `identity_erasures`,
			`decisions WHERE request || facts || answer || verdict_note <> ''`} {
			expect.Equal(t, "rows of "+query, w.count(`SELECT count(*) FROM `+query), 0)
		}
	})
}

// TestTestOrdersCountWhereTheyAreMeantTo: as orders like any other with COUNT_TEST_ORDERS, and else not at all.
// covers: 003-08
func TestTestOrdersCountWhereTheyAreMeantTo(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{"true": "refuse already_used, allow", "false": ""} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newOrderWorld(t, db, "COUNT_TEST_ORDERS="+setting)
				w.rules(once)
				for _, mail := range []string{"a@example.com", "b@example.com"} {
					shown := home(1, mail)
					shown.Test = true
					w.orderAs(w.buyer(), shown)
				}
				expect.Equal(t, "decided", w.outcomes(), want)
			})
		})
	}
}

// TestADatabaseThatCannotBeAskedLetsNobodyThrough: a conversion that cannot be decided about takes no points, and says
// that it is no fault of who asks.
func TestADatabaseThatCannotBeAskedLetsNobodyThrough(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		w.rules(once)
		b := w.buyer()
		before := w.count(`SELECT (SELECT count(*) FROM coupons) + (SELECT count(*) FROM movements)`)
		calls := w.POS.Requests()
		convert := func(key string, status int, code string) {
			t.Helper()
			got, text := w.ask("pos", http.MethodPost, "/v1/customers/"+b.member+"/conversions", key, `{"points": 200}`)
			if got != status || code != "" && !strings.Contains(text, fmt.Sprintf("%q", code)) {
				t.Errorf("it says %d %s, want %d %s", got, text, status, code)
			}
		}
		change := func(statement string) {
			_, err := w.Store.DB().ExecContext(t.Context(), statement)
			w.must(err)
		}
		change(`ALTER TABLE identity_digests RENAME TO digests_that_are_away`)
		convert("k-away", http.StatusInternalServerError, "internal_error")
		change(`ALTER TABLE digests_that_are_away RENAME TO identity_digests`)
		if n := w.count(`SELECT (SELECT count(*) FROM coupons) + (SELECT count(*) FROM movements)`); n != before {
			t.Errorf("%d rows were written", n-before)
		}
		expect.Equal(t, "calls of the POS", fmt.Sprint(w.POS.Requests()), fmt.Sprint(calls))
		convert("k-back", http.StatusCreated, "")
	})
}

// TestAHeldOrderIsLetGoAfterItsPersonWasForgotten: a verdict still releases what was held.
// covers: 003-18
func TestAHeldOrderIsLetGoAfterItsPersonWasForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "IDENTITY_HOLD=true")
		w.rules(once)
		w.orderAs(w.buyer(), home(1, "a@example.com"))
		b := w.buyer()
		order := w.orderAs(b, home(1, "b@example.com"))
		expect.MustEqual(t, "holds", w.holds(order), 1)
		w.must(w.shop.RedactCustomer(b.gid))
		w.delivered()
		w.closed(privacy.CustomersRedact)
		d := w.decisions("order")[0]
		expect.MustEqual(t, "holds after the redaction", w.holds(order), 1)
		w.judge(d, "not_abuse")
		w.delivered()
		expect.Equal(t, "holds after the verdict", w.holds(order), 0)
	})
}

// TestSettingUpSaysWhichRightsAreMissing: what is switched on needs them, and either of the two for holds is enough.
func TestSettingUpSaysWhichRightsAreMissing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "IDENTITY_HOLD=true", "IDENTITY_TAG_ORDER=look")
		const all = "write_discounts,read_orders,write_customers,"
		for granted, missing := range map[string]string{
			"read_products": "write_merchant_managed_fulfillment_orders or write_third_party_fulfillment_orders",
			"write_orders,write_third_party_fulfillment_orders":      "",
			"write_orders,write_merchant_managed_fulfillment_orders": "",
			"write_merchant_managed_fulfillment_orders":              "write_orders",
		} {
			w.shop.Grant(all + granted)
			said := w.Command("shopify", "setup")
			if missing == "" && !strings.Contains(said, "has what Pointbridge needs") ||
				missing != "" && !strings.Contains(said, "the scope "+missing+" is not granted") {
				t.Errorf("with %s: %s", granted, said)
			}
		}
	})
}
