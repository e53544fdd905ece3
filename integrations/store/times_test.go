package store_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/integrations/store/storetest"
)

// TestTimes draws moments in any zone and to the microsecond, stores them, and asks the database which comes first.
func TestTimes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		rapid.Check(t, func(rt *rapid.T) {
			id := int64(0)
			end, lease := anyMoment(rt, "end").Truncate(time.Second), anyMoment(rt, "lease")
			c := pending("1", 100)
			c.Coupon.CreatedAt, c.Coupon.ExpiresAt, c.Coupon.LeaseUntil = noon.Add(-24*time.Hour), end, lease
			st, err := s.Coupons.Open(t.Context(), opening(c), func(coupons.Intake) (coupons.Change, error) { return c, nil })
			if err != nil {
				rt.Fatal(err)
			}
			id = st.Coupon.ID
			back, err := s.Coupons.Load(t.Context(), id)
			if err != nil || !back.Coupon.ExpiresAt.Equal(end) || !back.Coupon.LeaseUntil.Equal(lease) ||
				back.Coupon.ExpiresAt.Location() != time.UTC || back.Coupon.LeaseUntil.Location() != time.UTC {
				rt.Fatalf("stored %s, %s; read %s, %s, %v", end, lease, back.Coupon.ExpiresAt, back.Coupon.LeaseUntil,
					err)
			}
			for _, at := range []time.Time{lease.Add(-time.Microsecond), lease, lease.Add(time.Microsecond),
				anyMoment(rt, "now")} {
				list, err := s.Backlog.Stuck(t.Context(), at, 1e6)
				if err != nil || slices.Contains(list, id) != lease.Before(at) {
					rt.Fatalf("lease until %s, now %s: stuck is %v, %v", lease, at, list, err)
				}
			}
			st.Coupon.Status, st.Coupon.DiscountID = domain.Active, "gid"
			st.Movements[0].State = domain.MovementApplied
			if _, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: st.Coupon,
				Movements: st.Movements}); err != nil {
				rt.Fatal(err)
			}
			for _, at := range []time.Time{end.Add(-time.Microsecond), end, end.Add(time.Microsecond),
				anyMoment(rt, "later")} {
				list, err := s.Listing.List(t.Context(), listing.Filter{Status: domain.Expired, Now: at, Before: id + 1,
					Limit: 1})
				has := len(list) == 1 && list[0].ID == id
				if want := st.Coupon.StatusAt(at) == domain.Expired; err != nil || has != want {
					rt.Fatalf("end %s, now %s: listed as expired %v, want %v, %v", end, at, has, want, err)
				}
				ended, err := s.Backlog.Ended(t.Context(), at, 1e6)
				if err != nil || slices.Contains(ended, id) != !at.Before(end) {
					rt.Fatalf("end %s, now %s: ended is %v, %v", end, at, ended, err)
				}
			}
		})
	})
}

// anyMoment is near noon half of the time, where a wrong comparison of fractions would show, and within years
// elsewhere.
func anyMoment(rt *rapid.T, label string) time.Time {
	span := rapid.SampledFrom([]int64{2e6, 3e14}).Draw(rt, label+" span")
	at := noon.Add(time.Duration(rapid.Int64Range(0, span).Draw(rt, label)) * time.Microsecond)
	if rapid.Bool().Draw(rt, label+" whole") {
		at = at.Truncate(time.Second)
	}
	zone := time.FixedZone("", rapid.SampledFrom([]int{0, 9 * 3600, -11 * 3600, 5*3600 + 1800}).Draw(rt, label+" zone"))
	return at.In(zone)
}
