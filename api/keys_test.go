package api

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

func TestTheUseOfAKeyIsWrittenDownOnceAMinute(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	read := func(want int) {
		t.Helper()
		s.call(domain.RolePOS, http.MethodGet, "/v1/customers/8812370934/points", "").want(t, want, "")
	}
	for range 3 {
		read(200)
		s.clock.Advance(20 * time.Second) // the key is read anew, and knows of its last use
	}
	if len(s.keys.used) != 1 || !strings.HasSuffix(s.keys.used[0], " 12:00:00") {
		t.Errorf("within a minute: %v", s.keys.used)
	}
	read(200)
	read(200)
	if len(s.keys.used) != 2 {
		t.Errorf("after a minute: %v", s.keys.used)
	}
	s.clock.Advance(time.Hour)
	s.keys.useFails = errors.New("the disk is full")
	read(200)
	s.call("", http.MethodGet, "/v1/coupons", "", as("pb_000000000000_"+strings.Repeat("A", 43))).want(t, 401,
		domain.CodeUnauthenticated)
	if len(s.keys.used) != 3 {
		t.Errorf("a wrong key is no use of one: %v", s.keys.used)
	}
}

func TestAKeyEndsToTheSecond(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	end := s.clock.Now().Add(3 * time.Second)
	for prefix, key := range s.keys.rows {
		key.ExpiresAt = &end
		s.keys.rows[prefix] = key
	}
	ask := func() answer { return s.call(domain.RolePOS, http.MethodGet, "/v1/customers/8812370934/points", "") }
	ask().want(t, 200, "")
	s.clock.Advance(3*time.Second - 1)
	ask().want(t, 200, "")
	s.clock.Advance(1) // the key is still believed, but not beyond its end
	ask().want(t, 401, domain.CodeUnauthenticated)
}

func TestProgramsNeitherDecideNorManageOverHTTP(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.person(domain.RoleStaff)
	for prefix, key := range s.keys.rows {
		key.Caller.Machine = true
		s.keys.rows[prefix] = key
	}
	for _, role := range domain.Roles() {
		for name, w := range walk {
			method, path, _ := strings.Cut(name, " ")
			personal := method != http.MethodGet && (strings.HasPrefix(path, "/v1/staff") || strings.HasSuffix(path,
				"/decision") || strings.HasSuffix(path, "/approval"))
			if !personal {
				continue
			}
			s.call(role, method, w.path, w.body, keyed("k1")).want(t, http.StatusForbidden, domain.CodePermissionDenied)
		}
		if role.OfStaff() {
			rights := s.call(role, http.MethodGet, "/v1/session", "").want(t, 200, "").raw
			if strings.Contains(rights, "reviews:decide") || strings.Contains(rights, "staff:manage") {
				t.Errorf("a program as %s is told %s", role, rights)
			}
		}
	}
	if s.service.called() != 0 {
		t.Errorf("%d calls came through", s.service.called())
	}
}

func TestOwnTokens(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	admin := s.signedIn(domain.RoleSystemAdmin)
	p, _ := s.person(domain.RoleStoreManager)
	mine := as(s.session(p))
	got := s.call("", http.MethodPost, "/v1/session/tokens", `{"name":"nightly report"}`, mine).want(t, 201, "")
	token, _ := got.body["token"].(string)
	list := s.call("", http.MethodGet, "/v1/session/tokens", "", mine).want(t, 200, "")
	expect.That(t, `list.raw to contain "nightly report"`, strings.Contains(list.raw, "nightly report"), list.raw)
	expect.That(t, "list.raw not to contain token", !strings.Contains(list.raw, token), token, list.raw)
	s.call("", http.MethodPost, "/v1/staff/2/tokens", `{"name":"for somebody else"}`, admin).want(t, 403,
		domain.CodePermissionDenied)
	last := s.people.Entries()[len(s.people.Entries())-1]
	if last.Action != "token.refused" || last.Actor != "staff:1" || last.Outcome != domain.OutcomeRefused ||
		last.Detail["staff"] != "staff:2" {
		t.Errorf("the attempt is recorded as %s by %s", last.Action, last.Actor)
	}
	s.call("", http.MethodDelete, "/v1/session/tokens/77", "", mine).want(t, 404, domain.CodeNotFound)
	s.call(domain.RoleSystemAdmin, http.MethodPost, "/v1/session/tokens", `{"name":"x"}`).want(t, 403,
		domain.CodeSessionRequired)
}
