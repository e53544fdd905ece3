package story

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/integrations/shopify"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
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
		{"shop.vouchers", "shop", "vouchers", []string{"SHOPIFY_METAFIELD_NAMESPACE=shop",
			"SHOPIFY_METAFIELD_KEY=vouchers"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := world.NewProcesses(t, storetest.SQLite(t), c.environ...)
			b.Once("shopify", "setup")
			p := b.Start()
			made := world.Await(t, "an answer", p.Convert(b.Member(p), "k"))
			var body struct{ Code string }
			expect.MustEqual(t, "json.Unmarshal([]byte(made.Raw), &body)", json.Unmarshal([]byte(made.Raw), &body), nil)
			expect.MustEqual(t, "made.Status", made.Status, http.StatusCreated)
			gid := b.Shopify.Discounts()[0].CustomerIDs[0]
			world.Eventually(t, "the metafield lists the code", func() bool {
				m, _ := b.Shopify.Metafield(gid, c.namespace, c.key)
				return strings.Contains(m.Value, `"`+body.Code+`"`)
			})
			for _, place := range [][2]string{{"$app", "coupons"}, {"loyalty", "coupons"}, {"shop", "vouchers"}} {
				_, there := b.Shopify.Metafield(gid, place[0], place[1])
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

func newForgetfulShop(w *world.World) *forgetfulShop {
	f := &forgetfulShop{t: w.T, cfg: simshopify.Config{Shop: demo.DemoShop, APIVersion: demo.DemoAPIVersion,
		AccessToken: "shop", Currency: "JPY", Clock: w.Clock.Now, Faults: w.Faults, Path: filepath.Join(w.T.TempDir(),
			"shop.jsonl"), Bucket: simshopify.Bucket{Maximum: 1e9, RestoreRate: 1e9, SingleQuery: 1000}}}
	f.open()
	w.T.Cleanup(func() { _ = w.Shopify.Close() })
	var err error
	w.Admin, err = shopify.New(shopify.Config{Shop: demo.DemoShop, APIURL: w.Serve(f), APIVersion: demo.DemoAPIVersion,
		AccessToken: "shop", MetafieldNamespace: "loyalty", MetafieldKey: "coupons", Timeout: world.Patience,
		Logger: slog.New(slog.DiscardHandler)}, world.Client())
	if err != nil {
		w.T.Fatal(err)
	}
	w.Shopify = f.current.Load()
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
func (f *forgetfulShop) forget(w *world.World) {
	f.t.Helper()
	if err := w.Shopify.Close(); err != nil {
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
	w.Shopify = f.current.Load()
}

// TestMetafieldAlone shows a customer's coupons from the metafield, loses it, and goes on.
// covers: H-10, H-11
func TestMetafieldAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.New(t, db, true)
		f := newForgetfulShop(w)
		s := w.Service(w.Whole())
		member, gid := w.Member(), "gid://shopify/Customer/1"
		first, second := w.Converted(s, member, "a", 200), domain.Coupon{}
		w.Rest(s)
		t.Run("a storefront lists code, amount, status and end", func(t *testing.T) {
			want := world.Listed{Code: first.Code, Status: "active", Currency: "JPY", Amount: 200,
				ExpiresAt: first.ExpiresAt}
			if got := w.On(t).Metafield(gid); len(got) != 1 || got[0] != want {
				t.Fatalf("%+v, want %+v", got, want)
			}
		})
		f.forget(w)
		t.Run("without the metafield points become coupons, codes are good, and the list comes back whole",
			func(t *testing.T) {
				w := w.On(t)
				if got := w.Metafield(gid); got != nil {
					t.Fatalf("it is still there: %+v", got)
				}
				second = w.Converted(s, member, "b", 300)
				if list, err := w.Store.Listing.List(t.Context(), listing.Filter{CustomerID: member, Limit: 10,
					Now: w.Clock.Now()}); err != nil || len(list) != 2 {
					t.Fatalf("%d coupons, %v", len(list), err)
				}
				if _, err := w.Shopify.Checkout(gid, []string{first.Code}, "1000"); err != nil {
					t.Fatal(err)
				}
				w.Synced(s)
				got := w.Metafield(gid)
				expect.MustEqual(t, "len(got)", len(got), 2, got)
				expect.MustEqual(t, "got[0].Code", got[0].Code, second.Code)
				expect.MustEqual(t, "got[1].Code", got[1].Code, first.Code)
			})
		f.forget(w)
		t.Run("an end is written down, metafield or not", func(t *testing.T) {
			w := w.On(t)
			w.Clock.Advance(w.Policy.Validity + time.Second)
			if err := s.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.Synced(s)
			got := w.Metafield(gid)
			expect.MustEqual(t, "len(got)", len(got), 2, got)
			expect.MustEqual(t, "got[0].Status", got[0].Status, "expired")
			expect.MustEqual(t, "got[1].Status", got[1].Status, "expired")
			expect.MustEqual(t, "got[0].Amount", got[0].Amount, 300)
		})
	})
}

// TestMetafieldsOfManyTakeFewCalls: what changes for many customers arrives by a call for each 25 of them.
// covers: H-10
func TestMetafieldsOfManyTakeFewCalls(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.New(t, db, true)
		s := w.Service(w.Whole())
		const many = 60
		codes := map[string]string{}
		for n := range many {
			member := w.Member()
			codes[fmt.Sprintf("gid://shopify/Customer/%d", n+1)] = w.Converted(s, member, member, 200).Code
		}
		w.Synced(s)
		expect.Equal(t, "calls", w.Shopify.Calls()["metafieldsSet"], (many+24)/25)
		for gid, code := range codes {
			m, _ := w.Shopify.Metafield(gid, "$app", "coupons")
			expect.That(t, gid+" is shown their code", strings.Contains(m.Value, `"`+code+`"`), m.Value)
		}
		w.Synced(s)
		expect.Equal(t, "calls once nothing is behind", w.Shopify.Calls()["metafieldsSet"], (many+24)/25)
	})
}
