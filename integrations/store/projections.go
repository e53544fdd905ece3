package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/metafields"
)

// shownCoupons is how many coupons a metafield lists; Shopify's value limit is far above it.
const shownCoupons = 50

// wantProjection counts a change that a customer's metafield has to show; its argument is the time. Whoever commits it
// says so by projected.
const wantProjection = `projection_wanted = projection_wanted + 1, projection_changed_at = ?`

// nobodysProjection ends the claim on a metafield that is another customer's of the shop from now on: what its writer
// writes there is not remembered here.
const nobodysProjection = `projection_claimed_until = NULL`

// projected has metafields written, once the transaction is committed.
func projected(tx *gorm.DB) { inserted(tx, []domain.Job{{Kind: domain.JobProject}}) }

// wantMetafield has a customer's metafield written again.
func wantMetafield(tx *gorm.DB, customerID string, at time.Time) error {
	projected(tx)
	return tx.Exec(`UPDATE customers SET `+wantProjection+` WHERE id = ?`, utc(at), customerID).Error
}

// Metafields keeps how far the metafield of each customer has come.
type Metafields struct{ *database }

// recoverable lets a transaction end before it is on disk, by a column that it returns. How far a metafield has come can
// be lost: it is then written again.
func (s *database) recoverable() string {
	if s.dialect == "postgres" {
		return `, set_config('synchronous_commit', 'off', true) AS committed`
	}
	return ""
}

// dueProjections are those that are behind and may be written, the one that waits longest first. A row that is being
// changed is left out: whoever changes it may have locked others, and tells of it when they are done.
func (s *database) dueProjections() string {
	text := `SELECT id AS customer FROM customers WHERE projection_written < projection_wanted AND shopify_customer_gid <> ''
		AND (projection_claimed_until IS NULL OR projection_claimed_until <= ?) ORDER BY coalesce(projection_claimed_until, projection_changed_at) LIMIT ?`
	if s.dialect == "postgres" {
		text += ` FOR UPDATE SKIP LOCKED`
	}
	return text
}

// ClaimProjections implements metafields.Projections. The claim is a statement of its own: customers are not held while their
// coupons are read, because their conversions and cancellations would wait. The coupons are read after the count of
// changes, so that they show all that it counts; where that fails, the claim runs out.
func (s Metafields) ClaimProjections(ctx context.Context, now, until time.Time, limit int) ([]metafields.Projection, error) {
	var rows []customerRow
	err := s.db.WithContext(ctx).Raw(`WITH due AS MATERIALIZED (`+s.dueProjections()+`)
		UPDATE customers SET projection_claimed_until = ? FROM due WHERE id = customer
		RETURNING id, shopify_customer_gid, projection_wanted, projection_digest`+s.recoverable(),
		utc(now), limit, utc(until)).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, translate(err)
	}
	ids := make([]string, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	shown, err := shownOf(s.db.WithContext(ctx), ids)
	if err != nil {
		return nil, translate(err)
	}
	list := make([]metafields.Projection, 0, len(rows))
	for _, r := range rows {
		list = append(list, metafields.Projection{CustomerID: r.ID, CustomerGID: r.ShopifyCustomerGID,
			Wanted: r.ProjectionWanted, Digest: r.ProjectionDigest, Coupons: shown[r.ID]})
	}
	return list, nil
}

// shownOf are the coupons that each customer's metafield lists, newest first.
func shownOf(tx *gorm.DB, customers []string) (map[string][]domain.Coupon, error) {
	var rows []couponRow
	if err := tx.Raw(`SELECT * FROM (SELECT `+couponColumns+`, row_number() OVER (PARTITION BY customer_id ORDER BY id DESC) AS place
		FROM coupons WHERE customer_id IN ? AND status NOT IN ('pending', 'failed')) AS listed WHERE place <= ?
		ORDER BY id DESC`, customers, shownCoupons).Scan(&rows).Error; err != nil {
		return nil, err
	}
	list, err := toCoupons(rows)
	shown := make(map[string][]domain.Coupon, len(customers))
	for _, c := range list {
		shown[c.CustomerID] = append(shown[c.CustomerID], c)
	}
	return shown, err
}

// listedCoupons are those of one customer.
func listedCoupons(tx *gorm.DB, customerID string) ([]domain.Coupon, error) {
	shown, err := shownOf(tx, []string{customerID})
	return shown[customerID], err
}

// SettleProjections implements metafields.Projections. Those that are tried again at the same time are settled by one
// statement, which holds nobody longer than it runs; what is not settled is claimed again when its claim runs out.
func (s Metafields) SettleProjections(ctx context.Context, until time.Time, list []metafields.Settled) error {
	together := map[time.Time][]metafields.Settled{}
	for _, one := range list {
		together[one.After] = append(together[one.After], one)
	}
	for after, some := range together {
		if err := s.settle(ctx, until, after, some); err != nil {
			return translate(err)
		}
	}
	return nil
}

// settle locks rows in the order in which everybody locks several.
func (s Metafields) settle(ctx context.Context, until, after time.Time, list []metafields.Settled) error {
	values := make([]string, 0, len(list))
	args := make([]any, 0, 4*len(list))
	for _, one := range list {
		values = append(values, `(CAST(? AS text), CAST(? AS bigint), CAST(? AS text))`)
		args = append(args, one.CustomerID, one.Written, one.Digest)
	}
	args = append(args, utc(until), utcOrNone(after), metafields.DigestUnknown)
	return s.db.WithContext(ctx).Exec(`WITH done (customer, version, digest) AS (VALUES `+strings.Join(values, ", ")+`),
		held AS MATERIALIZED (SELECT id AS member`+s.recoverable()+` FROM customers WHERE id IN (SELECT customer FROM done)
			AND projection_claimed_until = ? ORDER BY id`+s.locked()+`)
		UPDATE customers SET projection_claimed_until = ?,
		projection_written = CASE WHEN version > projection_written THEN version ELSE projection_written END,
		projection_digest = CASE WHEN projection_digest = ? AND projection_wanted > version THEN projection_digest ELSE digest END
		FROM done JOIN held ON member = customer WHERE id = customer`, args...).Error
}
