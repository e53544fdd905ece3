package webhooks_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
	"pointbridge/test/expect"
)

func TestDeliveriesPerMinuteAreBoundedByTopic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.PerMinute = 60
	sent := 0
	deliver := func(topic webhooks.Topic) error {
		sent++
		w.read = webhooks.Delivery{WebhookID: "w-" + strconv.Itoa(sent), Topic: topic, Shop: shop, Order: gidO}
		_, err := w.Receive(t.Context(), webhooks.Incoming{})
		return err
	}
	taken := func(topic webhooks.Topic) (n int) {
		for deliver(topic) == nil {
			n++
		}
		return n
	}
	for topic, most := range map[webhooks.Topic]int{webhooks.OrdersCreate: 60, webhooks.OrdersUpdated: 60,
		webhooks.AppUninstalled: 10, webhooks.ShopRedact: 10} {
		if n := taken(topic); n != most {
			t.Errorf("%s: %d were taken", topic, n)
		}
		var refusal *domain.Error
		err := deliver(topic)
		expect.MustThat(t, "errors.As(err, &refusal)", errors.As(err, &refusal), topic, err)
		expect.Equal(t, "refusal.Code", refusal.Code, domain.CodeRateLimited, topic, err)
		expect.That(t, "refusal.RetryAfter >= time.Second", refusal.RetryAfter >= time.Second, topic, err,
			refusal.RetryAfter)
	}
	stored := len(w.deliveries)
	w.clock.Advance(30 * time.Second)
	if n := taken(webhooks.OrdersCreate); n != 30 || len(w.deliveries) != stored+30 {
		t.Errorf("after half a minute %d were taken, %d stored", n, len(w.deliveries)-stored)
	}
	w.clock.Advance(time.Hour)
	if n := taken(webhooks.OrdersCreate); n != 60 {
		t.Errorf("after an hour %d were taken at once", n)
	}
}

// TestWhatIsNotProvedCountsForNothing: strangers do not use up the shop's share.
func TestWhatIsNotProvedCountsForNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.PerMinute, w.readErr = 1, domain.Refuse(domain.CodeUnauthenticated)
	for range 100 {
		if _, err := w.Receive(t.Context(), webhooks.Incoming{}); domain.CodeOf(err) != domain.CodeUnauthenticated {
			t.Fatal(err)
		}
	}
	w.readErr, w.read = nil, webhooks.Delivery{WebhookID: "w-1", Topic: webhooks.OrdersCreate, Order: gidO}
	if _, err := w.Receive(t.Context(), webhooks.Incoming{}); err != nil {
		t.Error(err)
	}
}

func TestEveryTopicHasALargestBody(t *testing.T) {
	t.Parallel()
	topics := webhooks.ComplianceTopics()
	for _, s := range webhooks.Subscriptions() {
		topics = append(topics, s.Topic)
	}
	for _, topic := range topics {
		w := newWorld(t)
		most, err := w.Expect(webhooks.Incoming{Topic: string(topic)})
		expect.MustEqual(t, "err", err, nil, topic, most)
		expect.That(t, "most >= 4<<10", most >= 4<<10, topic, most)
		expect.That(t, "most <= 2<<20", most <= 2<<20, topic, most)
	}
}
