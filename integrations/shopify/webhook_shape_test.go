package shopify

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
	"pointbridge/test/expect"
)

// thinned are the bodies that the subscriptions ask for, where they are not whole.
var thinned = map[webhooks.Topic]string{
	webhooks.OrdersCreate:    `{"id":5,"admin_graphql_api_id":"gid://shopify/Order/5","updated_at":"2026-11-20T12:00:06+09:00"}`,
	webhooks.OrdersUpdated:   `{"id":5,"admin_graphql_api_id":"gid://shopify/Order/5","updated_at":"2026-11-20T12:00:06+09:00"}`,
	webhooks.OrdersCancelled: `{"id":5,"admin_graphql_api_id":"gid://shopify/Order/5","updated_at":"2026-11-20T12:00:06+09:00","cancelled_at":"2026-11-20T12:00:06+09:00"}`,
	webhooks.RefundsCreate:   `{"id":6,"order_id":5,"created_at":"2026-11-20T12:00:06+09:00"}`,
	webhooks.DiscountsUpdate: `{"admin_graphql_api_id":"gid://shopify/DiscountCodeNode/8","updated_at":"2026-11-20T12:00:06+09:00"}`,
	webhooks.CustomersUpdate: `{"id":7,"admin_graphql_api_id":"gid://shopify/Customer/7","updated_at":"2026-11-20T12:00:06+09:00"}`,
	webhooks.CustomersDelete: `{"id":7,"admin_graphql_api_id":"gid://shopify/Customer/7","updated_at":"2026-11-20T12:00:06+09:00"}`,
	webhooks.AppUninstalled: `{"id":9,"domain":null,"myshopify_domain":"` + hookShop +
		`","updated_at":"2026-11-20T12:00:06+09:00"}`,
}

// alike are the topics whose bodies nothing tells apart. Each of them only sends for what the shop has.
var alike = [][]webhooks.Topic{
	{webhooks.OrdersCreate, webhooks.OrdersUpdated, webhooks.OrdersCancelled},
	{webhooks.CustomersUpdate, webhooks.CustomersDelete},
}

func areAlike(a, b webhooks.Topic) bool {
	return slices.ContainsFunc(alike, func(set []webhooks.Topic) bool { return slices.Contains(set, a) && slices.Contains(set, b) })
}

func allTopics() []webhooks.Topic {
	topics := webhooks.ComplianceTopics()
	for _, s := range webhooks.Subscriptions() {
		topics = append(topics, s.Topic)
	}
	return topics
}

// sent is a body under a topic with a right signature.
func sent(topic webhooks.Topic, body string) webhooks.Incoming {
	return webhooks.Incoming{Topic: string(topic), Signature: signedWith(clientSecret, []byte(body)), Shop: hookShop,
		APIVersion: "2026-10", WebhookID: "w-1", Body: []byte(body)}
}

func TestEveryTopicHasAShape(t *testing.T) {
	t.Parallel()
	for _, topic := range allTopics() {
		if shapes[topic] == nil || !topic.Known() {
			t.Errorf("%s has no shape", topic)
		}
	}
	if len(shapes) != len(allTopics()) {
		t.Errorf("%d shapes for %d topics", len(shapes), len(allTopics()))
	}
}

func TestTheBodiesThatAreAskedForAreRead(t *testing.T) {
	t.Parallel()
	for topic, body := range thinned {
		w, _ := newWebhooks()
		d, err := w.ReadWebhook(sent(topic, body))
		if err != nil || d.TriggeredAt.IsZero() {
			t.Errorf("%s: %v, at %s", topic, err, d.TriggeredAt)
		}
	}
	// A subscription from before the cancellation's moment was asked for.
	w, _ := newWebhooks()
	if d, err := w.ReadWebhook(sent(webhooks.OrdersCancelled, thinned[webhooks.OrdersUpdated])); err != nil ||
		d.Order == "" {
		t.Errorf("an older subscription's body: %v", err)
	}
}

// TestABodyUnderAnotherTopicIsRefused sends every body under every topic: what its own members say is what it is.
func TestABodyUnderAnotherTopicIsRefused(t *testing.T) {
	t.Parallel()
	bodies := map[string]webhooks.Incoming{}
	for _, name := range []string{"orders_create", "orders_updated", "orders_edited", "orders_cancelled_declined",
		"orders_delete", "refunds_create", "discounts_update", "discounts_delete", "customers_update",
		"customers_delete", "customers_merge", "app_uninstalled",
		"customers_data_request", "customers_redact", "shop_redact"} {
		bodies[name] = delivered(t, name)
	}
	for topic, body := range thinned {
		bodies["thin "+string(topic)] = sent(topic, body)
	}
	for name, in := range bodies {
		own := webhooks.Topic(in.Topic)
		for _, topic := range allTopics() {
			if topic == own || areAlike(topic, own) {
				continue
			}
			in.Topic = string(topic)
			w, _ := newWebhooks()
			if d, err := w.ReadWebhook(in); domain.CodeOf(err) != domain.CodeValidation || d != (webhooks.Delivery{}) {
				t.Errorf("%s sent as %s: %v", name, topic, err)
			}
		}
	}
	w, _ := newWebhooks()
	in := delivered(t, "orders_create") // whole, so it says that nothing was cancelled
	in.Topic = string(webhooks.OrdersCancelled)
	if _, err := w.ReadWebhook(in); domain.CodeOf(err) != domain.CodeValidation {
		t.Errorf("an order that stands was read as a cancelled one: %v", err)
	}
}

// TestWhatIsNotOneObjectIsRefused: the first of these is what a shopper can make of their own session token.
func TestWhatIsNotOneObjectIsRefused(t *testing.T) {
	t.Parallel()
	encode := base64.RawURLEncoding.EncodeToString
	order := thinned[webhooks.OrdersCreate]
	for name, body := range map[string]string{
		"a session token's text": encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
			encode([]byte(`{"dest":"`+hookShop+`"}`)), "a query": "shop=" + hookShop + "&timestamp=1",
		"a list":                  "[" + order + "]",
		"null":                    "null",
		"a number":                "5",
		"a text":                  `"` + hookShop + `"`,
		"two objects":             order + order,
		"an object and more":      order + " x",
		"an object that is cut":   strings.TrimSuffix(order, "}"),
		"an empty object":         "{}",
		"a member twice":          strings.Replace(order, "{", `{"id":5,`, 1),
		"names in capitals":       strings.ReplaceAll(order, `"id"`, `"ID"`),
		"an id that is a text":    strings.Replace(order, `"id":5`, `"id":"5"`, 1),
		"an id below one":         strings.Replace(order, `"id":5`, `"id":-5`, 1),
		"an id with a fraction":   strings.Replace(order, `"id":5`, `"id":5.0`, 1),
		"two ids that differ":     strings.Replace(order, `"id":5`, `"id":6`, 1),
		"a moment that is none":   strings.Replace(order, `2026-11-20T12:00:06+09:00`, `yesterday`, 1),
		"bytes that are no UTF-8": strings.Replace(order, `{`, "{\"x\":\"\xff\",", 1),
	} {
		for _, topic := range allTopics() {
			w, _ := newWebhooks()
			if d, err := w.ReadWebhook(sent(topic, body)); domain.CodeOf(err) != domain.CodeValidation ||
				d != (webhooks.Delivery{}) {
				t.Errorf("%s as %s: %v", name, topic, err)
			}
		}
	}
}

func TestRequestsOfAnotherShopAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"customers_redact", "customers_data_request", "shop_redact", "app_uninstalled"} {
		in := delivered(t, name)
		in.Body = []byte(strings.Replace(string(in.Body), hookShop, "other.myshopify.com", 1))
		in.Signature = signedWith(clientSecret, in.Body)
		w, _ := newWebhooks()
		_, err := w.ReadWebhook(in)
		expect.Equal(t, "domain.CodeOf(err)", domain.CodeOf(err), domain.CodeValidation, name, err)
	}
}

// TestNothingOfADeliveryIsShownToEverybody: /readyz needs no credential, and headers are not signed.
func TestNothingOfADeliveryIsShownToEverybody(t *testing.T) {
	t.Parallel()
	w, log := newWebhooks()
	in := delivered(t, "orders_create")
	for _, text := range []string{"call-0120-000-000", "2027-01", "", "2026-10\nX"} {
		in.APIVersion = text
		if _, err := w.ReadWebhook(in); err != nil {
			t.Fatal(err)
		}
		missing := strings.Join(w.Missing(), " ")
		if missing == "" || (text != "" && strings.Contains(missing, text)) {
			t.Errorf("%q: shown is %q", text, missing)
		}
	}
	if strings.Contains(log.String(), "0120") {
		t.Errorf("the log repeats what is no version: %s", log)
	}
}
