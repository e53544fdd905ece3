package shopify_test

import (
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
	simulated "pointbridge/integrations/sim/shopify"
	"pointbridge/test/expect"
)

const hookURI = "https://points.example.com/webhooks/shopify"

// subscribed returns what the store would send, as topic, address and fields.
func subscribed(store *simulated.Server) (list []string) {
	for _, s := range store.Subscriptions() {
		list = append(list, s.Topic+" "+s.URI+" "+strings.Join(s.IncludeFields, ","))
	}
	slices.Sort(list)
	return list
}

func wanted() (list []string) {
	for _, s := range webhooks.Subscriptions() {
		list = append(list, strings.ToUpper(strings.ReplaceAll(string(s.Topic), "/", "_"))+" "+hookURI+" "+
			strings.Join(s.Fields, ","))
	}
	slices.Sort(list)
	return list
}

func TestSubscribe(t *testing.T) {
	t.Parallel()
	store, c := newStore(t)
	ctx := t.Context()
	missing, err := c.SubscriptionsMissing(ctx, hookURI, webhooks.Subscriptions())
	if err != nil || len(missing) != len(webhooks.Subscriptions()) {
		t.Fatalf("missing %v, %v", missing, err)
	}
	for round := range 3 {
		if err := c.Subscribe(ctx, hookURI, webhooks.Subscriptions()); err != nil {
			t.Fatal(err)
		}
		if got := subscribed(store); !slices.Equal(got, wanted()) {
			t.Fatalf("round %d: the store has\n%s\nwant\n%s", round, strings.Join(got, "\n"), strings.Join(wanted(),
				"\n"))
		}
	}
	missing, err = c.SubscriptionsMissing(ctx, hookURI, webhooks.Subscriptions())
	if err != nil || len(missing) != 0 {
		t.Errorf("missing %v, %v", missing, err)
	}
}

func TestSubscribeMendsWhatIsThere(t *testing.T) {
	t.Parallel()
	store, c := newStore(t)
	ctx := t.Context()
	// A subscription of the same app to somewhere else is somebody else's.
	if err := c.Subscribe(ctx, "pubsub://project:topic",
		[]webhooks.Subscription{{Topic: webhooks.OrdersCreate}}); err != nil {
		t.Fatal(err)
	}
	before := []webhooks.Subscription{{Topic: webhooks.OrdersCreate}, {Topic: webhooks.OrdersCancelled},
		{Topic: "orders/paid"}}
	if err := c.Subscribe(ctx, "https://old.example.com/webhooks/shopify", before); err != nil {
		t.Fatal(err)
	}
	if got := subscribed(store); len(got) != 4 {
		t.Fatalf("the store has\n%s", strings.Join(got, "\n"))
	}
	if err := c.Subscribe(ctx, hookURI, webhooks.Subscriptions()); err != nil {
		t.Fatal(err)
	}
	want := append(wanted(), "ORDERS_CREATE pubsub://project:topic ")
	slices.Sort(want)
	if got := subscribed(store); !slices.Equal(got, want) {
		t.Errorf("the store has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A store that was set up before customers/update was subscribed to gets that one, and keeps the others as they are.
func TestSubscribeFromTheSetBefore(t *testing.T) {
	t.Parallel()
	store, c := newStore(t)
	ctx := t.Context()
	before := slices.DeleteFunc(webhooks.Subscriptions(),
		func(s webhooks.Subscription) bool { return s.Topic == webhooks.CustomersUpdate })
	if err := c.Subscribe(ctx, hookURI, before); err != nil {
		t.Fatal(err)
	}
	kept := store.Subscriptions()
	missing, err := c.SubscriptionsMissing(ctx, hookURI, webhooks.Subscriptions())
	if err != nil || !slices.Equal(missing, []string{"no subscription to customers/update"}) {
		t.Fatalf("missing %v, %v", missing, err)
	}
	if err := c.Subscribe(ctx, hookURI, webhooks.Subscriptions()); err != nil {
		t.Fatal(err)
	}
	if got := subscribed(store); !slices.Equal(got, wanted()) {
		t.Errorf("the store has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(wanted(), "\n"))
	}
	after := store.Subscriptions()
	if last := after[len(after)-1]; len(after) != len(kept)+1 || last.Topic != "CUSTOMERS_UPDATE" ||
		!slices.Equal(last.IncludeFields, []string{"id", "admin_graphql_api_id", "updated_at"}) ||
		!slices.EqualFunc(after[:len(kept)], kept,
			func(a, b simulated.Subscription) bool { return a.ID == b.ID && a.Topic == b.Topic }) {
		t.Errorf("%+v became %+v", kept, after)
	}
}

// One topic that the store refuses, for want of a scope, does not keep the others from being made.
func TestSubscribeGoesOnAfterARefusal(t *testing.T) {
	t.Parallel()
	store, c := newStore(t)
	topics := webhooks.Subscriptions()
	topics = append([]webhooks.Subscription{{Topic: "products/unheard_of"}}, topics...)
	err := c.Subscribe(t.Context(), hookURI, topics)
	if domain.KindOf(err) != domain.KindRefused || !strings.Contains(err.Error(), "products/unheard_of") {
		t.Errorf("got %v", err)
	}
	if got := subscribed(store); !slices.Equal(got, wanted()) {
		t.Errorf("the store has\n%s", strings.Join(got, "\n"))
	}
}

func TestCustomerExists(t *testing.T) {
	t.Parallel()
	_, c := newStore(t)
	for gid, want := range map[string]bool{member: true, "gid://shopify/Customer/999": false} {
		got, err := c.CustomerExists(t.Context(), gid)
		expect.MustEqual(t, "err", err, nil, gid)
		expect.Equal(t, "got", got, want, gid)
	}
}
