package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/test/expect"
)

const goodPassword = "correct horse battery"

// person adds somebody who has goodPassword and a token.
func (s *shop) person(role domain.Role) (p domain.Staff, token string) {
	s.t.Helper()
	n, err := s.staff.List(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	p, _, err = s.staff.Add(s.t.Context(), staff.Operator(), staff.Person{Email: fmt.Sprintf("%s%d@example.com", role,
		len(n)),
		Name: "Person " + string(role), Role: role, CustomerID: suzuki, Password: goodPassword})
	if err != nil {
		s.t.Fatal(err)
	}
	if token, _, err = s.staff.AddToken(s.t.Context(), p.Caller(), p.ID, "a script"); err != nil {
		s.t.Fatal(err)
	}
	return p, token
}

func as(token string) request { return header("Authorization", "Bearer "+token) }

// enter signs a person in over HTTP.
func (s *shop) enter(email, password string, changes ...request) answer {
	return s.call("", http.MethodPost, "/v1/session", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password),
		changes...)
}

func (s *shop) session(p domain.Staff) string {
	s.t.Helper()
	token, _ := s.enter(p.Email, goodPassword).want(s.t, 201, "").body["token"].(string)
	return token
}

// signedIn makes a request one of a person with the role.
func (s *shop) signedIn(role domain.Role) request {
	p, _ := s.person(role)
	return as(s.session(p))
}

// covers: 004-53, H-01
func TestSession(t *testing.T) {
	t.Parallel()
	t.Run("a sign-in gives a token, which is the person by name and role", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		p, _ := s.person(domain.RoleStoreManager)
		got := s.enter(strings.ToUpper(p.Email), goodPassword).want(t, 201, "")
		token, _ := got.body["token"].(string)
		member, _ := got.body["staff"].(map[string]any)
		expect.MustThat(t, "domain.IsSessionToken(token)", domain.IsSessionToken(token), token)
		expect.MustEqual(t, `got.body["expires_at"]`, got.body["expires_at"], "2026-03-02T00:00:00Z")
		expect.MustEqual[any](t, `member["email"]`, member["email"], p.Email)
		expect.MustEqual(t, `member["customer_id"]`, member["customer_id"], suzuki)
		expect.MustThat(t, `got.raw not to contain "hash"`, !strings.Contains(got.raw, "hash"), got.raw)
		who := s.call("", http.MethodGet, "/v1/session", "", as(token)).want(t, 200, "")
		expect.MustEqual(t, `who.body["id"]`, who.body["id"], "staff:1", who.raw)
		expect.MustEqual[any](t, `who.body["name"]`, who.body["name"], p.Name, who.raw)
		expect.MustEqual(t, `who.body["role"]`, who.body["role"], "store_manager", who.raw)
		expect.MustEqual(t, `who.body["expires_at"]`, who.body["expires_at"], "2026-03-02T00:00:00Z", who.raw)
		expect.MustThat(t, `wordsOf(who.body["permissions"]) to contain "coupons:read"`,
			slices.Contains(wordsOf(who.body["permissions"]), "coupons:read"), who.raw)
		expect.MustThat(t, `wordsOf(who.body["permissions"]) not to contain "staff:manage"`,
			!slices.Contains(wordsOf(who.body["permissions"]), "staff:manage"), who.raw)
	})
	t.Run("a wrong password, an unknown address and somebody disabled are answered alike and cost the same",
		func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			p, _ := s.person(domain.RoleStaff)
			gone, _ := s.person(domain.RoleStaff)
			yes := true
			if _, err := s.staff.Change(t.Context(), staff.Operator(), gone.ID,
				staff.Edit{Disabled: &yes}); err != nil {
				t.Fatal(err)
			}
			before := s.hasher.Runs()
			var raw []string
			for i, try := range [][2]string{{p.Email, "wrong"}, {"nobody@example.com", goodPassword},
				{gone.Email, goodPassword}} {
				raw = append(raw, s.enter(try[0], try[1]).want(t, 401, domain.CodeUnauthenticated).raw)
				if raw[i] != raw[0] || s.hasher.Runs() != before+i+1 {
					t.Errorf("%s\n%s\n%d hashings", raw[0], raw[i], s.hasher.Runs()-before)
				}
			}
		})
	t.Run("what a sign-in is asked for is checked", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for body, code := range map[string]domain.Code{`{"email":"a@example.com"}`: domain.CodeValidation,
			`{}`: domain.CodeValidation, `[]`: domain.CodeValidation,
			`{"email":"a@example.com","password":"x","role":"system_admin"}`:          domain.CodeValidation,
			`{"email":"a@example.com","password":"` + strings.Repeat("x", 257) + `"}`: domain.CodeValidation,
			`{"email":"a@example.com","password":"` + strings.Repeat("x", 70_000) +
				`"}`: domain.CodeBodyTooLarge,
			`{"email":"` + strings.Repeat("a", 250) + `@example.com","password":"` + goodPassword +
				`"}`: domain.CodeValidation} {
			got := s.call("", http.MethodPost, "/v1/session", body)
			expect.Equal[any](t, `got.body["code"]`, got.body["code"], string(code), got.status, got.raw)
		}
		if s.hasher.Runs() != 0 {
			t.Error("a password was hashed")
		}
	})
	t.Run("a session ends by sign-out, everywhere, and after its time", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		p, api := s.person(domain.RoleStaff)
		one, two, three := s.session(p), s.session(p), s.session(p)
		s.call("", http.MethodDelete, "/v1/session", "", as(one)).want(t, 204, "")
		s.call("", http.MethodGet, "/v1/session", "", as(one)).want(t, 401, domain.CodeUnauthenticated)
		s.call("", http.MethodGet, "/v1/session", "", as(two)).want(t, 200, "")
		s.call("", http.MethodDelete, "/v1/sessions", "", as(two)).want(t, 204, "")
		for _, dead := range []string{two, three} {
			s.call("", http.MethodGet, "/v1/session", "", as(dead)).want(t, 401, domain.CodeUnauthenticated)
		}
		if got := s.call("", http.MethodGet, "/v1/session", "", as(api)).want(t, 200,
			""); got.body["expires_at"] != nil || got.body["id"] != "staff:1" {
			t.Errorf("an API token is the same person: %s", got.raw)
		}
		s.call("", http.MethodDelete, "/v1/session", "", as(api)).want(t, 404, domain.CodeNotFound)
		s.call(domain.RoleStaff, http.MethodDelete, "/v1/sessions", "").want(t, 404, domain.CodeNotFound)
		late := s.session(p)
		s.clock.Advance(staff.DefaultLife - time.Microsecond)
		s.call("", http.MethodGet, "/v1/session", "", as(late)).want(t, 200, "")
		s.clock.Advance(time.Microsecond)
		s.call("", http.MethodGet, "/v1/session", "", as(late)).want(t, 401, domain.CodeUnauthenticated)
	})
	t.Run("after five failures the next attempt from there waits, and is not looked at; the person at another address does not", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		p, _ := s.person(domain.RoleStaff)
		for range staff.DefaultPerEmail {
			s.enter(p.Email, "wrong").want(t, 401, domain.CodeUnauthenticated)
		}
		runs := s.hasher.Runs()
		got := s.enter(p.Email, goodPassword).want(t, 429, domain.CodeRateLimited)
		if got.header.Get("Retry-After") != "30" || s.hasher.Runs() != runs {
			t.Errorf("Retry-After %q, %d hashings", got.header.Get("Retry-After"), s.hasher.Runs()-runs)
		}
		s.enter(p.Email, goodPassword, from("198.51.100.7")).want(t, 201, "")
		s.clock.Advance(30 * time.Second)
		s.session(p)
	})
	t.Run("neither passwords, tokens nor addresses are logged", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		p, _ := s.person(domain.RoleStaff)
		token := s.session(p)
		s.enter(p.Email, "wrong-password")
		s.call("", http.MethodGet, "/v1/session", "", as(token))
		log := fmt.Sprint(s.log.lines())
		for _, secret := range []string{token, goodPassword, "wrong-password", p.Email} {
			if strings.Contains(log, secret) {
				t.Errorf("%s is in the log", secret)
			}
		}
		if !strings.Contains(log, "staff:1") {
			t.Error("the log does not name the caller")
		}
	})
}

func wordsOf(list any) (texts []string) {
	items, _ := list.([]any)
	for _, item := range items {
		text, _ := item.(string)
		texts = append(texts, text)
	}
	return texts
}

// covers: 004-53
func TestPersonAtOnce(t *testing.T) {
	t.Parallel()
	t.Run("another role and a disabled account count at once, for sessions and tokens, in spite of the cache",
		func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			admin := s.signedIn(domain.RoleSystemAdmin)
			p, api := s.person(domain.RoleStoreManager)
			token := s.session(p)
			path := fmt.Sprintf("/v1/staff/%d", p.ID)
			convert := func(credential string) answer {
				return s.call("", http.MethodPost, "/v1/customers/8812370934/conversions", `{"points":500}`, keyed("k"),
					as(credential))
			}
			convert(token).want(t, 201, "")
			convert(api).want(t, 201, "")
			s.call("", http.MethodPatch, path, `{"role":"staff"}`, admin).want(t, 200, "")
			convert(token).want(t, 401, domain.CodeUnauthenticated)
			convert(api).want(t, 403, domain.CodePermissionDenied)
			token = s.session(p)
			s.call("", http.MethodPatch, path, `{"disabled":true}`, admin).want(t, 200, "")
			for _, dead := range []string{token, api} {
				s.call("", http.MethodGet, "/v1/session", "", as(dead)).want(t, 401, domain.CodeUnauthenticated)
			}
			s.call("", http.MethodPatch, path, `{"disabled":false}`, admin).want(t, 200, "")
			for _, dead := range []string{token, api} {
				s.call("", http.MethodGet, "/v1/session", "", as(dead)).want(t, 401, domain.CodeUnauthenticated)
			}
		})
	t.Run("whichever credential was used, the act is the same person's, and a body cannot say otherwise",
		func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			p, api := s.person(domain.RoleStoreManager)
			for i, credential := range []string{api, s.session(p)} {
				kind := []string{"token:", "session:"}[i]
				s.call("", http.MethodPost, "/v1/customers/8812370934/conversions", `{"points":500}`, keyed("k"),
					as(credential)).want(t, 201, "")
				got := s.service.conversions[i].Caller
				expect.Equal(t, "got.PersonID", got.PersonID, p.ID)
				expect.Equal(t, "got.Machine", got.Machine, false)
				expect.Equal(t, "got.ID", got.ID, "staff:1")
				expect.Equal(t, "got.Name", got.Name, p.Name)
				expect.Equal(t, "got.CustomerID", got.CustomerID, suzuki)
				expect.That(t, "got.Credential to begin with kind", strings.HasPrefix(got.Credential, kind), kind,
					got.Credential)
			}
			s.call("", http.MethodPost, "/v1/customers/8812370934/conversions",
				`{"points":500,"cancelled_by":"somebody else"}`, keyed("k"), as(api)).
				want(t, 422, domain.CodeValidation)
		})
	t.Run("one's own membership does not make a person a customer", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		p, _ := s.person(domain.RoleStaff)
		s.call("", http.MethodGet, "/v1/customers/me/points", "", as(s.session(p))).want(t, 422, domain.CodeValidation)
		s.call("", http.MethodPost, "/v1/customers/"+suzuki+"/conversions", `{"points":500}`, keyed("k"),
			as(s.session(p))).want(t, 403, domain.CodePermissionDenied)
	})
	t.Run("a colleague's failures at the same address do not end what works", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, func(d *Deps) { d.Limits.FailedSignIns = 2 })
		p, api := s.person(domain.RoleStaff)
		token := s.session(p)
		for _, works := range []string{api, token} {
			s.call("", http.MethodGet, "/v1/session", "", as(works)).want(t, 200, "")
		}
		fake := token[:len(token)-4] + "AAAA"
		s.call("", http.MethodGet, "/v1/session", "", as(fake)).want(t, 401, domain.CodeUnauthenticated)
		s.call("", http.MethodGet, "/v1/session", "", as(fake)).want(t, 401, domain.CodeUnauthenticated)
		s.call("", http.MethodGet, "/v1/session", "", as(fake)).want(t, 429, domain.CodeRateLimited)
		for _, works := range []string{api, token} {
			s.call("", http.MethodGet, "/v1/session", "", as(works)).want(t, 200, "")
		}
	})
}

func TestOwnPassword(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p, _ := s.person(domain.RoleStaff)
	token := s.session(p)
	change := func(current, chosen string) answer {
		return s.call("", http.MethodPut, "/v1/session/password",
			fmt.Sprintf(`{"current_password":%q,"new_password":%q}`, current, chosen), as(token))
	}
	for _, short := range []string{"", "elevenchars", strings.Repeat("長", 86)} {
		got := change(goodPassword, short).want(t, 422, domain.CodeValidation)
		expect.Equal(t, `got.field("body.new_password")`, got.field("body.new_password"), "password", got.raw)
	}
	got := change("wrong", "another good password").want(t, 422, domain.CodeValidation)
	expect.Equal(t, `got.field("body.current_password")`, got.field("body.current_password"), "invalid", got.raw)
	change(goodPassword, "another good password").want(t, 204, "")
	s.call("", http.MethodGet, "/v1/session", "", as(token)).want(t, 401, domain.CodeUnauthenticated)
	s.enter(p.Email, goodPassword).want(t, 401, domain.CodeUnauthenticated)
	token, _ = s.enter(p.Email, "another good password").want(t, 201, "").body["token"].(string)
	for range staff.DefaultPerEmail {
		change("wrong", goodPassword).want(t, 422, domain.CodeValidation)
	}
	change("another good password", goodPassword).want(t, 429, domain.CodeRateLimited)
	s.call(domain.RoleStaff, http.MethodPut, "/v1/session/password",
		`{"current_password":"x","new_password":"another good password"}`).want(t, 404, domain.CodeNotFound)
}
