package shopify_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/orders"
	"pointbridge/integrations/shopify"
)

// TestUsageInASimulatedStore asks the store's own engine what the last question before a refund asks.
// covers: 004-17, T-02
func TestUsageInASimulatedStore(t *testing.T) {
	t.Parallel()
	store, c := newStore(t)
	for _, code := range []string{"70934-AB72CD-500", "70934-EF34GH-500", "70934-JK56LM-500"} {
		d := discount(code)
		d.CombinesWith.Order = true
		if _, err := c.CreateDiscount(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(code, customer string) orders.Usage {
		t.Helper()
		got, err := c.Usage(t.Context(), orders.UsageQuery{Code: code, CustomerGID: customer,
			Since: time.Now().Add(-time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := ask("70934-AB72CD-500", member); got.Used() {
		t.Errorf("an unused code: %+v", got)
	}
	store.LagUsage(time.Hour)
	if _, err := store.Checkout(member, []string{"70934-AB72CD-500", "70934-EF34GH-500"}, "3000"); err != nil {
		t.Fatal(err)
	}
	if got := ask("70934-EF34GH-500", member); got.Count != 0 || got.Order == nil || got.Order.Name == "" {
		t.Errorf("the second code of an order, while the count lags: %+v", got)
	}
	store.LagUsage(0)
	if got := ask("70934-AB72CD-500", "gid://shopify/Customer/404"); got.Count != 1 || got.Order != nil {
		t.Errorf("a customer who is gone: %+v", got)
	}
	for _, code := range []string{"70934-JK56LM-500", "70934-NP78QR-500"} {
		if got := ask(code, member); got.Used() {
			t.Errorf("%s, unused or gone: %+v", code, got)
		}
	}
}

// TestUsageUnknown holds that half an answer is not taken for "unused".
// covers: T-02
func TestUsageUnknown(t *testing.T) {
	t.Parallel()
	for _, data := range []string{`{"codeDiscountNodeByCode": null}`, `{"customer": null}`, `{}`, `null`} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"data": ` + data + `}`))
		}))
		t.Cleanup(server.Close)
		c, err := shopify.New(shopify.Config{Shop: simShop, APIURL: server.URL, APIVersion: "2026-10", AccessToken: "t",
			MetafieldNamespace: "$app", MetafieldKey: "coupons"}, server.Client())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.Usage(t.Context(), orders.UsageQuery{Code: "70934-AB72CD-500",
			CustomerGID: member}); domain.KindOf(err) != domain.KindUnknown {
			t.Errorf("%s was read as %+v, %v", data, got, err)
		}
	}
}
