package world

import (
	"testing"
	"time"
)

// OpenReview writes a review about an order into a demo's database, as one that was cancelled leaves it.
func OpenReview(t *testing.T, data, code, kind, order, reason string) {
	t.Helper()
	Statement(t, data, `INSERT INTO reviews (kind, coupon_id, opened_at, order_name, order_id, cause, reason)
		SELECT ?, id, ?, '#1099', ?, 'void', ? FROM coupons WHERE code = ?`, kind, time.Now().UTC(), order, reason, code)
}
