package api

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/domain"
)

func TestConversionIntake(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for body, want := range map[string][2]string{
		`{"points":"500"}`:                {"body.points", "integer"},
		`{"points":1.5}`:                  {"body.points", "integer"},
		`{"points":500.0}`:                {"body.points", "integer"},
		`{"points":5e2}`:                  {"body.points", "integer"},
		`{"points":1e30}`:                 {"body.points", "integer"},
		`{"points":9223372036854775808}`:  {"body.points", "integer"},
		`{"points":9223372036854775807}`:  {"body.points", "maximum"},
		`{"points":-500}`:                 {"body.points", "minimum"},
		`{"points":0}`:                    {"body.points", "minimum"},
		`{"points":-0}`:                   {"body.points", "minimum"},
		`{"points":null}`:                 {"body.points", "integer"},
		`{"points":true}`:                 {"body.points", "integer"},
		`{"points":[500]}`:                {"body.points", "integer"},
		`{}`:                              {"body.points", "required"},
		`{"Points":500}`:                  {"body.Points", "unknown"},
		`{"points":500,"currency":"USD"}`: {"body.currency", "unknown"},
		`{"points":500,"points":5}`:       {"body.points", "repeated"},
		`{"points":500,"POINTS":5}`:       {"body.POINTS", "unknown"},
		`[500]`:                           {"body", "object"},
		`500`:                             {"body", "object"},
		`null`:                            {"body", "object"},
		`{"points":500}{"points":5}`:      {"body", "json"},
		`{"points":500} x`:                {"body", "json"},
		`{"points":500`:                   {"body", "json"},
		`{"points":500,}`:                 {"body", "json"},
		`{'points':500}`:                  {"body", "json"},
		"{\"points\":500,\"\xff\":1}":     {"body", "json"},
		"\xef\xbb\xbf\xef\xbb\xbf{\"points\":500}": {"body", "json"},
		strings.Repeat("[", 60_000):                {"body", "json"},
		" ":                                        {"body", "json"},
	} {
		got := s.call(domain.RolePOS, http.MethodPost, conversions, body, keyed("k"), from("192.0.2.9")).want(t, 422,
			domain.CodeValidation)
		if got.field(want[0]) != want[1] {
			t.Errorf("%.60s: want %v; got %s", body, want, got.raw)
		}
		s.clock.Advance(2e9)
	}
	got := s.call(domain.RolePOS, http.MethodPost, conversions, "", keyed("k"), header("Content-Type",
		"application/json"))
	if got.want(t, 422, domain.CodeValidation).field("body") != "required" {
		t.Errorf("no body: %s", got.raw)
	}
	if s.service.called() != 0 {
		t.Error("the service was called")
	}
}

func TestBodySize(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	padded := func(size int) string {
		const body = `{"points":500}`
		return body + strings.Repeat(" ", size-len(body))
	}
	s.call(domain.RolePOS, http.MethodPost, conversions, padded(maxBody), keyed("k")).want(t, 201, "")
	got := s.call(domain.RolePOS, http.MethodPost, conversions, padded(maxBody+1), keyed("k")).want(t, 413,
		domain.CodeBodyTooLarge)
	if got.body["maximum_bytes"] != float64(maxBody) || !strings.Contains(got.raw, "65,536") {
		t.Errorf("got %s", got.raw)
	}
}

func TestMediaType(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, media := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/problem+json",
		"application/jsonx",
		"application/json; charset=utf-16", "application/json;;"} {
		s.call(domain.RolePOS, http.MethodPost, conversions, `{"points":500}`, keyed("k"), header("Content-Type",
			media)).
			want(t, 415, domain.CodeUnsupportedMedia)
	}
	s.call(domain.RolePOS, http.MethodPost, conversions, `{"points":500}`, keyed("k"), header("Content-Encoding",
		"gzip")).
		want(t, 415, domain.CodeUnsupportedMedia)
	for _, media := range []string{"application/json", "application/json; charset=utf-8",
		"Application/JSON; charset=UTF-8"} {
		s.call(domain.RolePOS, http.MethodPost, conversions, `{"points":500}`, keyed("k"), header("Content-Type",
			media)).want(t, 201, "")
	}
}

func TestQueryIntake(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for query, want := range map[string][2]string{
		"limti=5":                  {"query.limti", "unknown"},
		"limit=5&limit=6":          {"query.limit", "repeated"},
		"status=unused":            {"query.status", "one_of"},
		"code=%25":                 {"query.code", "invalid"},
		"code=a%00b":               {"query.code", "invalid"},
		"customer_id=a'b":          {"query.customer_id", "invalid"},
		"expires_before=yesterday": {"query.expires_before", "date_time"},
		"limit=%zz":                {"query", "query"},
		"limit=5;status=used":      {"query", "query"},
	} {
		got := s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons?"+query, "").want(t, 422, domain.CodeValidation)
		if got.field(want[0]) != want[1] {
			t.Errorf("%s: want %v; got %s", query, want, got.raw)
		}
	}
	if s.coupons.reads != 0 {
		t.Error("something was read")
	}
	s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons?status=&customer_id=&code=&expires_before=&limit=&cursor=",
		"").want(t, 200, "")
}

func TestWhatIsRepeatedToAClientIsBounded(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	long := `{"points":500,"` + strings.Repeat("é", 5000) + `":1`
	for i := range 500 {
		long += `,"x` + strings.Repeat("y", i%7) + string(rune('a'+i%26)) + strings.Repeat("z", i/26) + `":1`
	}
	got := s.call(domain.RolePOS, http.MethodPost, conversions, long+"}", keyed("k")).want(t, 422,
		domain.CodeValidation)
	if list, _ := got.body["errors"].([]any); len(list) != maxFields || len(got.raw) > 8000 {
		t.Errorf("%d fields in %d bytes", len(list), len(got.raw))
	}
}

func TestABodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	got := s.call(domain.RolePOS, http.MethodPost, conversions, "x", keyed("k"), func(r *http.Request) {
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"points":5`), brokenReader{}))
	}).want(t, 422, domain.CodeValidation)
	if got.field("body") != "body" {
		t.Errorf("got %s", got.raw)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("reset by peer") }

func FuzzConversionBody(f *testing.F) {
	for _, seed := range []string{`{"points":500}`, `{"points":"500"}`, `{"points":1e30}`, `{"points":500,"points":5}`,
		`[[[`, "\xff", `{"points":-0}`} {
		f.Add(seed)
	}
	s := newShop(f, unlimited)
	f.Fuzz(func(t *testing.T, body string) {
		s.t = t
		before := len(s.service.conversions)
		got := s.call(domain.RolePOS, http.MethodPost, conversions, body, keyed("k"), header("Content-Type",
			"application/json"))
		switch got.status {
		case http.StatusCreated:
			if c := s.service.conversions[before]; c.Points < 1 || c.Points > 1_000_000_000_000 {
				t.Fatalf("%q converts %d points", body, c.Points)
			}
		case http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
			if len(s.service.conversions) != before {
				t.Fatalf("%q was refused and done", body)
			}
		default:
			t.Fatalf("%q answers %d %s", body, got.status, got.raw)
		}
	})
}

func FuzzLinkBody(f *testing.F) {
	for _, seed := range []string{`{"email":"a@b.c"}`, `{"shopify_customer_id":7001}`,
		`{"shopify_customer_id":"gid://shopify/Customer/1"}`,
		`{"name":"\u0000"}`, `{"name":"\ud800"}`, `{"locale":""}`, `{"email":null}`} {
		f.Add(seed)
	}
	s := newShop(f, unlimited)
	f.Fuzz(func(t *testing.T, body string) {
		s.t = t
		got := s.call(domain.RolePOS, http.MethodPut, "/v1/customers/1", body, header("Content-Type",
			"application/json"))
		switch got.status {
		case http.StatusCreated:
			l := s.service.lastLink()
			if l.ShopifyCustomerGID != nil && *l.ShopifyCustomerGID != "" && !strings.HasPrefix(*l.ShopifyCustomerGID,
				gidPrefix) {
				t.Fatalf("%q links %q", body, *l.ShopifyCustomerGID)
			}
			for _, value := range []*string{l.Name, l.Email, l.Phone, l.Rank} {
				if value != nil && strings.ContainsAny(*value, "\x00\r\n") {
					t.Fatalf("%q was taken over as %q", body, *value)
				}
			}
		case http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
		default:
			t.Fatalf("%q answers %d %s", body, got.status, got.raw)
		}
	})
}

// unlimited lets a benchmark or a fuzzer ask as often as it can.
func unlimited(d *Deps) { d.Limits = Limits{PerCustomer: 1 << 40, Window: 1} }

func BenchmarkConversion(b *testing.B) {
	s := newShop(b, unlimited)
	token := s.token(domain.RolePOS)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, conversions, strings.NewReader(`{"points":500}`))
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "k")
		w := httptest.NewRecorder()
		s.api.ServeHTTP(w, r)
		if w.Code != http.StatusCreated {
			b.Fatal(w.Code, w.Body)
		}
		s.clock.Advance(1)
		s.service.conversions = s.service.conversions[:0]
		s.log.text.Reset()
		s.metrics.seen = s.metrics.seen[:0]
	}
}
