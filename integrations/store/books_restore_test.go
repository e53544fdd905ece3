package store_test

import (
	"errors"
	"slices"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// lost is a coupon that was found outside, with the movement that paid for it.
func lost(member, code, discount string) books.Restoration {
	gid := "gid://shopify/Customer/" + member
	return books.Restoration{Customer: domain.Customer{ID: member, ShopifyCustomerGID: gid, CreatedAt: noon, UpdatedAt: noon},
		State: coupons.State{Coupon: domain.Coupon{Code: code, CustomerID: member, ShopifyCustomerGID: gid,
			Campaign: domain.CampaignPoints, Status: domain.Active, Points: 500,
			Amount: domain.Money{Minor: 500, Currency: "JPY"}, DiscountID: discount,
			CreatedAt: noon, ExpiresAt: noon.AddDate(0, 3, 0), LeaseUntil: noon},
			Movements: []domain.Movement{{CustomerID: member, Kind: domain.Take, State: domain.MovementApplied, Points: 500,
				Reference: domain.TakeReference(code), Key: "restored-" + code, CreatedAt: noon}}},
		Audit: domain.AuditEntry{At: noon, Actor: "system", Action: domain.ActionBooksRestored, Code: code,
			CustomerID: member, Outcome: domain.OutcomeDone}}
}

// TestCouponsOfSeveralMembersAreRestoredTogether: each with its own movement, entry, review and metafield, or none of them.
func TestCouponsOfSeveralMembersAreRestoredTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		first, second := lost("1", "70934-AB72CD-500", "d1"), lost("1", "70934-AB73CD-500", "d2")
		third := lost("2", "70935-AB72CD-500", "d3")
		second.Project, third.Project = true, true
		third.Reviews = []reviews.Kind{reviews.Restored}
		expect.MustEqual(t, "err", s.Books.Restore(t.Context(), []books.Restoration{first, second, third}), nil)
		for _, r := range []books.Restoration{first, second, third} {
			code := r.State.Coupon.Code
			st, err := s.Coupons.ByCode(t.Context(), code)
			expect.MustEqual(t, code, err, nil)
			expect.Equal(t, code+" is of", st.Coupon.CustomerID, r.Customer.ID)
			expect.MustEqual(t, code+" movements", len(st.Movements), 1)
			expect.Equal(t, code+" was paid by", st.Movements[0].Reference, domain.TakeReference(code))
			history, err := s.Books.History(t.Context(), st.Coupon.ID)
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, code+" entries", len(history), 1)
			expect.Equal(t, code+" entry", history[0].Code, code)
		}
		expect.Equal(t, "reviews", howMany(t, s, `SELECT count(*) FROM reviews r JOIN coupons c ON c.id = r.coupon_id
			WHERE c.code = '70935-AB72CD-500'`), 1)
		expect.Equal(t, "all reviews", howMany(t, s, `SELECT count(*) FROM reviews`), 1)
		expect.Equal(t, "metafields to write", howMany(t, s, `SELECT count(*) FROM customers
			WHERE projection_written < projection_wanted AND id IN ('1', '2')`), 2)
		known, err := s.Books.KnownDiscounts(t.Context(), []string{"d1", "d3", "d9"})
		slices.Sort(known)
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, "known", known, []string{"d1", "d3"})

		t.Run("where one of them is there already none is written", func(t *testing.T) {
			err := s.Books.Restore(t.Context(), []books.Restoration{lost("3", "70936-AB72CD-500", "d4"),
				lost("2", "70935-AB72CD-500", "d3")})
			expect.That(t, "somebody was faster", errors.Is(err, domain.ErrConflict), err)
			expect.Equal(t, "coupons", howMany(t, s, `SELECT count(*) FROM coupons`), 3)
			expect.Equal(t, "customers", howMany(t, s, `SELECT count(*) FROM customers`), 2)
		})
	})
}
