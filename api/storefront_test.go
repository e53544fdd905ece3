package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/shopify"
	"pointbridge/test/expect"
)

const (
	shopSecret = "7c1f0b2ad94e4d02a1b5"
	oldSecret  = "0f9e8d7c6b5a49382716"
	shopHost   = "demo.myshopify.com"
	appID      = "8f14e45fceea167a"
	mine       = "/proxy/v1/customers/me"
)

func vouching(t testing.TB, c *clock, old string) Storefront {
	t.Helper()
	v, err := shopify.NewVoucher(shopify.VoucherConfig{Shop: shopHost, ClientID: appID, Secret: shopSecret,
		OldSecret: old, Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func mac(text string) []byte {
	h := hmac.New(sha256.New, []byte(shopSecret))
	h.Write([]byte(text))
	return h.Sum(nil)
}

// signed adds to a path what Shopify's proxy adds for a customer's number; "" is nobody.
func (s *shop) signed(path, customer string) string {
	address, err := url.Parse(path)
	if err != nil {
		s.t.Fatal(err)
	}
	q := address.Query()
	for name, value := range map[string]string{"shop": shopHost, "logged_in_customer_id": customer,
		"path_prefix": "/apps/pointbridge",
		"timestamp":   strconv.FormatInt(s.clock.Now().Unix(), 10)} {
		q.Set(name, value)
	}
	var pairs []string
	for name, values := range q {
		pairs = append(pairs, name+"="+strings.Join(values, ","))
	}
	slices.Sort(pairs)
	q.Set("signature", hex.EncodeToString(mac(strings.Join(pairs, ""))))
	address.RawQuery = q.Encode()
	return address.String()
}

// extension is an extension's session token with some claims otherwise.
func (s *shop) extension(changes map[string]any) string {
	now := s.clock.Now()
	claims := map[string]any{"dest": shopHost, "aud": appID, "sub": gidPrefix + "7001", "nbf": now.Unix(),
		"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix()}
	for name, value := range changes {
		claims[name] = value
	}
	body, err := json.Marshal(claims)
	if err != nil {
		s.t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(mac(text))
}

func withSession(token string) request { return header("Authorization", "Bearer "+token) }

// admin is what the shop's staff have.
func (s *shop) adminSession() string {
	return s.extension(map[string]any{"iss": "https://" + shopHost + "/admin", "dest": "https://" + shopHost,
		"sub": "7001"})
}

// TestProxiedRoutes walks the storefront's operations: no role's key opens them, Shopify's signature does.
// covers: H-01
func TestProxiedRoutes(t *testing.T) {
	t.Parallel()
	walked := 0
	for name, w := range walk {
		method, route, _ := strings.Cut(name, " ")
		if !strings.HasPrefix(route, proxyPath) {
			continue
		}
		walked++
		s := newShop(t)
		for _, role := range domain.Roles() {
			s.call(role, method, w.path, w.body, keyed("k1")).want(t, 401, domain.CodeUnauthenticated)
		}
		s.call("", method, w.path, w.body, keyed("k1"), withSession(s.extension(nil))).want(t, 401,
			domain.CodeUnauthenticated)
		s.call("", method, w.path, w.body, keyed("k1"), withSession(s.adminSession())).want(t, 401,
			domain.CodeUnauthenticated)
		s.call("", method, s.signed(w.path, ""), w.body, keyed("k1")).want(t, 401, domain.CodeNotSignedIn)
		s.call("", method, s.signed(w.path, "7002"), w.body, keyed("k1")).want(t, 409, domain.CodeCustomerNotLinked)
		if s.service.called() != 0 || s.coupons.reads != 0 {
			t.Errorf("%s: something was read for somebody who is not let in", name)
		}
		s.call("", method, s.signed(w.path, "7001"), w.body, keyed("k1")).want(t, w.status, "")
	}
	if walked != 9 {
		t.Errorf("%d operations of the storefront", walked)
	}
}

// TestManyBehindOneAddress: a household, an office, and Shopify's own proxies share an address. Nothing goes by it but
// guesses at credentials.
// covers: T-08
func TestManyBehindOneAddress(t *testing.T) {
	t.Parallel()
	t.Run("50 customers behind one address all pass, also after somebody there guessed too often", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, func(d *Deps) { d.Limits = Limits{PerCustomer: 2, FailedSignIns: 2} })
		for range 3 {
			s.call("", http.MethodGet, "/v1/coupons", "", withSession("pb_guess"), from("203.0.113.7"))
		}
		s.call("", http.MethodGet, "/v1/coupons", "", withSession("pb_guess"), from("203.0.113.7")).want(t, 429,
			domain.CodeRateLimited)
		for n := range 50 {
			number := strconv.Itoa(9000 + n)
			s.service.link(gidPrefix+number, "m"+number)
			for range 2 {
				s.call("", http.MethodPost, s.signed(mine+"/conversions", number), `{"points":500}`, keyed("k-"+number),
					from("203.0.113.7")).want(t, 201, "")
			}
			s.call("", http.MethodGet, s.signed(mine+"/points", number), "", from("203.0.113.7")).want(t, 429,
				domain.CodeRateLimited)
		}
	})
}

// momentOfLine is what a line of the log begins with, and how long the request took.
var momentOfLine = regexp.MustCompile(`"(time|duration|took_ms|duration_ms)":[^,}]*,?`)

// covers: 004-04, H-02, H-16, H-20, H-26, H-27, H-28
func TestProxied(t *testing.T) {
	t.Parallel()
	t.Run("me is the customer whom Shopify signed, by the same handlers", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.coupons.list = []domain.Coupon{coupon(domain.Active)}
		for path, v1 := range map[string]string{"/points": "/points", "/quote?points=500": "/quote?points=500",
			"/coupons?limit=20": "/coupons?limit=20"} {
			got := s.call("", http.MethodGet, s.signed(mine+path, "7001"), "").want(t, 200, "")
			want := s.call(domain.RoleCustomer, http.MethodGet, "/v1/customers/me"+v1, "").want(t, 200, "")
			if got.raw != want.raw {
				t.Errorf("%s: %s is not %s", path, got.raw, want.raw)
			}
		}
		s.call("", http.MethodPost, s.signed(mine+"/conversions", "7001"), `{"points":500}`, keyed("k-1")).want(t, 201,
			"")
		asked := s.service.conversions[0]
		if asked.CustomerID != yamada || asked.Key != "k-1" || asked.Caller != (domain.Caller{ID: "member:" + yamada,
			Name: "storefront", Role: domain.RoleCustomer, CustomerID: yamada, Credential: "storefront"}) {
			t.Errorf("converted %+v", asked)
		}
	})
	t.Run("the address to poll is the storefront's", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.service.pending = true
		got := s.call("", http.MethodPost, s.signed(mine+"/conversions", "7001"), `{"points":500}`,
			keyed("a/b")).want(t, 202, "")
		if l := got.header.Get("Location"); l != "/apps/pointbridge/v1/customers/me/conversions/a%2Fb" {
			t.Errorf("Location is %s", l)
		}
		s.call("", http.MethodGet, s.signed(mine+"/conversions/a%2Fb", "7001"), "").want(t, 202, "")
		if polled := s.service.polled[0]; polled != [2]string{"member:" + yamada, "a/b"} {
			t.Errorf("polled %v", polled)
		}
	})
	t.Run("another member's id is 403", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.call("", http.MethodGet, s.signed("/proxy/v1/customers/"+suzuki+"/points", "7001"), "").want(t, 403,
			domain.CodePermissionDenied)
		s.call("", http.MethodGet, s.signed("/proxy/v1/customers/"+yamada+"/points", "7001"), "").want(t, 200, "")
		if s.service.called() != 1 {
			t.Errorf("%d calls", s.service.called())
		}
	})
	t.Run("the language of the storefront is that of the answer", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for locale, language := range map[string]string{"?locale=en": "en", "?locale=ja": "ja", "": "ja",
			"?locale=xx": "ja", "?locale=en-GB": "en"} {
			got := s.call("", http.MethodGet, s.signed(mine+"/points"+locale, ""), "").want(t, 401,
				domain.CodeNotSignedIn)
			if got.header.Get("Content-Language") != language || got.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%q is answered in %s", locale, got.header.Get("Content-Language"))
			}
		}
		got := s.call("", http.MethodGet, s.signed(mine+"/points?locale=en", "7002"), "").want(t, 409,
			domain.CodeCustomerNotLinked)
		if detail, _ := got.body["detail"].(string); !strings.Contains(detail, "not linked to a member card yet") {
			t.Errorf("got %q", detail)
		}
	})
	t.Run("what was signed is neither logged nor answered, and no handler sees it", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for _, path := range []string{s.signed(mine+"/points", "7001"), s.signed(mine+"/points", "7002"),
			s.signed(mine+"/points?debug=1", "7001"),
			strings.Replace(s.signed(mine+"/points", "7001"), "signature=", "signature=0", 1), s.signed(mine+
				"/quote?points=0", "7001")} {
			got := s.call("", http.MethodGet, path, "")
			sent, _ := url.Parse(path)
			for _, private := range []string{sent.Query().Get("signature"), "7001", "7002", "debug", "timestamp=",
				shopHost} {
				logged := momentOfLine.ReplaceAllString(s.log.text.String(), "") // whose digits can be anything
				if strings.Contains(got.raw, private) || strings.Contains(logged, private) {
					t.Errorf("%q stands in the answer or the log:\n%s\n%s", private, got.raw, s.log.text.String())
				}
			}
		}
		if line := s.log.lines()[0]; line["caller"] != "shopify" || line["role"] != "customer" ||
			line["route"] != "/proxy/v1/customers/:id/points" {
			t.Errorf("logged %v", line)
		}
	})
	t.Run("the 61st request of a customer in a minute waits, also of one who is not linked; another customer does not",
		func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			for _, customer := range []string{"7001", "7002"} {
				for range 60 {
					if got := s.call("", http.MethodGet, s.signed(mine+"/points", customer), ""); got.status == 429 {
						t.Fatalf("too early: %s", got.raw)
					}
				}
				looked := len(s.service.members)
				got := s.call("", http.MethodGet, s.signed(mine+"/points", customer), "").want(t, 429,
					domain.CodeRateLimited)
				if got.header.Get("Retry-After") == "" || len(s.service.members) != looked {
					t.Errorf("Retry-After %q, looked up %d times", got.header.Get("Retry-After"),
						len(s.service.members))
				}
				// The way in makes no difference.
				s.call("", http.MethodGet, "/v1/customers/me/points", "",
					withSession(s.extension(map[string]any{"sub": gidPrefix + customer}))).want(t, 429,
					domain.CodeRateLimited)
			}
		})
	t.Run("an unsigned request counts against nobody", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for range 200 {
			s.call("", http.MethodGet, s.signed(mine+"/points?debug=1", "7001"), "").want(t, 401,
				domain.CodeUnauthenticated)
		}
		s.call("", http.MethodGet, s.signed(mine+"/points", "7001"), "").want(t, 200, "")
		s.call(domain.RolePOS, http.MethodGet, "/v1/customers/"+yamada+"/points", "").want(t, 200, "")
	})
	t.Run("a service that has no secret lets nobody in", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, func(d *Deps) { d.Storefront = nil })
		s.call("", http.MethodGet, s.signed(mine+"/points", "7001"), "").want(t, 401, domain.CodeUnauthenticated)
		s.call("", http.MethodGet, "/v1/customers/me/points", "", withSession(s.extension(nil))).want(t, 401,
			domain.CodeUnauthenticated)
	})
	t.Run("a signed address works for 90 seconds, whatever the key", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		path := s.signed(mine+"/conversions", "7001")
		s.call("", http.MethodPost, path, `{"points":500}`, keyed("one")).want(t, 201, "")
		s.service.replayed = true
		if got := s.call("", http.MethodPost, path, `{"points":500}`, keyed("one")).want(t, 201,
			""); got.header.Get("Idempotent-Replayed") != "true" {
			t.Error("a replay is not marked")
		}
		if a, b := s.service.conversions[0], s.service.conversions[1]; a != b {
			t.Errorf("the replay asked for something else: %+v, %+v", a, b)
		}
		s.clock.Advance(91 * time.Second)
		s.call("", http.MethodPost, path, `{"points":500}`, keyed("one")).want(t, 401, domain.CodeUnauthenticated)
	})
}

// TestForgedOrigins is about requests that another site makes a signed-in customer's browser send through the
// storefront: Shopify signs them like any other.
func TestForgedOrigins(t *testing.T) {
	t.Parallel()
	const body = `{"points":500}`
	for name, c := range map[string]struct {
		headers map[string]string
		status  int
	}{
		"from the storefront": {map[string]string{"Sec-Fetch-Site": "same-origin",
			"Origin": "https://shop.example"}, 201},
		"from another domain of the shop": {map[string]string{"Sec-Fetch-Site": "same-origin",
			"Origin": "https://shop-fr.example"}, 201},
		"from an old browser on the storefront": {map[string]string{"Origin": "https://demo.myshopify.com"}, 201},
		"from the shop's permanent host": {map[string]string{"Sec-Fetch-Site": "cross-site",
			"Origin": "https://demo.myshopify.com"}, 201},
		"from no browser": {nil, 201},
		"from another site": {map[string]string{"Sec-Fetch-Site": "cross-site",
			"Origin": "https://evil.example"}, 403},
		"from another site, by an old browser": {map[string]string{"Origin": "https://evil.example"}, 403},
		"from a sandboxed frame":               {map[string]string{"Origin": "null"}, 403},
		"from another host of the same domain": {map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		"over plain HTTP":                      {map[string]string{"Origin": "http://shop.example"}, 403},
		"from a host that begins like the shop": {map[string]string{"Origin": "https://shop.example.evil.example"},
			403},
		"as a form":                             {map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 415},
		"as plain text that happens to be JSON": {map[string]string{"Content-Type": "text/plain"}, 415},
		"as a form, from nowhere that is named": {map[string]string{"Content-Type": "multipart/form-data; boundary=x"},
			415},
		"without a type":             {map[string]string{"Content-Type": ""}, 415},
		"without an idempotency key": {map[string]string{"Idempotency-Key": ""}, 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			changes := []request{keyed("k")}
			for n, value := range c.headers {
				changes = append(changes, header(n, value))
			}
			got := s.call("", http.MethodPost, s.signed(mine+"/conversions", "7001"), body, changes...).want(t,
				c.status, "")
			if (got.status == 201) != (s.service.called() == 1) {
				t.Errorf("%d calls", s.service.called())
			}
			if got.status == 403 && (len(s.record.list) != 1 || s.record.list[0].Action != "access.refused" ||
				s.record.list[0].Actor != "member:"+yamada) {
				t.Errorf("recorded %+v", s.record.list)
			}
		})
	}
	t.Run("reading is not held to it", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.call("", http.MethodGet, s.signed(mine+"/points", "7001"), "", header("Sec-Fetch-Site", "cross-site")).want(t,
			200, "")
	})
}

// covers: H-01, H-02, H-26
func TestSessionTokens(t *testing.T) {
	t.Parallel()
	const points = "/v1/customers/me/points"
	t.Run("an extension's customer is me", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		got := s.call("", http.MethodGet, points, "", withSession(s.extension(nil))).want(t, 200, "")
		if got.body["customer_id"] != yamada {
			t.Errorf("got %s", got.raw)
		}
		s.call("", http.MethodPost, "/v1/customers/me/conversions", `{"points":500}`, keyed("k"),
			withSession(s.extension(nil))).want(t, 201, "")
		if c := s.service.conversions[0].Caller; c != (domain.Caller{ID: "member:" + yamada, Name: "extension",
			Role: domain.RoleCustomer, CustomerID: yamada, Credential: "extension"}) {
			t.Errorf("converted for %+v", c)
		}
	})
	t.Run("what is not plainly a customer's token opens nothing", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for name, token := range map[string]string{"staff": s.adminSession(),
			"ended":       s.extension(map[string]any{"exp": s.clock.Now().Add(-time.Minute).Unix()}),
			"another app": s.extension(map[string]any{"aud": "x"}), "two dots": "a.b.c", "staff's number": s.extension(map[string]any{"sub": "7001"})} {
			got := s.call("", http.MethodGet, points, "", withSession(token)).want(t, 401, domain.CodeUnauthenticated)
			if strings.Contains(got.raw, "eyJ") || strings.Contains(s.log.text.String(), "eyJ") {
				t.Errorf("%s: the token is repeated", name)
			}
		}
		s.call("", http.MethodGet, points, "", withSession(s.extension(map[string]any{"sub": ""}))).want(t, 401,
			domain.CodeNotSignedIn)
		if s.service.called() != 0 || len(s.service.members) != 0 {
			t.Error("somebody was looked up")
		}
	})
	t.Run("a customer's token opens nothing of staff's, and nobody else's", func(t *testing.T) {
		t.Parallel()
		for name, w := range walk {
			method, _, _ := strings.Cut(name, " ")
			if strings.HasPrefix(w.path, proxyPath) || slices.Contains(w.may, domain.RoleCustomer) {
				continue
			}
			s := newShop(t)
			s.call("", method, w.path, w.body, keyed("k"), withSession(s.extension(nil))).want(t, 403,
				domain.CodePermissionDenied)
			if s.service.called() != 0 || s.coupons.reads != 0 || len(s.service.members) != 0 {
				t.Errorf("%s: something was looked up", name)
			}
			s.call("", method, w.path, w.body, keyed("k"), withSession(s.adminSession())).want(t, 401,
				domain.CodeUnauthenticated)
		}
		s := newShop(t)
		s.call("", http.MethodGet, "/v1/customers/"+suzuki+"/points", "", withSession(s.extension(nil))).want(t, 403,
			domain.CodePermissionDenied)
	})
	t.Run("what a customer is refused is recorded no more often than they may ask", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for range 70 {
			s.call("", http.MethodPost, "/v1/refunds", "{}", keyed("k"), withSession(s.extension(nil)))
		}
		if len(s.record.list) != 60 {
			t.Errorf("%d lines in the audit", len(s.record.list))
		}
	})
	t.Run("two credentials in one request are none", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for _, second := range []string{s.extension(nil), s.token(domain.RoleSystemAdmin)} {
			s.call(domain.RoleCustomer, http.MethodGet, points, "",
				func(r *http.Request) { r.Header.Add("Authorization", "Bearer "+second) }).
				want(t, 401, domain.CodeUnauthenticated)
		}
	})
	t.Run("wrong tokens are counted per address; right ones go on", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for range 60 {
			s.call("", http.MethodGet, points, "", from("192.0.2.7"), withSession("a.b.c")).want(t, 401,
				domain.CodeUnauthenticated)
		}
		s.call("", http.MethodGet, points, "", from("192.0.2.7"), withSession("a.b.c")).want(t, 429,
			domain.CodeRateLimited)
		s.call("", http.MethodGet, points, "", from("192.0.2.7"), withSession(s.extension(nil))).want(t, 200, "")
		s.call("", http.MethodGet, points, "", from("192.0.2.8"), withSession("a.b.c")).want(t, 401,
			domain.CodeUnauthenticated)
	})
}

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	const cdn = "https://extensions.shopifycdn.com"
	ask := func(s *shop, method, path, origin string) answer {
		return s.call("", method, path, "", header("Origin", origin), header("Access-Control-Request-Method", "POST"))
	}
	t.Run("an extension may ask, and may read what is answered", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for _, path := range []string{"/points", "/quote", "/conversions", "/conversions/k1", "/coupons"} {
			got := ask(s, http.MethodOptions, "/v1/customers/me"+path, cdn).want(t, 204, "")
			expect.Equal(t, `got.header.Get("Access-Control-Allow-Origin")`,
				got.header.Get("Access-Control-Allow-Origin"), cdn, path, got.header)
			expect.That(t, `got.header.Get("Access-Control-Allow-Headers") to contain "Authorization"`,
				strings.Contains(got.header.Get("Access-Control-Allow-Headers"), "Authorization"), path,
				got.header.Get("Access-Control-Allow-Headers"), got.header)
			expect.Equal(t, `got.header.Get("Access-Control-Allow-Credentials")`,
				got.header.Get("Access-Control-Allow-Credentials"), "", path, got.header)
			expect.That(t, `got.header.Get("Vary") to contain "Origin"`,
				strings.Contains(got.header.Get("Vary"), "Origin"), path, got.header.Get("Vary"), got.header)
		}
		good := s.call("", http.MethodGet, "/v1/customers/me/points", "", header("Origin", cdn),
			withSession(s.extension(nil))).want(t, 200, "")
		bad := ask(s, http.MethodGet, "/v1/customers/me/points", cdn).want(t, 401, domain.CodeUnauthenticated)
		for _, got := range []answer{good, bad} {
			expect.Equal(t, `got.header.Get("Access-Control-Allow-Origin")`,
				got.header.Get("Access-Control-Allow-Origin"), cdn, got.header)
			expect.That(t, `got.header.Get("Access-Control-Expose-Headers") to contain "Location"`,
				strings.Contains(got.header.Get("Access-Control-Expose-Headers"), "Location"),
				got.header.Get("Access-Control-Expose-Headers"), got.header)
			expect.That(t, `got.header.Get("Vary") to contain "Origin"`,
				strings.Contains(got.header.Get("Vary"), "Origin"), got.header.Get("Vary"), got.header)
		}
	})
	t.Run("nobody else may, and nothing else may be asked", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for _, origin := range []string{"https://evil.example", "null", cdn + ".evil.example",
			"http://extensions.shopifycdn.com", "*"} {
			for _, method := range []string{http.MethodOptions, http.MethodGet} {
				if got := ask(s, method, "/v1/customers/me/points",
					origin); got.header.Get("Access-Control-Allow-Origin") != "" {
					t.Errorf("%s for %s: %v", method, origin, got.header)
				}
			}
		}
		for _, path := range []string{"/v1/coupons", "/v1/session", "/v1/customers/1/lock", mine + "/points",
			"/v1/refunds"} {
			got := ask(s, http.MethodOptions, path, cdn)
			expect.Equal(t, "got.status", got.status, 405, path, got.header)
			expect.Equal(t, `got.header.Get("Access-Control-Allow-Origin")`,
				got.header.Get("Access-Control-Allow-Origin"), "", path, got.header)
		}
	})
	t.Run("origins can be set, all of them too", func(t *testing.T) {
		t.Parallel()
		for allowed, want := range map[string]string{"null": "null", "*": "*"} {
			s := newShop(t, func(d *Deps) { d.ExtensionOrigins = []string{allowed} })
			got := ask(s, http.MethodOptions, "/v1/customers/me/points", "null")
			expect.Equal(t, `got.header.Get("Access-Control-Allow-Origin")`,
				got.header.Get("Access-Control-Allow-Origin"), want, allowed, got.header)
		}
	})
}
