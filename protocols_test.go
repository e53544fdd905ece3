package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pointbridge/domain/webhooks"
	"pointbridge/integrations/store/storetest"
)

// signedText is what one protocol signs with the app's secret, and by which of our doors it is taken; none for what
// this service never takes.
type signedText struct{ protocol, text, door string }

const (
	doorWebhook = "webhook"
	doorProxy   = "app proxy"
	doorSession = "session token"
)

// signedTexts are good ones of every protocol, made for the member's own customer.
func signedTexts(w *hookWorld) []signedText {
	now := time.Now().Unix()
	claims := func(changes map[string]any) string {
		all := map[string]any{"dest": demoShop, "aud": w.creds.ClientID, "sub": hookGID, "nbf": now, "iat": now, "exp": now + 300, "jti": "a"}
		for name, value := range changes {
			all[name] = value
		}
		raw, err := json.Marshal(all)
		if err != nil {
			w.t.Fatal(err)
		}
		encode := base64.RawURLEncoding.EncodeToString
		return encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(raw)
	}
	at := strconv.FormatInt(now, 10)
	return []signedText{
		{"a webhook", `{"id":5,"admin_graphql_api_id":"gid://shopify/Order/5","updated_at":"2026-11-20T12:00:06+09:00"}`, doorWebhook},
		{"a query of the app proxy", "logged_in_customer_id=7001path_prefix=/apps/pointbridgeshop=" + demoShop + "timestamp=" + at, doorProxy},
		{"an extension's session token", claims(nil), doorSession},
		{"a token of the shop's staff", claims(map[string]any{"iss": "https://" + demoShop + "/admin", "dest": "https://" + demoShop, "sub": "7001"}), ""},
		{"a redirect of OAuth", "code=c0de&host=aG9zdA&shop=" + demoShop + "&state=s&timestamp=" + at, ""},
	}
}

// proxyQueries are the ways to read a text as a query: as it stands, as one pair, as a name, and as the pairs that the
// proxy's own text is made of.
func proxyQueries(text string) (list []url.Values) {
	if q, err := url.ParseQuery(text); err == nil {
		list = append(list, q)
	}
	name, value, _ := strings.Cut(text, "=")
	list = append(list, url.Values{name: {value}}, url.Values{text: {""}})
	pairs, rest := url.Values{}, text
	for _, name := range []string{"timestamp", "shop", "path_prefix", "logged_in_customer_id"} {
		before, value, found := strings.Cut(rest, name+"=")
		if found {
			pairs.Set(name, value)
			rest = before
		}
	}
	return append(list, pairs)
}

// knock presents a text and its MAC at a door in every form that somebody who holds both could give them. It gives the
// answers by form.
func (w *hookWorld) knock(door, text string, mac []byte) map[string]int {
	answers := map[string]int{}
	ask := func(form, method, target, body string, headers map[string]string) {
		r := httptest.NewRequestWithContext(w.t.Context(), method, target, strings.NewReader(body))
		for name, value := range headers {
			r.Header.Set(name, value)
		}
		res := httptest.NewRecorder()
		w.app.handler.ServeHTTP(res, r)
		answers[form] = res.Code
	}
	switch door {
	case doorWebhook:
		for _, topic := range slices.Concat(topicsOf(webhooks.Subscriptions()), webhooks.ComplianceTopics()) {
			ask(string(topic), http.MethodPost, "/webhooks/shopify", text, map[string]string{"X-Shopify-Topic": string(topic),
				"X-Shopify-Hmac-Sha256": base64.StdEncoding.EncodeToString(mac), "X-Shopify-Shop-Domain": demoShop, "X-Shopify-API-Version": demoAPIVersion,
				"X-Shopify-Webhook-Id": "w-" + string(topic[0]) + strconv.Itoa(len(topic)), "Content-Type": "application/json"})
		}
	case doorProxy:
		for i, q := range proxyQueries(text) {
			q.Set("signature", hex.EncodeToString(mac))
			at := "/proxy/v1/customers/me/points?" + q.Encode()
			ask(fmt.Sprintf("GET %d", i), http.MethodGet, at, "", nil)
			ask(fmt.Sprintf("POST %d", i), http.MethodPost, "/proxy/v1/customers/me/conversions?"+q.Encode(), `{"points":100}`,
				map[string]string{"Content-Type": "application/json", "Idempotency-Key": "k"})
			ask(fmt.Sprintf("coupons %d", i), http.MethodGet, "/proxy/v1/customers/me/coupons?"+q.Encode(), "", nil)
		}
	case doorSession:
		token := "Bearer " + text + "." + base64.RawURLEncoding.EncodeToString(mac)
		for _, path := range []string{"/v1/customers/me/points", "/v1/customers/me/coupons"} {
			ask(path, http.MethodGet, path, "", map[string]string{"Authorization": token})
		}
	}
	return answers
}

func topicsOf(list []webhooks.Subscription) (topics []webhooks.Topic) {
	for _, s := range list {
		topics = append(topics, s.Topic)
	}
	return topics
}

// TestOneSecretManyProtocols signs for each protocol in which Shopify uses the app's secret and presents that at the
// doors of all the others.
func TestOneSecretManyProtocols(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newHookWorld(t, db)
		for _, s := range signedTexts(w) {
			mac := hmac.New(sha256.New, []byte(w.creds.ClientSecret))
			_, _ = mac.Write([]byte(s.text))
			sum := mac.Sum(nil)
			for _, door := range []string{doorWebhook, doorProxy, doorSession} {
				answers := w.knock(door, s.text, sum)
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
		if err := w.store.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM webhook_deliveries WHERE order_gid <> 'gid://shopify/Order/5'`).Scan(&stored); err != nil || stored != 0 {
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
