package main

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
)

// TestNothingButNativeDiscounts looks at everything a real process asks a store for.
// covers: 002-46, T-01
func TestNothingButNativeDiscounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := newProcBed(t, db, "CONVERT_WAIT=60s")
		var mu sync.Mutex
		paths := map[string]bool{}
		spied := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			paths[r.Method+" "+r.URL.Path] = true
			mu.Unlock()
			b.out.shopify.ServeHTTP(w, r)
		}))
		t.Cleanup(spied.Close)
		b.env = append(b.env, "SHOPIFY_API_URL="+spied.URL)
		p := b.start()
		members := []string{b.member(p), b.member(p), b.member(p)}
		b.out.faults.Add(sim.Rule{Act: createAct, Mode: sim.LoseAnswer})
		for _, m := range members[:2] {
			got := await(t, "an answer", p.convert(m, "k-"+m))
			b.settledOnce(p, m, "k-"+m, reply{status: got.status, raw: got.raw, header: got.header})
		}
		b.out.faults.Add(sim.Rule{Act: createAct, Mode: sim.Refuse, Reason: "INVALID"})
		await(t, "an answer", p.convert(members[2], "refused"))
		eventually(t, "the metafields are written", func() bool { return b.out.shopify.Calls()["metafieldsSet"] >= 2 })
		active := b.books(members...)
		t.Run("all that a conversion leaves in the shop is one native code and the customer's list", func(t *testing.T) {
			shop := b.out.shopify
			if n := len(shop.Discounts()); n != 2 || len(active) != 2 || len(shop.Orders()) != 0 {
				t.Fatalf("%d discounts for %d coupons, %d orders", n, len(active), len(shop.Orders()))
			}
			expected := []string{"token", "discountCodeBasicCreate", "codeDiscountNodeByCode", "metafieldsSet", "customer", "shop", "orders",
				"metafieldDefinitions", "webhookSubscriptions", "currentAppInstallation"} // from "shop" on they are only read
			for _, field := range slices.Sorted(maps.Keys(shop.Calls())) {
				if !slices.Contains(expected, field) {
					t.Errorf("the store was asked for %s", field)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for path := range paths {
				if path != "POST /admin/api/"+demoAPIVersion+"/graphql.json" && path != "POST /admin/oauth/access_token" {
					t.Errorf("the store was called at %s", path)
				}
			}
			if n := shop.RESTCalls(); n != 0 {
				t.Errorf("%d calls to REST routes", n)
			}
		})
		t.Run("the store's own checkout takes the code off, and nobody else does", func(t *testing.T) {
			d, _ := b.out.shopify.DiscountByCode(active[0].Code)
			id, err := b.out.shopify.Checkout(d.CustomerIDs[0], []string{d.Code}, "800")
			if err != nil {
				t.Fatal(err)
			}
			o, _ := b.out.shopify.Order(id)
			if len(o.Applications) != 1 || o.Applications[0].Code != d.Code || !strings.HasPrefix(o.TotalDiscount, "500") {
				t.Fatalf("%+v", o)
			}
		})
	})
}

// TestLongDeadCodes removes codes from the store after their time, and nothing from our record.
// covers: 002-23, 002-24, T-06
func TestLongDeadCodes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWalkWorld(t, db, true)
		s := w.service(w.whole())
		member := w.member()
		spent, unheard, kept := w.converted(s, member, "a", 100), w.converted(s, member, "b", 200), w.converted(s, member, "c", 300)
		for _, c := range []domain.Coupon{spent, unheard} {
			if _, err := w.shop.Checkout(c.ShopifyCustomerGID, []string{c.Code}, "1000"); err != nil {
				t.Fatal(err)
			}
		}
		usedAt := w.clock.Now()
		w.recordUse(spent, usedAt)
		t.Run("a used code goes after the retention time and not before; one whose order is not recorded stays", func(t *testing.T) {
			w := w.on(t)
			w.clock.Advance(w.policy.Retention)
			if gone := w.removeDead(s); len(gone) != 0 || len(w.shop.Discounts()) != 3 {
				t.Fatalf("removed too early: %v", gone)
			}
			before := w.totals()
			w.clock.Advance(time.Second)
			if gone := w.removeDead(s); !slices.Equal(gone, []int64{spent.ID}) {
				t.Fatalf("removed %v", gone)
			}
			if _, there := w.shop.DiscountByCode(spent.Code); there || len(w.shop.Discounts()) != 2 {
				t.Fatal("the store still has the used code, or lost another")
			}
			st, err := w.db.ByCode(t.Context(), spent.Code)
			if err != nil || st.Coupon.Status != domain.Used || st.Coupon.UsedAt == nil || st.Coupon.DiscountDeletedAt == nil || st.Movement(domain.Take) == nil {
				t.Fatalf("%+v, %v", st.Coupon, err)
			}
			if after := w.totals(); !maps.Equal(before, after) || after[domain.Used] != 100 {
				t.Fatalf("totals were %v and are %v", before, after)
			}
			history, err := w.db.History(t.Context(), spent.ID)
			if err != nil || len(history) == 0 || history[len(history)-1].Action != "discount.removed" {
				t.Fatalf("%+v, %v", history, err)
			}
		})
		t.Run("expired codes follow after theirs, once", func(t *testing.T) {
			w := w.on(t)
			w.clock.Advance(kept.ExpiresAt.Sub(w.clock.Now()) + w.policy.Retention + time.Second)
			if gone := w.removeDead(s); len(gone) != 2 || len(w.shop.Discounts()) != 0 {
				t.Fatalf("removed %v", gone)
			}
			calls := w.shop.Calls()["discountCodeDelete"]
			if gone := w.removeDead(s); len(gone) != 0 || w.shop.Calls()["discountCodeDelete"] != calls || calls != 3 {
				t.Fatalf("removed again: %v, %d calls", gone, calls)
			}
		})
	})
}

// recordUse writes down that an order holds the code, as whoever hears of orders does.
func (w *walkWorld) recordUse(c domain.Coupon, at time.Time) {
	w.t.Helper()
	st, err := w.db.Load(w.t.Context(), c.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	k := st.Coupon
	k.Status, k.UsedAt = domain.Used, &at
	if _, err := w.db.Commit(w.t.Context(), coupons.Change{Coupon: k, Audit: []domain.AuditEntry{{At: at, Actor: "test", Action: "coupon.used",
		Code: k.Code, CouponID: k.ID, CustomerID: k.CustomerID, From: domain.Active, To: domain.Used, Outcome: domain.OutcomeDone}}}); err != nil {
		w.t.Fatal(err)
	}
}

// removeDead sweeps and does the removals that the sweep asked for; it gives the coupons.
func (w *walkWorld) removeDead(s *coupons.Service) (ids []int64) {
	w.t.Helper()
	w.jobs = nil
	if err := s.Sweep(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	for _, j := range w.jobs {
		if j.Kind != domain.JobRemoveDiscount {
			continue
		}
		ids = append(ids, j.CouponID)
		for range 2 { // the queue may run a job twice
			if err := s.RemoveDiscount(w.t.Context(), j.CouponID); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	return ids
}

func (w *walkWorld) totals() map[domain.Status]int64 {
	w.t.Helper()
	totals, err := w.db.Totals(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return totals
}
