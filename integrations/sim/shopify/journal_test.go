package shopify_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	shop "pointbridge/integrations/sim/shopify"
)

func openAt(t *testing.T, path string) store {
	t.Helper()
	return newStore(t, func(c *shop.Config) { c.Path = path })
}

// fill makes one of everything and returns the id of a discount that was deleted again.
func (s store) fill() string {
	s.create("KEPT", nil)
	ended := s.create("ENDED", nil)
	s.byID("discountCodeDeactivate", ended)
	s.set(coupons(taro, "[1]"))
	s.set(coupons(taro, "[2]"))
	s.buy(taro, "KEPT")
	gone := s.create("GONE", nil)
	s.byID("discountCodeDelete", gone)
	return gone
}

// checkFilled asks for what fill made.
func (s store) checkFilled(t *testing.T, gone string) {
	t.Helper()
	equal(t, "discounts", len(s.Discounts()), 2)
	kept, _ := s.DiscountByCode("kept")
	equal(t, "uses", len(kept.Uses), 1)
	equal(t, "usable", s.Usable("KEPT"), false)
	ended, _ := s.DiscountByCode("ended")
	equal(t, "status", ended.Status, "EXPIRED")
	equal(t, "value", s.value(), "[2]")
	equal(t, "orders", s.names("discount_code:kept"), "#1001")
	if id := s.create("NEW", nil); id == gone {
		t.Error("the id of a deleted discount came back")
	}
	s.buy(taro)
	equal(t, "order numbers go on", s.names("name:1002"), "#1002")
}

func TestJournal(t *testing.T) {
	t.Parallel()
	t.Run("everything is there after a restart, and after another", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "shop.jsonl")
		first := openAt(t, path)
		gone := first.fill()
		_, grant := first.token("secret")
		openAt(t, path).checkFilled(t, gone)
		third := openAt(t, path)
		equal(t, "after the second restart", len(third.Discounts()), 3)
		token, _ := grant["access_token"].(string)
		equal(t, "a token outlives a restart", third.status(token), 200)
	})
	t.Run("a torn last line is dropped", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "shop.jsonl")
		gone := openAt(t, path).fill()
		file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString(`[{"discount":{"id":99,"co`); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		openAt(t, path).checkFilled(t, gone)
	})
	t.Run("a line in the middle that makes no sense is an error", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "shop.jsonl")
		if err := os.WriteFile(path, []byte("nonsense\n[]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := shop.New(shop.Config{Shop: "demo.myshopify.com", APIVersion: "2026-10", AccessToken: "x", Path: path})
		if err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("what cannot be written does not take effect", func(t *testing.T) {
		t.Parallel()
		s := openAt(t, filepath.Join(t.TempDir(), "shop.jsonl"))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		answer := s.run(createText, s.coupon("LOST", nil))
		equal(t, "code", answer.code(), "INTERNAL_SERVER_ERROR")
		equal(t, "discounts", len(s.Discounts()), 0)
	})
}

func TestConfig(t *testing.T) {
	t.Parallel()
	_, err := shop.New(shop.Config{})
	for _, missing := range []string{"Shop", "APIVersion", "AccessToken"} {
		if err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("%s is not named: %v", missing, err)
		}
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	start := s.clock.now()
	var seen []string
	s.OnDiscountChange(func(c shop.Change) {
		word := c.Kind + " " + c.Discount.Code
		if c.Usable {
			word += " usable"
		}
		seen = append(seen, word)
	})
	id := s.create("TIMED", nil)
	s.clock.advance(time.Minute)
	s.byID("discountCodeDeactivate", id)
	s.clock.advance(time.Minute)
	s.byID("discountCodeActivate", id)
	s.clock.advance(time.Minute)
	s.buy(taro, "TIMED")
	s.create("LAPSED", nil)
	s.clock.advance(48 * time.Hour)
	equal(t, "seen", strings.Join(seen, ", "),
		"created TIMED usable, deactivated TIMED, activated TIMED usable, used TIMED, created LAPSED usable")
	var spans []string
	for _, i := range append(s.UsableIntervals("timed"), s.UsableIntervals("lapsed")...) {
		spans = append(spans, i.From.Sub(start).String()+"-"+i.Until.Sub(start).Truncate(time.Minute).String())
	}
	// The end of LAPSED has whole seconds, so it lies within the minute before.
	equal(t, "intervals", strings.Join(spans, " "), "0s-1m0s 2m0s-3m0s 3m0s-24h2m0s")
}
