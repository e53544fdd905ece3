package floor

import (
	"context"
	_ "embed" // the statements below
	"fmt"

	"github.com/jackc/pgx/v5"
)

//go:embed fill.sql
var fillSQL string

// Fill puts a number of coupons with their histories into a migrated, empty PostgreSQL database. The seals it makes are
// no chain, and the figures made of the audit are left to whoever owns them. The database is good for measuring only:
// some of its constraints are gone.
func Fill(ctx context.Context, url string, coupons int) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, fmt.Sprintf(fillSQL, coupons)); err != nil {
		return fmt.Errorf("fill %d coupons: %w", coupons, err)
	}
	return nil
}

// Give makes the newest coupons those of a customer whom the service knows.
func Give(ctx context.Context, url, customer string, coupons int) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, `UPDATE coupons SET customer_id = c.id, shopify_customer_gid = c.shopify_customer_gid FROM customers c
		WHERE c.id = $1 AND coupons.id > (SELECT max(id) - $2 FROM coupons)`, customer, coupons)
	return err
}

// Analyze brings the planner's statistics up to date, as autovacuum does in time.
func Analyze(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for _, statement := range []string{"VACUUM (ANALYZE)", "CHECKPOINT"} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// Filled reads some coupons' codes and their customers' ids, spread over all there are.
func Filled(ctx context.Context, url string, n int) (codes, customers []string, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	rows, err := conn.Query(ctx, `SELECT code, customer_id FROM coupons WHERE id IN
		(SELECT 1 + floor(s * (SELECT max(id) FROM coupons)::float8 / $1)::bigint FROM generate_series(0, $1::integer - 1) s)`, n)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var code, customer string
		if err := rows.Scan(&code, &customer); err != nil {
			return nil, nil, err
		}
		codes, customers = append(codes, code), append(customers, customer)
	}
	return codes, customers, rows.Err()
}
