package shopify

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// sessionOf is what Shopify says of a customer who is signed in now.
func sessionOf() jwt.MapClaims {
	return jwt.MapClaims{"iss": "https://" + proxyShop + "/checkouts", "dest": proxyShop, "aud": clientID,
		"sub": proxiedGID, "iat": proxyNow.Unix(), "nbf": proxyNow.Unix(), "exp": proxyNow.Add(5 * time.Minute).Unix(),
		"jti": "0f5e"}
}

// adminSession is what Shopify says of one of the shop's staff.
func adminSession() jwt.MapClaims {
	c := sessionOf()
	c["iss"], c["dest"], c["sub"], c["sid"] = "https://"+proxyShop+"/admin", "https://"+proxyShop, "7001", "a"
	return c
}

func tokenBy(t testing.TB, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	text, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func token(t testing.TB, secret string, claims jwt.MapClaims) string {
	t.Helper()
	return tokenBy(t, jwt.SigningMethodHS256, []byte(secret), claims)
}

// claim is a customer's session with some claims otherwise; nil leaves one out.
func claim(changes jwt.MapClaims) jwt.MapClaims {
	c := sessionOf()
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, value any) bool { return value == nil })
	return c
}

func TestSessionCustomerAccepts(t *testing.T) {
	t.Parallel()
	after := func(d time.Duration) int64 { return proxyNow.Add(d).Unix() }
	for name, c := range map[string]jwt.MapClaims{
		"a customer's session":   sessionOf(),
		"one without issuer":     claim(jwt.MapClaims{"iss": nil}),
		"one that ended 9 s ago": claim(jwt.MapClaims{"exp": after(-9 * time.Second)}),
		"one that begins in 9 s": claim(jwt.MapClaims{"nbf": after(9 * time.Second),
			"iat": after(9 * time.Second)}),
		"one whose audience is a list": claim(jwt.MapClaims{"aud": []string{clientID}}),
	} {
		got, err := voucher(t, oldSecret).SessionCustomer(token(t, newSecret, c))
		expect.MustEqual(t, "err", err, nil, name)
		expect.Equal(t, "got", got, proxiedGID, name)
		if got, err := voucher(t, oldSecret).SessionCustomer(token(t, oldSecret, c)); err != nil || got != proxiedGID {
			t.Errorf("%s, signed with the old secret: %q, %v", name, got, err)
		}
	}
	if got, err := voucher(t, "").SessionCustomer(token(t, newSecret, claim(jwt.MapClaims{"sub": nil}))); err != nil ||
		got != "" {
		t.Errorf("nobody signed in: %q, %v", got, err)
	}
}

// covers: H-01
func TestSessionCustomerRefuses(t *testing.T) {
	t.Parallel()
	after := func(d time.Duration) int64 { return proxyNow.Add(d).Unix() }
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	good := token(t, newSecret, sessionOf())
	parts := strings.Split(good, ".")
	for name, sent := range map[string]string{
		"nothing":      "",
		"no token":     "a.b.c",
		"no signature": parts[0] + "." + parts[1] + ".",
		"another customer's claims": parts[0] + "." +
			base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"gid://shopify/Customer/1"}`)) + "." + parts[2],
		"alg none": tokenBy(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType,
			sessionOf()),
		"alg none with our signature": base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) +
			"." + parts[1] + "." + parts[2], "alg RS256": tokenBy(t, jwt.SigningMethodRS256, rsaKey, sessionOf()),
		"alg HS512 with our secret":   tokenBy(t, jwt.SigningMethodHS512, []byte(newSecret), sessionOf()),
		"another secret":              token(t, "another-secret-entirely", sessionOf()),
		"an empty secret":             token(t, "", sessionOf()),
		"the old secret, not set":     token(t, oldSecret, sessionOf()),
		"for another app":             token(t, newSecret, claim(jwt.MapClaims{"aud": "another"})),
		"for us and another app":      token(t, newSecret, claim(jwt.MapClaims{"aud": []string{clientID, "another"}})),
		"for nobody":                  token(t, newSecret, claim(jwt.MapClaims{"aud": nil})),
		"of another shop":             token(t, newSecret, claim(jwt.MapClaims{"dest": "other.myshopify.com"})),
		"of no shop":                  token(t, newSecret, claim(jwt.MapClaims{"dest": nil})),
		"whose shop has a scheme":     token(t, newSecret, claim(jwt.MapClaims{"dest": "https://" + proxyShop})),
		"whose shop is no text":       token(t, newSecret, claim(jwt.MapClaims{"dest": 1})),
		"ended":                       token(t, newSecret, claim(jwt.MapClaims{"exp": after(-11 * time.Second)})),
		"without end":                 token(t, newSecret, claim(jwt.MapClaims{"exp": nil})),
		"whose end is text":           token(t, newSecret, claim(jwt.MapClaims{"exp": "tomorrow"})),
		"that begins later":           token(t, newSecret, claim(jwt.MapClaims{"nbf": after(11 * time.Second)})),
		"without beginning":           token(t, newSecret, claim(jwt.MapClaims{"nbf": nil})),
		"issued later":                token(t, newSecret, claim(jwt.MapClaims{"iat": after(11 * time.Second)})),
		"of staff":                    token(t, newSecret, adminSession()),
		"of staff, as an extension's": token(t, newSecret, claim(jwt.MapClaims{"sub": "7001"})),
		"of the admin, for a customer": token(t, newSecret, claim(jwt.MapClaims{"iss": "https://" + proxyShop +
			"/admin"})),
		"of the admin, with a slash": token(t, newSecret, claim(jwt.MapClaims{"iss": "https://" + proxyShop +
			"/admin/"})),
		"of a product":               token(t, newSecret, claim(jwt.MapClaims{"sub": "gid://shopify/Product/7001"})),
		"of a customer with letters": token(t, newSecret, claim(jwt.MapClaims{"sub": "gid://shopify/Customer/7001x"})),
		"of a customer with a line":  token(t, newSecret, claim(jwt.MapClaims{"sub": "gid://shopify/Customer/7001\n"})),
		"of customer zero":           token(t, newSecret, claim(jwt.MapClaims{"sub": "gid://shopify/Customer/0"})),
		"too long":                   token(t, newSecret, claim(jwt.MapClaims{"jti": strings.Repeat("a", maxToken)})),
		"with a padded signature":    good + "=",
	} {
		got, err := voucher(t, "").SessionCustomer(sent)
		if got != "" || !errors.Is(err, &domain.Error{Code: domain.CodeUnauthenticated}) {
			t.Errorf("a session token %s: %q, %v", name, got, err)
			continue
		}
		if strings.Contains(err.Error(), "7001") || strings.Contains(err.Error(), newSecret) ||
			strings.Contains(err.Error(), "eyJ") {
			t.Errorf("%s: the reason repeats what was sent: %v", name, err)
		}
	}
	for name, cfg := range map[string]VoucherConfig{"without a client id": {Shop: proxyShop, Secret: newSecret},
		"without a secret": {Shop: proxyShop, ClientID: clientID}} {
		cfg.Now = func() time.Time { return proxyNow }
		v, err := NewVoucher(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{newSecret, ""} {
			if got, err := v.SessionCustomer(token(t, secret, sessionOf())); err == nil {
				t.Errorf("%s %q was accepted", name, got)
			}
		}
	}
}

func FuzzSessionCustomer(f *testing.F) {
	f.Add(token(f, newSecret, sessionOf()), `{"sub":"`+proxiedGID+`"}`)
	f.Add(token(f, newSecret, adminSession()), `{"aud":["a"],"exp":1e99}`)
	f.Add("..", `{}`)
	f.Fuzz(func(t *testing.T, sent, claims string) {
		v := voucher(t, "")
		check := func(text string, c jwt.MapClaims) {
			got, err := v.SessionCustomer(text)
			expect.MustThat(t, `err == nil || got == "" && domain.CodeOf(err) == domain.CodeUnauthenticated`,
				err == nil || got == "" && domain.CodeOf(err) == domain.CodeUnauthenticated, text, got, err)
			if err == nil && got != "" && c != nil && (c["sub"] != got || c["dest"] != proxyShop ||
				!strings.HasPrefix(got, domain.ShopCustomerPrefix)) {
				t.Fatalf("%v became %q", c, got)
			}
		}
		check(sent, nil)
		// The same, but whoever sends it knows the secret.
		var c jwt.MapClaims
		if json.Unmarshal([]byte(claims), &c) != nil || c == nil {
			return
		}
		if text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString([]byte(newSecret)); err == nil {
			check(text, c)
			maps.Copy(c, jwt.MapClaims{"aud": clientID, "exp": proxyNow.Add(time.Minute).Unix(),
				"nbf": proxyNow.Unix()})
			if text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString([]byte(newSecret)); err == nil {
				check(text, c)
			}
		}
	})
}
