package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
)

// fakeWebhooks remembers what came in and answers as its fields say.
type fakeWebhooks struct {
	mu      sync.Mutex
	seen    []webhooks.Incoming
	err     error
	headers error     // what Expect says
	until   time.Time // of the context
}

// maxWebhook is what the fake lets a body have.
const maxWebhook = 2 << 20

func (f *fakeWebhooks) Expect(webhooks.Incoming) (int64, error) { return maxWebhook, f.headers }

func (f *fakeWebhooks) Receive(ctx context.Context, in webhooks.Incoming) (webhooks.Receipt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, in)
	f.until, _ = ctx.Deadline()
	return webhooks.Receipt{Delivery: webhooks.Delivery{WebhookID: in.WebhookID, Outcome: webhooks.Queued}}, f.err
}

// deliver sends what the shop would.
func deliver(s *shop, body string, changes ...request) answer {
	headers := []request{header("X-Shopify-Topic", "orders/create"), header("X-Shopify-Hmac-Sha256", "c2lnbmF0dXJl"),
		header("X-Shopify-Shop-Domain", "example-store.myshopify.com"), header("X-Shopify-API-Version", "2026-10"),
		header("X-Shopify-Webhook-Id", "w-1"), header("X-Shopify-Event-Id", "e-1"), header("X-Shopify-Triggered-At",
			"2026-11-20T03:00:06Z")}
	return s.call("", http.MethodPost, webhooksPath, body, append(headers, changes...)...)
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	t.Run("what arrived is handed on byte for byte", func(t *testing.T) {
		t.Parallel()
		f := &fakeWebhooks{}
		s := newShop(t, func(d *Deps) { d.Webhooks = f })
		body := "{ \"id\": 820982911946154508,\n\t\"email\":\"taro@example.com\" }\r\n"
		got := deliver(s, body)
		if got.status != http.StatusOK || got.raw != "" {
			t.Fatalf("got %d %s", got.status, got.raw)
		}
		want := webhooks.Incoming{Topic: "orders/create", Signature: "c2lnbmF0dXJl",
			Shop: "example-store.myshopify.com", APIVersion: "2026-10", WebhookID: "w-1", EventID: "e-1"}
		in := f.seen[0]
		if string(in.Body) != body {
			t.Errorf("the body became %q", in.Body)
		}
		if in.Body = nil; len(f.seen) != 1 || in.Topic != want.Topic || in.Signature != want.Signature ||
			in.Shop != want.Shop || in.APIVersion != want.APIVersion ||
			in.WebhookID != want.WebhookID || in.EventID != want.EventID {
			t.Errorf("got %+v", in)
		}
		if left := time.Until(f.until); left <= 0 || left > 5*time.Second {
			t.Errorf("the shop hangs up after five seconds; there are %s", left)
		}
	})
	t.Run("a header that came twice is none", func(t *testing.T) {
		t.Parallel()
		f := &fakeWebhooks{}
		s := newShop(t, func(d *Deps) { d.Webhooks = f })
		deliver(s, "{}", func(r *http.Request) { r.Header.Add("X-Shopify-Hmac-Sha256", "another") })
		if f.seen[0].Signature != "" {
			t.Errorf("got %q", f.seen[0].Signature)
		}
	})
	t.Run("no such address without anybody who takes it in", func(t *testing.T) {
		t.Parallel()
		deliver(newShop(t), "{}").want(t, http.StatusNotFound, domain.CodeNotFound)
	})
	t.Run("other methods are refused", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, func(d *Deps) { d.Webhooks = &fakeWebhooks{} })
		s.call("", http.MethodGet, webhooksPath, "").want(t, http.StatusMethodNotAllowed, domain.CodeMethodNotAllowed)
	})
}

// TestATillsWebhook: it has an address of its own, and nothing of it but the signature stands in a header.
func TestATillsWebhook(t *testing.T) {
	t.Parallel()
	shops, till := &fakeWebhooks{}, &fakeWebhooks{}
	s := newShop(t, func(d *Deps) { d.Webhooks, d.PointsWebhooks = shops, till })
	signed := header("X-Square-Hmacsha256-Signature", "c2lnbmF0dXJl")
	body := "{ \"type\": \"loyalty.account.updated\" }\r\n"
	if got := s.call("", http.MethodPost, pointsPath, body, signed, header("X-Shopify-Topic", "orders/create"),
		header("X-Shopify-Hmac-Sha256", "b3RoZXI=")); got.status != http.StatusOK || got.raw != "" {
		t.Fatalf("got %d %s", got.status, got.raw)
	}
	if len(till.seen) != 1 || len(shops.seen) != 0 || string(till.seen[0].Body) != body ||
		till.seen[0].Signature != "c2lnbmF0dXJl" || till.seen[0].Topic != "" {
		t.Errorf("the till's is told %d times, the shop's %d times", len(till.seen), len(shops.seen))
	}
	s.call("", http.MethodPost, pointsPath, strings.Repeat("x", maxWebhook+1), signed).want(t, 413, domain.CodeBodyTooLarge)
	s.call("", http.MethodPost, pointsPath, body, signed, header("Content-Type", "text/plain")).want(t, 415,
		domain.CodeUnsupportedMedia)
	s.call("", http.MethodGet, pointsPath, "").want(t, http.StatusMethodNotAllowed, domain.CodeMethodNotAllowed)
	till.headers = domain.Refuse(domain.CodeUnauthenticated)
	s.call("", http.MethodPost, pointsPath, body).want(t, 401, domain.CodeUnauthenticated)
	if len(till.seen) != 1 {
		t.Errorf("what was refused was read %d times", len(till.seen)-1)
	}
	without := newShop(t, func(d *Deps) { d.Webhooks = shops })
	without.call("", http.MethodPost, pointsPath, body, signed).want(t, http.StatusNotFound, domain.CodeNotFound)
}

func TestWebhookRefusals(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err    error
		body   string
		status int
		code   domain.Code
		asked  int
	}{
		"a wrong signature": {domain.Refuse(domain.CodeUnauthenticated), "{}", 401,
			domain.CodeUnauthenticated, 1},
		"a missing header": {domain.Refuse(domain.CodeValidation, "field",
			"header.X-Shopify-Topic"), "{}", 422, domain.CodeValidation, 1},
		"a body of more than two mebibytes": {nil, strings.Repeat("x", maxWebhook+1), 413, domain.CodeBodyTooLarge,
			0},
		"a body of two mebibytes":               {nil, strings.Repeat("x", maxWebhook), 200, "", 1},
		"the store fails: the shop sends again": {errSecret, "{}", 500, domain.CodeInternal, 1},
		"the store is too slow":                 {context.DeadlineExceeded, "{}", 500, domain.CodeInternal, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeWebhooks{err: tc.err}
			s := newShop(t, func(d *Deps) { d.Webhooks = f })
			got := deliver(s, tc.body).want(t, tc.status, tc.code)
			if len(f.seen) != tc.asked || strings.Contains(got.raw, "hunter2") {
				t.Errorf("asked %d times, told %s", len(f.seen), got.raw)
			}
		})
	}
}

func TestWebhookRefusalsAreToldOncePerMinute(t *testing.T) {
	t.Parallel()
	f := &fakeWebhooks{err: domain.Refuse(domain.CodeUnauthenticated)}
	s := newShop(t, func(d *Deps) { d.Webhooks = f })
	for range 50 {
		deliver(s, "{}", from("203.0.113.9")).want(t, 401, domain.CodeUnauthenticated)
	}
	if n := told(s.metrics.alerts); n != 1 {
		t.Errorf("told %d times", n)
	}
	s.clock.Advance(time.Minute)
	deliver(s, "{}")
	if n := told(s.metrics.alerts); n != 2 {
		t.Errorf("told %d times after a minute", n)
	}
	f.err = errors.New("the database is away")
	s.clock.Advance(time.Minute)
	deliver(s, "{}")
	if n := told(s.metrics.alerts); n != 2 {
		t.Error("our own fault was told as a wrong signature")
	}
}

func told(alerts []string) (n int) {
	for _, kind := range alerts {
		if kind == alertWebhookRefused {
			n++
		}
	}
	return n
}

func TestReadyTellsWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(d *Deps) {
		d.Notes = func(context.Context) []string { return []string{"no subscription to orders/create"} }
	})
	got := s.call("", http.MethodGet, "/readyz", "")
	list, _ := got.body["missing"].([]any)
	if got.status != http.StatusOK || !slices.Equal(list, []any{"no subscription to orders/create"}) {
		t.Errorf("got %d %s", got.status, got.raw)
	}
	if got := newShop(t).call("", http.MethodGet, "/readyz", ""); got.status != http.StatusOK ||
		!strings.Contains(got.raw, `"missing":[]`) {
		t.Errorf("got %d %s", got.status, got.raw)
	}
}
