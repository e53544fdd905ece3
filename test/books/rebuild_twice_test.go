package books

import (
	"fmt"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestPointsThatCameBackAfterTheBackup was made do not come back once more.
func TestPointsThatCameBackAfterTheBackup(t *testing.T) {
	t.Parallel()
	for _, vendor := range world.Vendors() {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				v := openVendor(t, db, vendor)
				member := v.joined()
				s := v.process()
				code := converted(t, s, member)
				v.Faults.Add(sim.Rule{Act: "shopify.discountCodeDeactivate", Mode: sim.Internal}) // so that it is still on its way
				_, err := s.Cancel(t.Context(), world.Ending(code, "c"))
				expect.MustEqual(t, "err", err, nil)
				backup := v.snapshot()
				expect.MustEqual(t, "status in the backup", backup[0].State.Coupon.Status, domain.Cancelling)
				v.FinishAll(s)
				expect.MustEqual(t, "balance", v.vendor.Balance(member.id), 1250)
				v.lose(t, backup)
				v.rebuiltBy(v.rebuilder(), true)
				s = v.process()
				v.FinishAll(s)
				expect.Equal(t, "balance after all", v.vendor.Balance(member.id), 1250)
				v.found(t, member, code, domain.Cancelled)
			})
		})
	}
}

// TestPointsThatWereGranted before the database was lost are not granted once more by a rule.
func TestPointsThatWereGranted(t *testing.T) {
	t.Parallel()
	for _, vendor := range world.Vendors() {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				v := openVendor(t, db, vendor)
				v.Policy.Auto = reviews.Auto{GrantBelow: 1000, Reviews: 10}
				member := v.joined()
				s := v.process()
				code := converted(t, s, member)
				name, err := v.Shopify.Checkout(member.gid, []string{code}, "1000")
				expect.MustEqual(t, "err", err, nil)
				expect.MustEqual(t, "err", v.Orders(s).SweepOrders(t.Context()), nil)
				backup := v.snapshot()
				v.Clock.Advance(time.Minute)
				expect.MustEqual(t, "err", v.Shopify.CancelOrder(name, "CUSTOMER"), nil)
				expect.MustEqual(t, "err", v.Orders(s).SweepOrders(t.Context()), nil)
				v.FinishAll(s)
				expect.MustEqual(t, "balance", v.vendor.Balance(member.id), 1250)
				for i := range 2 {
					t.Log("loss", i)
					if i == 0 {
						v.lose(t, nil)
					} else {
						v.lose(t, backup)
					}
					v.rebuiltBy(v.rebuilder(), true)
					s = v.process()
					expect.MustEqual(t, "err", v.Orders(s).SweepOrders(t.Context()), nil)
					v.FinishAll(s)
					expect.Equal(t, fmt.Sprint("balance after loss ", i), v.vendor.Balance(member.id), 1250)
					v.found(t, member, code, domain.Used)
				}
			})
		})
	}
}

// joined makes a member of the vendor's POS.
func (v *vendorWorld) joined() holder {
	h := holder{v.Addressed(), v.GID()}
	v.members = append(v.members, h)
	v.vendor.Add(h.id)
	return h
}

// converted is the code that 100 points of a member became.
func converted(t *testing.T, s *coupons.Service, h holder) string {
	t.Helper()
	got, err := s.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: h.id, Points: 100, Key: "k"})
	expect.MustEqual(t, "err", err, nil)
	return got.Coupon.Code
}

// found lets a person look where the POS keeps no references: they are shown the one entry that may be the movement. Who
// says that it is none has the points sent, and is not asked again; who says that it is has nothing sent.
func (v *vendorWorld) found(t *testing.T, member holder, code string, end domain.Status) {
	t.Helper()
	s := v.process()
	st, err := v.Store.Coupons.ByCode(t.Context(), code)
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "a person looks", st.Coupon.ParkedAt != nil, v.vendor.Name == "smaregi")
	if v.vendor.Name == "square" {
		return
	}
	id := v.ReviewOf(code, reviews.Unsettled)
	review, err := v.Store.Coupons.Review(t.Context(), id)
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "entries shown", len(review.Evidence.Found.Entries), 1)
	outcome, want := reviews.OutcomeApplied, int64(1250)
	if v.denied = !v.denied; !v.denied {
		outcome, want = reviews.OutcomeNotApplied, 1350
	}
	_, _, err = s.Decide(t.Context(), coupons.Decision{Caller: world.TheManager(), ReviewID: id, Outcome: outcome, Note: "n",
		Key: "found"})
	expect.MustEqual(t, "err", err, nil)
	v.FinishAll(s)
	st, err = v.Store.Coupons.ByCode(t.Context(), code)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "parked", st.Coupon.ParkedAt, (*time.Time)(nil))
	expect.Equal(t, "status", st.Coupon.Status, end)
	expect.Equal(t, "unfinished", st.Coupon.Unfinished, false)
	expect.Equal(t, "balance as the person says", v.vendor.Balance(member.id), want)
}
