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
		if got := visit(tc.method, tc.path, in.Token); got.Code != tc.status || !strings.Contains(got.Body.String(),
			"<h1>") || !strings.Contains(got.Body.String(), "Sign out") {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
	}
	if got := visit("GET", "/v1/nothing", ""); got.Code != 404 ||
		got.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	fallen := newShop(t, func(d *Deps) {
		d.Secret, d.Zone, d.Staff = []byte(strings.Repeat("s", 32)), time.UTC, falling{d.Staff}
	})
	s = fallen
	got := visit("GET", "/admin/account", in.Token)
	if got.Code != 500 || !strings.Contains(got.Body.String(), "<h1>") || strings.Contains(got.Body.String(),
		"index out of range") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
}
