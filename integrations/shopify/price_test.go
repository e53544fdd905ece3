package shopify_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"pointbridge/integrations/shopify"
	simulated "pointbridge/integrations/sim/shopify"
	"pointbridge/test/expect"
)

// prices keeps what calls were asked for by the store, in its own words: extensions.cost.requestedQueryCost.
type prices struct {
	http.RoundTripper
	mu   sync.Mutex
	last float64
}

func (p *prices) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := p.RoundTripper.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(raw))
	var answer struct {
		Extensions struct {
			Cost struct {
				Requested float64 `json:"requestedQueryCost"`
			} `json:"cost"`
		} `json:"extensions"`
	}
	if json.Unmarshal(raw, &answer) == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.last = answer.Extensions.Cost.Requested
	}
	return res, nil
}

// TestWhatACouponCostsOfTheBudget holds what the calls of a coupon's life are charged before they run, as the simulator
// counts it by Shopify's published rules (https://shopify.dev/docs/api/usage/limits: a mutation is 10, an object 1). How
// many coupons a shop can have a second is its budget over these: an object more in an answer is paid for by each.
func TestWhatACouponCostsOfTheBudget(t *testing.T) {
	t.Parallel()
	store, err := simulated.New(simulated.Config{Shop: simShop, APIVersion: "2026-10", ClientID: "id",
		ClientSecret: simSecret, Currency: "JPY", Scopes: allScopes})
	expect.MustEqual(t, "err", err, nil)
	_, err = store.AddCustomer(member, "taro@example.com", "Yamada Taro", "ja")
	expect.MustEqual(t, "err", err, nil)
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	charged := &prices{RoundTripper: server.Client().Transport}
	c, err := shopify.New(shopify.Config{Shop: simShop, APIURL: server.URL, APIVersion: "2026-10", ClientID: "id",
		ClientSecret: simSecret, MetafieldNamespace: "$app", MetafieldKey: "coupons", Timeout: 5 * time.Minute},
		&http.Client{Transport: charged})
	expect.MustEqual(t, "err", err, nil)
	d := discount("70934-AB72CD-500")
	id, err := c.CreateDiscount(t.Context(), d)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "the making of a code", charged.last, 10.0)
	_, err = writeOne(t, c, member, "[]", "")
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "the writing of a metafield", charged.last, 10.0)
	expect.MustEqual(t, "err", c.DeactivateDiscount(t.Context(), id), nil)
	expect.Equal(t, "the deactivation of a code", charged.last, 10.0)
	expect.MustEqual(t, "err", c.DeleteDiscount(t.Context(), id), nil)
	expect.Equal(t, "the removal of a code", charged.last, 10.0)
}
