package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// keyedMember is a member with these keys, and as many reviews.
func (b bed) keyedMember(id, mail, phone string, number int) {
	b.t.Helper()
	_, _, err := b.s.Members.SaveCustomer(b.t.Context(), domain.Customer{ID: id,
		ShopifyCustomerGID: "gid://shopify/Customer/" + id, Email: mail, Phone: phone, EmailKey: mail, PhoneKey: phone,
		CreatedAt: noon, UpdatedAt: noon},
		domain.AuditEntry{At: noon, Actor: "test", Action: "customer.linked", Outcome: domain.OutcomeDone})
	if err != nil {
		b.t.Fatal(err)
	}
	for n := range number {
		order := fmt.Sprintf("gid://shopify/Order/%s-%d", id, n)
		v := voidedOrder(usedBy(b.t, b.s, id, order), reviews.OrderCancelled, "customer")
		v.OrderID = order
		b.open(v)
	}
}

// recent returns how many reviews are counted for a member's newest review, and the members whose reviews are listed
// beside it.
func (b bed) recent(id string) (count int, of string) {
	b.t.Helper()
	own, err := b.s.Reviews.Reviews(b.t.Context(), reviews.Filter{CustomerID: id, Limit: 1})
	expect.MustEqual(b.t, "err", err, nil)
	expect.MustEqual(b.t, "len(own)", len(own), 1, own)
	list, err := b.s.Reviews.Reviews(b.t.Context(), reviews.Filter{PersonOf: id, Limit: 1000})
	if err != nil {
		b.t.Fatal(err)
	}
	members := map[string]bool{}
	for _, r := range list {
		members[r.Coupon.CustomerID] = true
	}
	var names []string
	for _, id := range strings.Fields("1 2 3 4 5 6") {
		if members[id] {
			names = append(names, id)
		}
	}
	return own[0].RecentReviews, strings.Join(names, "")
}

// TestOnePerson: reviews are counted over the members with the same mail address or phone number, and over nobody who
// has neither, or has been forgotten.
// covers: 000-08
func TestOnePerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := bed{t, db.Open(t, now, nil)}
		b.keyedMember("1", "taro@example.com", "+819012345678", 2)
		b.keyedMember("2", "taro@example.com", "", 1)
		b.keyedMember("3", "", "+819012345678", 1)
		b.keyedMember("4", "hanako@example.com", "+819012345678", 1)
		b.keyedMember("5", "", "", 1)
		b.keyedMember("6", "", "", 1)
		want := func(of string, count int, members string) {
			t.Helper()
			if n, who := b.recent(of); n != count || who != members {
				t.Errorf("%s: %d reviews of %s, want %d of %s", of, n, who, count, members)
			}
		}
		want("1", 5, "1234")
		want("2", 3, "12")
		want("3", 4, "134")
		want("5", 1, "5")
		for _, id := range []string{"1", "2"} {
			if err := b.s.Privacy.Erase(t.Context(), id, noon, strings.ToUpper, domain.AuditEntry{At: noon,
				Actor: "system", Action: "customer.erased", CustomerID: id, Outcome: domain.OutcomeDone}); err != nil {
				t.Fatal(err)
			}
		}
		want("1", 2, "1")
		want("2", 1, "2")
		want("3", 2, "34")
		want("5", 1, "5")
	})
}

// TestManyMembersWithOneAddress: an address that a shop writes down for everybody does not make its reviews slow.
// covers: 000-08
func TestManyMembersWithOneAddress(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := bed{t, db.Open(t, now, nil)}
		b.keyedMember("ZZ", "none@example.com", "", 3)
		for n := range 150 {
			b.keyedMember(fmt.Sprint(n), "none@example.com", "", 0)
		}
		if n, _ := b.recent("ZZ"); n != 3 {
			t.Errorf("%d reviews", n)
		}
	})
}

// TestKeyMembers fills in what members from before the keys lack, whatever way they were written.
// covers: 000-08
func TestKeyMembers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		insert := `INSERT INTO customers (id, email, phone, created_at, updated_at) VALUES `
		for n := range 1200 {
			insert += fmt.Sprintf(`('m%04d', ' Taro%d@Example.com', '0%d', '2026-12-01', '2026-12-01'),`, n, n, n)
		}
		if _, err := s.DB().ExecContext(t.Context(), insert+
			`('none', '', '', '2026-12-01', '2026-12-01'), ('odd', '', '000', '2026-12-01', '2026-12-01')`); err != nil {
			t.Fatal(err)
		}
		// An earlier version keyed the address of this member and could not read the number.
		if _, err := s.DB().ExecContext(t.Context(),
			`INSERT INTO customers (id, email, email_key, phone, created_at, updated_at)
			VALUES ('half', 'h@example.com', 'h@example.com', '09', '2026-12-01', '2026-12-01')`); err != nil {
			t.Fatal(err)
		}
		phone := func(text string) string {
			return strings.Replace(text, "0", "+81", min(1, len(strings.Trim(text, "0"))))
		}
		for range 2 {
			if err := members.KeyMembers(t.Context(), s.Members, phone); err != nil {
				t.Fatal(err)
			}
		}
		if n := keys(t, s, `email_key = 'taro' || CAST(substr(id, 2) AS integer) || '@example.com' AND phone_key = '+81' || CAST(substr(id, 2) AS integer)`); n != 1199 {
			t.Errorf("%d members have their keys", n)
		}
		if n := keys(t, s, `id = 'half' AND phone_key = '+819'`); n != 1 {
			t.Error("a number that could not be read before has no key")
		}
		if n := keys(t, s, `id IN ('none', 'odd') AND email_key = ''`); n != 2 {
			t.Errorf("%d have none", n)
		}
		stale := domain.Customer{ID: "odd", Phone: "111", PhoneKey: "+1"}
		if err := s.Members.SaveKeys(t.Context(), []domain.Customer{stale}); err != nil ||
			keys(t, s, `phone_key = '+1'`) != 0 {
			t.Errorf("the key of a number that is another one by now was kept: %v", err)
		}
	})
}

func keys(t *testing.T, s *store.Store, where string) (n int) {
	t.Helper()
	if strings.Contains(where, "CAST") {
		where = "id LIKE 'm%' AND id <> 'm0000' AND " + where
	}
	if err := s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM customers WHERE `+where).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestManyMembers: the reviews of a person are counted by the indexes, however many members there are.
// covers: 000-08
func TestManyMembers(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t).Open(t, now, nil)
	b := bed{t, s}
	b.keyedMember("1", "c5@example.com", "+815", 2)
	for _, statement := range []string{
		`INSERT INTO customers (id, email_key, phone_key, created_at, updated_at) SELECT 'm' || i, 'c' || i || '@example.com', '+81' || i, now(), now() FROM generate_series(1, 200000) i`,
		`ANALYZE customers`,
	} {
		if _, err := s.DB().ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if n, _ := b.recent("1"); n != 2 {
		t.Errorf("%d reviews", n)
	}
	plan := explained(t, s.DB(), strings.NewReplacer("?", "now()").Replace(store.SelectReviews)+`r.id = 1`)
	if strings.Contains(plan, "Seq Scan on customers") || !strings.Contains(plan, "customers_email_key") ||
		!strings.Contains(plan, "customers_phone_key") {
		t.Errorf("every member is read:\n%s", plan)
	}
}

// explained is PostgreSQL's plan of a statement, on a pool, a connection or in a transaction.
func explained(t *testing.T, on interface {
	QueryContext(ctx context.Context, statement string, args ...any) (*sql.Rows, error)
}, statement string) (plan string) {
	t.Helper()
	rows, err := on.QueryContext(t.Context(), "EXPLAIN "+statement)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan += line + "\n"
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}
