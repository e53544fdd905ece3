package store_test

import (
	"slices"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// aList is 23 coupons of three customers, every third one ended, with amounts and ends that repeat.
func aList(t *testing.T, s *store.Store) []domain.Coupon {
	t.Helper()
	for _, id := range []string{"12345", "912345", "AB-7"} {
		customer(t, s, id)
	}
	var list []domain.Coupon
	for i := range 23 {
		c := pending([]string{"12345", "912345", "AB-7"}[i%3], int64(100*(1+i%4)))
		c.Coupon.CreatedAt = noon.Add(-10 * day)
		c.Coupon.ExpiresAt = noon.Truncate(time.Second).Add(time.Duration(i%5-2) * time.Hour)
		k := active(t, s, c).Coupon
		if err := s.Audit.Record(t.Context(), domain.AuditEntry{At: noon, Actor: "system", Action: "coupon.activated",
			Code: k.Code, CouponID: k.ID,
			From: domain.Pending, To: domain.Active, Outcome: domain.OutcomeDone}); err != nil {
			t.Fatal(err)
		}
		list = append(list, k)
	}
	return list
}

// covers: 004-13, 004-14, 004-59
func TestLists(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		aList(t, s)
		issued := listing.Within{Moment: listing.Issued, From: noon.Add(-11 * day), To: noon}
		t.Run("the counts are those of the true status and add up", func(t *testing.T) {
			for _, f := range []listing.Filter{{}, {CustomerID: "12345"}, {Text: "ab-7"}, {Text: "1234"},
				{Text: "nothing"}, {Text: "%"}, {Family: "12345-"}, {Family: "12345-", Text: "1234"},
				{Family: "12345-", CustomerID: "12345"}, {Family: "NONE-"},
				{Within: issued}, {Within: issued, Text: "1234"}, {Within: issued, CustomerID: "12345"},
				{Within: issued, Family: "12345-"}, {Within: listing.Within{Moment: listing.Cancelled}},
				{Within: listing.Within{Moment: listing.Issued, From: noon}}} {
				f.Now, f.Limit = noon, 100
				counts, err := s.Listing.Counts(t.Context(), f)
				if err != nil {
					t.Fatal(err)
				}
				sum := 0
				for _, status := range append(domain.Statuses(), "") {
					f.Status = status
					list, err := s.Listing.List(t.Context(), f)
					if err != nil {
						t.Fatal(err)
					}
					if status == "" {
						counts[status] = int64(sum)
					}
					if int64(len(list)) != counts[status] {
						t.Errorf("%+v: %d listed, %d counted", f, len(list), counts[status])
					}
					sum += len(list)
				}
			}
		})
		t.Run("names are those of the customers asked for", func(t *testing.T) {
			names, err := s.Members.Names(t.Context(), []string{"12345", "nobody"})
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "len(names)", len(names), 1, names)
			expect.Equal(t, `names["12345"]`, names["12345"], "山田", names)
		})
	})
}

// covers: 000-03
func TestMemberAndChain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		all := aList(t, s)
		m, err := s.Members.Member(t.Context(), "12345")
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "m.Behind", m.Behind, true)
		expect.Equal(t, "m.Name", m.Name, "山田")
		if _, err := s.Members.Member(t.Context(), "nobody"); domain.CodeOf(err) != domain.CodeCustomerNotFound {
			t.Error(err)
		}
		// The third follows the second, which follows the first.
		for i := range 3 {
			c := all[i]
			if i > 0 {
				c.ReissuedFrom = all[i-1].Code
			}
			if i < 2 {
				c.SupersededBy = all[i+1].Code
			}
			if _, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: c}); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 4 {
			links, err := s.Listing.Chain(t.Context(), all[i].Code)
			want := codes(all[:3])
			if i == 3 {
				want = codes(all[3:4])
			}
			got := make([]string, 0, len(links))
			for _, l := range links {
				got = append(got, l.Code)
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("the chain of the coupon %d is %v, %v", i, got, err)
			}
		}
	})
}

func codes(list []domain.Coupon) []string {
	got := make([]string, 0, len(list))
	for _, c := range list {
		got = append(got, c.Code)
	}
	return got
}
