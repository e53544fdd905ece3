package orders

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

const forgedList = `[{"code":"FORGED","status":"active","points":1,"amount":100000,"currency":"JPY"}]`

// quiet lets the store send what it owes, and the queue work it off, until neither has anything left: what the queue
// writes is told of in its turn.
func (w *orderWorld) quiet() {
	w.T.Helper()
	world.Eventually(w.T, "nothing is owed", func() bool {
		w.delivered()
		for _, d := range w.shop.Deliveries() {
			if d.State == simshopify.Waiting || d.State == simshopify.Held {
				return false
			}
		}
		var open int
		w.must(w.Store.DB().QueryRowContext(w.T.Context(), `SELECT count(*) FROM customers
			WHERE projection_written < projection_wanted AND shopify_customer_gid <> ''`).Scan(&open))
		return open == 0
	})
}

// listed is the list of coupons that the store shows for a customer.
func (w *orderWorld) listed(gid string) string {
	m, _ := w.shop.Metafield(gid, "$app", "coupons")
	return m.Value
}

// told counts the deliveries about a customer's change.
func (w *orderWorld) told(gid string) (n int) {
	w.T.Helper()
	w.must(w.Store.DB().QueryRowContext(w.T.Context(), fmt.Sprintf(`SELECT count(*) FROM webhook_deliveries
		WHERE topic = 'customers/update' AND outcome = 'queued' AND customer_gid = '%s'`, gid)).Scan(&n))
	return n
}

// TestMetafieldMended: a list of coupons that somebody edits or deletes in the store is right again after the store has
// told of it, and the telling of that ends by itself.
// covers: 004-21, H-11, T-05
func TestMetafieldMended(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		mine := w.buyer()
		w.quiet()
		right := w.listed(mine.gid)
		if right == "" || w.told(mine.gid) == 0 {
			t.Fatalf("our own write was not told of: %q", right)
		}
		for name, change := range map[string]func() error{
			"edited":  func() error { return w.shop.EditMetafield(mine.gid, "$app", "coupons", forgedList) },
			"deleted": func() error { return w.shop.DeleteMetafield(mine.gid, "$app", "coupons") },
		} {
			t.Run(name+" by hand", func(t *testing.T) {
				w := w.On(t)
				calls, told := w.shop.Calls(), w.told(mine.gid)
				w.must(change())
				if w.listed(mine.gid) == right {
					t.Fatal("nothing was changed")
				}
				w.quiet()
				if got := w.listed(mine.gid); got != right {
					t.Errorf("it says %s\nwant %s", got, right)
				}
				// Two tellings: of the change, and of our own write. The second one writes nothing, so there is no
				// third.
				if writes, more := w.shop.Calls()["metafieldsSet"]-calls["metafieldsSet"], w.told(mine.gid)-told; writes != 1 || more != 2 {
					t.Errorf("%d writes, told of %d times", writes, more)
				}
			})
		}
		w.On(t)
		t.Run("many changes that are told of at once are one look", func(t *testing.T) {
			w := w.On(t)
			w.must(w.shop.Switch(simshopify.Switches{Late: true, Twice: true}))
			for n := range 30 {
				_, err := w.shop.AddCustomer(mine.gid, fmt.Sprintf("new%d@example.com", n), "Member", "en")
				w.must(err)
			}
			w.must(w.shop.Switch(simshopify.Switches{}))
			w.must(w.App.Queue.Stop(context.WithoutCancel(t.Context())))
			w.must(w.shop.Flush(t.Context()))
			var looks int
			w.must(w.Store.DB().QueryRowContext(t.Context(),
				`SELECT sum(projection_wanted - projection_written) FROM customers`).Scan(&looks))
			if looks != 1 || w.told(mine.gid) < 30 {
				t.Errorf("%d looks for %d deliveries", looks, w.told(mine.gid))
			}
		})
	})
}

// TestSetupFromTheSetBefore: a shop that was set up before the topic was wanted gets it by the same command.
func TestSetupFromTheSetBefore(t *testing.T) {
	t.Parallel()
	storetest.OnSQLite(t, func(t *testing.T, db storetest.Database) {
		w := world.NewHooks(t, db)
		before := slices.DeleteFunc(webhooks.Subscriptions(),
			func(s webhooks.Subscription) bool { return s.Topic == webhooks.CustomersUpdate })
		if err := w.App.Shop.Subscribe(t.Context(), "https://points.example.com/webhooks/shopify", before); err != nil {
			t.Fatal(err)
		}
		w.Command("shopify", "setup")
		list := w.Shopify.Subscriptions()
		last := list[len(list)-1]
		if len(list) != len(webhooks.Subscriptions()) || last.Topic != "CUSTOMERS_UPDATE" ||
			!slices.Equal(last.IncludeFields, []string{"id", "admin_graphql_api_id", "updated_at"}) {
			t.Errorf("the store has %+v", list)
		}
		w.App.SetupCheck.Refresh(t.Context())
		if missing := w.App.Notes(t.Context()); len(missing) != 0 {
			t.Errorf("missing %v", missing)
		}
	})
}

// TestCustomersOfOthers: the store tells of all its customers. Those who are no members cost nothing, and change
// nothing.
// covers: 004-21
func TestCustomersOfOthers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		mine, other := w.buyer(), "gid://shopify/Customer/4711"
		_, err := w.shop.AddCustomer(other, "other@example.com", "Other", "en")
		w.must(err)
		w.quiet()
		right, calls := w.listed(mine.gid), w.shop.Calls()
		w.must(w.shop.EditMetafield(other, "$app", "coupons", forgedList))
		_, err = w.shop.AddCustomer(other, "another@example.com", "Other", "en")
		w.must(err)
		w.quiet()
		after := w.shop.Calls()
		if fmt.Sprint(after) != fmt.Sprint(calls) {
			t.Errorf("the store was called: %v, then %v", calls, after)
		}
		if w.listed(other) != forgedList || w.listed(mine.gid) != right {
			t.Errorf("theirs %s, ours %s", w.listed(other), w.listed(mine.gid))
		}
		delivered := 0
		for _, d := range w.shop.Deliveries() {
			if d.Topic == string(webhooks.CustomersUpdate) && d.State == simshopify.Delivered &&
				strings.Contains(d.Body, other) {
				delivered++
			}
		}
		if kept := strings.Contains(storetest.Texts(t, w.Store), other); delivered != 2 || kept {
			t.Errorf("%d deliveries about somebody who is no member; named in what is stored: %v", delivered, kept)
		}
		expect.Equal(t, "w.state(mine.code).Coupon.Status", w.state(mine.code).Coupon.Status, domain.Active)
		w.agrees()
	})
}
