package store_test

import (
	"testing"

	"pointbridge/domain/metafields"
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
	var list []metafields.Projection
	claimed := make(chan error, 1)
	go func() {
		var err error
		list, err = s.Metafields.ClaimProjections(t.Context(), noon, noon.Add(lasts), 100)
		claimed <- err
	}()
	waits(t, s, "relation", claimed)
	if _, err := holder.ExecContext(t.Context(), `SELECT id FROM customers WHERE id = '1' FOR UPDATE NOWAIT`); err != nil {
		t.Errorf("a customer is held while their coupons are read: %v", err)
	}
	_ = holder.Rollback()
	expect.MustEqual(t, "err", <-claimed, nil)
	expect.Equal(t, "claims", len(list), 1)
}
