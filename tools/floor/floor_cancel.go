package floor

import (
	"context"
	"fmt"
	"pointbridge/domain"
	"time"

	"github.com/jackc/pgx/v5"
)

// ConvertAndCancel writes the rows of one conversion and of its cancellation. n must be new for each call.
func (f *Floor) ConvertAndCancel(ctx context.Context, member string, n int64) error {
	code := f.code(n)
	coupon, err := f.convert(ctx, member, code, Waits{})
	if err != nil {
		return err
	}
	c := cancelled{Floor: f, coupon: coupon, member: member, code: code, now: time.Now()}
	for _, commit := range []func(context.Context, pgx.Tx) error{c.begin, c.dead, c.intend, c.end} {
		if err := pgx.BeginFunc(ctx, f.pool, func(tx pgx.Tx) error { return commit(ctx, tx) }); err != nil {
			return err
		}
	}
	return nil
}

// cancelled is a coupon that the floor cancels, in the four commits of the service.
type cancelled struct {
	*Floor
	coupon, movement int64
	member, code     string
	now              time.Time
}

func (c *cancelled) begin(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `UPDATE coupons SET status = 'cancelling', cancel_actor = 'floor', cancelled_by = 'floor', cancel_started_at = $2,
		reason = 'customer_request', lease_until = $3, version = version + 1 WHERE id = $1 AND version = 2`, c.coupon, c.now, c.now.Add(30*time.Second)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO requests (caller_id, operation, key, hash, coupon_id, answer, created_at)
		VALUES ('floor', 'cancellation', $1, 'h', $2, 'accepted', $3)`, c.code, c.coupon, c.now); err != nil {
		return err
	}
	if err := c.project(ctx, tx); err != nil {
		return err
	}
	if err := audit(ctx, tx, c.coupon, c.code, domain.ActionCancellationStarted, c.now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO river_job (kind, args, queue, max_attempts, state, priority, scheduled_at) VALUES
		('metafield', $1::jsonb, 'floor', 25, 'available', 1, $2)`, fmt.Sprintf(`{"customer_id": %q}`, c.member), c.now)
	return err
}

func (c *cancelled) dead(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `UPDATE coupons SET deactivated_at = $2, lease_until = $3, version = version + 1 WHERE id = $1 AND version = 3`,
		c.coupon, c.now, c.now.Add(30*time.Second)); err != nil {
		return err
	}
	return audit(ctx, tx, c.coupon, c.code, domain.ActionDiscountDeactivated, c.now)
}

func (c *cancelled) intend(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `UPDATE coupons SET lease_until = $2, version = version + 1 WHERE id = $1 AND version = 4`, c.coupon, c.now.Add(30*time.Second)); err != nil {
		return err
	}
	if err := tx.QueryRow(ctx, `INSERT INTO movements (coupon_id, customer_id, kind, state, points, reference, related_reference, key, reason, created_at)
		VALUES ($1, $2, 'give_back', 'open', 100, $3, $2, $3, 'Refund due to coupon cancellation', $4) RETURNING id`,
		c.coupon, c.code, "C"+c.code, c.now).Scan(&c.movement); err != nil {
		return err
	}
	return audit(ctx, tx, c.coupon, c.code, domain.ActionRefundStarted, c.now)
}

func (c *cancelled) end(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `UPDATE coupons SET status = 'cancelled', cancelled_at = $2, lease_until = $2, version = version + 1 WHERE id = $1 AND version = 5`,
		c.coupon, c.now); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE movements SET state = 'applied', previous_balance = 900, balance = 1000, entry_id = 'e', settled_at = $2 WHERE id = $1`,
		c.movement, c.now); err != nil {
		return err
	}
	if err := c.project(ctx, tx); err != nil {
		return err
	}
	if err := audit(ctx, tx, c.coupon, c.code, domain.ActionPointsGivenBack, c.now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO river_job (kind, args, queue, max_attempts, state, priority, scheduled_at) VALUES
		('metafield', $1::jsonb, 'floor', 25, 'available', 1, $3), ('mail', $2::jsonb, 'floor', 25, 'available', 1, $3)`,
		fmt.Sprintf(`{"customer_id": %q}`, c.member), fmt.Sprintf(`{"coupon_id": %d, "mail": "cancelled"}`, c.coupon),
		c.now)
	return err
}

func (c *cancelled) project(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE customers SET projection_wanted = projection_wanted + 1, projection_changed_at = $2 WHERE id = $1`, c.member, c.now)
	return err
}
