package world

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/demo"
	simshopify "pointbridge/integrations/sim/shopify"
)

// TheShop is Shopify in front of a demo: its app proxy and its session tokens, for customers who sign in by a header.
type TheShop struct {
	T     *testing.T
	URL   string
	API   string
	Store *simshopify.Server
}

const Prefix = "/apps/pointbridge"

func OpenShop(t *testing.T, file demo.File) TheShop {
	t.Helper()
	store, err := simshopify.New(simshopify.Config{Shop: demo.DemoShop, APIVersion: demo.DemoAPIVersion,
		ClientID: file.Shopify.ClientID, ClientSecret: file.Shopify.ClientSecret})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range file.Customers {
		if _, err := store.AddCustomer(c.Shopify, "", c.Name, "ja"); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(store.AppProxy(file.API+"/proxy",
		func(r *http.Request) string { return r.Header.Get("X-Test-Customer") }))
	t.Cleanup(server.Close)
	return TheShop{t, server.URL, file.API, store}
}

// As asks for something on the storefront, or with a token directly, as a customer with this number.
func (s TheShop) As(customer, method, path, key, body string) Answer {
	s.T.Helper()
	return s.Send(method, s.URL+Prefix+path, body, map[string]string{"X-Test-Customer": customer,
		"Idempotency-Key": key, "Sec-Fetch-Site": "same-origin"})
}

func (s TheShop) ByToken(token, method, path, key, body string) Answer {
	s.T.Helper()
	return s.Send(method, s.API+path, body, map[string]string{"Authorization": "Bearer " + token,
		"Idempotency-Key": key, "Origin": "https://extensions.shopifycdn.com"})
}

func (s TheShop) Send(method, address, body string, headers map[string]string) Answer {
	s.T.Helper()
	req, err := http.NewRequestWithContext(s.T.Context(), method, address, strings.NewReader(body))
	if err != nil {
		s.T.Fatal(err)
	}
	for name, value := range headers {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := OneOff().Do(req)
	if err != nil {
		s.T.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	a := Answer{Status: res.StatusCode, Header: res.Header}
	if a.Raw, err = io.ReadAll(res.Body); err != nil {
		s.T.Fatal(err)
	}
	_ = json.Unmarshal(a.Raw, &a.Body)
	return a
}
