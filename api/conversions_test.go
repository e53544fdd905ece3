package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
)

const conversions = "/v1/customers/" + yamada + "/conversions"

// covers: H-28
func TestConvert(t *testing.T) {
	t.Parallel()
	t.Run("the finished answer holds code, amount, end and apply link", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		got := s.call(domain.RoleCustomer, http.MethodPost, "/v1/customers/me/conversions", `{"points":500}`,
			keyed("k1")).want(t, 201, "")
		for member, want := range map[string]any{"code": code, "status": "active", "customer_id": yamada,
			"points": 500.0, "amount": 500.0, "currency": "JPY", "created_at": "2026-03-01T02:59:00Z",
			"expires_at": "2027-03-01T02:59:00Z", "used_at": nil,
			"apply_url": "https://shop.example/discount/" + code, "server_now": "2026-03-01T12:00:00Z"} {
			if got.body[member] != want {
				t.Errorf("%s is %v, want %v", member, got.body[member], want)
			}
		}
		if got.header["Retry-After"] != nil || got.header.Get("Location") != conversions+"/k1" {
			t.Errorf("headers of a finished answer: %v", got.header)
		}
		asked := s.service.conversions[0]
		if asked.CustomerID != yamada || asked.Points != 500 || asked.Key != "k1" || asked.Caller.ID != "key:customer" {
			t.Errorf("the service was asked for %+v", asked)
		}
	})
	t.Run("every member of a coupon is always there", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		got := s.call(domain.RolePOS, http.MethodPost, conversions, `{"points":500}`, keyed("k1")).want(t, 201, "")
		for member := range strings.FieldsSeq("code status customer_id points amount currency created_at expires_at used_at used_order " +
			"cancelled_at cancelled_by reason note reissued_from superseded_by shopify_discount_id campaign value_kind percent apply_url server_now") {
			if _, there := got.body[member]; !there {
				t.Errorf("there is no %s", member)
			}
		}
		if len(got.body) != 22 {
			t.Errorf("%d members: %s", len(got.body), got.raw)
		}
	})
	t.Run("a repeated request is marked", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		if got := s.call(domain.RolePOS, http.MethodPost, conversions, `{"points":500}`,
			keyed("k")); got.header["Idempotent-Replayed"] != nil {
			t.Error("a first answer says that it is a repeated one")
		}
		s.service.replayed = true
		got := s.call(domain.RolePOS, http.MethodPost, conversions, `{"points":500}`, keyed("k")).want(t, 201, "")
		if got.header.Get("Idempotent-Replayed") != "true" {
			t.Error("a repeated answer does not say so")
		}
	})
	t.Run("refusals of the domain keep code and figures", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.service.err = domain.Refuse(domain.CodeInsufficientPoints, "balance", int64(400), "required", int64(500))
		got := s.call(domain.RolePOS, http.MethodPost, conversions, `{"points":500}`, keyed("k")).want(t, 422,
			domain.CodeInsufficientPoints)
		if got.body["balance"] != 400.0 || got.body["required"] != 500.0 {
			t.Errorf("the figures are missing: %s", got.raw)
		}
	})
}

// covers: H-16
func TestUnfinishedConversion(t *testing.T) {
	t.Parallel()
	t.Run("202 names where to ask, and the code is not shown before it can be used", func(t *testing.T) {
		t.Parallel()
		for _, role := range []domain.Role{domain.RoleCustomer, domain.RolePOS} {
			s := newShop(t)
			s.service.pending = true
			got := s.call(role, http.MethodPost, conversions, `{"points":500}`, keyed("k1")).want(t, 202, "")
			if got.header.Get("Location") != conversions+"/k1" || got.header.Get("Retry-After") != "1" {
				t.Errorf("%s: headers %v", role, got.header)
			}
			if got.body["code"] != nil || got.body["apply_url"] != nil || got.body["status"] != "pending" {
				t.Errorf("%s sees %s", role, got.raw)
			}
			if all := got.raw + fmt.Sprint(got.header); strings.Contains(all, "AB72CD") {
				t.Errorf("%s: the code stands in %s", role, all)
			}
		}
	})
	t.Run("polling ends in done, without a second conversion", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.service.pending = true
		at := s.call(domain.RoleCustomer, http.MethodPost, "/v1/customers/me/conversions", `{"points":500}`,
			keyed("k/1+%?")).header.Get("Location")
		s.call(domain.RoleCustomer, http.MethodGet, at, "").want(t, 202, "")
		s.service.pending = false
		got := s.call(domain.RoleCustomer, http.MethodGet, at, "").want(t, 200, "")
		if got.body["code"] != code || got.header.Get("Location") != at {
			t.Errorf("got %s at %s", got.raw, got.header.Get("Location"))
		}
		if len(s.service.conversions) != 1 || s.service.polled[1] != [2]string{"key:customer", "k/1+%?"} {
			t.Errorf("%d conversions, polled %v", len(s.service.conversions), s.service.polled)
		}
	})
	t.Run("polling ends in the problem of a conversion that failed", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.service.err = domain.Refuse(domain.CodeConversionFailed)
		s.call(domain.RoleCustomer, http.MethodGet, conversions+"/k1", "").want(t, 409, domain.CodeConversionFailed)
	})
	t.Run("another customer's conversion of the same caller is not found under this customer", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.call(domain.RolePOS, http.MethodGet, "/v1/customers/"+suzuki+"/conversions/k1", "").want(t, 404,
			domain.CodeNotFound)
	})
	t.Run("a key nobody could have sent is refused", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		got := s.call(domain.RolePOS, http.MethodGet, conversions+"/a%20b", "").want(t, 422, domain.CodeValidation)
		if got.field("path.key") != "visible_ascii" {
			t.Errorf("got %s", got.raw)
		}
	})
	t.Run("who works with everybody's coupons is pointed at the coupon", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.service.pending = true
		got := s.call(domain.RoleStoreManager, http.MethodPost, conversions, `{"points":500}`, keyed("k1")).want(t, 202,
			"")
		if got.header.Get("Location") != "/v1/coupons/"+code || got.body["code"] != code {
			t.Errorf("got %s at %s", got.raw, got.header.Get("Location"))
		}
	})
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keys []string
		want domain.Code
	}{
		"missing":            {nil, domain.CodeKeyMissing},
		"empty":              {[]string{""}, domain.CodeKeyMissing},
		"two of them":        {[]string{"a", "b"}, domain.CodeValidation},
		"a space":            {[]string{"a b"}, domain.CodeValidation},
		"not ASCII":          {[]string{"鍵"}, domain.CodeValidation},
		"one byte too long":  {[]string{strings.Repeat("k", 129)}, domain.CodeValidation},
		"as long as it gets": {[]string{strings.Repeat("~", 128)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			got := s.call(domain.RolePOS, http.MethodPost, conversions, `{"points":500}`,
				func(r *http.Request) { r.Header[keyHeader] = c.keys })
			if c.want == "" {
				got.want(t, 201, "")
				return
			}
			got.want(t, statusOf(c.want), c.want)
			if s.service.called() != 0 {
				t.Error("the service was called")
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  *domain.Error
		want string
	}{
		{domain.Refuse(domain.CodeRequestInProgress), "1"},
		{domain.Refuse(domain.CodeConversionInProgress), "1"},
		{&domain.Error{Code: domain.CodeConversionInProgress, RetryAfter: 1500 * time.Millisecond}, "2"},
		{domain.Refuse(domain.CodeUpstreamUnavailable), "5"},
		{&domain.Error{Code: domain.CodeUpstreamUnavailable, RetryAfter: time.Minute}, "60"},
		{&domain.Error{Code: domain.CodeConversionsLocked, RetryAfter: time.Hour}, "3600"},
		{domain.Refuse(domain.CodeCustomerNotLinked), ""},
		{domain.Refuse(domain.CodeConversionFailed), ""},
	} {
		s := newShop(t)
		s.service.err = c.err
		got := s.call(domain.RolePOS, http.MethodPost, conversions, `{"points":500}`, keyed("k")).want(t,
			statusOf(c.err.Code), c.err.Code)
		if wait := got.header.Get("Retry-After"); wait != c.want {
			t.Errorf("%v: Retry-After %q, want %q", c.err, wait, c.want)
		}
	}
}
