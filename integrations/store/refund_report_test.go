package store_test

import (
	"maps"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/domain/reports"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// refundedAt puts a coupon into the store whose points are back.
func refundedAt(t *testing.T, s *store.Store, at time.Time, points int64, actor, name, reason string) {
	t.Helper()
	c := pending("1", points)
	c.Coupon.CreatedAt, c.Coupon.ExpiresAt = at.Add(-day).UTC(), at.Add(400*day).Truncate(time.Second)
	st := active(t, s, c)
	k := st.Coupon
	k.Status, k.CancelledAt, k.CancelActor, k.CancelledBy, k.Reason = domain.Cancelled, &at, actor, name, reason
	if _, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: k}); err != nil {
		t.Fatal(err)
	}
}

// TestRefundsAreAddedUpByTheShopsDays: a day of 23 or 25 hours is one day, the report adds up, and each line counts the
// very coupons that the list of the same time shows.
func TestRefundsAreAddedUpByTheShopsDays(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		in := func(text string) time.Time {
			at, err := time.ParseInLocation("2006-01-02 15:04:05.000000", text, zone)
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		// The clocks go forward on 8 March and back on 1 November 2026.
		refundedAt(t, s, in("2026-03-07 23:59:59.999999"), 100, "staff:1", "Ueda", domain.ReasonOther)
		refundedAt(t, s, in("2026-03-08 00:00:00.000000"), 200, "staff:1", "Ueda", domain.ReasonOther)
		refundedAt(t, s, in("2026-03-08 23:59:59.999999"), 300, "staff:2", "Sato", domain.ReasonCustomerRequest)
		refundedAt(t, s, in("2026-03-09 00:00:00.000000"), 400, "key:pos", "POS", domain.ReasonOrderCancelled)
		refundedAt(t, s, in("2026-11-01 00:00:00.000000"), 500, "staff:2", "Sato", domain.ReasonOther)
		refundedAt(t, s, in("2026-11-01 23:59:59.999999"), 600, "staff:2", "Sato", domain.ReasonOther)
		desk := reports.Desk{Refunds: s.Reports, Zone: zone}
		sums := func(by reports.By, from, to string) map[string]int64 {
			first, _ := time.Parse(time.DateOnly, from)
			last, _ := time.Parse(time.DateOnly, to)
			r, err := desk.RefundsBy(t.Context(), by, first, last)
			if err != nil {
				t.Fatal(err)
			}
			list := map[string]int64{}
			for _, l := range r.Lines {
				list[l.Key] = l.Points
				if l.Coupons == 0 {
					continue
				}
				f := listing.Filter{Sort: listing.SortCancelledLast, Limit: 50, Now: noon, Within: listing.Within{
					Moment: listing.Cancelled, From: domain.StartOfDay(first, zone), To: domain.StartOfDay(last.AddDate(0, 0, 1), zone)}}
				switch by {
				case reports.ByDay:
					d, _ := time.Parse(time.DateOnly, l.Key)
					f.Within.From, f.Within.To = domain.StartOfDay(d, zone), domain.StartOfDay(d.AddDate(0, 0, 1), zone)
				case reports.ByPerson:
					f.By = l.Key
				case reports.ByReason:
					f.Reason = l.Key
				}
				shown, err := s.Listing.List(t.Context(), f)
				if err != nil {
					t.Fatal(err)
				}
				got := reports.Count{Coupons: int64(len(shown))}
				for _, c := range shown {
					got.Points += c.Points
				}
				expect.Equal(t, "the coupons of "+l.Key, got, l.Count, by)
			}
			return list
		}
		for _, c := range []struct {
			by       reports.By
			from, to string
			want     map[string]int64
		}{
			{reports.ByDay, "2026-03-07", "2026-03-09", map[string]int64{"2026-03-07": 100, "2026-03-08": 500, "2026-03-09": 400}},
			{reports.ByDay, "2026-11-01", "2026-11-01", map[string]int64{"2026-11-01": 1100}},
			{reports.ByDay, "2026-05-01", "2026-05-02", map[string]int64{"2026-05-01": 0, "2026-05-02": 0}},
			{reports.ByPerson, "2026-03-08", "2026-11-01", map[string]int64{"staff:1": 200, "staff:2": 1400, "key:pos": 400}},
			{reports.ByReason, "2026-03-07", "2026-03-08", map[string]int64{domain.ReasonOther: 300, domain.ReasonCustomerRequest: 300}},
		} {
			if got := sums(c.by, c.from, c.to); !maps.Equal(got, c.want) {
				t.Errorf("%s %s to %s: %v, not %v", c.by, c.from, c.to, got, c.want)
			}
		}
	})
}

// TestSomebodyKeepsSoManyViews: views are each person's own, a name stands for one, and there is an end to them.
func TestSomebodyKeepsSoManyViews(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		o := office(s, newWatch())
		one, other := hire(t, o, "one@example.com", domain.RoleStaff).ID, hire(t, o, "other@example.com", domain.RoleStaff).ID
		save := func(id int64, name, query string) bool {
			saved, err := s.Listing.SaveView(t.Context(), listing.View{StaffID: id, Name: name, Query: query})
			if err != nil {
				t.Fatal(err)
			}
			return saved
		}
		for i := range listing.MostViews {
			expect.That(t, "it is saved", save(one, string(rune('a'+i)), "status=used"), i)
		}
		expect.That(t, "one too many is not saved", !save(one, "more", ""))
		expect.That(t, "one in place of another is", save(one, "a", "status=active"))
		expect.That(t, "somebody else has room", save(other, "a", "status=expired"))
		views, err := s.Listing.Views(t.Context(), one)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "len(views)", len(views), listing.MostViews)
		expect.Equal(t, "views[0].Query", views[0].Query, "status=active")
		expect.Equal(t, "removing another's", s.Listing.RemoveView(t.Context(), other, views[0].ID), nil)
		expect.Equal(t, "removing", s.Listing.RemoveView(t.Context(), one, views[1].ID), nil)
		views, err = s.Listing.Views(t.Context(), one)
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, "len(views)", len(views), listing.MostViews-1)
	})
}
