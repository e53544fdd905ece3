package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

func TestStaffAdministration(t *testing.T) {
	t.Parallel()
	t.Run("a person is added with a password that lets them in, and shown without it from then on", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		admin := s.signedIn(domain.RoleSystemAdmin)
		got := s.call("", http.MethodPost, "/v1/staff",
			`{"email":"Mori@Example.com","name":"森 明子","role":"ec_admin","customer_id":"12345"}`, admin).want(t, 201,
			"")
		password, _ := got.body["password"].(string)
		expect.MustEqual(t, `got.body["id"]`, got.body["id"], 2.0, got.raw)
		expect.MustEqual(t, `got.body["email"]`, got.body["email"], "mori@example.com", got.raw)
		expect.MustEqual(t, `got.body["name"]`, got.body["name"], "森 明子", got.raw)
		expect.MustEqual(t, `got.body["customer_id"]`, got.body["customer_id"], "12345", got.raw)
		expect.MustEqual(t, `got.body["disabled_at"]`, got.body["disabled_at"], nil, got.raw)
		expect.MustEqual(t, `got.body["created_at"]`, got.body["created_at"], "2026-03-01T12:00:00Z", got.raw)
		s.enter("mori@example.com", password).want(t, 201, "")
		list := s.call("", http.MethodGet, "/v1/staff", "", admin).want(t, 200, "")
		items, _ := list.body["items"].([]any)
		expect.MustEqual(t, "len(items)", len(items), 2)
		expect.That(t, "list.raw not to contain password", !strings.Contains(list.raw, password), password, list.raw)
		expect.That(t, `list.raw not to contain "hash"`, !strings.Contains(list.raw, "hash"), list.raw)
		if e := s.people.Entries()[2]; e.Action != "session.opened" || s.people.Entries()[3].Action != "staff.added" ||
			s.people.Entries()[3].Actor != "staff:1" ||
			s.people.Entries()[3].ActorName != "Person system_admin" {
			t.Errorf("recorded %+v", s.people.Entries())
		}
		s.call("", http.MethodPost, "/v1/staff", `{"email":"MORI@example.com","name":"x","role":"staff"}`,
			admin).want(t, 409, domain.CodeStaffExists)
	})
	t.Run("what is told of a person is checked", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		admin := s.signedIn(domain.RoleSystemAdmin)
		for body, field := range map[string]string{
			`{"email":"nobody","name":"x","role":"staff"}`:                                 "body.email",
			`{"email":"a@b.example","name":"","role":"staff"}`:                             "body.name",
			`{"email":"a@b.example","name":" ","role":"staff"}`:                            "body.name",
			`{"email":"a@b.example","name":"x","role":"pos"}`:                              "body.role",
			`{"email":"a@b.example","name":"x"}`:                                           "body.role",
			`{"email":"a@b.example","name":"x","role":"staff","customer_id":"a b"}`:        "body.customer_id",
			`{"email":"a@b.example","name":"x","role":"staff","password":"chosen by you"}`: "body.password",
		} {
			got := s.call("", http.MethodPost, "/v1/staff", body, admin).want(t, 422, domain.CodeValidation)
			expect.That(t, `got.field(field) != ""`, got.field(field) != "", body, got.raw)
		}
		for body, field := range map[string]string{`{"role":"customer"}`: "body.role",
			`{"customer_id":"_"}`: "body.customer_id", `{"disabled":"yes"}`: "body.disabled",
			`{"name":"a\u0007b"}`: "body.name", `{"email":"nobody"}`: "body.email", `{"name":null}`: "body.name"} {
			got := s.call("", http.MethodPatch, "/v1/staff/1", body, admin).want(t, 422, domain.CodeValidation)
			expect.That(t, `got.field(field) != ""`, got.field(field) != "", body, got.raw)
		}
	})
	t.Run("a person is changed, and nobody is not", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		admin := s.signedIn(domain.RoleSystemAdmin)
		p, _ := s.person(domain.RoleStaff)
		path := fmt.Sprintf("/v1/staff/%d", p.ID)
		got := s.call("", http.MethodPatch, path,
			`{"name":"Another","customer_id":"","role":"ec_admin","disabled":true}`, admin).want(t, 200, "")
		expect.MustEqual(t, `got.body["name"]`, got.body["name"], "Another", got.raw)
		expect.MustEqual(t, `got.body["customer_id"]`, got.body["customer_id"], nil, got.raw)
		expect.MustEqual(t, `got.body["role"]`, got.body["role"], "ec_admin", got.raw)
		expect.MustEqual(t, `got.body["disabled_at"]`, got.body["disabled_at"], "2026-03-01T12:00:00Z", got.raw)
		got = s.call("", http.MethodPatch, path, `{"disabled":false}`, admin).want(t, 200, "")
		expect.MustEqual(t, `got.body["disabled_at"]`, got.body["disabled_at"], nil, got.raw)
		expect.MustEqual(t, `got.body["name"]`, got.body["name"], "Another", got.raw)
		s.call("", http.MethodPatch, "/v1/staff/77", `{"name":"x"}`, admin).want(t, 404, domain.CodeNotFound)
		s.call("", http.MethodPost, "/v1/staff/77/password", "", admin).want(t, 404, domain.CodeNotFound)
		s.call("", http.MethodPost, "/v1/staff/77/tokens", `{"name":"x"}`, admin).want(t, 404, domain.CodeNotFound)
		s.call("", http.MethodGet, "/v1/staff/77/tokens", "", admin).want(t, 404, domain.CodeNotFound)
		s.call("", http.MethodDelete, "/v1/staff/1/tokens/77", "", admin).want(t, 404, domain.CodeNotFound)
		s.call("", http.MethodPatch, "/v1/staff/mori", `{"name":"x"}`, admin).want(t, 422, domain.CodeValidation)
	})
	t.Run("the last system admin stays", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		admin := s.signedIn(domain.RoleSystemAdmin)
		for _, body := range []string{`{"disabled":true}`, `{"role":"staff"}`} {
			s.call("", http.MethodPatch, "/v1/staff/1", body, admin).want(t, 409, domain.CodeLastSystemAdmin)
		}
		s.person(domain.RoleSystemAdmin)
		s.call("", http.MethodPatch, "/v1/staff/1", `{"role":"staff"}`, admin).want(t, 200, "")
		s.call("", http.MethodGet, "/v1/staff", "", admin).want(t, 401, domain.CodeUnauthenticated)
	})
	t.Run("a new password replaces the old one", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		admin := s.signedIn(domain.RoleSystemAdmin)
		p, _ := s.person(domain.RoleStaff)
		token := s.session(p)
		path := fmt.Sprintf("/v1/staff/%d/password", p.ID)
		s.call("", http.MethodPost, path, `{}`, admin).want(t, 200, "")
		got := s.call("", http.MethodPost, path, "", admin).want(t, 200, "")
		password, _ := got.body["password"].(string)
		s.call("", http.MethodGet, "/v1/session", "", as(token)).want(t, 401, domain.CodeUnauthenticated)
		s.enter(p.Email, goodPassword).want(t, 401, domain.CodeUnauthenticated)
		s.enter(p.Email, password).want(t, 201, "")
	})
	t.Run("a token is shown once, listed without its secret, and dead once it is revoked", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		admin := s.signedIn(domain.RoleSystemAdmin)
		p, _ := s.person(domain.RoleStaff)
		path, themselves := fmt.Sprintf("/v1/staff/%d/tokens", p.ID), as(s.session(p))
		got := s.call("", http.MethodPost, "/v1/session/tokens", `{"name":"nightly report"}`, themselves).want(t, 201,
			"")
		token, _ := got.body["token"].(string)
		who := s.call("", http.MethodGet, "/v1/session", "", as(token)).want(t, 200, "")
		expect.Equal(t, `who.body["id"]`, who.body["id"], "staff:2", who.raw)
		expect.Equal(t, `who.body["role"]`, who.body["role"], "staff", who.raw)
		list := s.call("", http.MethodGet, path, "", admin).want(t, 200, "")
		expect.That(t, `list.raw to contain "nightly report"`, strings.Contains(list.raw, "nightly report"), list.raw)
		expect.That(t, "list.raw not to contain token", !strings.Contains(list.raw, token), token, list.raw)
		one := fmt.Sprintf("%s/%v", path, got.body["id"])
		s.call("", http.MethodDelete, one, "", admin).want(t, 204, "")
		s.call("", http.MethodGet, "/v1/session", "", as(token)).want(t, 401, domain.CodeUnauthenticated)
		s.call("", http.MethodDelete, one, "", admin).want(t, 404, domain.CodeNotFound)
	})
	t.Run("secrets that are drawn are not logged", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		admin := s.signedIn(domain.RoleSystemAdmin)
		added := s.call("", http.MethodPost, "/v1/staff", `{"email":"mori@example.com","name":"Mori","role":"staff"}`,
			admin).want(t, 201, "")
		token := s.call("", http.MethodPost, "/v1/staff/1/tokens", `{"name":"x"}`, admin).want(t, 201, "")
		log := fmt.Sprint(s.log.lines(), s.people.Entries())
		for _, secret := range []any{added.body["password"], token.body["token"], "mori@example.com"} {
			if text, _ := secret.(string); text == "" || strings.Contains(log, text) {
				t.Errorf("%q is in the log or the audit", text)
			}
		}
	})
}

// TestRightsOfRoles asks each role what it may do.
// covers: 004-46, 004-47, 004-48, 004-49
func TestRightsOfRoles(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for role, want := range map[domain.Role]map[string]bool{
		domain.RoleStaff: {"coupons:read": true, "session:own": true, "conversions:create": false,
			"staff:read": false},
		domain.RoleStoreManager: {"coupons:read": true, "session:own": true, "conversions:create": true,
			"staff:read": false},
		domain.RoleECAdmin: {"coupons:read": true, "session:own": true, "conversions:create": true,
			"staff:manage": false},
		domain.RoleSystemAdmin: {"coupons:read": true, "session:own": true, "customers:link": true,
			"staff:manage": true},
	} {
		t.Run(string(role)+" is told what they may do", func(t *testing.T) {
			got := wordsOf(s.call("", http.MethodGet, "/v1/session", "", s.signedIn(role)).want(t, 200,
				"").body["permissions"])
			has := map[string]bool{}
			for _, right := range got {
				has[right] = true
			}
			for right, yes := range want {
				if has[right] != yes {
					t.Errorf("%s: %v, want %v", right, has[right], yes)
				}
			}
		})
	}
}
