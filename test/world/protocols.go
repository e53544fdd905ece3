package world

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pointbridge/demo"
	"pointbridge/domain/webhooks"
)

const (
	DoorWebhook = "webhook"
	DoorProxy   = "app proxy"
	DoorSession = "session token"
)

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

// Knock presents a text and its MAC at a door in every form that somebody who holds both could give them. It gives the
// answers by form.
func (w *Hooks) Knock(door, text string, mac []byte) map[string]int {
	answers := map[string]int{}
	ask := func(form, method, target, body string, headers map[string]string) {
		r := httptest.NewRequestWithContext(w.T.Context(), method, target, strings.NewReader(body))
		for name, value := range headers {
			r.Header.Set(name, value)
		}
		res := httptest.NewRecorder()
		w.App.Handler.ServeHTTP(res, r)
		answers[form] = res.Code
	}
	switch door {
	case DoorWebhook:
		for _, topic := range slices.Concat(topicsOf(webhooks.Subscriptions()), webhooks.ComplianceTopics()) {
			ask(string(topic), http.MethodPost, "/webhooks/shopify", text,
				map[string]string{"X-Shopify-Topic": string(topic),
					"X-Shopify-Hmac-Sha256": base64.StdEncoding.EncodeToString(mac),
					"X-Shopify-Shop-Domain": demo.DemoShop, "X-Shopify-API-Version": demo.DemoAPIVersion,
					"X-Shopify-Webhook-Id": "w-" + string(topic[0]) + strconv.Itoa(len(topic)),
					"Content-Type":         "application/json"})
		}
	case DoorProxy:
		for i, q := range proxyQueries(text) {
			q.Set("signature", hex.EncodeToString(mac))
			at := "/proxy/v1/customers/me/points?" + q.Encode()
			ask(fmt.Sprintf("GET %d", i), http.MethodGet, at, "", nil)
			ask(fmt.Sprintf("POST %d", i), http.MethodPost, "/proxy/v1/customers/me/conversions?"+q.Encode(),
				`{"points":100}`, map[string]string{"Content-Type": "application/json", "Idempotency-Key": "k"})
			ask(fmt.Sprintf("coupons %d", i), http.MethodGet, "/proxy/v1/customers/me/coupons?"+q.Encode(), "", nil)
		}
	case DoorSession:
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
