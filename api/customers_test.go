package api

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/domain"
)

// covers: H-26
func TestPoints(t *testing.T) {
	t.Parallel()
	t.Run("one call gives balance, unit, what is left of the limit, and the rate", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		got := s.call(domain.RoleCustomer, http.MethodGet, "/v1/customers/me/points", "").want(t, 200, "")
		want := `{"customer_id":"8812370934","balance":1250,"as_of":"2026-03-01T02:59:00Z","unit":100,"minimum":100,` +
			`"daily_limit":10000,"daily_remaining":9500,"rate":1.2,"currency":"JPY"}` + "\n"
		if got.raw != want {
			t.Errorf("got  %swant %s", got.raw, want)
		}
	})
	t.Run("a POS that cannot be reached is 503", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.service.err = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "pos", Act: "balance",
			Err: errSecret}
		got := s.call(domain.RolePOS, http.MethodGet, "/v1/customers/"+yamada+"/points", "").want(t, 503,
			domain.CodeUpstreamUnavailable)
		if strings.Contains(got.raw, "hunter2") {
			t.Error("the cause reached the client")
		}
	})
}

// covers: H-27
func TestQuote(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	t.Run("a quote says what the coupon would be", func(t *testing.T) {
		t.Parallel()
		got := s.call(domain.RoleCustomer, http.MethodGet, "/v1/customers/me/quote?points=500", "").want(t, 200, "")
		if got.body["amount"] != 500.0 || got.body["currency"] != "JPY" || got.body["rate"] != 1.0 ||
			got.body["expires_at"] != "2027-03-01T02:59:00Z" || got.body["balance"] != 1250.0 {
			t.Errorf("got %s", got.raw)
		}
	})
	for query, rule := range map[string]string{"": "required", "?points=": "required", "?points=0": "minimum",
		"?points=-5": "minimum", "?points=1.5": "integer", "?points=5e2": "integer",
		"?points=99999999999999999999": "integer", "?points=1000000000001": "maximum",
		"?points=100&points=500": "repeated"} {
		t.Run("points"+query, func(t *testing.T) {
			t.Parallel()
			got := s.call(domain.RolePOS, http.MethodGet, "/v1/customers/"+yamada+"/quote"+query, "").want(t, 422,
				domain.CodeValidation)
			if got.field("query.points") != rule {
				t.Errorf("want %s; got %s", rule, got.raw)
			}
		})
	}
}

// covers: T-07
func TestLink(t *testing.T) {
	t.Parallel()
	const path = "/v1/customers/" + suzuki
	t.Run("a member who was not known is 201, one who was is 200", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		body := `{"shopify_customer_id":"7001","name":"鈴木 花子","email":"hanako@example.com","phone":"090-1234-5678","locale":"ja","rank":"gold"}`
		got := s.call(domain.RolePOS, http.MethodPut, path, body).want(t, 201, "")
		if got.body["id"] != suzuki || got.body["shopify_customer_id"] != gidPrefix+"7001" ||
			got.body["name"] != "鈴木 花子" ||
			got.body["rank"] != "gold" || got.body["locale"] != "ja" {
			t.Errorf("got %s", got.raw)
		}
		s.service.known = true
		s.call(domain.RoleSystemAdmin, http.MethodPut, path, body).want(t, 200, "")
		if l := s.service.lastLink(); l.Caller.ID != "key:system_admin" || l.CustomerID != suzuki {
			t.Errorf("linked %+v", l)
		}
	})
	t.Run("a Shopify customer is a gid or its number", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for given, want := range map[string]string{`"7001"`: gidPrefix + "7001", `7001`: gidPrefix + "7001",
			`"gid://shopify/Customer/7001"`: gidPrefix + "7001", `""`: ""} {
			s.call(domain.RolePOS, http.MethodPut, path, `{"shopify_customer_id":`+given+`}`).want(t, 201, "")
			if got := s.service.lastLink().ShopifyCustomerGID; got == nil || *got != want {
				t.Errorf("%s became %v", given, got)
			}
		}
	})
	t.Run("addresses with dots where carriers allowed them are kept, full-width ones are folded", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for email, want := range map[string]string{"taro..yamada.@docomo.ne.jp": "taro..yamada.@docomo.ne.jp",
			".taro@ezweb.ne.jp": ".taro@ezweb.ne.jp",
			"ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍ": "taro@example.com"} {
			got := s.call(domain.RolePOS, http.MethodPut, path, `{"email":"`+email+`"}`).want(t, 201, "")
			if linked := s.service.lastLink().Email; linked == nil || *linked != want || got.body["refused"] != nil {
				t.Errorf("%s became %v; %s", email, linked, got.raw)
			}
		}
	})
	t.Run("an address that no mail server takes is refused alone", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		got := s.call(domain.RolePOS, http.MethodPut, path, `{"name":"鈴木 花子","email":"-taro@example.com"}`).want(t,
			201, "")
		l := s.service.lastLink()
		if l.Email != nil || l.Name == nil || *l.Name != "鈴木 花子" {
			t.Errorf("linked with the address %v and the name %v", l.Email, l.Name)
		}
		if !strings.Contains(got.raw, `"refused":[{"location":"body.email","rule":"undeliverable","message":"`) {
			t.Errorf("got %s", got.raw)
		}
	})
	t.Run("a locale is a language, with or without a country", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for locale, want := range map[string]string{"ja-JP": "ja", "ja_JP": "ja", "JA": "ja", "en-US": "en", "en": "en",
			"en-Latn-US": "en", "": ""} {
			s.call(domain.RolePOS, http.MethodPut, path, `{"locale":"`+locale+`"}`).want(t, 201, "")
			if got := s.service.lastLink().Locale; got == nil || *got != want {
				t.Errorf("%s became %v", locale, got)
			}
		}
	})
	t.Run("a byte order mark before the body is passed over", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.call(domain.RolePOS, http.MethodPut, path, "\ufeff"+`{"name":"鈴木 花子"}`).want(t, 201, "")
		if l := s.service.lastLink(); l.Name == nil || *l.Name != "鈴木 花子" {
			t.Errorf("the name is %v", l.Name)
		}
	})
	t.Run("what is left out stays as it is", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.call(domain.RolePOS, http.MethodPut, path, `{"email":""}`).want(t, 201, "")
		l := s.service.lastLink()
		if l.ShopifyCustomerGID != nil || l.Name != nil || l.Phone != nil || l.Locale != nil || l.Rank != nil {
			t.Errorf("linked %+v", l)
		}
		if l.Email == nil || *l.Email != "" {
			t.Errorf("an empty address does not clear it: %v", l.Email)
		}
	})
	t.Run("the address is kept exactly as it is given", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for _, email := range []string{"A.b+tag@Example.com", "o'hara@example.co.jp", "用户@例子.jp"} {
			s.call(domain.RolePOS, http.MethodPut, path, `{"email":"`+email+`"}`).want(t, 201, "")
			if got := s.service.lastLink().Email; got == nil || *got != email {
				t.Errorf("%s became %v", email, got)
			}
		}
	})
}

func TestLinkRefusals(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for body, want := range map[string][2]string{
		`{"email":"Taro <taro@example.com>"}`:               {"body.email", "email"},
		`{"email":"taro"}`:                                  {"body.email", "email"},
		`{"email":"taro@example.com\r\nBcc: x@y.z"}`:        {"body.email", "email"},
		`{"email":"a@b.c, d@e.f"}`:                          {"body.email", "email"},
		`{"email":"a@b.c(x)"}`:                              {"body.email", "email"},
		`{"email":null}`:                                    {"body.email", "string"},
		`{"email":"` + strings.Repeat("a", 250) + `@x.jp"}`: {"body.email", "max_length"},
		`{"name":"` + strings.Repeat("字", 201) + `"}`:       {"body.name", "max_length"},
		`{"name":"a\u0000b"}`:                               {"body.name", "invalid"},
		`{"name":5}`:                                        {"body.name", "string"},
		`{"phone":"` + strings.Repeat("0", 41) + `"}`:       {"body.phone", "max_length"},
		`{"locale":"fr"}`:                                   {"body.locale", "one_of"},
		`{"locale":"fr-CA"}`:                                {"body.locale", "one_of"},
		`{"locale":"日本語"}`:                                  {"body.locale", "invalid"},
		`{"rank":"\n"}`:                                     {"body.rank", "invalid"},
		`{"shopify_customer_id":"gid://shopify/Order/1"}`:   {"body.shopify_customer_id", "invalid"},
		`{"shopify_customer_id":"0"}`:                       {"body.shopify_customer_id", "invalid"},
		`{"shopify_customer_id":-1}`:                        {"body.shopify_customer_id", "invalid"},
		`{"shopify_customer_id":1.5}`:                       {"body.shopify_customer_id", "invalid"},
		`{"shopify_customer_id":"1 or 1"}`:                  {"body.shopify_customer_id", "invalid"},
		`{"shopify_customer_id":null}`:                      {"body.shopify_customer_id", "invalid"},
		`{"shopify_customer_id":["1"]}`:                     {"body.shopify_customer_id", "invalid"},
		`{"points":1}`:                                      {"body.points", "unknown"},
		`{"Email":"taro@example.com"}`:                      {"body.Email", "unknown"},
		`{"email":"a@example.com","email":"b@example.com"}`: {"body.email", "repeated"},
	} {
		got := s.call(domain.RolePOS, http.MethodPut, "/v1/customers/"+suzuki, body).want(t, 422, domain.CodeValidation)
		if got.field(want[0]) != want[1] {
			t.Errorf("%s: want %v; got %s", body, want, got.raw)
		}
	}
	if s.service.called() != 0 {
		t.Error("something was linked")
	}
	for _, id := range []string{"a%20b", "a.b", "_", strings.Repeat("1", 65), "%E6%97%A5", "a%00"} {
		got := s.call(domain.RolePOS, http.MethodPut, "/v1/customers/"+id, `{"name":"x"}`).want(t, 422,
			domain.CodeValidation)
		if got.field("path.id") != "customer_id" {
			t.Errorf("%s: got %s", id, got.raw)
		}
	}
}
