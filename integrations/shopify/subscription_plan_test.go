package shopify

import (
	"testing"

	"pointbridge/domain/webhooks"
)

func TestPlanSubscriptionsRemovesDoubles(t *testing.T) {
	t.Parallel()
	const uri = "https://points.example.com/webhooks/shopify"
	want := []webhooks.Subscription{{Topic: webhooks.OrdersCreate, Fields: []string{"id", "updated_at"}},
		{Topic: webhooks.OrdersDelete}}
	have := []subscription{
		{Id: "1", Topic: WebhookSubscriptionTopicOrdersCreate, Uri: "https://old.example.com/webhooks/shopify"},
		{Id: "2", Topic: WebhookSubscriptionTopicOrdersCreate, Uri: uri, IncludeFields: []string{"updated_at", "id"}},
		{Id: "3", Topic: WebhookSubscriptionTopicOrdersDelete, Uri: "https://old.example.com/webhooks/shopify"},
		{Id: "4", Topic: WebhookSubscriptionTopicOrdersDelete, Uri: "https://older.example.com/webhooks/shopify"},
		{Id: "5", Topic: WebhookSubscriptionTopicOrdersPaid, Uri: uri},
		{Id: "6", Topic: WebhookSubscriptionTopicOrdersPaid, Uri: "https://books.example.com/orders"},
	}
	p := planSubscriptions(have, uri, want)
	if len(p.create) != 0 || len(p.change) != 1 || p.change[0].Id != "3" {
		t.Errorf("create %v, change %v", p.create, p.change)
	}
	removed := map[string]bool{}
	for _, s := range p.remove {
		removed[s.Id] = true
	}
	if len(removed) != 3 || !removed["1"] || !removed["4"] || !removed["5"] {
		t.Errorf("removed %v", removed)
	}
}
