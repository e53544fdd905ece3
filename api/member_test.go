package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
)

// covers: H-21
func TestMember(t *testing.T) {
	t.Parallel()
	const path = "/v1/customers/" + yamada
	t.Run("staff see a lock and its end, and neither mail nor phone", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		until := s.clock.Now().Add(15 * time.Minute).In(time.FixedZone("JST", 9*60*60))
		s.coupons.member = domain.Customer{Name: "Yamada Taro", ShopifyCustomerGID: gidPrefix + "1",
			Email: "taro@example.com", Phone: "090-1", Locale: "ja", Rank: "gold", LockedUntil: &until,
			CreatedAt: issuedAt, UpdatedAt: issuedAt}
		got := s.call(domain.RoleStaff, http.MethodGet, path, "").want(t, 200, "")
		for member, want := range map[string]any{"customer_id": yamada, "name": "Yamada Taro",
			"shopify_customer_id": gidPrefix + "1", "locale": "ja",
			"rank": "gold", "linked": true, "locked_until": "2026-03-01T12:15:00Z",
			"created_at": "2026-03-01T02:59:00Z", "updated_at": "2026-03-01T02:59:00Z"} {
			if got.body[member] != want {
				t.Errorf("%s is %v, want %v", member, got.body[member], want)
			}
		}
		if got.body["name_kana"] != "" || len(got.body) != 11 || strings.Contains(got.raw, "taro@") || strings.Contains(got.raw, "090") {
			t.Errorf("got %s", got.raw)
		}
	})
	t.Run("a lock that has ended is none, and a member may not be linked", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		until := s.clock.Now()
		s.coupons.member = domain.Customer{LockedUntil: &until}
		got := s.call(domain.RoleStaff, http.MethodGet, path, "").want(t, 200, "")
		if value, there := got.body["locked_until"]; !there || value != nil || got.body["linked"] != false ||
			got.body["shopify_customer_id"] != nil {
			t.Errorf("got %s", got.raw)
		}
		s.coupons.unknown = true
		s.call(domain.RoleStaff, http.MethodGet, path, "").want(t, 404, domain.CodeCustomerNotFound)
	})
	t.Run("a lock is lifted in the name of who lifts it", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		got := s.call(domain.RoleStoreManager, http.MethodDelete, path+"/lock", "").want(t, 204, "")
		if len(s.service.unlocked) != 1 || s.service.unlocked[0].ID != "key:store_manager" || got.raw != "" {
			t.Errorf("lifted by %v: %s", s.service.unlocked, got.raw)
		}
		s.service.err = domain.Refuse(domain.CodeCustomerNotFound)
		s.call(domain.RoleStoreManager, http.MethodDelete, path+"/lock", "").want(t, 404, domain.CodeCustomerNotFound)
	})
}

// covers: H-21
func TestLockedConversion(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.service.err = &domain.Error{Code: domain.CodeConversionsLocked, RetryAfter: 899500 * time.Millisecond}
	got := s.call(domain.RoleCustomer, http.MethodPost, conversions, `{"points":500}`, keyed("k")).want(t,
		http.StatusLocked, domain.CodeConversionsLocked)
	if got.header.Get("Retry-After") != "900" {
		t.Errorf("Retry-After is %s", got.header.Get("Retry-After"))
	}
}

// covers: H-21
func TestPointsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, body := range []string{`{"points":0}`, `{"points":-100}`, `{"points":1.5}`, `{"points":"x"}`, `{}`} {
		before := len(s.service.unreadable)
		s.call(domain.RoleCustomer, http.MethodPost, conversions, body, keyed("k")).want(t, 422, domain.CodeValidation)
		if len(s.service.unreadable) != before+1 || s.service.unreadable[before] != "key:customer "+yamada {
			t.Errorf("%s is no refused attempt: %v", body, s.service.unreadable)
		}
	}
	before := len(s.service.unreadable)
	s.call(domain.RoleCustomer, http.MethodPost, conversions, `{"points":500,"more":1}`, keyed("k")).want(t, 422,
		domain.CodeValidation)
	s.call(domain.RoleCustomer, http.MethodPost, conversions, `{"points":0`, keyed("k"))
	s.call(domain.RoleCustomer, http.MethodGet, "/v1/customers/me/quote?points=0", "").want(t, 422,
		domain.CodeValidation)
	s.service.err = domain.Refuse(domain.CodeValidation, "field", "points")
	s.call(domain.RoleCustomer, http.MethodPost, conversions, `{"points":500}`, keyed("k")).want(t, 422,
		domain.CodeValidation)
	if len(s.service.unreadable) != before {
		t.Errorf("what is no attempt, or is recorded already, was told: %v", s.service.unreadable[before:])
	}
}

// TestANewNumber: the answer is the member under it, with the numbers of before, and each refusal has its status.
func TestANewNumber(t *testing.T) {
	t.Parallel()
	const path, body = "/v1/customers/" + yamada + "/renumbering", `{"customer_id":"8812370935"}`
	s := newShop(t)
	s.service.former = []string{yamada}
	got := s.call(domain.RolePOS, http.MethodPost, path, body).want(t, 200, "")
	if former, _ := got.body["former_ids"].([]any); got.body["customer_id"] != "8812370935" || len(former) != 1 ||
		former[0] != yamada {
		t.Errorf("got %s", got.raw)
	}
	if asked := s.service.renumbered; len(asked) != 1 || asked[0].From != yamada || asked[0].To != "8812370935" ||
		asked[0].Caller.Role != domain.RolePOS {
		t.Errorf("asked for %v", asked)
	}
	for _, wrong := range []string{`{"customer_id":"山田"}`, `{"customer_id":""}`, `{}`} {
		s.call(domain.RolePOS, http.MethodPost, path, wrong).want(t, 422, domain.CodeValidation)
	}
	for code, status := range map[domain.Code]int{domain.CodeCustomerNotFound: 404, domain.CodeRenumbered: 409,
		domain.CodeNumberTaken: 409, domain.CodeNumberUnknown: 422, domain.CodeOldNumberInUse: 409,
		domain.CodeMovementInProgress: 409, domain.CodeOwnMembership: 403, domain.CodeUpstreamUnavailable: 503} {
		s.service.err = domain.Refuse(code)
		s.call(domain.RolePOS, http.MethodPost, path, body).want(t, status, code)
	}
}
