package hooks_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"pointbridge/domain"
	"pointbridge/domain/events"
	"pointbridge/integrations/hooks"
	"pointbridge/test/expect"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

func secret(text string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(text, 8)))
}

func message(url string, secrets ...string) events.Message {
	return events.Message{URL: url, ID: "evt_a1", At: time.Now(), Body: []byte(`{"type":"coupon.issued"}`), Secrets: secrets}
}

// TestTheVendorsLibraryVerifiesIt: a system that verifies by Standard Webhooks takes what is sent, by either of two
// secrets, and nothing that was changed on the way.
func TestTheVendorsLibraryVerifiesIt(t *testing.T) {
	t.Parallel()
	type got struct {
		header http.Header
		body   []byte
	}
	taken := make(chan got, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		taken <- got{r.Header, body}
	}))
	t.Cleanup(s.Close)
	status, err := hooks.New(loopback, time.Now).Send(t.Context(), message(s.URL, secret("new"+"_"), secret("old"+"_")))
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "the status", status, 200)
	g := <-taken
	expect.Equal(t, "the id", g.header.Get("webhook-id"), "evt_a1")
	for name, c := range map[string]struct {
		secret, body string
		good         bool
	}{
		"the new secret": {secret("new" + "_"), string(g.body), true}, "the old secret": {secret("old" + "_"), string(g.body), true},
		"another secret": {secret("else"), string(g.body), false}, "another body": {secret("new" + "_"), `{"type":"coupon.used"}`, false},
	} {
		verifier, err := standardwebhooks.NewWebhook(c.secret)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, name+" verifies", verifier.Verify([]byte(c.body), g.header) == nil, c.good)
	}
}

// TestWhatAnAnswerMeans: 2xx is taken; everything else is for the queue to repeat, and nobody is followed elsewhere.
func TestWhatAnAnswerMeans(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Bool
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/elsewhere":
			elsewhere.Store(true)
		case "/long":
			_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
		case "/redirect":
			http.Redirect(w, r, "/elsewhere", http.StatusPermanentRedirect)
		case "/busy":
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		case "/cut":
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(s.Close)
	sender := hooks.New(loopback, time.Now)
	for path, want := range map[string]struct {
		status int
		kind   domain.Kind
		reason string
		wait   time.Duration
	}{
		"/": {200, "", "", 0}, "/long": {200, "", "", 0}, "/redirect": {308, domain.KindUnknown, "status_308", 0},
		"/busy": {429, domain.KindThrottled, "status_429", 7 * time.Second}, "/broken": {500, domain.KindUnknown, "status_500", 0},
		"/cut": {0, domain.KindUnknown, "", 0},
	} {
		status, err := sender.Send(t.Context(), message(s.URL+path, secret("x")))
		expect.Equal(t, path+": the status", status, want.status)
		expect.Equal(t, path+": an error", err != nil, want.kind != "")
		if err != nil {
			expect.Equal(t, path+": the kind", domain.KindOf(err), want.kind)
			expect.Equal(t, path+": the reason", domain.ReasonOf(err), want.reason)
			expect.Equal(t, path+": the wait", domain.RetryAfterOf(err), want.wait)
			expect.That(t, path+": the error names no address", !strings.Contains(err.Error(), "127.0.0.1"), err)
		}
	}
	expect.That(t, "nobody to be followed", !elsewhere.Load())
}

// TestNothingLeadsInside: an address that leads inside is connected to only where its network is allowed, by name and by
// number; without TLS nothing else is.
func TestNothingLeadsInside(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(s.Close)
	tls := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(tls.Close)
	byName := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	for name, c := range map[string]struct {
		url     string
		allowed []netip.Prefix
	}{
		"no network is allowed":      {s.URL, nil},
		"by name":                    {byName, nil},
		"by TLS":                     {tls.URL, nil},
		"another network is allowed": {s.URL, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}},
	} {
		status, err := hooks.New(c.allowed, time.Now).Send(t.Context(), message(c.url, secret("x")))
		expect.Equal(t, name+": the status", status, 0)
		expect.Equal(t, name+": the reason", domain.ReasonOf(err), hooks.ReasonInside)
	}
	expect.Equal(t, "requests", asked.Load(), int64(0))
	_, err := hooks.New(loopback, time.Now).Send(t.Context(), message(byName, secret("x")))
	expect.Equal(t, "err", err, nil)
	_, err = hooks.New(loopback, time.Now).Send(t.Context(), message(s.URL))
	expect.Equal(t, "without a secret", domain.ReasonOf(err), "unsendable")
}
