package api

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pointbridge/domain"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	fine := Check{"database", func(context.Context) error { return nil }}
	broken := Check{"queue", func(context.Context) error { return errSecret }}
	t.Run("ready", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, func(d *Deps) { d.Checks = []Check{fine} })
		s.call("", http.MethodGet, "/healthz", "").want(t, 200, "")
		if got := s.call("", http.MethodGet, "/readyz", "").want(t, 200, ""); got.body["status"] != "ready" {
			t.Errorf("got %s", got.raw)
		}
	})
	t.Run("503 names what fails, and the log says why", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, func(d *Deps) { d.Checks = []Check{fine, broken} })
		got := s.call("", http.MethodGet, "/readyz", "").want(t, 503, "")
		if fmt.Sprint(got.body["failing"]) != "[queue]" || strings.Contains(got.raw, "hunter2") {
			t.Errorf("got %s", got.raw)
		}
		if lines := s.log.lines(); len(lines) != 2 || lines[0]["check"] != "queue" {
			t.Errorf("logged %v", lines)
		}
		s.call("", http.MethodGet, "/healthz", "").want(t, 200, "")
	})
	t.Run("a check that hangs counts as failed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			release := make(chan struct{})
			s := newShop(t, func(d *Deps) {
				d.Checks = []Check{fine, {"pos", func(context.Context) error { <-release; return nil }}}
			})
			got := s.call("", http.MethodGet, "/readyz", "").want(t, 503, "")
			if fmt.Sprint(got.body["failing"]) != "[pos]" {
				t.Errorf("got %s", got.raw)
			}
			close(release)
		})
	})
}

// A probe that comes often, or many that come at once, ask the database once a second.
func TestReadinessIsRememberedForASecond(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	var broken atomic.Bool
	s := newShop(t, func(d *Deps) {
		d.Checks = []Check{{"database", func(context.Context) error {
			asked.Add(1)
			if broken.Load() {
				return errSecret
			}
			return nil
		}}}
	})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 25 {
				s.call("", http.MethodGet, "/readyz", "").want(t, 200, "")
				s.call("", http.MethodGet, "/healthz", "").want(t, 200, "")
			}
		})
	}
	group.Wait()
	if asked.Load() != 1 {
		t.Errorf("200 probes asked %d times", asked.Load())
	}
	broken.Store(true)
	s.call("", http.MethodGet, "/readyz", "").want(t, 200, "")
	s.clock.Advance(time.Second)
	s.call("", http.MethodGet, "/readyz", "").want(t, 503, "")
	broken.Store(false)
	s.call("", http.MethodGet, "/readyz", "").want(t, 503, "")
	s.clock.Advance(time.Second)
	s.call("", http.MethodGet, "/readyz", "").want(t, 200, "")
}

const scrapeToken = "mX2vQ8rT4kL9wZ7bN3pS6dF1gH5jC0yA"

// figures serves metrics to whoever has the token.
func figures(h http.HandlerFunc) func(*Deps) {
	return func(d *Deps) { d.MetricsHandler, d.MetricsToken = h, scrapeToken }
}

func TestMetricsAddress(t *testing.T) {
	t.Parallel()
	up := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("up 1")) }
	s := newShop(t)
	for _, role := range []domain.Role{"", domain.RoleSystemAdmin} {
		s.call(role, http.MethodGet, "/metrics", "", header("Authorization", "Bearer "+scrapeToken)).want(t, 404,
			domain.CodeNotFound)
	}
	s = newShop(t, figures(up))
	for _, wrong := range []string{"", "Bearer", "Bearer ", "Bearer " + scrapeToken[1:], "Basic " + scrapeToken,
		"Bearer " + s.tokens[domain.RoleSystemAdmin]} {
		got := s.call("", http.MethodGet, "/metrics", "", header("Authorization", wrong)).want(t, 401,
			domain.CodeUnauthenticated)
		if !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer") || strings.Contains(got.raw, "up 1") {
			t.Errorf("%q is answered %s", wrong, got.raw)
		}
	}
	if got := s.call("", http.MethodGet, "/metrics", "", header("Authorization", "Bearer "+scrapeToken)).want(t, 200,
		""); got.raw != "up 1" {
		t.Errorf("got %s", got.raw)
	}
	s = newShop(t, func(d *Deps) { d.MetricsHandler = http.HandlerFunc(up) })
	s.call("", http.MethodGet, "/metrics", "", header("Authorization", "Bearer ")).want(t, 401,
		domain.CodeUnauthenticated)
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, path := range []string{"/v1/coupons", "/nowhere", "/healthz", "/openapi.json"} {
		got := s.call(domain.RoleStaff, http.MethodGet, path, "")
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
			"Referrer-Policy": "no-referrer", "Server": "", "X-Powered-By": "",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Strict-Transport-Security": "max-age=31536000"} {
			if got.header.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, got.header.Get(name))
			}
		}
	}
	s = newShop(t, func(d *Deps) { d.PublicURL = "http://127.0.0.1:8080" })
	if got := s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons",
		""); got.header.Get("Strict-Transport-Security") != "" {
		t.Error("strict transport security without https")
	}
}

func TestUnknownAddressesAndMethods(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, path := range []string{"/", "/v1", "/v1/coupons/", "/v1/coupons/a/b", "/openapi.yaml",
		"/schemas/Coupon.json", "/docs/", "//docs"} {
		s.call("", http.MethodGet, path, "").want(t, 404, domain.CodeNotFound)
	}
	got := s.call("", http.MethodDelete, "/v1/customers/1", "").want(t, 405, domain.CodeMethodNotAllowed)
	if got.header.Get("Allow") != "GET, PUT" {
		t.Errorf("Allow is %q", got.header.Get("Allow"))
	}
	for _, accept := range []string{"text/html", "application/cbor", "json", "application/problem+json", "*/*;q=0"} {
		got := s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons", "", header("Accept", accept)).want(t, 200, "")
		if got.header.Get("Content-Type") != "application/json" {
			t.Errorf("who accepts %s gets %s", accept, got.header.Get("Content-Type"))
		}
	}
}

// docsLimit is how many bytes the page may take on the way: two seconds on a line of 400 kbit/s, which is what a phone
// has at the edge of a network.
const docsLimit = 100_000

func TestDocsPage(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	got := s.call("", http.MethodGet, "/docs", "").want(t, 200, "")
	for name := range walk {
		if !strings.Contains(got.raw, "<code>"+name+"</code>") {
			t.Errorf("%s is not on the page", name)
		}
	}
	for _, code := range domain.Codes() {
		if !strings.Contains(got.raw, `id="`+string(code)+`"`) {
			t.Errorf("%s is not on the page, but problems link to it", code)
		}
	}
	t.Run("it is light enough for a phone", func(t *testing.T) {
		t.Parallel()
		request := httptest.NewRequest(http.MethodGet, "/docs", nil)
		request.Header.Set("Accept-Encoding", "br, gzip;q=0.8")
		w := httptest.NewRecorder()
		s.api.ServeHTTP(w, request)
		sent := w.Body.Len()
		unpacked, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(unpacked)
		if err != nil || string(page) != got.raw {
			t.Errorf("what is unpacked has %d bytes and not %d: %v", len(page), len(got.raw), err)
		}
		if sent > docsLimit {
			t.Errorf("%d bytes are sent, %d is the limit", sent, docsLimit)
		}
		t.Logf("%d bytes, %d of them sent", len(page), sent)
		for header, packed := range map[string]bool{"": false, "identity": false, "gzip;q=0": false, "gzip; q=0.0": false,
			"gzip;q=": false, "x-gzip": false, "deflate": false, "GZIP": true, "deflate, gzip;q=0.1": true} {
			if acceptsGzip(header) != packed {
				t.Errorf("%q accepts gzip: %v", header, !packed)
			}
		}
	})
	t.Run("it asks no other host for anything", func(t *testing.T) {
		t.Parallel()
		if found := regexp.MustCompile(`(?i)<script|<link|<img|<iframe|url\(|@import|(src|href)="[^#/]`).FindString(got.raw); found != "" {
			t.Errorf("%q is on the page", found)
		}
	})
	t.Run("its policy allows its own style sheet alone", func(t *testing.T) {
		t.Parallel()
		_, rest, _ := strings.Cut(got.raw, "<style>")
		style, _, _ := strings.Cut(rest, "</style>")
		sum := sha256.Sum256([]byte(style))
		policy := got.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
			"';") {
			t.Errorf("the policy is %s", policy)
		}
	})
	t.Run("every link on it leads somewhere", func(t *testing.T) {
		t.Parallel()
		for _, link := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(got.raw, -1) {
			if !strings.Contains(got.raw, `id="`+link[1]+`"`) {
				t.Errorf("#%s leads nowhere", link[1])
			}
		}
	})
}
