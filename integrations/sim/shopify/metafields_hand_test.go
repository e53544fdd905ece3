package shopify_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	sim "pointbridge/integrations/sim/shopify"
)

// TestMetafieldsByHand: a customer whose metafield is written, edited or deleted counts as changed, and is told of
// once.
func TestMetafieldsByHand(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.jsonl")
	r := newReceiver(t)
	s := newStore(t, func(c *sim.Config) { c.Path = path })
	s.subscribe(r.URL, "CUSTOMERS_UPDATE")
	told := func(act, want string) {
		t.Helper()
		s.drain()
		equal(t, act, r.topics(), want)
	}
	s.set(coupons(taro, "[1]"), coupons(taro, "[2]", "key", "others"))
	told("two metafields in one call", "customers/update")
	s.set(coupons(taro, "[1]"))
	told("the same value", "")
	s.set(coupons("gid://shopify/Customer/1", "[1]"))
	told("refused", "")
	s.clock.advance(time.Hour)
	s.must(s.EditMetafield("7001", "loyalty", "coupons", "[9]"))
	s.drain()
	hooks := r.hooks()
	if len(hooks) != 1 || hooks[0].Body["updated_at"] != "2026-11-20T13:04:05+09:00" || hooks[0].Body["id"] != 7001.0 {
		t.Errorf("edited: %+v", hooks)
	}
	equal(t, "edited", s.value(), "[9]")
	s.must(s.DeleteMetafield(taro, "loyalty", "coupons"))
	told("deleted", "customers/update")
	one := s.create("ONE", nil)
	s.set(coupons(one, "[1]"))
	told("a metafield of a discount is no customer's", "")
	equal(t, "no such customer", s.EditMetafield("gid://shopify/Customer/1", "loyalty", "coupons", "[]"),
		sim.ErrUnknownCustomer)
	equal(t, "no JSON", s.EditMetafield(taro, "loyalty", "coupons", "["), sim.ErrBadMetafield)
	equal(t, "deleted twice", s.DeleteMetafield(taro, "loyalty", "coupons"), sim.ErrUnknownMetafield)
	act := map[string]any{"act": "edit_metafield", "customer": "7002", "key": "coupons", "value": "[3]"}
	s.ask("POST", "/_sim/acts", act, http.StatusNoContent)
	if m, _ := s.Metafield(hanako, "$app", "coupons"); m.Value != "[3]" {
		t.Errorf("edited through the control surface: %+v", m)
	}
	act["act"] = "delete_metafield"
	s.ask("POST", "/_sim/acts", act, http.StatusNoContent)
	told("through the control surface", "customers/update customers/update")
	s.must(s.Close())
	again, err := sim.New(sim.Config{Shop: "demo.myshopify.com", APIVersion: "2026-10", AccessToken: fixedToken,
		Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if _, there := again.Metafield(taro, "loyalty", "coupons"); there {
		t.Error("it is back after a restart")
	}
	if m, there := again.Metafield(taro, "loyalty", "others"); !there || m.Value != "[2]" {
		t.Errorf("after a restart the other one is %+v", m)
	}
}

// TestMetafieldWriteHasTheVendorsShape holds what a metafield's write tells against the vendor's sample of the topic.
// covers: T-05
func TestMetafieldWriteHasTheVendorsShape(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	s := newStore(t)
	s.subscribe(r.URL, "CUSTOMERS_UPDATE")
	_, err := s.AddCustomer(taro, "new@example.com", "Name of taro", "ja")
	s.must(err)
	s.drain()
	r.hooks()
	s.set(coupons(taro, "[1]"))
	s.drain()
	raw, err := os.ReadFile(filepath.Join(shapes, "customers_update.json"))
	s.must(err)
	var want struct{ Body map[string]any }
	s.must(json.Unmarshal(raw, &want))
	hooks := r.hooks()
	if len(hooks) != 1 {
		t.Fatalf("told %d times, want once", len(hooks))
	}
	if diff := cmp.Diff(shapeOf(want.Body), shapeOf(hooks[0].Body)); diff != "" {
		t.Errorf("told (-the vendor's +the store's):\n%s", diff)
	}
}
