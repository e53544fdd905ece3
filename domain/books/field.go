package books

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/metafields"
)

// compareField compares the customer's metafield with what our books would write. One that is about to be written is
// moving.
func (p *pass) compareField(ctx context.Context, f Field) error {
	if f.CustomerGID == "" {
		return nil
	}
	if f.Written < f.Wanted {
		if f.ChangedAt != nil && p.now.Before(f.ChangedAt.Add(p.Timing.Fresh)) {
			p.moving++
			return nil
		}
		p.found = append(p.found, Difference{Kind: MetafieldStale, CustomerID: p.id})
		return nil
	}
	value, err := ask(ctx, p.run, upstreamShopify, func(ctx context.Context) ([]byte, error) {
		value, _, err := p.Fields.ReadCoupons(ctx, f.CustomerGID)
		return value, err
	})
	if domain.KindOf(err) == domain.KindNotFound && err != nil {
		p.found = append(p.found, Difference{Kind: CustomerGone, CustomerID: p.id})
		return nil
	}
	if err != nil {
		return p.gap(ctx, 0, upstreamShopify, err)
	}
	same, err := p.says(value, f.Coupons)
	if err != nil {
		return err
	}
	if !same {
		p.found = append(p.found, Difference{Kind: MetafieldEdited, CustomerID: p.id})
	}
	return nil
}

// says reports whether a metafield lists these coupons, as they are stored or as they are now: an end that has just
// passed is written down a little later.
func (p *pass) says(value []byte, list []domain.Coupon) (bool, error) {
	for _, at := range []time.Time{p.now, {}} {
		entries, err := metafields.Value(list, at)
		if err != nil {
			return false, err
		}
		if metafields.Same(value, entries) {
			return true, nil
		}
	}
	return false, nil
}
