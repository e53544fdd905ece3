package orders

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/commands"
	"pointbridge/domain/guard"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// guarded is a shop on Shopify Plus with the guard switched on, and a campaign "summer" of which everybody has one use.
func guarded(t *testing.T, db storetest.Database) *orderWorld {
	t.Helper()
	w := newOrderWorld(t, db, "GUARD=true", "SHOPIFY_WEBHOOKS=app")
	w.shop.ChangePlan(true)
	w.Command("shopify", "setup")
	w.must(w.shop.SubscribeAll(w.hooks, commands.SubscribedTopics()...)) // which set-up takes for ones of before
	for _, ask := range [][3]string{{http.MethodPost, "/v1/campaigns",
		`{"key":"summer","prefix":"SUMMER-","names":{"en":"Summer"},` +
			`"protection":{"preset":"medium","mode":"enforce","uses_per_person":1}}`},
		{http.MethodPost, "/v1/campaigns/summer/status", `{"to":"live"}`}} {
		if status, text := w.ask("admin", ask[0], ask[1], "", ask[2]); status >= 300 {
			t.Fatal(status, text)
		}
	}
	for i := range 9 {
		w.must(w.shop.AddCode(fmt.Sprint("SUMMER-", i), "100.0"))
	}
	w.must(w.shop.AddCode("OTHER", "100.0"))
	w.guardTold()
	return w
}

// guardTold lets the guard's round come, and whatever follows from it.
func (w *orderWorld) guardTold() {
	w.T.Helper()
	for range 2 { // a change while the first one writes is the next one's
		for _, round := range w.App.Rounds() {
			if round.Name == "guard" {
				w.must(round.Run(w.T.Context()))
			}
		}
		world.Eventually(w.T, "the guard is told", func() bool {
			var n int
			err := w.Store.DB().QueryRowContext(w.T.Context(),
				`SELECT count(*) FROM guard_fields WHERE written < wanted`).Scan(&n)
			return err == nil && n == 0
		})
	}
}

// wants holds what a checkout says against what it should say; nothing is an order.
func (w *orderWorld) wants(what, says string, codes []string, gid string, who simshopify.Buyer) {
	w.T.Helper()
	_, err := w.shop.CheckoutAs(gid, codes, "3000", who)
	switch {
	case says == "" && err != nil:
		w.T.Errorf("%s: %v", what, err)
	case says != "" && (!errors.Is(err, simshopify.ErrRejected) || !strings.Contains(err.Error(), says)):
		w.T.Errorf("%s: %v, want %q", what, err, says)
	}
}

// TestABuyerIsToldAtTheCheckoutWhyACodeDoesNotHold, from an order to the next one: a guest by e-mail, a member by name,
// two codes in one order, a campaign that is paused; and nobody once the guard is off.
// covers: 000-12, 002-10
func TestABuyerIsToldAtTheCheckoutWhyACodeDoesNotHold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := guarded(t, db)
		b := w.buyer()
		w.wants("a guest's first", "", []string{"SUMMER-1"}, "", simshopify.Buyer{Email: "a.b@gmail.com"})
		w.wants("a member's first", "", []string{"SUMMER-2"}, b.gid, simshopify.Buyer{})
		w.delivered()
		w.guardTold()
		const used, one, paused = "already used this promotion", "one code for each order", "taking a break"
		w.wants("the guest again", used, []string{"summer-3"}, "", simshopify.Buyer{Email: "AB+2@googlemail.com"})
		w.wants("the member under another e-mail", used, []string{"SUMMER-4"}, b.gid,
			simshopify.Buyer{Email: "x@example.com"})
		w.wants("the member's e-mail, typed by a guest", used, []string{"SUMMER-4"}, "",
			simshopify.Buyer{Email: b.member + "@Example.com"})
		w.wants("a stranger with two", one, []string{"SUMMER-5", "SUMMER-6"}, "", simshopify.Buyer{Email: "new@example.com"})
		w.wants("another code", "", []string{"OTHER"}, "", simshopify.Buyer{Email: "a.b@gmail.com"})

		status, text := w.ask("admin", http.MethodPost, "/v1/campaigns/summer/status", "", `{"to":"paused"}`)
		expect.MustEqual(t, "status", status, http.StatusOK, text)
		w.guardTold()
		w.wants("a stranger", paused, []string{"SUMMER-7"}, "", simshopify.Buyer{Email: "new@example.com"})

		w.Env = append(w.Env, "GUARD=false")
		w.Command("shopify", "setup")
		w.wants("a stranger without a guard", "", []string{"SUMMER-7", "SUMMER-8"}, "",
			simshopify.Buyer{Email: "new@example.com"})
		expect.Equal(t, "automatic discounts", len(w.shop.Automatics()), 0)
		_, there := w.shop.Metafield(b.gid, "$app", "guard")
		expect.Equal(t, "the member's metafield", there, false)
	})
}

// TestTheCartSaysItInTheBuyersLanguage: beside the code, in the storefront.
func TestTheCartSaysItInTheBuyersLanguage(t *testing.T) {
	t.Parallel()
	storetest.OnSQLite(t, func(t *testing.T, db storetest.Database) {
		w := guarded(t, db)
		for language, says := range map[string]string{"ja": "1回のご注文につき1つまで", "en-GB": "one code for each order",
			"fr": "one code for each order"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/store/cart", nil)
			w.must(err)
			r.Header.Set("Accept-Language", language)
			r.AddCookie(&http.Cookie{Name: "store_cart", Value: "beans:1"})
			r.AddCookie(&http.Cookie{Name: "store_codes", Value: "SUMMER-1,SUMMER-2"})
			page := w.storefront(r)
			if strings.Count(page, says) != 1 {
				t.Errorf("%s: the cart does not say %q once", language, says)
			}
		}
	})
}

// TestSetupSaysThatTheGuardNeedsShopifyPlus, makes nothing for it, and prepares the rest all the same; once the shop is
// on Plus it makes one automatic discount, however often it runs, and another one where that was removed by hand.
func TestSetupSaysThatTheGuardNeedsShopifyPlus(t *testing.T) {
	t.Parallel()
	storetest.OnSQLite(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "GUARD=true")
		missing := func(word string) bool {
			w.App.SetupCheck.Refresh(t.Context())
			return strings.Contains(strings.Join(w.App.Notes(t.Context()), "\n"), word)
		}
		err := w.App.SetupShop(t.Context())
		expect.That(t, "the refusal says why", errors.Is(err, guard.ErrNotPlus), err)
		expect.Equal(t, "automatic discounts", len(w.shop.Automatics()), 0)
		expect.That(t, "the coupons' metafield is defined", len(w.shop.Definitions()) == 1)
		expect.That(t, "/readyz says so", missing("Shopify Plus"))
		w.shop.ChangePlan(true)
		expect.That(t, "/readyz says what is missing", missing("automatic discount"))
		for range 3 {
			w.Command("shopify", "setup")
			expect.MustEqual(t, "automatic discounts", len(w.shop.Automatics()), 1)
		}
		expect.That(t, "nothing of the guard is missing", !missing("guard"))
		w.must(w.shop.DeleteAutomatic(w.shop.Automatics()[0].GID()))
		expect.That(t, "/readyz says what is missing again", missing("automatic discount"))
		w.Command("shopify", "setup")
		expect.Equal(t, "automatic discounts", len(w.shop.Automatics()), 1)
		cfg, err := app.LoadConfig(append(w.Env, "GUARD=false"))
		w.must(err)
		w.App.Config.Guard = cfg.Guard
		expect.That(t, "/readyz says that it is to be taken away", missing("GUARD is off"))
	})
}

// storefront asks the shop for a page.
func (w *orderWorld) storefront(r *http.Request) string {
	w.T.Helper()
	res := httptest.NewRecorder()
	w.shop.Storefront().ServeHTTP(res, r)
	expect.MustEqual(w.T, "status", res.Code, http.StatusOK)
	return res.Body.String()
}
