package store_test

import (
	"runtime"
	"testing"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestNobodyWaitsForAClaim: while the coupons of claimed customers are read, their rows are free for conversions. Here the
// reading waits for somebody who holds the coupons' table.
func TestNobodyWaitsForAClaim(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t).Open(t, now, nil)
	customer(t, s, "1")
	change(t, s, "1")
	holder, err := s.DB().BeginTx(t.Context(), nil)
	expect.MustEqual(t, "err", err, nil)
	defer func() { _ = holder.Rollback() }()
	if _, err := holder.ExecContext(t.Context(), `LOCK TABLE coupons`); err != nil {
		t.Fatal(err)
	}
	claims := make(chan int, 1)
	go func() {
		list, _ := s.Metafields.ClaimProjections(t.Context(), noon, noon.Add(lasts), 100)
		claims <- len(list)
	}()
	for waiting := 0; waiting == 0; runtime.Gosched() {
		if err := s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
			WHERE datname = current_database() AND relation = 'coupons'::regclass AND NOT granted`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := holder.ExecContext(t.Context(), `SELECT id FROM customers WHERE id = '1' FOR UPDATE NOWAIT`); err != nil {
		t.Errorf("a customer is held while their coupons are read: %v", err)
	}
	_ = holder.Rollback()
	expect.Equal(t, "claims", <-claims, 1)
}
