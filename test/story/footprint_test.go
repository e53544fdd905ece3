package story

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// lateOrders is how long a code that was used is kept beyond the retention for its order to come: as far back as an app
// may read orders.
const lateOrders = 60 * 24 * time.Hour

// TestNothingButNativeDiscounts looks at everything a real process asks a store for.
// covers: 002-46, T-01
func TestNothingButNativeDiscounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := world.NewProcesses(t, db, "CONVERT_WAIT=60s")
		var mu sync.Mutex
		paths := map[string]bool{}
		spied := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			paths[r.Method+" "+r.URL.Path] = true
			mu.Unlock()
			b.Shopify.ServeHTTP(w, r)
		}))
		t.Cleanup(spied.Close)
		b.Env = append(b.Env, "SHOPIFY_API_URL="+spied.URL)
		p := b.Start()
		members := []string{b.Member(p), b.Member(p), b.Member(p)}
		b.Faults.Add(sim.Rule{Act: world.CreateAct, Mode: sim.LoseAnswer})
		for _, m := range members[:2] {
			got := world.Await(t, "an answer", p.Convert(m, "k-"+m))
			b.ConvertedOnce(p, m, "k-"+m, world.Reply{Status: got.Status, Raw: got.Raw, Header: got.Header})
		}
		b.Faults.Add(sim.Rule{Act: world.CreateAct, Mode: sim.Refuse, Reason: "INVALID"})
		world.Await(t, "an answer", p.Convert(members[2], "refused"))
		world.Eventually(t, "the metafields are written",
			func() bool { return b.Shopify.Calls()["metafieldsSet"] >= 2 })
		active := b.Books(members...)
		t.Run("all that a conversion leaves in the shop is one native code and the customer's list",
			func(t *testing.T) {
				shop := b.Shopify
				if n := len(shop.Discounts()); n != 2 || len(active) != 2 || len(shop.Orders()) != 0 {
					t.Fatalf("%d discounts for %d coupons, %d orders", n, len(active), len(shop.Orders()))
				}
				expected := []string{"token", "discountCodeBasicCreate", "codeDiscountNodeByCode", "metafieldsSet",
					"customer", "shop", "orders", "discountNode",
					"metafieldDefinitions", "webhookSubscriptions", "currentAppInstallation"} // from "shop" on they are only read
				for _, field := range slices.Sorted(maps.Keys(shop.Calls())) {
					if !slices.Contains(expected, field) {
						t.Errorf("the store was asked for %s", field)
					}
				}
				mu.Lock()
				defer mu.Unlock()
				for path := range paths {
					if path != "POST /admin/api/"+demo.DemoAPIVersion+"/graphql.json" &&
						path != "POST /admin/oauth/access_token" {
						t.Errorf("the store was called at %s", path)
					}
				}
				if n := shop.RESTCalls(); n != 0 {
					t.Errorf("%d calls to REST routes", n)
				}
			})
		t.Run("the store's own checkout takes the code off, and nobody else does", func(t *testing.T) {
			d, _ := b.Shopify.DiscountByCode(active[0].Code)
			id, err := b.Shopify.Checkout(d.CustomerIDs[0], []string{d.Code}, "800")
			if err != nil {
				t.Fatal(err)
			}
			o, _ := b.Shopify.Order(id)
			expect.MustEqual(t, "len(o.Applications)", len(o.Applications), 1)
			expect.MustEqual(t, "o.Applications[0].Code", o.Applications[0].Code, d.Code)
			expect.MustThat(t, `o.TotalDiscount to begin with "500"`, strings.HasPrefix(o.TotalDiscount, "500"),
				o.TotalDiscount)
		})
	})
}

// TestOldCodesAreRemoved removes codes from the store after their time, and nothing from our audit.
// covers: 002-23, 002-24, T-06
func TestOldCodesAreRemoved(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.New(t, db, true)
		s := w.Service(w.Whole())
		member := w.Member()
		spent, unheard, kept := w.Converted(s, member, "a", 100), w.Converted(s, member, "b", 200),
			w.Converted(s, member, "c", 300)
		for _, c := range []domain.Coupon{spent, unheard} {
			if _, err := w.Shopify.Checkout(c.ShopifyCustomerGID, []string{c.Code}, "1000"); err != nil {
				t.Fatal(err)
			}
		}
		usedAt := w.Clock.Now()
		w.RecordUse(spent, usedAt)
		t.Run("a used code goes after the retention time and not before; one whose order is not recorded stays",
			func(t *testing.T) {
				w := w.On(t)
				w.Clock.Advance(w.Policy.Retention)
				if gone := w.RemoveOldCodes(s); len(gone) != 0 || len(w.Shopify.Discounts()) != 3 {
					t.Fatalf("removed too early: %v", gone)
				}
				before := w.Totals()
				w.Clock.Advance(time.Second)
				if gone := w.RemoveOldCodes(s); !slices.Equal(gone, []int64{spent.ID}) {
					t.Fatalf("removed %v", gone)
				}
				if _, there := w.Shopify.DiscountByCode(spent.Code); there || len(w.Shopify.Discounts()) != 2 {
					t.Fatal("the store still has the used code, or lost another")
				}
				st, err := w.Store.Coupons.ByCode(t.Context(), spent.Code)
				expect.MustEqual(t, "err", err, nil)
				expect.MustEqual(t, "st.Coupon.Status", st.Coupon.Status, domain.Used)
				expect.MustThat(t, "st.Coupon.UsedAt != nil", st.Coupon.UsedAt != nil)
				expect.MustThat(t, "st.Coupon.DiscountDeletedAt != nil", st.Coupon.DiscountDeletedAt != nil)
				expect.MustThat(t, "st.Movement(domain.Take) != nil", st.Movement(domain.Take) != nil)
				if after := w.Totals(); !maps.Equal(before, after) || after[domain.Used] != 100 {
					t.Fatalf("totals were %v and are %v", before, after)
				}
				history, err := w.Store.Coupons.History(t.Context(), spent.ID)
				expect.MustEqual(t, "err", err, nil)
				expect.MustThat(t, "len(history) != 0", len(history) != 0, history)
				expect.MustEqual(t, "history[len(history)-1].Action", history[len(history)-1].Action,
					"discount.removed")
			})
		t.Run("expired codes follow after theirs, once; one that was used when its order can come no more", func(t *testing.T) {
			w := w.On(t)
			w.Clock.Advance(kept.ExpiresAt.Sub(w.Clock.Now()) + w.Policy.Retention + lateOrders + time.Second)
			if gone := w.RemoveOldCodes(s); len(gone) != 2 || len(w.Shopify.Discounts()) != 0 {
				t.Fatalf("removed %v", gone)
			}
			calls := w.Shopify.Calls()["discountCodeDelete"]
			if gone := w.RemoveOldCodes(s); len(gone) != 0 || w.Shopify.Calls()["discountCodeDelete"] != calls ||
				calls != 3 {
				t.Fatalf("removed again: %v, %d calls", gone, calls)
			}
		})
	})
}
