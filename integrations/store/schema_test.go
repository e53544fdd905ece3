package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/glebarez/go-sqlite" // the database/sql driver "sqlite"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// covers: 002-26, T-06
func TestTheDatabaseKeepsTheAudit(t *testing.T) {
	t.Parallel()
	again := `INSERT INTO coupons (code, status, customer_id, shopify_customer_gid, points, amount_minor, currency, rate, created_at, expires_at, lease_until)
		SELECT code, 'pending', customer_id, shopify_customer_gid, points, amount_minor, currency, rate, created_at, expires_at, lease_until FROM coupons`
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		active(t, s, pending("1", 100))
		statements := map[string]string{
			"an audit row is changed":                  `UPDATE audit SET actor = 'nobody'`,
			"an audit row is deleted":                  `DELETE FROM audit`,
			"a coupon is deleted":                      `DELETE FROM coupons`,
			"a movement is deleted":                    `DELETE FROM movements`,
			"a coupon has no end":                      `UPDATE coupons SET expires_at = NULL`,
			"a coupon ends before it begins":           `UPDATE coupons SET expires_at = created_at`,
			"a coupon is active without a code":        `UPDATE coupons SET discount_id = ''`,
			"a coupon has an unknown status":           `UPDATE coupons SET status = 'lost'`,
			"a code has small letters":                 `UPDATE coupons SET code = lower(code) || 'x'`,
			"a second coupon has the same code":        again,
			"a second take for one coupon":             `INSERT INTO movements (coupon_id, customer_id, kind, state, points, reference, key, reason, created_at) SELECT coupon_id, customer_id, kind, state, points, 'X', 'X', reason, created_at FROM movements`,
			"points that are not positive are written": `UPDATE movements SET points = 0`,
			"points go back while the code is good":    `INSERT INTO movements (coupon_id, customer_id, kind, state, points, reference, key, reason, created_at) SELECT coupon_id, customer_id, 'give_back', 'open', points, 'X', 'X', reason, created_at FROM movements`,
			"the points of a good code become others":  `UPDATE movements SET kind = 'give_back'`,
		}
		if db.Dialect == "postgres" {
			statements["the coupons are emptied"] = `TRUNCATE coupons CASCADE`
			statements["the audit is emptied"] = `TRUNCATE audit`
		} else {
			statements["a coupon is replaced"] = strings.Replace(again, "INSERT", "INSERT OR REPLACE", 1)
		}
		for name, statement := range statements {
			if _, err := s.DB().ExecContext(t.Context(), statement); err == nil {
				t.Errorf("the database lets it happen: %s", name)
			}
		}
	})
}

func TestNoCodeBesideItsPoints(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		st := open(t, s, pending("1", 100))
		st.Movements[0].State = domain.MovementApplied
		back := st.Movements[0]
		back.ID, back.Kind, back.State, back.Reference, back.Key = 0, domain.GiveBack, domain.MovementOpen, "CANCEL-1", "k2"
		st.Coupon.Failure = &domain.Failure{Code: domain.CodeConversionFailed}
		st, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: st.Coupon,
			Movements: []domain.Movement{st.Movements[0], back}})
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(st.Movements)", len(st.Movements), 2)
		c := st.Coupon
		c.Status, c.DiscountID, c.Failure = domain.Active, "gid", nil
		if _, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: c}); err == nil ||
			errors.Is(err, domain.ErrConflict) {
			t.Fatalf("a coupon became active while its points go back: %v", err)
		}
		c = st.Coupon
		c.Status = domain.Failed
		if _, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: c}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestMigrations(t *testing.T) {
	t.Parallel()
	t.Run("both schemas have the same tables and columns", func(t *testing.T) {
		t.Parallel()
		lite, pg := storetest.SQLite(t).Open(t, now, nil), storetest.Postgres(t).Open(t, now, nil)
		a := columns(t, lite, `SELECT m.name || '.' || p.name || CASE WHEN p."notnull" OR p.pk THEN ' not null' ELSE '' END FROM sqlite_master m, pragma_table_info(m.name) p
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%'`)
		b := columns(t, pg, `SELECT table_name || '.' || column_name || CASE WHEN is_nullable = 'NO' THEN ' not null' ELSE '' END FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name NOT LIKE 'goose_%'`)
		if !slices.Equal(a, b) || len(a) < 50 {
			t.Fatalf("sqlite %v\npostgres %v", a, b)
		}
		a = columns(t, lite, `SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'`)
		b = columns(t, pg, `SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE 'goose_%'`)
		if !slices.Equal(a, b) || len(a) < 10 {
			t.Fatalf("indexes: sqlite %v\npostgres %v", a, b)
		}
	})
	t.Run("a second run changes nothing", func(t *testing.T) {
		t.Parallel()
		storetest.Each(t, func(t *testing.T, db storetest.Database) {
			s := db.Open(t, now, nil)
			customer(t, s, "1")
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			pending, err := s.PendingMigrations(t.Context())
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "pending", pending, false)
			if _, err := s.Members.Customer(t.Context(), "1"); err != nil {
				t.Fatal(err)
			}
		})
	})
	t.Run("to ask whether there is something to do changes nothing", func(t *testing.T) {
		t.Parallel()
		storetest.Each(t, func(t *testing.T, db storetest.Database) {
			db = emptied(t, db)
			s := db.Open(t, now, nil)
			pending, err := s.PendingMigrations(t.Context())
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "pending", pending, true)
			expect.Equal(t, "tables", len(columns(t, s, map[string]string{
				"sqlite":   `SELECT name FROM sqlite_master`,
				"postgres": `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`,
			}[db.Dialect])), 0)
		})
	})
	t.Run("from nothing, by three processes at once", func(t *testing.T) {
		t.Parallel()
		storetest.Each(t, func(t *testing.T, db storetest.Database) {
			db = emptied(t, db)
			errs := make(chan error, 3)
			for range cap(errs) {
				s := db.Open(t, now, nil)
				go func() { errs <- s.Migrate(context.WithoutCancel(t.Context())) }()
			}
			for range cap(errs) {
				if err := <-errs; err != nil {
					t.Error(err)
				}
			}
			customer(t, db.Open(t, now, nil), "1")
		})
	})
}

// emptied is the database as it is before the first migration.
func emptied(t *testing.T, db storetest.Database) storetest.Database {
	t.Helper()
	if db.Dialect == "sqlite" {
		db.URL = "sqlite:" + filepath.Join(t.TempDir(), "empty.db")
		return db
	}
	if _, err := db.Open(t, now, nil).DB().ExecContext(t.Context(),
		`DROP SCHEMA public CASCADE; CREATE SCHEMA public`); err != nil {
		t.Fatal(err)
	}
	return db
}

func columns(t *testing.T, s *store.Store, query string) (list []string) {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		list = append(list, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

func TestSQLiteBeginsImmediate(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	s := db.Open(t, now, nil)
	customer(t, s, "1")
	other, err := sql.Open("sqlite", strings.TrimPrefix(db.URL, "sqlite:")+"?_pragma=busy_timeout(0)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	touch := func() error {
		_, err := other.ExecContext(t.Context(), `UPDATE customers SET rank = 'gold'`)
		return err
	}
	_, err = s.Coupons.Open(t.Context(), opening(pending("1", 100)), func(coupons.Intake) (coupons.Change, error) {
		if touch() == nil {
			t.Error("somebody else wrote between what decides and what is written")
		}
		return coupons.Change{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := touch(); err != nil {
		t.Fatalf("nobody can write although nobody is writing: %v", err)
	}
}

func TestSQLitePaths(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"plain.db", "a b.db", "a?b.db", "a#b.db", "a%20b.db", "山田.db"} {
		path := filepath.Join(t.TempDir(), name)
		s, err := store.Open(t.Context(), store.Config{URL: "sqlite:" + path})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.Migrate(t.Context()), s.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("the database %q went elsewhere: %v", name, err)
		}
	}
}
