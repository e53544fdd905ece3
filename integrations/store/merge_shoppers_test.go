package store_test

import (
	"fmt"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// shopper is a customer of the shop who is no member, as the shop shows them.
func shopper(gid, name string) domain.Customer {
	return domain.Customer{ID: domain.ShopperID([]byte("key"), gid), ShopifyCustomerGID: gid, Name: name,
		Email: strings.ToLower(name) + "@example.com", PhoneKey: "+8190" + gid[len(gid)-4:], Locale: "ja"}
}

// given gives a customer of the shop a code of the campaign "summer", and says whose it is here.
func given(t *testing.T, s *store.Store, who domain.Customer) domain.Coupon {
	t.Helper()
	c := pending("1", 0)
	c.Coupon.Code = fmt.Sprintf("SUMMER-%06d", serial.Add(1))
	c.Coupon.Campaign, c.Coupon.Rate, c.Coupon.Rules, c.Movements = "summer", domain.Rate{}, 1, nil
	c.Coupon.ShopifyCustomerGID, c.Coupon.Amount.Minor = who.ShopifyCustomerGID, 300
	o := opening(c)
	o.Campaign, o.CustomerID, o.Shopper = "summer", who.ID, &who
	st, err := s.Coupons.Open(t.Context(), o, func(in coupons.Intake) (coupons.Change, error) {
		c.Coupon.CustomerID = in.Customer.ID
		return c, nil
	})
	expect.MustEqual(t, "err", err, nil)
	return st.Coupon
}

// owners are whose coupons there are, with the customer of the shop whom each is bound to.
func owners(t *testing.T, s *store.Store, list ...domain.Coupon) (text string) {
	t.Helper()
	for _, c := range list {
		st, err := s.Coupons.Load(t.Context(), c.ID)
		expect.MustEqual(t, "err", err, nil)
		text += st.Coupon.CustomerID + "@" + strings.TrimPrefix(st.Coupon.ShopifyCustomerGID, domain.ShopCustomerPrefix) +
			" "
		expect.That(t, "whoever was at it reads it anew", st.Coupon.Version > c.Version || st.Coupon.CustomerID ==
			c.CustomerID && st.Coupon.ShopifyCustomerGID == c.ShopifyCustomerGID, st.Coupon.Version)
	}
	return strings.TrimSpace(text)
}

// TestTwoShoppersWhoAreOnePersonKeepTheirCodesOnce: whichever of two customers of the shop stays, whoever of them is a
// member, has every code of both; the other row has nothing left that says who it was; told twice it is done once.
func TestTwoShoppersWhoAreOnePersonKeepTheirCodesOnce(t *testing.T) {
	t.Parallel()
	a, b := shopper(gidA, "Jiro"), shopper(gidB, "Hanako")
	for name, c := range map[string]struct {
		gone, stays   string // "shopper", "member" or ""
		keeps, leaves string // the id that has the codes then, and the one that has none
	}{
		"both hold codes":                    {"shopper", "shopper", b.ID, a.ID},
		"nobody knows the one who stays":     {"shopper", "", a.ID, ""},
		"the one who stays is a member":      {"shopper", "member", "2", a.ID},
		"the one who is gone was the member": {"member", "shopper", "1", b.ID},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				s := decide(t, db).store
				var held []domain.Coupon
				for i, who := range []domain.Customer{a, b} {
					switch []string{c.gone, c.stays}[i] {
					case "member":
						linkedTo(t, s, fmt.Sprint(i+1), who.ShopifyCustomerGID)
						held = append(held, given(t, s, who))
					case "shopper":
						held = append(held, given(t, s, who))
					}
				}
				var have []string
				for range held {
					have = append(have, c.keeps+"@"+strings.TrimPrefix(gidB, domain.ShopCustomerPrefix))
				}
				for range 2 {
					expect.MustEqual(t, "err", s.Webhooks.MergeLinks(t.Context(), gidA, gidB, noon, mergeEntry), nil)
					expect.Equal(t, "whose", owners(t, s, held...), strings.Join(have, " "))
				}
				expect.Equal(t, "entries", entries(t, s, "customer.merged"), 1)
				who, err := s.Members.Holder(t.Context(), gidB)
				expect.MustEqual(t, "err", err, nil)
				expect.Equal(t, "the one who stays", who.ID, c.keeps)
				_, err = s.Members.Holder(t.Context(), gidA)
				expect.Equal(t, "the one who is gone", domain.CodeOf(err), domain.CodeCustomerNotFound)
				if c.leaves != "" {
					left, err := s.Members.Customer(t.Context(), c.leaves)
					expect.MustEqual(t, "err", err, nil)
					expect.Equal(t, "what is kept of them",
						left.ShopifyCustomerGID+left.Name+left.Email+left.EmailKey+left.PhoneKey+left.Locale, "")
				}
				// The next code is for the one person there is, and counts beside those of both.
				next := given(t, s, shopper(gidB, "Hanako"))
				expect.Equal(t, "the next one's", next.CustomerID, c.keeps)
			})
		})
	}
}

// TestNoNameOfWhoWasForgottenComesBack by what happens to a code of theirs later: the shop merges them, tells of them
// or deletes them, and an order that was placed before comes to light. A code that they are given anew begins anew.
func TestNoNameOfWhoWasForgottenComesBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := decide(t, db).store
		jiro := shopper(gidA, "Jiro")
		c := given(t, s, jiro)
		words := []string{"Jiro", "jiro@example.com", "+81907001", gidA}
		left := func() (found []string) {
			text := storetest.Texts(t, s)
			for _, word := range words {
				if strings.Contains(text, word) {
					found = append(found, word)
				}
			}
			return found
		}
		expect.MustEqual(t, "words that the test sees", len(left()), len(words))
		expect.MustEqual(t, "err", privacyOf(s).Redact(t.Context(), "w-1", gidA, ""), nil)
		expect.MustEqual(t, "left", len(left()), 0, left())

		st, err := s.Coupons.Load(t.Context(), c.ID)
		expect.MustEqual(t, "err", err, nil)
		used := st.Coupon
		used.Status, used.UsedAt, used.UsedOrderID = domain.Used, &noon, "gid://shopify/Order/1"
		_, err = s.Coupons.Commit(t.Context(), coupons.Change{Coupon: used, Project: true})
		expect.MustEqual(t, "err", err, nil)
		unlinked := func(m string) domain.AuditEntry {
			return domain.AuditEntry{At: noon, Actor: "system", Action: "customer.unlinked", CustomerID: m,
				Outcome: domain.OutcomeDone}
		}
		expect.MustEqual(t, "err", s.Webhooks.MergeLinks(t.Context(), gidA, gidB, noon, mergeEntry), nil)
		expect.MustEqual(t, "err", s.Webhooks.Unlink(t.Context(), gidA, noon, unlinked), nil)
		expect.Equal(t, "left after what came late", len(left()), 0, left())
		expect.Equal(t, "whose", owners(t, s, c), jiro.ID+"@"+strings.TrimPrefix(domain.ErasedCustomer,
			domain.ShopCustomerPrefix))

		anew := given(t, s, jiro)
		expect.Equal(t, "a code that they are given anew", anew.CustomerID, jiro.ID)
		expect.Equal(t, "the earlier one names nobody", strings.Contains(owners(t, s, c), "7001"), false)
	})
}
