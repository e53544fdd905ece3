package rights

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"pointbridge/demo"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// signedText is what one protocol signs with the app's secret, and by which of our doors it is taken; none for what
// this service never takes.
type signedText struct{ protocol, text, door string }

// signedTexts are good ones of every protocol, made for the member's own customer.
func signedTexts(w *world.Hooks) []signedText {
	now := time.Now().Unix()
	claims := func(changes map[string]any) string {
		all := map[string]any{"dest": demo.DemoShop, "aud": w.Creds.ClientID, "sub": world.HookGID, "nbf": now,
			"iat": now, "exp": now + 300, "jti": "a"}
		for name, value := range changes {
			all[name] = value
		}
		raw, err := json.Marshal(all)
		if err != nil {
			w.T.Fatal(err)
		}
		encode := base64.RawURLEncoding.EncodeToString
		return encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(raw)
	}
	at := strconv.FormatInt(now, 10)
	return []signedText{
		{"a webhook", `{"id":5,"admin_graphql_api_id":"gid://shopify/Order/5","updated_at":"2026-11-20T12:00:06+09:00"}`, world.DoorWebhook},
		{"a query of the app proxy", "logged_in_customer_id=7001path_prefix=/apps/pointbridgeshop=" + demo.DemoShop +
			"timestamp=" + at, world.DoorProxy},
		{"an extension's session token", claims(nil), world.DoorSession},
		{"a token of the shop's staff", claims(map[string]any{"iss": "https://" + demo.DemoShop + "/admin",
			"dest": "https://" + demo.DemoShop, "sub": "7001"}), ""},
		{"a redirect of OAuth", "code=c0de&host=aG9zdA&shop=" + demo.DemoShop + "&state=s&timestamp=" + at, ""},
	}
}

// TestOneSecretManyProtocols signs for each protocol in which Shopify uses the app's secret and presents that at the
// doors of all the others.
func TestOneSecretManyProtocols(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewHooks(t, db)
		for _, s := range signedTexts(w) {
			mac := hmac.New(sha256.New, []byte(w.Creds.ClientSecret))
			_, _ = mac.Write([]byte(s.text))
			sum := mac.Sum(nil)
			for _, door := range []string{world.DoorWebhook, world.DoorProxy, world.DoorSession} {
				answers := w.Knock(door, s.text, sum)
				if door == s.door {
					if !slices.Contains(statuses(answers), http.StatusOK) {
						t.Errorf("%s is not taken where it belongs: %v", s.protocol, answers)
					}
					continue
				}
				for form, status := range answers {
					if status < 400 || status > 499 {
						t.Errorf("%s is answered %d as %s (%s)", s.protocol, status, door, form)
					}
				}
			}
		}
		var stored int
		if err := w.Store.DB().QueryRowContext(t.Context(),
			`SELECT count(*) FROM webhook_deliveries WHERE order_gid <> 'gid://shopify/Order/5'`).Scan(&stored); err != nil || stored != 0 {
			t.Errorf("%d deliveries were stored that are none, %v", stored, err)
		}
	})
}

func statuses(answers map[string]int) (list []int) {
	for _, status := range answers {
		list = append(list, status)
	}
	return list
}
