package orders

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/domain/members"
	"pointbridge/domain/privacy"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// life leaves traces of a member wherever the service can leave any: the storefront, the POS, the console, the store's
// own words, the queue.
func (w *orderWorld) life(b buyer) (words []string) {
	w.T.Helper()
	number := strings.TrimPrefix(b.gid, domain.ShopCustomerPrefix)
	w.reach(b, "hanako.sato@example.com", "+819055556666")
	name := "Sato Hanako"
	_, _, err := w.App.Members.Link(w.T.Context(), members.Link{Caller: domain.System(), CustomerID: b.member,
		Name: &name})
	w.must(err)

	service := w.Serve(w.App.Handler)
	front := w.Serve(w.shop.AppProxy(service+"/proxy",
		func(r *http.Request) string { return r.Header.Get("X-Test-Customer") }))
	shop := world.TheShop{T: w.T, URL: front, API: service, Store: w.shop}
	made := shop.As(number, "POST", "/v1/customers/me/conversions", "mine", `{"points":100}`)
	expect.MustThat(w.T, "made.Status == 201 || made.Status == 202", made.Status == 201 || made.Status == 202,
		made.Status, made.Raw)
	got := shop.As(number, "POST", "/v1/customers/me/conversions", "no", `{"points":77}`)
	expect.MustEqual(w.T, "got.Status", got.Status, 422, got.Raw)
	stranger := "gid://shopify/Customer/9555555555"
	_, err = w.shop.AddCustomer(stranger, "", "", "ja")
	w.must(err)
	got = shop.As("9555555555", "GET", "/v1/customers/me/points", "", "")
	expect.MustEqual(w.T, "got.Status", got.Status, 409, got.Raw)

	w.must(w.shop.CancelOrder(w.buy(b.gid, b.code), "CUSTOMER")) // a review, with tags
	w.delivered()
	status, text := w.ask("Sato", "POST", "/v1/coupons/"+w.Coupon(b)+"/cancellation", "c",
		`{"reason":"other","note":"Sato Hanako called"}`)
	expect.MustEqual(w.T, "status", status, 202, text)
	_, err = w.shop.AddCustomer(b.gid, "hanako.sato@example.com", "Sato Hanako", "ja") // changed in the store
	w.must(err)
	w.must(w.shop.MergeCustomers(b.gid, stranger))
	w.must(w.shop.RequestData(b.gid))
	w.delivered()
	return []string{number, "hanako.sato", "+819055556666", "55556666", "Hanako"}
}

// found lists the words that a dump of the database holds, with the columns they stand in.
func found(dump string, words []string) (list []string) {
	for line := range strings.Lines(dump) {
		for _, word := range words {
			if strings.Contains(line, word) {
				column, _, _ := strings.Cut(line, "=")
				list = append(list, column+" holds "+word)
			}
		}
	}
	return list
}

func TestNoTableHoldsTheNumberNorTheNameOfWhoWasForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "REVIEW_ORDER_TAG=check-order", "REVIEW_CUSTOMER_TAG=check-customer")
		b := w.buyer()
		words := w.life(b)
		before := found(storetest.Texts(t, w.Store), words)
		for _, table := range []string{"customers.", "coupons.", "webhook_deliveries.", "privacy_requests."} {
			if !strings.Contains(strings.Join(before, "\n"), table) {
				t.Errorf("the test does not see what it looks for in %s", table)
			}
		}
		for _, place := range before {
			for _, table := range []string{"audit.", "requests.", "river_job."} {
				if strings.HasPrefix(place, table) {
					t.Errorf("a place that must never know anybody: %s", place)
				}
			}
		}

		w.must(w.shop.RedactCustomer(b.gid))
		w.delivered()
		world.Eventually(t, "the request is closed", func() bool {
			list, err := w.Store.Privacy.Requests(t.Context(), false, 1)
			return err == nil && list[0].Kind == privacy.CustomersRedact && !list[0].Open
		})
		if left := found(storetest.Texts(t, w.Store), words); len(left) > 0 {
			t.Errorf("still there:\n%s", strings.Join(left, "\n"))
		}
		w.must(w.App.Sealer.Seal(t.Context()))
		w.Command("audit", "verify")

		t.Run("who asks for their data then is told what is left, and why",
			func(t *testing.T) { w.On(t).asksAgain(b, words) })
		w.On(t)
		t.Run("a coupon that lives on can still be cancelled, and the points come back once",
			func(t *testing.T) { w.On(t).cancelsForgotten(b) })
		w.On(t)
	})
}

func (w *orderWorld) asksAgain(b buyer, words []string) {
	w.T.Helper()
	w.must(w.shop.RequestData(b.gid))
	w.delivered()
	// The request of before and the new one: both are about somebody who was forgotten by now.
	var open []privacy.Request
	world.Eventually(w.T, "the request waits for an operator", func() bool {
		var err error
		open, err = w.Store.Privacy.Requests(w.T.Context(), true, 10)
		return err == nil && len(open) == 2
	})
	for _, r := range open {
		text := w.Command("privacy", "export", strconv.FormatInt(r.ID, 10))
		var list []privacy.Dossier
		w.must(json.Unmarshal([]byte(text), &list))
		if len(list) != 1 || !list[0].Forgotten || list[0].CustomerID != b.member {
			w.T.Fatalf("request %d: %s", r.ID, text)
		}
		rows := map[string]int{}
		for _, left := range list[0].Left {
			if rows[left.Table] = left.Rows; left.Why == "" {
				w.T.Errorf("%s is left, and nobody says why", left.Table)
			}
		}
		if rows["coupons"] != 3 || rows["movements"] < 4 || rows["audit"] == 0 || !strings.Contains(text, b.code) {
			w.T.Errorf("left: %v", rows)
		}
		if named := found(text, words); len(named) > 0 {
			w.T.Errorf("what is left names the person: %v", named)
		}
	}
	if left := found(storetest.Texts(w.T, w.Store), words); len(left) > 0 {
		w.T.Errorf("the request brought it back:\n%s", strings.Join(left, "\n"))
	}
}

func (w *orderWorld) cancelsForgotten(b buyer) {
	w.T.Helper()
	list, err := w.Store.Listing.List(w.T.Context(), listing.Filter{CustomerID: b.member, Status: domain.Active,
		Now: w.App.Service.Clock.Now(), Limit: 10})
	expect.MustEqual(w.T, "err", err, nil)
	expect.MustEqual(w.T, "len(list)", len(list), 1, list)
	expect.MustEqual(w.T, "list[0].ShopifyCustomerGID", list[0].ShopifyCustomerGID, domain.ErasedCustomer)
	k := list[0]
	status, text := w.ask("Sato", "POST", "/v1/coupons/"+k.Code+"/cancellation", fmt.Sprint("c-", k.ID),
		`{"reason":"customer_request"}`)
	expect.MustEqual(w.T, "status", status, 202, text)
	world.Eventually(w.T, "the points are back",
		func() bool { return w.state(k.Code).Coupon.Status == domain.Cancelled })
	if n := w.Booked(domain.GiveBackReference(k.Code)); n != 1 {
		w.T.Errorf("%d credits", n)
	}
}
