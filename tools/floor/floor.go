package floor

import (
	"context"
	"fmt"
	"pointbridge/domain"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Floor writes the rows of one conversion in the same number of commits as the service does, by plain pgx: no HTTP, no
// POS, no store, no rules, nothing read. No service can be faster on this database; how much slower ours is, is what
// the measurement says.
type Floor struct {
	pool *pgxpool.Pool
	run  int64
}

// NewFloor opens a pool with one connection per client on a migrated database.
func NewFloor(ctx context.Context, url string, clients int) (*Floor, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns, cfg.MinConns = int32(clients), int32(clients) //nolint:gosec // a handful of clients
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return &Floor{pool: pool, run: time.Now().UnixNano()}, pool.Ping(ctx)
}

// Close lets the connections go.
func (f *Floor) Close() { f.pool.Close() }

// Prepare makes the members that the rows belong to.
func (f *Floor) Prepare(ctx context.Context, members int) error {
	_, err := f.pool.Exec(ctx, `INSERT INTO customers (id, shopify_customer_gid, created_at, updated_at)
		SELECT 'm' || i, 'gid://shopify/Customer/' || i, now(), now() FROM generate_series(1, $1) i ON CONFLICT DO NOTHING`, members)
	return err
}

// Convert writes the rows of one conversion. n must be new for each call.
func (f *Floor) Convert(ctx context.Context, member string, n int64) error {
	_, err := f.convert(ctx, member, f.code(n), Waits{})
	return err
}

// Waits are how long a conversion waits for each of its two acts outside.
type Waits struct{ POS, Shop time.Duration }

// ConvertSlowly writes the rows of one conversion, and waits between its commits as long as the acts outside take. No
// connection is held meanwhile. n must be new for each call.
func (f *Floor) ConvertSlowly(ctx context.Context, member string, n int64, w Waits) error {
	_, err := f.convert(ctx, member, f.code(n), w)
	return err
}

func (f *Floor) code(n int64) string { return fmt.Sprintf("F%d-%d", f.run, n) }

func (f *Floor) convert(ctx context.Context, member, code string, w Waits) (coupon int64, err error) {
	now := time.Now()
	var movement int64
	err = pgx.BeginFunc(ctx, f.pool, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `INSERT INTO coupons (code, status, customer_id, shopify_customer_gid, points, amount_minor, currency, rate, created_at, expires_at, lease_until)
			VALUES ($1, 'pending', $2, 'gid', 100, 100, 'JPY', '1', $3, $4, $5) RETURNING id`, code, member, now, now.Add(8760*time.Hour), now.Add(30*time.Second)).Scan(&coupon); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO requests (caller_id, operation, key, hash, coupon_id, created_at) VALUES ('floor', 'conversion', $1, 'h', $2, $3)`, code, coupon, now); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `INSERT INTO movements (coupon_id, customer_id, kind, state, points, reference, key, reason, created_at)
			VALUES ($1, $2, 'take', 'open', 100, $3, $3, 'Coupon conversion', $4) RETURNING id`, coupon, code, code, now).Scan(&movement); err != nil {
			return err
		}
		return audit(ctx, tx, coupon, code, domain.ActionConversionStarted, now)
	})
	if err != nil {
		return 0, err
	}
	await(ctx, w.POS)
	err = pgx.BeginFunc(ctx, f.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE coupons SET lease_until = $2, version = version + 1 WHERE id = $1 AND version = 0`, coupon, now.Add(30*time.Second)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE movements SET state = 'applied', previous_balance = 1000, balance = 900, entry_id = 'e', settled_at = $2 WHERE id = $1`, movement, now); err != nil {
			return err
		}
		return audit(ctx, tx, coupon, code, domain.ActionPointsTaken, now)
	})
	if err != nil {
		return 0, err
	}
	await(ctx, w.Shop)
	return coupon, f.activate(ctx, coupon, member, code, now)
}

// await is as long as an act outside takes.
func await(ctx context.Context, d time.Duration) {
	if d == 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

func (f *Floor) activate(ctx context.Context, coupon int64, member, code string, now time.Time) error {
	return pgx.BeginFunc(ctx, f.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE coupons SET status = 'active', discount_id = 'gid', activated_at = $2, lease_until = $2, version = version + 1
			WHERE id = $1 AND version = 1`, coupon, now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE requests SET answer = 'done' WHERE coupon_id = $1 AND answer = ''`,
			coupon); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE customers SET projection_wanted = projection_wanted + 1, projection_changed_at = $2 WHERE id = $1`, member, now); err != nil {
			return err
		}
		if err := audit(ctx, tx, coupon, code, domain.ActionCouponActivated, now); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO river_job (kind, args, queue, max_attempts, state, priority, scheduled_at) VALUES
			('metafield', $1::jsonb, 'floor', 25, 'available', 1, $3), ('mail', $2::jsonb, 'floor', 25, 'available', 1, $3)`,
			fmt.Sprintf(`{"customer_id": %q}`, member), fmt.Sprintf(`{"coupon_id": %d, "mail": "issued"}`, coupon), now)
		return err
	})
}

func audit(ctx context.Context, tx pgx.Tx, coupon int64, code, action string, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO audit (at, actor, actor_name, action, code, coupon_id, customer_id, from_status, to_status, outcome, detail)
		VALUES ($1, 'floor', 'floor', $2, $3, $4, 'm', 'pending', 'pending', 'done', '{"points": 100, "reference": "COUPON-00000-000000-100"}')`, now, action, code, coupon)
	return err
}
