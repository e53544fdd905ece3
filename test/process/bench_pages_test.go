package process

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/tools/bench"
	"pointbridge/tools/floor"
)

// TestFilledDatabaseIsWhole holds what pages are measured on: the audit tells where each coupon stands, so the figures
// that are shown are true, and every page has something to show.
// covers: 004-13
func TestFilledDatabaseIsWhole(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	const n = 600
	if err := floor.Fill(t.Context(), db.URL, n); err != nil {
		t.Fatal(err)
	}
	s := db.Open(t, time.Now, nil)
	if err := s.Reports.RebuildRollup(t.Context()); err != nil {
		t.Fatal(err)
	}
	f, err := s.Reports.Figures(t.Context(), time.Unix(0, 0), nil)
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "f.Standing.Of().Coupons", f.Standing.Of().Coupons, n)
	for _, status := range domain.Statuses() {
		var coupons int64
		if err := s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM coupons WHERE status = $1`,
			string(status)).Scan(&coupons); err != nil {
			t.Fatal(err)
		}
		if got := f.Standing.Of(status).Coupons; got != coupons {
			t.Errorf("%d coupons are %s, the figures say %d", coupons, status, got)
		}
	}
	codes, customers, err := floor.Filled(t.Context(), db.URL, 50)
	if err != nil || len(codes) != 50 || len(customers) != 50 {
		t.Fatalf("%d codes, %d customers, %v", len(codes), len(customers), err)
	}
	for i, code := range codes {
		if normal, ours := domain.NormalizeCode(code); !ours || normal != code {
			t.Errorf("%s is no code", code)
		}
		for _, p := range bench.Pages(bench.PagesOptions{}, codes, customers) {
			if path := p.Path(i); path == "" {
				t.Errorf("%s has no address", p.Name)
			}
		}
	}
	seen := map[string]bool{}
	for _, p := range bench.Pages(bench.PagesOptions{Paths: []string{"/healthz"}}, codes, customers) {
		if seen[p.Name] {
			t.Errorf("two pages are called %s", p.Name)
		}
		seen[p.Name] = true
	}
}

// TestTheFloorOfDecisionsWritesADecision: what decisions are measured against writes one with its digests, on the schema
// as it is.
func TestTheFloorOfDecisionsWritesADecision(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	s := db.Open(t, time.Now, nil)
	f, err := floor.NewDeciding(t.Context(), db.URL, 1, 2) // the campaign that every database has
	expect.MustEqual(t, "err", err, nil)
	defer f.Close()
	digests := [][]byte{make([]byte, 16), append(make([]byte, 15), 1)}
	expect.MustEqual(t, "err", f.Decide(t.Context(), []string{"email", "ip"}, digests), nil)
	for table, want := range map[string]int{"decisions": 1, "identity_digests": 2} {
		var rows int
		err := s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM `+table).Scan(&rows)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "rows of "+table, rows, want)
	}
}
