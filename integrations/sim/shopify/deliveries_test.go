package shopify_test

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pointbridge/integrations/sim"
	shop "pointbridge/integrations/sim/shopify"
)

// covers: 000-01, 000-09, T-05
func TestDeliveries(t *testing.T) {
	t.Parallel()
	t.Run("an order is told with the vendor's headers, signed over its bytes", func(t *testing.T) {
		t.Parallel()
		s, r := listening(t)
		s.create("ONE", nil)
		s.buy(taro, "ONE")
		s.drain()
		hooks := r.hooks()
		equal(t, "deliveries", len(hooks), 1)
		h := hooks[0].Header
		for name, want := range map[string]string{
			"X-Shopify-Topic": "orders/create", "X-Shopify-Shop-Domain": "demo.myshopify.com",
			"X-Shopify-Api-Version": "2026-10", "X-Shopify-Triggered-At": "2026-11-20T03:04:05.6Z",
			"Content-Type": "application/json",
		} {
			equal(t, name, h.Get(name), want)
		}
		for _, name := range []string{"X-Shopify-Webhook-Id", "X-Shopify-Event-Id"} {
			equal(t, "length of "+name, len(h.Get(name)), 36)
		}
		equal(t, "order", hooks[0].Body["name"], any("#1001"))
	})
	t.Run("what happens to an order has topics of its own, and one event id", func(t *testing.T) {
		t.Parallel()
		s, r := listening(t)
		s.create("ONE", nil)
		order := s.buy(taro, "ONE")
		s.drain()
		r.hooks()
		for _, step := range []struct {
			want string
			act  func() error
		}{
			{"orders/updated orders/edited", func() error { return s.RemoveCode(order, "one") }},
			{"orders/updated refunds/create", func() error { return s.RefundOrder(order, "100", "scratched") }},
			{"orders/updated", func() error { return s.MarkTest(order) }},
			{"orders/updated orders/cancelled refunds/create",
				func() error { return s.CancelOrder(order, "customer") }},
			{"orders/delete", func() error { return s.DeleteOrder(order) }},
		} {
			s.must(step.act())
			s.drain()
			hooks, ids, topics := r.hooks(), map[string]bool{}, []string{}
			for _, h := range hooks {
				ids[h.Header.Get("X-Shopify-Event-Id")] = true
				topics = append(topics, h.topic())
			}
			equal(t, "topics", strings.Join(topics, " "), step.want)
			equal(t, "event ids of "+step.want, len(ids), 1)
		}
		d, _ := s.DiscountByCode("ONE")
		equal(t, "uses that are left of the code", len(d.Uses), 1)
	})
	t.Run("nobody hears of a topic without a subscription", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		s.buy(taro)
		equal(t, "owed", len(s.Deliveries()), 0)
	})
	t.Run("each address gets its own, thinned to the fields it asked for", func(t *testing.T) {
		t.Parallel()
		s, r := listening(t)
		other := newReceiver(t)
		s.run(subscribeText, map[string]any{"t": "ORDERS_CREATE", "w": map[string]any{"uri": other.URL,
			"includeFields": []string{"id", "updated_at"}}})
		s.buy(taro)
		s.drain()
		mine, theirs := r.hooks(), other.hooks()
		equal(t, "deliveries", len(mine)+len(theirs), 2)
		equal(t, "fields", len(theirs[0].Body), 2)
		equal(t, "one id each", mine[0].Header.Get("X-Shopify-Webhook-Id") != theirs[0].Header.Get("X-Shopify-Webhook-Id"), true)
	})
}

func TestRetries(t *testing.T) {
	t.Parallel()
	t.Run("what is refused is tried again after each pause, with the same bytes and id", func(t *testing.T) {
		t.Parallel()
		s, r := listening(t, func(c *shop.Config) { c.Webhooks.Retries = []time.Duration{time.Minute, time.Hour} })
		r.answer(500, 301)
		s.buy(taro)
		s.drain()
		equal(t, "state", s.Deliveries()[0].State, shop.Waiting)
		s.clock.advance(time.Minute)
		s.drain()
		s.clock.advance(59 * time.Minute)
		s.drain()
		equal(t, "attempts before the second pause is over", s.Deliveries()[0].Attempts, 2)
		s.clock.advance(time.Minute)
		s.drain()
		hooks := r.hooks()
		equal(t, "attempts", len(hooks), 3)
		for _, h := range hooks {
			equal(t, "bytes", string(h.Raw), string(hooks[0].Raw))
			equal(t, "id", h.Header.Get("X-Shopify-Webhook-Id"), hooks[0].Header.Get("X-Shopify-Webhook-Id"))
		}
		equal(t, "state at the end", s.Deliveries()[0].State, shop.Delivered)
	})
	t.Run("by default it is tried again eight times within four hours, then the subscription is gone",
		func(t *testing.T) {
			t.Parallel()
			s, r := listening(t)
			r.answer(500, 500, 500, 500, 500, 500, 500, 500, 500)
			s.buy(taro)
			start := s.clock.now()
			for range 9 {
				s.drain()
				equal(t, "not yet given up", s.clock.now().Sub(start) <= 4*time.Hour, true)
				if d := s.Deliveries()[0]; d.State == shop.Waiting {
					s.clock.advance(d.NotBefore.Sub(s.clock.now()))
				}
			}
			equal(t, "attempts", len(r.hooks()), 9)
			equal(t, "state", s.Deliveries()[0].State, shop.GivenUp)
			equal(t, "time", s.clock.now().Sub(start), 4*time.Hour)
			s.buy(taro)
			s.drain()
			equal(t, "after that", r.topics(), "")
		})
	t.Run("who does not answer in time has failed", func(t *testing.T) {
		t.Parallel()
		s := newStore(t, func(c *shop.Config) { c.Webhooks.Timeout = 3 * time.Second })
		hang := newHanging(t)
		s.subscribe(hang.URL, "ORDERS_CREATE")
		s.buy(taro)
		s.drain()
		equal(t, "fault", s.Deliveries()[0].Fault, "no answer in time")
	})
	t.Run("faults can be ordered for an attempt, by topic", func(t *testing.T) {
		t.Parallel()
		faults := &sim.Faults{}
		s, r := listening(t, func(c *shop.Config) { c.Faults = faults })
		faults.Add(sim.Rule{Act: "shopify.webhook", Mode: sim.DropBefore})
		faults.Add(sim.Rule{Act: "shopify.webhook", Mode: sim.LoseAnswer})
		s.buy(taro)
		for range 3 {
			s.flush()
		}
		equal(t, "arrived", r.topics(), "orders/create orders/create")
		equal(t, "attempts", s.Deliveries()[0].Attempts, 3)
	})
}

// covers: 000-07
func TestSwitches(t *testing.T) {
	t.Parallel()
	three := func(s store) {
		s.t.Helper()
		s.must(s.CancelOrder(s.buy(taro), "DECLINED"))
	}
	const told = "orders/create orders/updated orders/cancelled"
	t.Run("late: held until it is let go", func(t *testing.T) {
		t.Parallel()
		s, r := listening(t)
		s.must(s.Switch(shop.Switches{Late: true}))
		three(s)
		s.clock.advance(24 * time.Hour)
		s.drain()
		equal(t, "held", r.topics(), "")
		s.flush()
		equal(t, "let go", r.topics(), told)
	})
	t.Run("late: for a time", func(t *testing.T) {
		t.Parallel()
		s, r := listening(t)
		s.must(s.Switch(shop.Switches{Late: true, LateFor: time.Hour}))
		three(s)
		s.drain()
		equal(t, "at once", r.topics(), "")
		s.clock.advance(time.Hour)
		s.drain()
		equal(t, "an hour later", r.topics(), told)
	})
	t.Run("twice, with the same id", func(t *testing.T) {
		t.Parallel()
		s, r := listening(t)
		s.must(s.Switch(shop.Switches{Twice: true}))
		s.buy(taro)
		s.drain()
		hooks := r.hooks()
		equal(t, "arrived", len(hooks), 2)
		equal(t, "id", hooks[0].Header.Get("X-Shopify-Webhook-Id"), hooks[1].Header.Get("X-Shopify-Webhook-Id"))
	})
	t.Run("out of order: newest first", func(t *testing.T) {
		t.Parallel()
		s, r := listening(t)
		s.must(s.Switch(shop.Switches{Late: true, Reversed: true}))
		three(s)
		s.flush()
		equal(t, "arrived", r.topics(), "orders/cancelled orders/updated orders/create")
	})
	t.Run("lost, but only some topics", func(t *testing.T) {
		t.Parallel()
		s, r := listening(t)
		s.must(s.Switch(shop.Switches{Lost: true, Topics: []string{"orders/cancelled"}}))
		three(s)
		s.flush()
		equal(t, "arrived", r.topics(), "orders/create orders/updated")
		equal(t, "state of the other", s.Deliveries()[0].State, shop.Lost)
	})
}

func TestDeliveriesOutlive(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.jsonl")
	first, r := listening(t, func(c *shop.Config) { c.Path = path })
	first.buy(taro)
	first.drain()
	first.must(first.Switch(shop.Switches{Late: true}))
	first.buy(taro)
	first.must(first.Switch(shop.Switches{Twice: true}))
	r.answer(503)
	first.buy(taro)
	first.drain()
	owed := first.Deliveries()
	equal(t, "before", string(owed[0].State+owed[1].State+owed[2].State), "waitinghelddelivered")
	r.hooks()
	first.must(first.Close())
	for range 2 {
		second := openAt(t, path)
		second.drain()
		equal(t, "sent again by a restart", r.topics(), "")
		equal(t, "switches", second.Switches().Twice, true)
		got := second.Deliveries()
		equal(t, "log", len(got), 3)
		equal(t, "bytes", got[0].Body, owed[0].Body)
		second.must(second.Close())
	}
	last := openAt(t, path)
	last.flush()
	// The second copy of the one that was refused counts from where it was left.
	equal(t, "what was owed", r.topics(), "orders/create orders/create orders/create")
	last.buy(taro)
	last.drain()
	equal(t, "numbers go on", last.Deliveries()[0].N, int64(4))
}

func TestDeliveryLogIsBounded(t *testing.T) {
	t.Parallel()
	s, r := listening(t)
	s.must(s.Switch(shop.Switches{Late: true}))
	kept := s.buy(taro)
	s.must(s.Switch(shop.Switches{Lost: true}))
	for range 250 {
		s.must(s.MarkTest(kept))
	}
	equal(t, "log", len(s.Deliveries()), 201)
	s.flush()
	equal(t, "what is owed is never forgotten", r.topics(), "orders/create")
}

// newHanging is an address that never answers.
func newHanging(t *testing.T) *receiver {
	t.Helper()
	r := newReceiver(t)
	r.Config.Handler = http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body) // only then does the server notice that the caller has gone
		<-req.Context().Done()
	})
	return r
}
