package metafields

import (
	"context"
	"time"

	"pointbridge/domain"
)

// Projections keeps how far each customer's metafield has come.
type Projections interface {
	// ClaimProjection makes the caller the one writer of a customer's metafield until the given time and reads what is
	// to be written. Errors: domain.ErrConflict when another writer holds it; customer_not_found.
	ClaimProjection(ctx context.Context, customerID string, now, until time.Time) (Projection, error)
	// ProjectionWritten records that version stands in Shopify under digest, and lets go. DigestUnknown stays where it
	// was set again since the claim.
	ProjectionWritten(ctx context.Context, customerID string, version int64, digest string) error
	// ReleaseProjection lets go without having written. A digest that turned out wrong is replaced; DigestUnknown
	// stays.
	ReleaseProjection(ctx context.Context, customerID string, digest string) error
}

// DigestUnknown stands in place of a digest where somebody else may have written: the metafield is read before it is
// written.
const DigestUnknown = "?"

// Projection is a customer's metafield: what it should say, and what it said last.
type Projection struct {
	CustomerGID string
	// Wanted counts the changes so far; Written is the count that stands in Shopify.
	Wanted, Written int64
	// Digest is Shopify's digest of what we wrote last, or DigestUnknown; "" when nothing was written yet.
	Digest string
	// Coupons are the newest 50 a customer can see, newest first.
	Coupons []domain.Coupon
}

// Fields is the part of Shopify that shows a customer's coupons.
type Fields interface {
	// WriteCoupons replaces the metafield if its digest is still the given one ("" means that there is none yet).
	// Errors: KindRefused with ReasonStale when it is not.
	WriteCoupons(ctx context.Context, customerGID string, entries []byte, digest string) (newDigest string, err error)
	// ReadCoupons reads value and digest; both are empty when there is no metafield.
	ReadCoupons(ctx context.Context, customerGID string) (entries []byte, digest string, err error)
}
