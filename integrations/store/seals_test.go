package store_test

import (
	"database/sql"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// recorded opens a coupon, takes its points and makes it active, each with its entry in the audit.
func recorded(t *testing.T, s *store.Store, c coupons.Change) coupons.State {
	t.Helper()
	st := open(t, s, c)
	take := st.Movements[0]
	take.State, take.EntryID, take.SettledAt = domain.MovementApplied, "e-"+take.Key, &noon
	line := domain.AuditEntry{At: noon, Actor: "system", ActorName: "Pointbridge", Action: "points.taken",
		Code: st.Coupon.Code, CustomerID: st.Coupon.CustomerID, From: domain.Pending, To: domain.Pending,
		Outcome: domain.OutcomeDone, Detail: map[string]any{"points": take.Points, "reference": take.Reference,
			"entry": take.EntryID}}
	st, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: st.Coupon, Movements: []domain.Movement{take},
		Audit: []domain.AuditEntry{line}})
	if err != nil {
		t.Fatal(err)
	}
	st.Coupon.Status, st.Coupon.DiscountID = domain.Active, "gid://shopify/DiscountCodeNode/1"
	line.Action, line.To, line.Detail = "coupon.activated", domain.Active, nil
	st, err = s.Coupons.Commit(t.Context(), coupons.Change{Coupon: st.Coupon, Answer: coupons.AnswerDone,
		Audit: []domain.AuditEntry{line}})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func seal(t *testing.T, s *store.Store) {
	t.Helper()
	sealer := &audit.Sealer{Store: s.Audit, Clock: couponstest.NewClock(), Logger: slog.New(slog.DiscardHandler)}
	if err := sealer.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// holds verifies the chain and gives its head.
func holds(t *testing.T, s *store.Store, rows int64) audit.Head {
	t.Helper()
	got, err := audit.Verify(s.Audit.Links(t.Context(), 1, store.EndOfChain), audit.Check{})
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
		if n, err := s.Audit.Unsealed(t.Context()); err != nil || n != 4 {
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
		if got, err := s.Audit.Tip(t.Context()); err != nil || got.Head != head {
			t.Fatalf("head %s, %v; want %s", got, err, head)
		}
		if got, err := s.Audit.Before(t.Context(), 5); err != nil || got != first {
			t.Fatalf("before 5 is %s, %v; want %s", got, err, first)
		}
		if n, err := s.Audit.Unsealed(t.Context()); err != nil || n != 0 {
			t.Fatalf("%d rows wait, %v", n, err)
		}
		own := []string{`TRUNCATE audit_seals`, `TRUNCATE audit CASCADE`}
		if db.Dialect == "sqlite" {
			own = []string{`INSERT OR REPLACE INTO audit_seals SELECT * FROM audit_seals`,
				`INSERT OR REPLACE INTO audit SELECT * FROM audit`}
		}
		for _, statement := range append(own, `UPDATE audit_seals SET seq = seq + 100`, `DELETE FROM audit_seals`,
			`UPDATE audit_seals SET sealed_at = sealed_at`,
			`INSERT INTO audit_seals (seq, audit_id, hash, sealed_at) SELECT seq + 100, audit_id, hash, sealed_at FROM audit_seals`,
			`INSERT INTO audit_seals (seq, audit_id, hash, sealed_at) SELECT seq + 7, audit_id + 7, hash, sealed_at FROM audit_seals`) {
			if _, err := s.DB().ExecContext(t.Context(), statement); err == nil {
				t.Errorf("the database lets it happen: %s", statement)
			}
		}
		holds(t, s, 7)
	})
}

// TestConcurrentSealers lets conversions run while several sealers race; none may fail, and the chain has every row
// once.
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
					if _, _, err := s.Audit.Seal(t.Context(), 0, 7); err != nil {
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

// TestWhoWasStartedBeforeANewKeySealsNoMore: while replicas are started again with a new key, the chain does not go back
// to the one of before. Who starts without the one of before, because it is lost, goes on all the same.
func TestWhoWasStartedBeforeANewKeySealsNoMore(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		replica := func(key string, before ...string) *store.Store {
			s := db.Open(t, now, nil)
			s.SetSealing(audit.NewKeys(key, before...), false)
			return s
		}
		endsWith := func(key string, rows int64) {
			t.Helper()
			holds(t, replica(key), rows)
			tip, err := replica(key).Audit.Tip(t.Context())
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "the key of the newest seal", tip.Key, audit.NewKey(key).ID)
		}
		old, next := replica("old"), replica("new", "old")
		customer(t, old, "1")
		seal(t, old)
		recorded(t, old, pending("1", 100))
		seal(t, next)
		endsWith("new", 4)
		recorded(t, old, pending("1", 200))
		_, sealed, err := old.Audit.Seal(t.Context(), 0, 100)
		expect.That(t, "the old key seals no more", err != nil && sealed == 0, sealed, err)
		seal(t, next)
		endsWith("new", 7)
		lost := replica("newest")
		lost.ReplaceKey(audit.NewKey("new").ID)
		recorded(t, lost, pending("1", 300))
		seal(t, lost)
		endsWith("newest", 10)
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
	for _, statement := range []string{`SELECT pg_advisory_xact_lock(7240118307)`,
		`INSERT INTO audit_seals (seq, audit_id, hash, sealed_at) SELECT 1, id, sha256('x'), now() FROM audit`} {
		if _, err := tx.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, n, err := s.Audit.Seal(t.Context(), 0, 10); n != 0 || err != nil {
		t.Fatalf("%d rows were sealed beside another sealer, %v", n, err)
	}
	// A conversion does not wait for the batch that is being written.
	recorded(t, s, pending("1", 100))
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, n, err := s.Audit.Seal(t.Context(), 0, 10); n != 4 || err != nil {
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
	sealer := &audit.Sealer{Store: s.Audit, Clock: clock, Logger: slog.New(slog.DiscardHandler)}
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
