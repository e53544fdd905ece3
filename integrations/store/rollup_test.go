package store_test

import (
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reports"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestFigures does random things and seals at random moments; after each, the figures are what a count of the coupons
// gives.
// covers: 004-13, 004-59
func TestFigures(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newRolledUp(t, db)
		rapid.Check(t, func(rt *rapid.T) {
			for range rapid.IntRange(1, 12).Draw(rt, "acts") {
				w.act(rt)
				w.agrees(rt)
			}
		})
		kept := contents(t, w.s)
		for len(w.waiting(t)) > 0 {
			if _, _, err := w.s.Audit.Seal(t.Context(), 0, 500); err != nil {
				t.Fatal(err)
			}
		}
		if sealed := contents(t, w.s); sealed == kept || len(sealed) < 200 {
			t.Errorf("sealing added nothing to %s", sealed)
		}
		t.Run("the migration fills in the same", func(t *testing.T) { filled(t, w.s) })
		t.Run("adding up anew gives the same", func(t *testing.T) {
			before := contents(t, w.s)
			for _, most := range []int64{1_000_000, 7} { // at once, and in parts
				if err := w.s.Reports.RebuildRollupInParts(t.Context(), most); err != nil {
					t.Fatal(err)
				}
				if after := contents(t, w.s); after != before {
					t.Errorf("%d at once: before\n%safter\n%s", most, before, after)
				}
			}
		})
	})
}

func (w *rolledUp) waiting(t *testing.T) (ids []int64) {
	t.Helper()
	for row, err := range w.s.Audit.WaitingRows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, row.ID)
	}
	return ids
}

// contents is all that was added up, without the rows that came to nothing.
func contents(t *testing.T, s *store.Store) string {
	t.Helper()
	return strings.Join(columns(t, s,
		`SELECT status || ' ' || coupons || ' ' || points FROM tally_status WHERE coupons <> 0
		UNION ALL SELECT slot || ' ' || kind || ' ' || detail || ' ' || coupons || ' ' || points FROM tally_slots
		UNION ALL SELECT 'day ' || shift || ' ' || day || ' ' || kind || ' ' || detail || ' ' || coupons || ' ' || points FROM tally_days
		UNION ALL SELECT 'shift ' || shift || ' ' || seq FROM tally_shifts
		UNION ALL SELECT 'folded ' || seq FROM tally_folded ORDER BY 1`), "\n")
}

// filled runs the statements by which the migration fills the tables from what is there.
func filled(t *testing.T, s *store.Store) {
	t.Helper()
	text, err := os.ReadFile("../../migrations/" + s.Dialect() + "/00011_tally.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, fill, _ := strings.Cut(string(text), "-- fill\n")
	fill, _, ok := strings.Cut(fill, "-- filled\n")
	if !ok {
		t.Fatal("the migration does not fill the tables")
	}
	before := contents(t, s)
	if _, err := s.DB().ExecContext(t.Context(),
		`DELETE FROM tally_status; DELETE FROM tally_slots; DELETE FROM tally_folded;`+fill); err != nil {
		t.Fatal(err)
	}
	if after := contents(t, s); after != before {
		t.Errorf("folded\n%s\nfilled\n%s", before, after)
	}
}

// TestFiguresOfLateArrivals: a line that is committed after later ones were sealed counts from its commit on.
// covers: 004-13
func TestFiguresOfLateArrivals(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t).Open(t, now, nil)
	customer(t, s, "1")
	st := recorded(t, s, pending("1", 100))
	tx, err := s.DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := use(t, tx, st.Coupon); err != nil {
		t.Fatal(err)
	}
	recorded(t, s, pending("1", 300))
	seal(t, s)
	stands(t, s, domain.Active, reports.Count{Coupons: 2, Points: 400})
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		stands(t, s, domain.Active, reports.Count{Coupons: 1, Points: 300})
		stands(t, s, domain.Used, reports.Count{Coupons: 1, Points: 100})
		seal(t, s)
	}
	if got := number(t, s, `SELECT coupons FROM tally_status WHERE status = 'used'`); got != 1 {
		t.Errorf("%d used ones were added up", got)
	}
}

// use writes a use as a program does whose commit takes long.
func use(t *testing.T, tx *sql.Tx, c domain.Coupon) error {
	t.Helper()
	_, err := tx.ExecContext(t.Context(), `UPDATE coupons SET status = 'used' WHERE id = $1`, c.ID)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(t.Context(),
		`INSERT INTO audit (at, actor, action, code, coupon_id, from_status, to_status, outcome)
		VALUES ($1, 'system', 'coupon.used', $2, $3, 'active', 'used', 'done')`, noon, c.Code, c.ID)
	return err
}

func stands(t *testing.T, s *store.Store, status domain.Status, want reports.Count) {
	t.Helper()
	f, err := s.Reports.Figures(t.Context(), noon, nil)
	if err != nil || f.Standing.Of(status) != want {
		t.Fatalf("%s: %v, %v; want %v", status, f.Standing.Of(status), err, want)
	}
}

// TestFiguresAreOneSnapshot reads while coupons move: the sum of the states never changes.
// covers: 004-13
func TestFiguresAreOneSnapshot(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s, other := db.Open(t, now, nil), db.Open(t, now, nil)
		customer(t, s, "1")
		const n = 20
		for range n {
			recorded(t, s, pending("1", 100))
		}
		done := make(chan error, 1)
		go func() { done <- useAll(t, other) }()
		for running := true; running; {
			select {
			case err := <-done:
				if err != nil {
					t.Fatal(err)
				}
				running = false
			default:
			}
			f, err := s.Reports.Figures(t.Context(), noon, nil)
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "f.Standing.Of()", f.Standing.Of(), reports.Count{Coupons: n, Points: n * 100})
		}
		stands(t, s, domain.Used, reports.Count{Coupons: n, Points: n * 100})
	})
}

// useAll uses every coupon and seals between.
func useAll(t *testing.T, s *store.Store) error {
	for id := int64(1); ; id++ {
		st, err := s.Coupons.Load(t.Context(), id)
		if domain.CodeOf(err) == domain.CodeCouponNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		st.Coupon.Status = domain.Used
		line := domain.AuditEntry{At: noon, Actor: "system", Action: "coupon.used", From: domain.Active,
			To: domain.Used, Outcome: domain.OutcomeDone}
		if _, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: st.Coupon,
			Audit: []domain.AuditEntry{line}}); err != nil {
			return fmt.Errorf("use %d: %w", id, err)
		}
		if _, _, err := s.Audit.Seal(t.Context(), 0, 7); err != nil {
			return err
		}
	}
}
