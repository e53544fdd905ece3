package store_test

import (
	"slices"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
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
		list = append(list, active(t, s, c).Coupon)
	}
	return list
}

func TestLists(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		all := aList(t, s)
		t.Run("every order shows each coupon once, forwards and backwards, with pages of any length", func(t *testing.T) {
			for _, sort := range coupons.Sorts() {
				for _, limit := range []int{1, 4, 22, 23, 50} {
					forth := through(t, s, coupons.Look{Sort: sort, Now: noon, Limit: limit})
					back := backThrough(t, s, coupons.Look{Sort: sort, Now: noon, Limit: limit}, forth[len(forth)-1])
					if want := sorted(all, sort); !slices.Equal(codes(forth), want) || !slices.Equal(codes(back), want[:len(want)-1]) {
						t.Errorf("%s by %d\n%v\n%v\n%v", sort, limit, codes(forth), codes(back), want)
					}
				}
			}
		})
		t.Run("004-11 a customer's whole id finds theirs alone, 004-12 a part of a code is found in either case", func(t *testing.T) {
			for text, want := range map[string]int{"12345": 8, "2345": 16, "ab-7": 7, "AB-7": 7, all[0].Code: 1, "nothing%": 0, "_": 0} {
				if got := through(t, s, coupons.Look{Text: text, Now: noon, Limit: 5}); len(got) != want {
					t.Errorf("%q finds %d, not %d", text, len(got), want)
				}
				counts, err := s.Counts(t.Context(), text, noon)
				if err != nil || total(counts) != int64(want) {
					t.Errorf("%q counts %v %v", text, counts, err)
				}
			}
			found, err := s.Find(t.Context(), coupons.Look{Text: "12345", Now: noon, Limit: 5})
			if err != nil || found.Names["12345"] != "山田" || !found.More {
				t.Errorf("%+v %v", found, err)
			}
		})
		t.Run("004-13 004-14 004-59 the counts are those of the true status and add up", func(t *testing.T) {
			counts, err := s.Counts(t.Context(), "", noon)
			if err != nil || total(counts) != 23 {
				t.Fatalf("%v %v", counts, err)
			}
			for _, status := range domain.Statuses() {
				if got := through(t, s, coupons.Look{Statuses: []domain.Status{status}, Now: noon, Limit: 4}); int64(len(got)) != counts[status] {
					t.Errorf("%s: %d listed, %d counted", status, len(got), counts[status])
				}
			}
			if both := through(t, s, coupons.Look{Statuses: []domain.Status{domain.Active, domain.Expired}, Text: "12345", Now: noon, Limit: 4}); len(both) != 8 {
				t.Errorf("%d", len(both))
			}
		})
	})
}

func TestMemberAndChain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		all := aList(t, s)
		if m, err := s.Member(t.Context(), "12345"); err != nil || !m.Behind || m.Name != "山田" {
			t.Errorf("%+v %v", m, err)
		}
		if _, err := s.Member(t.Context(), "nobody"); domain.CodeOf(err) != domain.CodeCustomerNotFound {
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
			if _, err := s.Commit(t.Context(), coupons.Change{Coupon: c}); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 4 {
			links, err := s.Chain(t.Context(), all[i].Code)
			want := codes(all[:3])
			if i == 3 {
				want = codes(all[3:4])
			}
			got := make([]string, 0, len(links))
			for _, l := range links {
				got = append(got, l.Code)
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("000-03 the chain of the coupon %d is %v, %v", i, got, err)
			}
		}
	})
}

func through(t *testing.T, s *store.Store, l coupons.Look) (list []domain.Coupon) {
	t.Helper()
	for {
		found, err := s.Find(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		if list = append(list, found.Coupons...); !found.More {
			return list
		}
		mark := coupons.MarkOf(list[len(list)-1])
		l.From = &mark
	}
}

func backThrough(t *testing.T, s *store.Store, l coupons.Look, last domain.Coupon) (list []domain.Coupon) {
	t.Helper()
	l.Back = true
	mark := coupons.MarkOf(last)
	for {
		l.From = &mark
		found, err := s.Find(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		list = append(slices.Clone(found.Coupons), list...)
		if !found.More {
			return list
		}
		mark = coupons.MarkOf(list[0])
	}
}

func sorted(list []domain.Coupon, by coupons.Sort) []string {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b domain.Coupon) int {
		switch {
		case by == coupons.SortEnd && !a.ExpiresAt.Equal(b.ExpiresAt):
			return a.ExpiresAt.Compare(b.ExpiresAt)
		case by == coupons.SortEnd:
			return int(a.ID - b.ID)
		case by == coupons.SortAmount && a.Amount != b.Amount:
			return int(b.Amount.Minor - a.Amount.Minor)
		default:
			return int(b.ID - a.ID)
		}
	})
	return codes(list)
}

func codes(list []domain.Coupon) []string {
	got := make([]string, 0, len(list))
	for _, c := range list {
		got = append(got, c.Code)
	}
	return got
}

func total(counts map[domain.Status]int64) (sum int64) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

