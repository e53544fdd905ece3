package metafields

import (
	"context"
	"time"

	"pointbridge/domain"
)

// AtOnce is how many metafields one call to the shop writes at most.
const AtOnce = 25

// Projections keeps how far each customer's metafield has come.
type Projections interface {
	// ClaimProjections makes the caller the one writer of metafields that are behind until a time, and reads what is to be written.
	// Those that somebody else holds, and those that are set aside, are left out; who waits longest comes first.
	ClaimProjections(ctx context.Context, now, until time.Time, limit int) ([]Projection, error)
	// SettleProjections records what became of metafields that were claimed until a time, and lets go of them. One that is claimed
	// otherwise by now, and one that is another customer's of the shop, is left alone. DigestUnknown stays where it was
	// set again since the claim.
	SettleProjections(ctx context.Context, until time.Time, list []Settled) error
}

// DigestUnknown stands in place of a digest where somebody else may have written: the metafield is read before it is
// written.
const DigestUnknown = "?"

// Projection is a customer's metafield: what it should say, and what it said last.
type Projection struct {
	CustomerID, CustomerGID string
	// Wanted counts the changes so far, all of which Coupons show.
	Wanted int64
	// Digest is Shopify's digest of what we wrote last, or DigestUnknown; "" when nothing was written yet.
	Digest string
	// Coupons are the newest 50 a customer can see, newest first.
	Coupons []domain.Coupon
}

// Settled is what became of a metafield.
type Settled struct {
	CustomerID string
	// Written is the count of changes that stands in the shop; zero where nothing was written.
	Written int64
	Digest  string
	// After is when it is tried again; the zero time for at once.
	After time.Time
}

// Entry is what one customer's metafield is to say. Digest is that of what stands there; "" when there is none yet.
type Entry struct {
	CustomerGID string
	Value       []byte
	Digest      string
}

// Fields is the part of Shopify that shows customers' coupons.
type Fields interface {
	// WriteCoupons replaces up to AtOnce metafields, all or none, and gives their digests. Where it is refused because of
	// some of them, refused has their places with the reason of each: domain.ReasonStale where the digest is not what
	// stands there. Errors: a *domain.UpstreamError about all of them.
	WriteCoupons(ctx context.Context, entries []Entry) (digests []string, refused map[int]string, err error)
	// ReadCoupons reads value and digest; both are empty when there is no metafield. Errors: KindNotFound when the
	// customer is gone.
	ReadCoupons(ctx context.Context, customerGID string) (entries []byte, digest string, err error)
}
