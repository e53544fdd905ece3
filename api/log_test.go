package api

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/domain"
)

func TestOneLinePerRequest(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.coupons.list = []domain.Coupon{coupon(domain.Active)}
	s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons/"+code, "", header("X-Request-Id", "pos-0001"))
	s.call(domain.RolePOS, http.MethodPut, "/v1/customers/"+suzuki, `{"email":"hanako@example.com","name":"鈴木"}`)
	s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons?customer_id=12345&code=AB72CD", "")
	s.call(domain.RolePOS, http.MethodPost, conversions, `{"points":"500"}`, keyed("my-key"))
	s.call("", http.MethodGet, "/v1/coupons/AB72CD/../hanako", "")
	lines := s.log.lines()
	if len(lines) != 5 {
		t.Fatalf("%d lines for 5 requests", len(lines))
	}
	first := lines[0]
	for name, want := range map[string]any{"msg": "request", "level": "INFO", "method": "GET",
		"route": "/v1/coupons/:code", "status": 200.0,
		"caller": "key:staff", "role": "staff", "request_id": "pos-0001"} {
		if first[name] != want {
			t.Errorf("%s is %v, want %v", name, first[name], want)
		}
	}
	if size, _ := first["bytes"].(float64); size < 100 || first["duration_ms"] == nil {
		t.Errorf("got %v", first)
	}
	if lines[3]["code"] != "validation_failed" || lines[4]["route"] != "unmatched" {
		t.Errorf("got %v and %v", lines[3], lines[4])
	}
	for _, private := range []string{"AB72CD", "hanako", "鈴木", suzuki, yamada, "my-key", "pb_", "limit=",
		"customer_id"} {
		if strings.Contains(s.log.text.String(), private) {
			t.Errorf("%q stands in the log:\n%s", private, s.log.text.String())
		}
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for given, want := range map[string]string{"pos-0001": "pos-0001", "": "made-by-us", "short": "made-by-us",
		"with space": "made-by-us", strings.Repeat("x", 65): "made-by-us", "line\nbreak": "made-by-us"} {
		got := s.call("", http.MethodGet, "/nowhere", "", func(r *http.Request) { r.Header.Set("X-Request-Id", given) })
		if got.header.Get("X-Request-Id") != want || got.body["request_id"] != want {
			t.Errorf("%q became %q and %v", given, got.header.Get("X-Request-Id"), got.body["request_id"])
		}
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, c := range []struct {
		method, path string
		want         measured
	}{
		{"GET", "/v1/customers/12345/points", measured{"GET", "/v1/customers/:id/points", 200}},
		{"GET", "/v1/customers/12345/secrets", measured{"GET", "unmatched", 404}},
		{"DELETE", "/v1/coupons", measured{"DELETE", "unmatched", 405}},
		{"BREW", "/v1/coupons", measured{"OTHER", "unmatched", 405}},
		{"GET", "/healthz", measured{"GET", "/healthz", 200}},
	} {
		s.call(domain.RolePOS, c.method, c.path, "")
		if got := s.metrics.last(); got != c.want {
			t.Errorf("%s %s was measured as %v", c.method, c.path, got)
		}
	}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	t.Run("a panic is internal_error, logged once, and the next request is served", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.service.panic = "index out of range"
		got := s.call(domain.RolePOS, http.MethodGet, "/v1/customers/1/points", "").want(t, 500, domain.CodeInternal)
		if strings.Contains(got.raw, "index") {
			t.Error("the panic reached the client")
		}
		lines := s.log.lines()
		text, _ := lines[0]["error"].(string)
		if len(lines) != 1 || lines[0]["level"] != "ERROR" || !strings.Contains(text, "index out of range") ||
			!strings.Contains(text, "fakes_test.go") {
			t.Errorf("logged %v", lines)
		}
		s.service.panic = nil
		s.call(domain.RolePOS, http.MethodGet, "/v1/customers/1/points", "").want(t, 200, "")
	})
	t.Run("an answer that broke off does not look whole", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, figures(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("half"))
			panic("disk on fire")
		}))
		defer func() {
			if fault := recover(); fault != http.ErrAbortHandler {
				t.Errorf("it ended with %v", fault)
			}
			if lines := s.log.lines(); len(lines) != 1 || lines[0]["level"] != "ERROR" {
				t.Errorf("logged %v", lines)
			}
		}()
		s.call("", http.MethodGet, "/metrics", "", header("Authorization", "Bearer "+scrapeToken))
	})
}

// TestAClientThatLeavesALongAnswer: what was sent is broken off by a panic, which is no fault when the client was the
// one to go.
func TestAClientThatLeavesALongAnswer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	s := newShop(t, figures(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("half"))
		cancel()
		panic(fmt.Errorf("export: %w", r.Context().Err()))
	}))
	defer func() {
		if fault := recover(); fault != http.ErrAbortHandler {
			t.Errorf("it ended with %v", fault)
		}
		if lines := s.log.lines(); len(lines) != 1 || lines[0]["level"] != "INFO" {
			t.Errorf("logged %v", lines)
		}
	}()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", nil)
	r.Header.Set("Authorization", "Bearer "+scrapeToken)
	s.api.ServeHTTP(httptest.NewRecorder(), r)
}

func TestAClientThatWentAwayIsNoFault(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s.service.err = context.Canceled
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/customers/1/points", nil)
	r.Header.Set("Authorization", "Bearer "+s.token(domain.RolePOS))
	s.api.ServeHTTP(httptest.NewRecorder(), r)
	if lines := s.log.lines(); len(lines) != 1 || lines[0]["level"] != "INFO" {
		t.Errorf("logged %v", lines)
	}
}
