package campaigns

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

const (
	jiro  = "gid://shopify/Customer/9000000001"
	codes = "/v1/campaigns/summer/codes"
)

// shop is the service with a campaign "summer" of personal codes, and a customer of the shop who is no member.
type shop struct {
	*world.Acts
	admin, till string
}

// tenth is a campaign's offer: a tenth off, for nothing.
func tenth(o *campaigns.Offer) {
	o.Value = campaigns.Value{Kind: campaigns.Percentage, Range: campaigns.One(1000)}
}

func newShop(t *testing.T, db storetest.Database, change ...func(*campaigns.Offer)) *shop {
	t.Helper()
	return opened(t, world.NewActs(t, db), change...)
}

// opened is newShop in a world with settings of its own.
func opened(t *testing.T, w *world.Acts, change ...func(*campaigns.Offer)) *shop {
	t.Helper()
	s := &shop{Acts: w}
	_, s.admin = world.Hired(t, s.Store, "Ec Admin", domain.RoleECAdmin, "")
	s.till = s.KeyOf(domain.RolePOS, "")
	s.Answer(s.admin, http.MethodPost, "/v1/campaigns", `{"key":"summer","prefix":"SUMMER-","names":{"en":"Summer"},`+
		`"protection":{"preset":"medium","mode":"enforce","uses_per_person":1,"messages":[{"reason":"already_used",`+
		`"language":"en","text":"Summer comes once a year."}]}}`, http.StatusCreated)
	now := time.Now()
	offer := campaigns.Offer{Codes: campaigns.Personal, StartsAt: now.Add(-time.Hour), EndsAt: now.Add(240 * time.Hour),
		Validity: campaigns.Range{Min: 3600, Max: 86400}, LivePerPerson: 1, SelfService: true,
		Combines: campaigns.Combines{Shipping: true}}
	for _, f := range append([]func(*campaigns.Offer){tenth}, change...) {
		f(&offer)
	}
	service := campaigns.Service{Campaigns: s.Store.Campaigns, Now: time.Now}
	c, err := s.Store.Campaigns.ByKey(t.Context(), "summer")
	expect.MustEqual(t, "err", err, nil)
	_, err = service.Revise(t.Context(), domain.System(), "summer", c.Policy.Version, offer, c.Policy)
	expect.MustEqual(t, "err", err, nil)
	s.Answer(s.admin, http.MethodPost, "/v1/campaigns/summer/status", `{"to":"live"}`, http.StatusOK)
	_, err = s.Shopify.AddCustomer(jiro, "jiro@example.com", "Sato Jiro", "ja")
	expect.MustEqual(t, "err", err, nil)
	return s
}

// issue asks for a code and gives the answer's members.
func (s *shop) issue(token, key, body string, want int) map[string]any {
	s.T.Helper()
	status, text := s.Request(token, http.MethodPost, codes, key, body)
	expect.MustEqual(s.T, "status", status, want, body, text)
	members := map[string]any{}
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		s.T.Fatal(err)
	}
	return members
}

// agrees holds that the books find nothing to say.
func (s *shop) agrees() {
	s.T.Helper()
	sum, err := s.App.Books.Run(s.T.Context(), books.Options{}, books.Sink{Difference: func(d books.Difference) {
		s.T.Errorf("the books: %s of %s: %s", d.Kind, d.Code, d.Detail)
	}})
	expect.MustEqual(s.T, "err", err, nil)
	expect.Equal(s.T, "incomplete", sum.Incomplete(), false)
}

// TestACodeForSomebodyInTheShop: it is a discount in the shop, for this customer, once, until its end; the shop takes a
// tenth off for them and nothing for anybody else; the same request has one effect.
// covers: 002-13, 002-15, 002-16, 002-17, 002-30, 002-44, 001-27
func TestACodeForSomebodyInTheShop(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db)
		got := s.issue(s.admin, "k1", `{"email":"jiro@example.com"}`, http.StatusCreated)
		code := fmt.Sprint(got["code"])
		expect.Equal(t, "campaign", got["campaign"], any("summer"))
		expect.Equal(t, "value_kind", got["value_kind"], any("percentage"))
		expect.Equal(t, "percent", got["percent"], any(10.0))
		expect.Equal(t, "points", got["points"], any(0.0))
		expect.That(t, "it links to the shop", strings.HasSuffix(fmt.Sprint(got["apply_url"]), "/discount/"+code), got)
		d, there := s.Shopify.DiscountByCode(code)
		expect.MustThat(t, "it exists", there, code)
		expect.Equal(t, "d.Percentage", d.Percentage, 0.1)
		expect.Equal(t, "d.CustomerIDs", strings.Join(d.CustomerIDs, ","), jiro)
		expect.Equal(t, "*d.UsageLimit", *d.UsageLimit, 1)
		expect.Equal(t, "d.AppliesOncePerCustomer", d.AppliesOncePerCustomer, true)
		expect.Equal(t, "d.Combines.Shipping", d.Combines.Shipping, true)
		expect.Equal(t, "d.Combines.Order", d.Combines.Order || d.Combines.Product, false)
		expect.MustThat(t, "it has an end", d.EndsAt != nil && d.EndsAt.After(time.Now()), d.EndsAt)
		s.agrees()
		again := s.issue(s.admin, "k1", `{"email":"jiro@example.com"}`, http.StatusCreated)
		expect.Equal(t, "again", again["code"], got["code"])
		s.issue(s.admin, "k1", `{"shopify_customer_id":"9000000001"}`, http.StatusUnprocessableEntity)
		s.issue(s.admin, "k2", `{"shopify_customer_id":"9000000001"}`, http.StatusConflict)
		s.issue(s.admin, "k3", `{"email":"nobody@example.com"}`, http.StatusUnprocessableEntity)
		if _, err := s.Shopify.Checkout("", []string{code}, "3000"); err == nil {
			t.Error("a guest used it")
		}
		if _, err := s.Shopify.Checkout(jiro, []string{code}, "3000"); err != nil {
			t.Fatal(err)
		}
		orders := s.Shopify.Orders()
		expect.Equal(t, "off", orders[0].TotalDiscount, "300.0")
	})
}

// TestWhoMayGiveCodes: the till may not by itself, a customer may for themselves, and for nobody else.
func TestWhoMayGiveCodes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db)
		s.issue(s.till, "k1", `{"shopify_customer_id":"9000000001"}`, http.StatusForbidden)
		s.issue(s.KeyOf(domain.RoleCustomer, ""), "k1", `{"shopify_customer_id":"9000000001"}`, http.StatusForbidden)
		gid := "gid://shopify/Customer/9000000002"
		_, err := s.Shopify.AddCustomer(gid, "own@example.com", "Own", "en")
		expect.MustEqual(t, "err", err, nil)
		s.Answer(s.till, http.MethodPut, "/v1/customers/12345", `{"shopify_customer_id":"9000000002"}`, http.StatusCreated)
		got := s.issue(s.KeyOf(domain.RoleCustomer, ""), "k2", `{}`, http.StatusCreated)
		expect.Equal(t, "customer_id", got["customer_id"], any("12345"))
		s.Answer(s.admin, http.MethodPost, "/v1/campaigns/summer/status", `{"to":"paused"}`, http.StatusOK)
		refused := s.issue(s.admin, "k3", `{"shopify_customer_id":"9000000001"}`, http.StatusConflict)
		expect.Equal(t, "code", refused["code"], any("campaign_not_open"))
	})
}

// TestNobodyGivesThemselvesACode, also not as the customer of the shop who has their mail address.
func TestNobodyGivesThemselvesACode(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db)
		p, token := world.Hired(t, s.Store, "Jiro", domain.RoleECAdmin, "")
		_, err := s.Shopify.AddCustomer("gid://shopify/Customer/9000000003", p.Email, "Jiro", "en")
		expect.MustEqual(t, "err", err, nil)
		got := s.issue(token, "k1", `{"email":"`+p.Email+`"}`, http.StatusForbidden)
		expect.Equal(t, "code", got["code"], any("own_membership"))
		expect.Equal(t, "codes in the shop", len(s.Shopify.Discounts()), 0)
	})
}

// TestNobodyGivesACodeToTheirOwnPhone: who has the phone number of one's own membership is oneself, where the merchant
// lets numbers be read; a colleague has to look, who may give it.
func TestNobodyGivesACodeToTheirOwnPhone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := opened(t, world.NewActs(t, db, "SHOPPER_PHONES=true"))
		s.Answer(s.till, http.MethodPut, "/v1/customers/12345", `{"phone":"090-1234-5678"}`, http.StatusCreated)
		_, token := world.Hired(t, s.Store, "Jiro", domain.RoleECAdmin, "12345")
		_, other := world.Hired(t, s.Store, "Hanako", domain.RoleECAdmin, "")
		second, third := "gid://shopify/Customer/9000000003", "gid://shopify/Customer/9000000004"
		for gid, phone := range map[string]string{second: "+81 90 1234 5678", third: "+81 90 9999 9999"} {
			_, err := s.Shopify.AddCustomer(gid, gid[len(gid)-10:]+"@example.com", "Somebody", "en")
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "err", s.Shopify.SetPhone(gid, phone), nil)
		}
		got := s.issue(token, "k1", `{"shopify_customer_id":"9000000003"}`, http.StatusForbidden)
		expect.Equal(t, "by number", got["code"], any("own_membership"))
		got = s.issue(token, "k2", `{"email":"9000000003@example.com"}`, http.StatusForbidden)
		expect.Equal(t, "by mail address", got["code"], any("own_membership"))
		s.issue(token, "k3", `{"shopify_customer_id":"9000000004"}`, http.StatusCreated)
		made := s.issue(other, "k1", `{"shopify_customer_id":"9000000003"}`, http.StatusCreated)
		code, _ := made["code"].(string)
		status, text := s.Request(token, http.MethodPost, "/v1/coupons/"+code+"/cancellation", "c1",
			`{"reason":"customer_request"}`)
		expect.Equal(t, "status", status, http.StatusForbidden, text)
		expect.That(t, "nor is one that a colleague gave theirs to cancel", strings.Contains(text, "own_coupon"), text)
	})
}

// TestARequestOfBeforeIsKnownUnderANewSecret: the service is started again with another SECRET_KEY, as the operations
// page says. Whoever repeats a request has their code and no second one, and the customer is who they were.
func TestARequestOfBeforeIsKnownUnderANewSecret(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db)
		first := s.issue(s.admin, "k1", `{"email":"jiro@example.com"}`, http.StatusCreated)
		env := []string{"SECRET_KEY=rY8uI3oP6aS1dF5gH9jK2lZ7xC4vB0nM"}
		for _, old := range []string{"SECRET_KEY_OLD=", "AUDIT_KEY_OLD=", "IDENTITY_KEY_OLD="} {
			env = append(env, old+string(s.App.Config.SecretKey))
		}
		next := s.Another(slog.DiscardHandler, env...)
		before := s.App
		s.App = next
		again := s.issue(s.admin, "k1", `{"email":"jiro@example.com"}`, http.StatusCreated)
		expect.Equal(t, "the code", again["code"], first["code"])
		s.issue(s.admin, "k1", `{"email":"hanako@example.com"}`, http.StatusUnprocessableEntity)
		expect.Equal(t, "codes in the shop", len(s.Shopify.Discounts()), 1)
		expect.Equal(t, "who the customer is", next.Service.ShopperID(jiro), before.Service.ShopperID(jiro))
		expect.Equal(t, "and was", any(next.Service.ShopperID(jiro)), first["customer_id"])
	})
}

// TestTheCampaignOfPointsShowsItsRules: they are the configuration's, and nobody changes them here.
// covers: 002-31
func TestTheCampaignOfPointsShowsItsRules(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := &shop{Acts: world.NewActs(t, db, "POINT_RATE=1.5", "POINT_UNIT=50", "POINT_MINIMUM=200",
			"COUPON_VALIDITY=48h")}
		_, s.admin = world.Hired(t, s.Store, "Ec Admin", domain.RoleECAdmin, "")
		got := s.Answer(s.admin, http.MethodGet, "/v1/campaigns/points", "", http.StatusOK)
		terms, _ := got["points_terms"].(map[string]any)
		for name, want := range map[string]any{"rate": 1.5, "unit": 50.0, "minimum": 200.0, "daily_limit": 1000000.0,
			"currency": "JPY", "validity": 172800.0, "minimum_subtotal": 0.0} {
			expect.Equal(t, name, terms[name], want)
		}
	})
}

// TestTheDecisionComesFirst: whoever used a code of the family before gets none, with the campaign's own sentence.
func TestTheDecisionComesFirst(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db)
		if _, err := s.App.Decisions.SeeUse(t.Context(), world.OrderBefore(1001, 1, "SUMMER-1",
			identity.Shown{CustomerID: jiro, Emails: []string{"jiro@example.com"}})); err != nil {
			t.Fatal(err)
		}
		got := s.issue(s.admin, "k1", `{"email":"jiro@example.com"}`, http.StatusConflict)
		expect.Equal(t, "code", got["code"], any("code_not_offered"))
		expect.Equal(t, "reason", got["reason"], any("already_used"))
		expect.Equal(t, "codes in the shop", len(s.Shopify.Discounts()), 0)
		expect.Equal(t, "nothing is kept of whoever got none", s.count(`SELECT count(*) FROM customers WHERE id LIKE '%shop%'`), 0)
	})
}

func (s *shop) count(query string) (n int) {
	s.T.Helper()
	if err := s.Store.DB().QueryRowContext(s.T.Context(), query).Scan(&n); err != nil {
		s.T.Fatal(err)
	}
	return n
}

// TestAShopperBecomesAMember: their coupons are the member's from the commit on that says so, and whoever is forgotten
// leaves neither name nor number.
func TestAShopperBecomesAMember(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db)
		got := s.issue(s.admin, "k1", `{"shopify_customer_id":"9000000001"}`, http.StatusCreated)
		shopper := fmt.Sprint(got["customer_id"])
		expect.MustThat(t, "it is no member's id", domain.IsShopperID(shopper), shopper)
		s.Answer(s.admin, http.MethodGet, "/v1/customers/"+shopper+"/points", "", http.StatusNotFound)
		s.Answer(s.admin, http.MethodPut, "/v1/customers/"+shopper, `{}`, http.StatusForbidden)
		s.POS.AddCustomer("777", "Sato Jiro", 5000)
		s.Answer(s.till, http.MethodPut, "/v1/customers/777", `{"shopify_customer_id":"9000000001"}`, http.StatusCreated)
		list := s.Answer(s.admin, http.MethodGet, "/v1/customers/777/coupons", "", http.StatusOK)
		items, _ := list["items"].([]any)
		expect.MustEqual(t, "len(items)", len(items), 1, list)
		expect.Equal(t, "a number is left", s.count(`SELECT count(*) FROM customers WHERE id LIKE '%shop%'
			AND (shopify_customer_gid <> '' OR email <> '' OR name <> '')`), 0)
		s.issue(s.admin, "k2", `{"customer_id":"777"}`, http.StatusConflict) // they hold one
		s.agrees()
		err := s.Store.Privacy.Erase(t.Context(), "777", time.Now(), strings.ToUpper, domain.AuditEntry{At: time.Now(),
			Actor: "test", Action: domain.ActionCustomerErased, CustomerID: "777", Outcome: domain.OutcomeDone})
		expect.MustEqual(t, "err", err, nil)
		for _, query := range []string{`SELECT count(*) FROM coupons WHERE shopify_customer_gid LIKE '%9000000001%'`,
			`SELECT count(*) FROM audit WHERE CAST(detail AS text) LIKE '%9000000001%' OR actor LIKE '%9000000001%'
				OR customer_id LIKE '%9000000001%'`,
			`SELECT count(*) FROM requests WHERE caller_id LIKE '%9000000001%'`} {
			expect.Equal(t, "numbers that are left", s.count(query), 0, query)
		}
	})
}

// TestAnotherCardIsNoOtherPerson: a customer of the shop holds a campaign's code as a member. Neither as somebody who is no
// member any more, nor under another card, do they get a second one; and whoever holds none does.
func TestAnotherCardIsNoOtherPerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db)
		for _, card := range []string{"777", "778"} {
			s.POS.AddCustomer(card, "Sato Jiro", 5000)
		}
		linked := func(card, customer string, status int) {
			s.Answer(s.till, http.MethodPut, "/v1/customers/"+card, `{"shopify_customer_id":"`+customer+`"}`, status)
		}
		linked("777", "9000000001", http.StatusCreated)
		s.issue(s.admin, "k1", `{"customer_id":"777"}`, http.StatusCreated)
		linked("777", "", http.StatusOK)
		got := s.issue(s.admin, "k2", `{"shopify_customer_id":"9000000001"}`, http.StatusConflict)
		expect.Equal(t, "who is no member any more", got["code"], any("too_many_active_coupons"))
		linked("778", "9000000001", http.StatusCreated)
		got = s.issue(s.admin, "k3", `{"customer_id":"778"}`, http.StatusConflict)
		expect.Equal(t, "under another card", got["code"], any("too_many_active_coupons"))
		somebody, _ := s.Coupon(1000)
		s.issue(s.admin, "k4", fmt.Sprintf(`{"customer_id":%q}`, somebody), http.StatusCreated)
		s.agrees()
	})
}

// TestAPricedCodeAndAFreeOneEnd: both are cancelled by the same call, one gives its points back, and the other has none.
func TestAPricedCodeAndAFreeOneEnd(t *testing.T) {
	t.Parallel()
	for _, points := range []int64{0, 500} {
		storetest.Each(t, func(t *testing.T, db storetest.Database) {
			s := newShop(t, db, func(o *campaigns.Offer) { o.Points = points })
			member, _ := s.Coupon(1000)
			other := s.issue(s.admin, "k0", fmt.Sprintf(`{"customer_id":%q,"points":%d}`, member, points+1), http.StatusConflict)
			expect.Equal(t, "code", other["code"], any("campaign_changed"))
			got := s.issue(s.admin, "k1", fmt.Sprintf(`{"customer_id":%q,"points":%d}`, member, points), http.StatusCreated)
			balance, _ := s.POS.Balance(member)
			expect.Equal(t, "balance", balance, 20_000-1000-points)
			s.agrees()
			status, text := s.Request(s.admin, http.MethodPost, "/v1/coupons/"+fmt.Sprint(got["code"])+"/cancellation", "c1",
				`{"reason":"customer_request"}`)
			expect.MustEqual(t, "status", status, http.StatusAccepted, text)
			expect.MustEqual(t, "err", s.App.Service.Drain(t.Context()), nil)
			st, err := s.Store.Coupons.ByCode(t.Context(), fmt.Sprint(got["code"]))
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "st.Coupon.Status", st.Coupon.Status, domain.Cancelled)
			balance, _ = s.POS.Balance(member)
			expect.Equal(t, "balance", balance, 20_000-1000)
			expect.Equal(t, "moved", len(st.Movements) > 0, points > 0)
			s.agrees()
		})
	}
}

// TestManyAsksAtOnceGiveOneCode over HTTP, on either database: one live code a person, under as many keys as they like.
// covers: 002-28
func TestManyAsksAtOnceGiveOneCode(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db)
		var all sync.WaitGroup
		var mu sync.Mutex
		told := map[int]int{}
		for n := range 100 {
			all.Go(func() {
				status, _ := s.Request(s.admin, http.MethodPost, codes, fmt.Sprint("k", n),
					`{"shopify_customer_id":"9000000001"}`)
				mu.Lock()
				defer mu.Unlock()
				told[status]++
			})
		}
		all.Wait()
		expect.Equal(t, "made", told[http.StatusCreated], 1, told)
		expect.Equal(t, "refused", told[http.StatusConflict], 99, told)
		expect.Equal(t, "codes in the shop", len(s.Shopify.Discounts()), 1)
		expect.Equal(t, "coupons", s.count(`SELECT count(*) FROM coupons`), 1)
	})
}

// TestWhatSomebodyChangesIsFound: a percentage, an end that was taken away and a limit of uses.
func TestWhatSomebodyChangesIsFound(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db)
		got := s.issue(s.admin, "k1", `{"shopify_customer_id":"9000000001"}`, http.StatusCreated)
		st, err := s.Store.Coupons.ByCode(t.Context(), fmt.Sprint(got["code"]))
		expect.MustEqual(t, "err", err, nil)
		found, err := s.App.Shop.ReadDiscount(t.Context(), st.Coupon.DiscountID)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "found.Percent", found.Percent, 1000)
		s.SQL(`UPDATE coupons SET percent = 500`)
		kinds := map[books.Kind]int{}
		_, err = s.App.Books.Run(t.Context(), books.Options{}, books.Sink{Difference: func(d books.Difference) {
			kinds[d.Kind]++
		}})
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "kinds[books.CodeWrongAmount]", kinds[books.CodeWrongAmount], 1, kinds)
	})
}
