package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/integrations/shopify"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
)

// TestMetafieldStandsWhereItIsConfigured converts in real processes that are configured differently.
// covers: H-10
func TestMetafieldStandsWhereItIsConfigured(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, namespace, key string
		environ              []string
	}{
		{"default", "$app", "coupons", nil},
		{"loyalty.coupons", "loyalty", "coupons", []string{"SHOPIFY_METAFIELD_NAMESPACE=loyalty"}},
		{"shop.vouchers", "shop", "vouchers", []string{"SHOPIFY_METAFIELD_NAMESPACE=shop", "SHOPIFY_METAFIELD_KEY=vouchers"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newProcBed(t, storetest.SQLite(t), c.environ...)
			b.once("shopify", "setup")
			p := b.start()
			made := await(t, "an answer", p.convert(b.member(p), "k"))
			var body struct{ Code string }
			if err := json.Unmarshal([]byte(made.raw), &body); err != nil || made.status != http.StatusCreated {
				t.Fatalf("%+v", made)
			}
			gid := b.out.shopify.Discounts()[0].CustomerIDs[0]
			eventually(t, "the metafield lists the code", func() bool {
				m, _ := b.out.shopify.Metafield(gid, c.namespace, c.key)
				return strings.Contains(m.Value, `"`+body.Code+`"`)
			})
			for _, place := range [][2]string{{"$app", "coupons"}, {"loyalty", "coupons"}, {"shop", "vouchers"}} {
				_, there := b.out.shopify.Metafield(gid, place[0], place[1])
				if want := place == [2]string{c.namespace, c.key}; there != want {
					t.Errorf("%s.%s exists: %v", place[0], place[1], there)
				}
			}
		})
	}
}

// forgetfulShop is a simulated store that can lose its metafields, as when a merchant deletes them.
type forgetfulShop struct {
	t       *testing.T
	cfg     simshopify.Config
	current atomic.Pointer[simshopify.Server]
}

func newForgetfulShop(w *walkWorld) *forgetfulShop {
	f := &forgetfulShop{t: w.t, cfg: simshopify.Config{Shop: demoShop, APIVersion: demoAPIVersion, AccessToken: "shop", Currency: "JPY", Clock: w.clock.Now,
		Faults: w.faults, Path: filepath.Join(w.t.TempDir(), "shop.jsonl"), Bucket: simshopify.Bucket{Maximum: 1e9, RestoreRate: 1e9, SingleQuery: 1000}}}
	f.open()
	w.t.Cleanup(func() { _ = w.shop.Close() })
	var err error
	w.admin, err = shopify.New(shopify.Config{Shop: demoShop, APIURL: w.serve(f), APIVersion: demoAPIVersion, AccessToken: "shop",
		MetafieldNamespace: "loyalty", MetafieldKey: "coupons", Timeout: 5 * time.Second, Logger: slog.New(slog.DiscardHandler)}, httpClient())
	if err != nil {
		w.t.Fatal(err)
	}
	w.shop = f.current.Load()
	return f
}

func (f *forgetfulShop) open() {
	s, err := simshopify.New(f.cfg)
	if err != nil {
		f.t.Fatal(err)
	}
	f.current.Store(s)
}

func (f *forgetfulShop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.current.Load().ServeHTTP(w, r)
}

// forget closes the store, takes the metafields out of its file, and opens it again.
func (f *forgetfulShop) forget(w *walkWorld) {
	f.t.Helper()
	if err := w.shop.Close(); err != nil {
		f.t.Fatal(err)
	}
	raw, err := os.ReadFile(f.cfg.Path)
	if err != nil {
		f.t.Fatal(err)
	}
	lines := slices.DeleteFunc(bytes.SplitAfter(raw, []byte("\n")), func(line []byte) bool { return bytes.Contains(line, []byte(`"metafield":`)) })
	if err := os.WriteFile(f.cfg.Path, bytes.Join(lines, nil), 0o600); err != nil {
		f.t.Fatal(err)
	}
	f.open()
	w.shop = f.current.Load()
}

// listed is what a storefront knows of a coupon that knows nothing but the metafield.
type listed struct {
	Code, Status, Currency string
	Amount                 int64
	ExpiresAt              time.Time `json:"expires_at"`
}

func (w *walkWorld) metafield(gid string) (list []listed) {
	w.t.Helper()
	m, ok := w.shop.Metafield(gid, "loyalty", "coupons")
	if !ok {
		return nil
	}
	if err := json.Unmarshal([]byte(m.Value), &list); err != nil {
		w.t.Fatalf("%v: %s", err, m.Value)
	}
	return list
}

// TestMetafieldAlone shows a customer's coupons from the metafield, loses it, and goes on.
// covers: H-10, H-11
func TestMetafieldAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWalkWorld(t, db, true)
		f := newForgetfulShop(w)
		s := w.service(w.whole())
		member, gid := w.member(), "gid://shopify/Customer/1"
		first, second := w.converted(s, member, "a", 200), domain.Coupon{}
		w.rest(s)
		t.Run("a storefront lists code, amount, status and end", func(t *testing.T) {
			want := listed{first.Code, "active", "JPY", 200, first.ExpiresAt}
			if got := w.on(t).metafield(gid); len(got) != 1 || got[0] != want {
				t.Fatalf("%+v, want %+v", got, want)
			}
		})
		f.forget(w)
		t.Run("without the metafield points become coupons, codes are good, and the list comes back whole", func(t *testing.T) {
			w := w.on(t)
			if got := w.metafield(gid); got != nil {
				t.Fatalf("it is still there: %+v", got)
			}
			second = w.converted(s, member, "b", 300)
			if list, err := w.db.Listing.List(t.Context(), listing.Filter{CustomerID: member, Limit: 10, Now: w.clock.Now()}); err != nil || len(list) != 2 {
				t.Fatalf("%d coupons, %v", len(list), err)
			}
			if _, err := w.shop.Checkout(gid, []string{first.Code}, "1000"); err != nil {
				t.Fatal(err)
			}
			w.synced(s, member)
			got := w.metafield(gid)
			if len(got) != 2 || got[0].Code != second.Code || got[1].Code != first.Code {
				t.Fatalf("%+v", got)
			}
		})
		f.forget(w)
		t.Run("an end is written down, metafield or not", func(t *testing.T) {
			w := w.on(t)
			w.clock.Advance(w.policy.Validity + time.Second)
			if err := s.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.synced(s, member)
			got := w.metafield(gid)
			if len(got) != 2 || got[0].Status != "expired" || got[1].Status != "expired" || got[0].Amount != 300 {
				t.Fatalf("%+v", got)
			}
		})
	})
}

func (w *walkWorld) converted(s *coupons.Service, member, key string, points int64) domain.Coupon {
	w.t.Helper()
	got, err := s.Convert(w.t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member, Points: points, Key: key})
	if err != nil || !got.Done {
		w.t.Fatalf("%+v, %v", got, err)
	}
	return got.Coupon
}

// synced writes the metafield as the queue does: again, when the first try learns that something else stands there.
func (w *walkWorld) synced(s *coupons.Service, member string) {
	w.t.Helper()
	if err := w.metafields(s).SyncMetafield(w.t.Context(), member); err != nil && domain.ReasonOf(err) != domain.ReasonStale {
		w.t.Fatal(err)
	} else if err == nil {
		return
	}
	if err := w.metafields(s).SyncMetafield(w.t.Context(), member); err != nil {
		w.t.Fatal(err)
	}
}
