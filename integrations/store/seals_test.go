package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
)

// recorded opens a coupon, takes its points and makes it active, each with its line in the record.
func recorded(t *testing.T, s *store.Store, c coupons.Change) coupons.State {
	t.Helper()
	st := open(t, s, c)
	take := st.Movements[0]
	take.State, take.EntryID, take.SettledAt = domain.MovementApplied, "e-"+take.Key, &noon
	line := domain.AuditEntry{At: noon, Actor: "system", ActorName: "Pointbridge", Action: "points.taken", Code: st.Coupon.Code, CustomerID: st.Coupon.CustomerID,
		From: domain.Pending, To: domain.Pending, Outcome: domain.OutcomeDone,
		Detail: map[string]any{"points": take.Points, "reference": take.Reference, "entry": take.EntryID}}
	st, err := s.Commit(t.Context(), coupons.Change{Coupon: st.Coupon, Movements: []domain.Movement{take}, Audit: []domain.AuditEntry{line}})
	if err != nil {
		t.Fatal(err)
	}
	st.Coupon.Status, st.Coupon.DiscountID = domain.Active, "gid://shopify/DiscountCodeNode/1"
	line.Action, line.To, line.Detail = "coupon.activated", domain.Active, nil
	st, err = s.Commit(t.Context(), coupons.Change{Coupon: st.Coupon, Answer: coupons.AnswerDone, Audit: []domain.AuditEntry{line}})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func seal(t *testing.T, s *store.Store) {
	t.Helper()
	sealer := &audit.Sealer{Book: s, Clock: couponstest.NewClock(), Logger: slog.New(slog.DiscardHandler)}
	if err := sealer.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// holds verifies the chain and gives its head.
func holds(t *testing.T, s *store.Store, rows int64) audit.Head {
	t.Helper()
	got, err := audit.Verify(s.Links(t.Context(), 1, store.EndOfChain), audit.Head{}, nil)
	if err != nil || got.Bad != nil || got.Rows != rows || got.Head.Seq != rows {
		t.Fatalf("%d rows, head %s, bad %v, %v; want %d rows", got.Rows, got.Head, got.Bad, err, rows)
	}
	return got.Head
}

func number(t *testing.T, s *store.Store, query string) (n int64) {
	t.Helper()
	if err := s.DB().QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSealing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		seal(t, s) // of nothing
		holds(t, s, 0)
		customer(t, s, "1")
		recorded(t, s, pending("1", 100))
		if n, err := s.Unsealed(t.Context()); err != nil || n != 4 {
			t.Fatalf("%d rows wait, %v", n, err)
		}
		seal(t, s)
		first := holds(t, s, 4)
		seal(t, s) // changes nothing
		if again := holds(t, s, 4); again != first {
			t.Fatalf("the head moved from %s to %s", first, again)
		}
		recorded(t, s, pending("1", 200))
		seal(t, s)
		head := holds(t, s, 7)
		if got, err := s.Head(t.Context()); err != nil || got != head {
			t.Fatalf("head %s, %v; want %s", got, err, head)
		}
		if got, err := s.Before(t.Context(), 5); err != nil || got != first {
			t.Fatalf("before 5 is %s, %v; want %s", got, err, first)
		}
		if n, err := s.Unsealed(t.Context()); err != nil || n != 0 {
			t.Fatalf("%d rows wait, %v", n, err)
		}
		for _, statement := range []string{`UPDATE audit_seals SET seq = seq + 100`, `DELETE FROM audit_seals`, `UPDATE audit_seals SET sealed_at = sealed_at`,
			`INSERT INTO audit_seals (seq, audit_id, hash, sealed_at) SELECT seq + 100, audit_id, hash, sealed_at FROM audit_seals`} {
			if _, err := s.DB().ExecContext(t.Context(), statement); err == nil {
				t.Errorf("the database lets it happen: %s", statement)
			}
		}
		if db.Dialect == "postgres" {
			for _, statement := range []string{`TRUNCATE audit_seals`, `TRUNCATE audit CASCADE`} {
				if _, err := s.DB().ExecContext(t.Context(), statement); err == nil {
					t.Errorf("the database lets it happen: %s", statement)
				}
			}
		}
		holds(t, s, 7)
	})
}

// TestConcurrentSealers lets conversions run while several sealers race; none may fail, and the chain has every row once.
func TestConcurrentSealers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		const members, each = 6, 10
		one, two := db.Open(t, now, nil), db.Open(t, now, nil)
		for i := range members {
			customer(t, one, strconv.Itoa(i))
		}
		var writers, sealers sync.WaitGroup
		done := make(chan struct{})
		for i := range members {
			writers.Go(func() {
				for range each {
					recorded(t, one, pending(strconv.Itoa(i), 100))
				}
			})
		}
		for _, s := range []*store.Store{one, two, one, two} {
			sealers.Go(func() {
				for {
					if _, _, err := s.Seal(t.Context(), 0, 7); err != nil {
						t.Error(err)
						return
					}
					select {
					case <-done:
						return
					default:
					}
				}
			})
		}
		writers.Wait()
		close(done)
		sealers.Wait()
		seal(t, two)
		holds(t, one, members+3*members*each)
		if n := number(t, one, `SELECT count(*) FROM audit a WHERE NOT EXISTS (SELECT 1 FROM audit_seals s WHERE s.audit_id = a.id)`); n != 0 {
			t.Fatalf("%d rows have no seal", n)
		}
	})
}

func TestASecondSealerStepsAside(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t).Open(t, now, nil)
	customer(t, s, "1")
	tx, err := s.DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), `SELECT pg_advisory_xact_lock(7240118307)`); err != nil {
		t.Fatal(err)
	}
	if _, n, err := s.Seal(t.Context(), 0, 10); n != 0 || err != nil {
		t.Fatalf("%d rows were sealed beside another sealer, %v", n, err)
	}
	// A conversion does not care who seals.
	recorded(t, s, pending("1", 100))
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, n, err := s.Seal(t.Context(), 0, 10); n != 4 || err != nil {
		t.Fatalf("%d rows were sealed, %v", n, err)
	}
}

const insertLine = `INSERT INTO audit (at, actor, action, outcome) VALUES (now(), 'late', 'test', 'done')`

// TestALateCommit has a row with a smaller id become visible after later ones were sealed, and also long after, when a
// round no longer looks there by itself.
func TestALateCommit(t *testing.T) {
	t.Parallel()
	clock := couponstest.NewClock()
	s := storetest.Postgres(t).Open(t, clock.Now, nil)
	sealer := &audit.Sealer{Book: s, Clock: clock, Logger: slog.New(slog.DiscardHandler)}
	begin := func() *sql.Tx {
		tx, err := s.DB().BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), insertLine); err != nil {
			t.Fatal(err)
		}
		return tx
	}
	round := func(want int64) {
		t.Helper()
		if err := sealer.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		holds(t, s, want)
	}
	write := func() {
		if _, err := s.DB().ExecContext(t.Context(), insertLine); err != nil {
			t.Fatal(err)
		}
	}
	late, later := begin(), begin()
	write()
	round(1)
	if err := late.Commit(); err != nil {
		t.Fatal(err)
	}
	write()
	round(3)
	clock.Advance(10 * time.Minute)
	if err := later.Commit(); err != nil {
		t.Fatal(err)
	}
	round(3) // everything above it was sealed long ago
	clock.Advance(50 * time.Minute)
	round(4)
	if order := column(t, s, `SELECT audit_id FROM audit_seals ORDER BY seq`); fmt.Sprint(order) != "[3 1 4 2]" {
		t.Fatalf("sealed in the order %v", order)
	}
}

func column(t *testing.T, s *store.Store, query string) (list []int64) {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// unguard does what only somebody who owns the database can: it lets the triggers go.
func unguard(t *testing.T, s *store.Store) {
	t.Helper()
	drops := []string{`DROP TRIGGER audit_is_append_only`, `DROP TRIGGER audit_is_never_emptied`, `DROP TRIGGER audit_seals_are_append_only`,
		`DROP TRIGGER audit_seals_are_never_emptied`, `PRAGMA foreign_keys = 0`}
	if s.Dialect() == "postgres" {
		drops = []string{`ALTER TABLE audit DISABLE TRIGGER ALL`, `ALTER TABLE audit_seals DISABLE TRIGGER ALL`}
	}
	for _, statement := range drops {
		if _, err := s.DB().ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTamperedRowsAreNamed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, statement string
		seq             int64
		kind            audit.Kind
		lite            bool // only SQLite takes such values
	}{
		{"the actor", `UPDATE audit SET actor = 'nobody' WHERE id = 2`, 2, audit.Changed, false},
		{"the moment", `UPDATE audit SET at = (SELECT sealed_at FROM audit_seals WHERE seq = 1), actor_name = 'x' WHERE id = 3`, 3, audit.Changed, false},
		{"the coupon", `UPDATE audit SET coupon_id = NULL WHERE id = 2`, 2, audit.Changed, false},
		{"a space in the detail", `UPDATE audit SET detail = detail || ' ' WHERE id = 4`, 4, audit.Changed, false},
		{"a row is gone", `DELETE FROM audit WHERE id = 3`, 3, audit.Missing, false},
		{"a seal is gone", `DELETE FROM audit_seals WHERE seq = 2`, 2, audit.Missing, false},
		{"a seal is another", `UPDATE audit_seals SET hash = (SELECT hash FROM audit_seals s WHERE s.seq = 1) WHERE seq = 3`, 3, audit.Changed, false},
		{"numbers are exchanged", `UPDATE audit_seals SET seq = 99 WHERE seq = 2`, 2, audit.Missing, false},
		{"no moment at all", `UPDATE audit SET at = 'yesterday' WHERE id = 2`, 2, audit.Changed, true},
		{"a blob", `UPDATE audit SET actor = x'6e' WHERE id = 2`, 2, audit.Changed, true},
		{"no number", `UPDATE audit SET coupon_id = 'one' WHERE id = 2`, 2, audit.Changed, true},
	} {
		t.Run("004-37 "+tc.name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				if tc.lite && db.Dialect == "postgres" {
					return
				}
				s := db.Open(t, now, nil)
				customer(t, s, "1")
				st := recorded(t, s, pending("1", 100))
				seal(t, s)
				unguard(t, s)
				if _, err := s.DB().ExecContext(t.Context(), tc.statement); err != nil {
					t.Fatal(err)
				}
				got, err := audit.Verify(s.Links(t.Context(), 1, store.EndOfChain), audit.Head{}, nil)
				if err != nil || got.Bad == nil || got.Bad.Seq != tc.seq || got.Bad.Kind != tc.kind || got.Rows != tc.seq-1 {
					t.Fatalf("%+v, %v, %v", got, got.Bad, err)
				}
				if tc.kind == audit.Changed && got.Bad.Code != st.Coupon.Code {
					t.Fatalf("%s does not name %s", got.Bad, st.Coupon.Code)
				}
			})
		})
	}
}

func TestAccountsAgainstTheRecord(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ statement, says string }{
		"004-55 nothing":                    {`SELECT 1`, ""},
		"004-55 a status without a row":     {`UPDATE coupons SET status = 'used'`, `its status is "used"`},
		"004-37 a movement of other points": {`UPDATE movements SET points = 900`, "is of 900 points"},
		"004-37 a movement's reference":     {`UPDATE movements SET reference = 'X'`, "no audit row records points.taken X"},
		"004-37 a movement's entry":         {`UPDATE movements SET entry_id = 'X'`, `entry "X"`},
		"004-37 a movement taken back":      {`UPDATE movements SET state = 'refused'`, "no such movement is applied"},
		"004-37 its row is gone":            {`DELETE FROM audit WHERE action = 'points.taken'`, "no audit row records points.taken COUPON-"},
		"004-37 its row says less":          {`UPDATE audit SET detail = '{}' WHERE action = 'points.taken'`, "no audit row records points.taken COUPON-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				s := db.Open(t, now, nil)
				customer(t, s, "1")
				open(t, s, pending("1", 100)) // on its way: nothing is applied
				unguard(t, s)
				customer(t, s, "2")
				st := recorded(t, s, pending("2", 100))
				where := " WHERE id = " + strconv.FormatInt(st.Coupon.ID, 10)
				if strings.Contains(tc.statement, "movements") {
					where = " WHERE coupon_id = " + strconv.FormatInt(st.Coupon.ID, 10)
				}
				if strings.HasPrefix(tc.statement, "UPDATE") && !strings.Contains(tc.statement, "WHERE") {
					tc.statement += where
				}
				if _, err := s.DB().ExecContext(t.Context(), tc.statement); err != nil {
					t.Fatal(err)
				}
				found := differences(t, s)
				if tc.says == "" {
					if len(found) != 0 {
						t.Fatalf("got %q", found)
					}
					return
				}
				if all := strings.Join(found, "\n"); !strings.Contains(all, tc.says) || !strings.Contains(all, st.Coupon.Code) {
					t.Fatalf("got %q; want %q of %s", found, tc.says, st.Coupon.Code)
				}
			})
		})
	}
}

func differences(t *testing.T, s *store.Store) (list []string) {
	t.Helper()
	for a, err := range s.Accounts(context.WithoutCancel(t.Context())) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, a.Differences()...)
	}
	return list
}
