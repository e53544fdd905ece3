package shopify

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

const (
	secretToken  = "shpat_test_0123456789"
	clientSecret = "client-secret-0123456789"
	secretCode   = "70934-AB72CD-500"
	customer     = "gid://shopify/Customer/7001"
	discountID   = "gid://shopify/DiscountCodeNode/1100000000001"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// stub is a transport that answers from memory.
type stub struct {
	mu     sync.Mutex
	answer func(r *http.Request, body string) (*http.Response, error)
	bodies []string
}

func (s *stub) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.bodies = append(s.bodies, string(raw))
	s.mu.Unlock()
	return s.answer(r, string(raw))
}

func (s *stub) sent() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.bodies...)
}

func reply(status int, body string, headers ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

func always(status int, body string, headers ...string) *stub {
	return &stub{answer: func(*http.Request, string) (*http.Response, error) { return reply(status, body, headers...), nil }}
}

func testConfig() Config {
	return Config{
		Shop: "example-store.myshopify.com", APIVersion: "2026-10", AccessToken: secretToken,
		MetafieldNamespace: "$app", MetafieldKey: "coupons",
	}
}

func newTestClient(t *testing.T, cfg Config, rt http.RoundTripper) *Client {
	t.Helper()
	c, err := New(cfg, &http.Client{Transport: rt})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func testDiscount() coupons.Discount {
	return coupons.Discount{
		Code: secretCode, Title: "Loyalty 500pt 70934", CustomerGID: customer,
		Amount:   domain.Money{Minor: 500, Currency: "JPY"},
		StartsAt: noon, EndsAt: noon.AddDate(1, 0, 0),
	}
}

// golden is a vendor's documented answer.
type golden struct {
	Source    string            `json:"source"`
	Operation string            `json:"operation"`
	Status    int               `json:"status"`
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
}

const goldenFolder = "../testdata/shopify"

func readGolden(t *testing.T, name string) golden {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(goldenFolder, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if g.Source == "" || g.Operation == "" || g.Status == 0 {
		t.Fatalf("%s: source, operation or status is missing", name)
	}
	return g
}

func (g golden) transport() *stub {
	var headers []string
	for k, v := range g.Headers {
		headers = append(headers, k, v)
	}
	return always(g.Status, string(g.Body), headers...)
}

// wantOutcome checks the kind and reason of an act's error; an empty kind means success.
func wantOutcome(t *testing.T, err error, kind domain.Kind, reason string) {
	t.Helper()
	if kind == "" {
		if err != nil {
			t.Errorf("got %v, want success", err)
		}
		return
	}
	if err == nil {
		t.Fatalf("got success, want %s %s", kind, reason)
	}
	if got := domain.KindOf(err); got != kind {
		t.Errorf("kind %s, want %s (%v)", got, kind, err)
	}
	if got := domain.ReasonOf(err); got != reason {
		t.Errorf("reason %q, want %q (%v)", got, reason, err)
	}
	for _, secret := range []string{secretToken, clientSecret, secretCode, customer} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells a secret: %v", err)
		}
	}
}
