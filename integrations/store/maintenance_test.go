package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

func ids(t *testing.T, list []int64, err error, want ...int64) {
	t.Helper()
	if err != nil || !slices.Equal(list, want) {
		t.Fatalf("got %v, %v; want %v", list, err, want)
	}
}

func TestBacklog(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		ctx := t.Context()
		end := noon.Truncate(time.Second).Add(365 * day)
		live := active(t, s, pending("1", 100)).Coupon
		stuck := open(t, s, pending("1", 200)).Coupon

		list, err := s.Backlog.Stuck(ctx, noon.Add(30*time.Second), 10)
		ids(t, list, err)
		list, err = s.Backlog.Stuck(ctx, noon.Add(31*time.Second), 10)
		ids(t, list, err, stuck.ID)
		list, err = s.Backlog.Ended(ctx, end.Add(-time.Second), 10)
		ids(t, list, err)
		list, err = s.Backlog.Ended(ctx, end, 10)
		ids(t, list, err, live.ID)

		list, err = s.Backlog.RemindersDue(ctx, end.Add(-31*day), 30, 10)
		ids(t, list, err)
		list, err = s.Backlog.RemindersDue(ctx, end.Add(-30*day), 30, 10)
		ids(t, list, err, live.ID)
		if _, err := s.Coupons.Commit(ctx, coupons.Change{Coupon: live, Reminders: []int{30}}); err != nil {
			t.Fatal(err)
		}
		live.Version++
		list, err = s.Backlog.RemindersDue(ctx, end.Add(-30*day), 30, 10)
		ids(t, list, err)
		if _, err := s.Coupons.Commit(ctx, coupons.Change{Coupon: live, Reminders: []int{30}}); !errors.Is(err,
			domain.ErrConflict) {
			t.Fatalf("a reminder was recorded twice: %v", err)
		}
		list, err = s.Backlog.RemindersDue(ctx, end.Add(-12*time.Hour), 1, 10)
		ids(t, list, err, live.ID)

		live.Status = domain.Expired
		if _, err := s.Coupons.Commit(ctx, coupons.Change{Coupon: live}); err != nil {
			t.Fatal(err)
		}
		list, err = s.Backlog.Removable(ctx, end, end, 10)
		ids(t, list, err)
		list, err = s.Backlog.Removable(ctx, end, end.Add(time.Second), 10)
		ids(t, list, err, live.ID)

		ended := noon.Add(time.Hour)
		customer(t, s, "2")
		forfeited := active(t, s, pending("2", 100)).Coupon
		for _, status := range []domain.Status{domain.Suspended, domain.Forfeited} {
			forfeited.Status, forfeited.DeactivatedAt = status, &ended
			st, err := s.Coupons.Commit(ctx, coupons.Change{Coupon: forfeited})
			if err != nil {
				t.Fatal(err)
			}
			forfeited = st.Coupon
		}
		list, err = s.Backlog.Removable(ctx, end, ended, 10)
		ids(t, list, err)
		list, err = s.Backlog.Removable(ctx, end, ended.Add(time.Second), 10)
		ids(t, list, err, forfeited.ID)

		left := end.Add(day) // one that could not be removed is left alone until then
		forfeited.RemoveAfter = &left
		_, err = s.Coupons.Commit(ctx, coupons.Change{Coupon: forfeited})
		ids(t, nil, err)
		list, err = s.Backlog.Removable(ctx, left.Add(-time.Second), ended.Add(time.Second), 10)
		ids(t, list, err)
		list, err = s.Backlog.Removable(ctx, left, ended.Add(time.Second), 10)
		ids(t, list, err, forfeited.ID)
	})
}

func TestRemindersPages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		end := noon.Truncate(time.Second).Add(365 * day)
		for range 70 {
			active(t, s, pending("1", 100))
		}
		list, err := s.Backlog.RemindersDue(t.Context(), end.Add(-day), 30, 1000)
		if err != nil || len(list) != 70 {
			t.Fatalf("%d of 70, %v", len(list), err)
		}
		slices.Sort(list)
		if got := len(slices.Compact(list)); got != 70 {
			t.Fatalf("%d different ones of 70", got)
		}
	})
}

// covers: 004-09, 004-11, 004-12, 004-59
func TestList(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "12345")
		customer(t, s, "99999")
		a := active(t, s, pending("12345", 100)).Coupon
		b := active(t, s, pending("99999", 200)).Coupon
		c := open(t, s, pending("12345", 300)).Coupon
		end := a.ExpiresAt
		for _, tc := range []struct {
			name   string
			filter listing.Filter
			want   []int64
		}{
			{"all, newest first", listing.Filter{}, []int64{c.ID, b.ID, a.ID}},
			{"by customer", listing.Filter{CustomerID: "12345"}, []int64{c.ID, a.ID}},
			{"by whole code in lower case", listing.Filter{Code: lower(b.Code)}, []int64{b.ID}},
			{"by the unique part", listing.Filter{Code: b.Code[6:12]}, []int64{b.ID}},
			{"a wildcard is a character", listing.Filter{Code: "%"}, nil},
			{"active", listing.Filter{Status: domain.Active, Now: noon}, []int64{b.ID, a.ID}},
			{"expired, before a job has run", listing.Filter{Status: domain.Expired, Now: end}, []int64{b.ID, a.ID}},
			{"active after the end", listing.Filter{Status: domain.Active, Now: end}, nil},
			{"ending before a time", listing.Filter{ExpiresBefore: end.Add(time.Second)}, []int64{c.ID, b.ID, a.ID}},
			{"ending before an earlier time", listing.Filter{ExpiresBefore: end}, nil},
			{"the second page", listing.Filter{Before: c.ID, Limit: 1}, []int64{b.ID}},
			{"what customers see", listing.Filter{CustomerID: "12345", Visible: true}, []int64{a.ID}},
		} {
			if tc.filter.Limit == 0 {
				tc.filter.Limit = 10
			}
			got, err := s.Listing.List(t.Context(), tc.filter)
			var have []int64
			for _, c := range got {
				have = append(have, c.ID)
			}
			if err != nil || !slices.Equal(have, tc.want) {
				t.Errorf("%s: got %v, %v; want %v", tc.name, have, err, tc.want)
			}
		}
	})
}

func lower(s string) string {
	b := []byte(s)
	for i := range b {
		if b[i] >= 'A' && b[i] <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

func TestCustomers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		save := func(c domain.Customer) (bool, error) {
			c.CreatedAt, c.UpdatedAt = noon, noon.Add(time.Hour)
			_, created, err := s.Members.SaveCustomer(t.Context(), c, domain.AuditEntry{At: noon, Actor: "t",
				Action: "customer.linked", Outcome: domain.OutcomeDone})
			return created, err
		}
		{
			created, err := save(domain.Customer{ID: "1", Name: "Taro",
				ShopifyCustomerGID: "gid://shopify/Customer/1"})
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "created", created, false)
		}
		if _, err := save(domain.Customer{ID: "2",
			ShopifyCustomerGID: "gid://shopify/Customer/1"}); domain.CodeOf(err) != domain.CodeCustomerAlreadyLinked {
			t.Fatalf("two members are one Shopify customer: %v", err)
		}
		for _, id := range []string{"3", "4"} {
			if created, err := save(domain.Customer{ID: id}); err != nil || !created {
				t.Fatalf("members without a link: %v, %v", created, err)
			}
		}
		got, err := s.Members.Customer(t.Context(), "1")
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.Name", got.Name, "Taro")
		expect.MustThat(t, "got.CreatedAt to equal noon", got.CreatedAt.Equal(noon), noon, got.CreatedAt)
		expect.MustThat(t, "got.UpdatedAt to equal noon.Add(time.Hour)", got.UpdatedAt.Equal(noon.Add(time.Hour)),
			got.UpdatedAt)
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		_, err := s.Keys.CreateKey(t.Context(), domain.Caller{ID: "operator"}, domain.APIKey{Prefix: "abc",
			Hash: []byte{1, 2}, Caller: domain.Caller{Name: "pos", Role: domain.RolePOS}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Keys.FindKey(t.Context(), "abc")
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.Caller.Role", got.Caller.Role, domain.RolePOS)
		expect.MustEqual(t, "got.Caller.ID", got.Caller.ID, "key:abc")
		expect.MustEqual(t, "string(got.Hash)", string(got.Hash), "\x01\x02")
		if err := s.Keys.RevokeKey(t.Context(), domain.Caller{ID: "operator"}, "abc"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Keys.FindKey(t.Context(), "abc"); domain.CodeOf(err) != domain.CodeUnauthenticated {
			t.Fatalf("a revoked key works: %v", err)
		}
		if err := s.Keys.RevokeKey(t.Context(), domain.Caller{ID: "operator"},
			"abc"); domain.CodeOf(err) != domain.CodeNotFound {
			t.Fatalf("revoked twice: %v", err)
		}
	})
}
