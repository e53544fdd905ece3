// Package metafields shows a member's coupons in the shop: as one metafield of its customer, which the storefront
// reads.
package metafields

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"pointbridge/domain"
)

// projectionLease is how long one writer may take for one customer's metafield.
const projectionLease = time.Minute

// shown is one coupon as the storefront reads it. The names are part of the product's interface.
type shown struct {
	Code        string        `json:"code"`
	Status      domain.Status `json:"status"`
	Points      int64         `json:"points"`
	Amount      int64         `json:"amount"`
	Currency    string        `json:"currency"`
	IssuedAt    time.Time     `json:"issued_at"`
	ExpiresAt   time.Time     `json:"expires_at"`
	UsedAt      *time.Time    `json:"used_at"`
	CancelledAt *time.Time    `json:"cancelled_at"`
}

// Service brings metafields up to date. Its fields are set once, before the first call.
type Service struct {
	Projections Projections
	Fields      Fields
	Clock       domain.Clock
	Observer    domain.StepObserver
}

// SyncMetafield writes a customer's coupons to their metafield if it is behind. Any number of changes since the last
// write become one. Where somebody else may have written, it is read first, and what already says the same is left
// alone: the shop tells of each write, and an answer to that must not be another one. Errors: domain.ErrConflict when
// another writer is at it; a *domain.UpstreamError.
func (s *Service) SyncMetafield(ctx context.Context, customerID string) error {
	now := s.Clock.Now()
	p, err := s.Projections.ClaimProjection(ctx, customerID, now, now.Add(projectionLease))
	if err != nil {
		return err
	}
	if p.Written >= p.Wanted || p.CustomerGID == "" {
		return s.Projections.ReleaseProjection(ctx, customerID, p.Digest)
	}
	entries, err := entriesOf(p.Coupons, now)
	if err != nil {
		return errors.Join(err, s.Projections.ReleaseProjection(ctx, customerID, p.Digest))
	}
	digest, err := s.putMetafield(ctx, p, entries)
	if err == nil {
		return s.Projections.ProjectionWritten(ctx, customerID, p.Wanted, digest)
	}
	digest, err = Refused(p.Digest, err)
	return errors.Join(err, s.Projections.ReleaseProjection(ctx, customerID, digest))
}

// putMetafield makes the metafield say what it should and gives the digest of that.
func (s *Service) putMetafield(ctx context.Context, p Projection, entries []byte) (string, error) {
	return Put(ctx, Field{
		Read: func(ctx context.Context) ([]byte, string, error) {
			found, err := domain.Timed(ctx, s.Clock, s.Observer, "shopify.metafield_read",
				func(ctx context.Context) (found metafield, err error) {
					found.value, found.digest, err = s.Fields.ReadCoupons(ctx, p.CustomerGID)
					return found, err
				})
			return found.value, found.digest, err
		},
		Write: func(ctx context.Context, value []byte, digest string) (string, error) {
			return domain.Timed(ctx, s.Clock, s.Observer, "shopify.metafield", func(ctx context.Context) (string, error) {
				return s.Fields.WriteCoupons(ctx, p.CustomerGID, value, digest)
			})
		},
	}, entries, p.Digest)
}

// metafield is what stands in the shop.
type metafield struct {
	value  []byte
	digest string
}

// maxMetafield is how many bytes a Function gets to read of a metafield: of a longer one it gets nothing at all
// (shopify.dev/docs/apps/build/functions/input-output/metafields-for-input-queries).
const maxMetafield = 10_000

// entriesOf lists the coupons in the order they are given, which is the newest first, as far as they fit.
func entriesOf(list []domain.Coupon, now time.Time) ([]byte, error) {
	value := []byte{'['}
	for _, c := range list {
		status := c.StatusAt(now).Public()
		if status == "" {
			continue
		}
		used := c.UsedAt
		if status != domain.Used {
			used = nil // an order that came to light after the refund is a review for staff
		}
		entry, err := json.Marshal(shown{Code: c.Code, Status: status, Points: c.Points, Amount: c.Amount.Minor,
			Currency: c.Amount.Currency, IssuedAt: whole(c.CreatedAt), ExpiresAt: c.ExpiresAt.UTC(),
			UsedAt: wholeOrNil(used), CancelledAt: wholeOrNil(c.CancelledAt)})
		if err != nil {
			return nil, err
		}
		if len(value) > 1 {
			entry = append([]byte{','}, entry...)
		}
		if len(value)+len(entry)+len("]") > maxMetafield {
			break
		}
		value = append(value, entry...)
	}
	return append(value, ']'), nil
}

func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func wholeOrNil(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	w := whole(*t)
	return &w
}
