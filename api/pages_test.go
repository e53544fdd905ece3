package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/test/expect"
)

// falling is a staff service whose sessions fall over.
type falling struct{ pages.Staff }

func (falling) AnySession(context.Context, string) (domain.Session, domain.Staff, staff.Stage, error) {
	panic("index out of range")
}

// TestFaultsOfPages: people are told of a fault by a page, programs by a problem document.
func TestFaultsOfPages(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(d *Deps) {
		d.Secret, d.Zone = []byte(strings.Repeat("s", 32)), time.UTC
	})
	person, password, err := s.staff.Add(t.Context(), staff.Operator(), staff.Person{Email: "p@example.com", Name: "P",
		Role: domain.RoleStaff, Password: goodPassword})
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.staff.Enter(t.Context(), staff.Entry{Email: person.Email, Password: password,
		From: staff.From{Address: "192.0.2.1"}})
	if err != nil {
		t.Fatal(err)
	}
	visit := func(method, path, cookie string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set("Accept-Language", "en")
		if cookie != "" {
			r.AddCookie(&http.Cookie{Name: "__Host-pointbridge", Value: cookie})
		}
		w := httptest.NewRecorder()
		s.api.ServeHTTP(w, r)
		return w
	}
	for name, tc := range map[string]struct {
		method, path string
		status       int
	}{
		"a page that is not there": {"GET", "/admin/nothing", 404},
		"another method":           {"DELETE", "/admin/account", 405},
	} {
		got := visit(tc.method, tc.path, in.Token)
		expect.Equal(t, "got.Code", got.Code, tc.status, name, got.Body)
		expect.That(t, `got.Body.String() to contain "<h1>"`, strings.Contains(got.Body.String(), "<h1>"), name,
			got.Body)
		expect.That(t, `got.Body.String() to contain "Sign out"`, strings.Contains(got.Body.String(), "Sign out"), name,
			got.Body)
	}
	{
		got := visit("GET", "/v1/nothing", "")
		expect.Equal(t, "got.Code", got.Code, 404, got.Body)
		expect.Equal(t, `got.Header().Get("Content-Type")`, got.Header().Get("Content-Type"),
			"application/problem+json", got.Body)
	}
	fallen := newShop(t, func(d *Deps) {
		d.Secret, d.Zone, d.Staff = []byte(strings.Repeat("s", 32)), time.UTC, falling{d.Staff}
	})
	s = fallen
	got := visit("GET", "/admin/account", in.Token)
	expect.Equal(t, "got.Code", got.Code, 500, got.Body)
	expect.That(t, `got.Body.String() to contain "<h1>"`, strings.Contains(got.Body.String(), "<h1>"), got.Body)
	expect.That(t, `got.Body.String() not to contain "index out of range"`,
		!strings.Contains(got.Body.String(), "index out of range"), got.Body)
}
