package codes

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
)

// sync brings a batch into step with its campaign: first whether it is made on, then the discount.
func (r *run) sync(ctx context.Context) error {
	switch {
	case r.b.Status == Running && !r.open(), r.b.Status == Paused && r.over():
		return r.hold(ctx)
	case r.b.Status == Paused && r.b.Reason == ByCampaign && r.open():
		return r.resume(ctx)
	case r.b.DiscountID == "" || r.b.Shop == ShopGone || r.b.Shop == ShopRemoved:
		return r.inStep(ctx, r.b)
	}
	t, err := TermsOf(r.b)
	if err != nil {
		return err
	}
	on, ends := r.wanted()
	dark := r.b.Shop == ShopOff || !r.now().Before(*r.b.EndsAt)
	moved := !r.b.EndsAt.Equal(ends) || !t.StartsAt.Equal(r.c.Offer.StartsAt)
	switch {
	case !on && !dark:
		return r.switchTo(ctx, ShopOff, *r.b.EndsAt)
	case on && (r.b.Shop != ShopOn || moved):
		return r.switchTo(ctx, ShopOn, ends)
	}
	return r.inStep(ctx, r.b)
}

// wanted is how the discount is to stand: on while its campaign is live and nobody ended this one code, and ending with
// the campaign.
func (r *run) wanted() (on bool, ends time.Time) {
	return r.b.DeactivatedAt == nil && r.open(), r.c.Offer.EndsAt
}

func (r *run) resume(ctx context.Context) error {
	b := r.b
	b.Status, b.Reason = Running, ""
	return r.commit(ctx, Change{Batch: b, Entry: r.system(domain.ActionBatchMoved, b, r.moved(Running, ByCampaign))})
}

// inStep writes down that nothing is left to do for this version of the campaign.
func (r *run) inStep(ctx context.Context, b Batch) error {
	b.Synced = r.c.Version
	if b.DiscountID != "" && b.EndsAt != nil {
		end := *b.EndsAt
		if b.Shop == ShopOff && r.c.Status == campaigns.Ended && b.ShopSince.Before(end) {
			end = *b.ShopSince
		}
		b.SweepAt, b.OverAt = r.sweepAt(end), nil
		if r.over() {
			b.OverAt = &end
		}
	}
	return r.commit(ctx, Change{Batch: b})
}

// sweepAt is when a discount that ends then leaves the shop; nil for never.
func (r *run) sweepAt(end time.Time) *time.Time {
	if r.c.Offer.SweepAfter == 0 {
		return nil
	}
	at := end.AddDate(0, 0, r.c.Offer.SweepAfter)
	return &at
}

// switchTo announces that the discount is switched, and does it.
func (r *run) switchTo(ctx context.Context, to Standing, ends time.Time) error {
	before, b, at := r.b, r.b, r.now()
	b.Shop, b.ShopSince, b.EndsAt = ShopAsking, &at, &ends
	t, err := TermsOf(b)
	if err != nil {
		return err
	}
	if to == ShopOn {
		t.StartsAt = r.c.Offer.StartsAt
	}
	b.Terms = t.text()
	if err := r.commit(ctx, Change{Batch: b}); err != nil {
		return err
	}
	err = r.switched(ctx, to)
	kind := domain.KindOf(err)
	b, at = r.b, r.now()
	b.ShopSince = &at
	switch {
	case err == nil:
		b.Shop = to
	case kind == domain.KindNotFound:
		b.Shop = ShopGone
	case kind == domain.KindUnknown:
		return &domain.Later{After: r.quiet(*r.b.ShopSince)}
	default: // nothing was done
		b.Shop, b.ShopSince, b.EndsAt, b.Terms = before.Shop, before.ShopSince, before.EndsAt, before.Terms
		return errors.Join(r.commit(ctx, Change{Batch: b}), err)
	}
	return r.commit(ctx, Change{Batch: b, Entry: r.system(domain.ActionCampaignDiscountMoved, b,
		map[string]any{"campaign": r.c.Key, "after": string(b.Shop), "ends_at": b.EndsAt})})
}

// settleSwitch switches a discount of which nobody knows how it stands, once nothing can arrive any more that was sent
// before: to how it is to stand now.
func (r *run) settleSwitch(ctx context.Context) error {
	if wait := r.quiet(*r.b.ShopSince); wait > 0 {
		return &domain.Later{After: wait}
	}
	on, ends := r.wanted()
	if on {
		return r.switchTo(ctx, ShopOn, ends)
	}
	return r.switchTo(ctx, ShopOff, *r.b.EndsAt)
}

// switched sends the switch. Giving a discount its start and its end switches it on, so that it is never without an end.
func (r *run) switched(ctx context.Context, to Standing) error {
	return r.act(ctx, func(ctx context.Context) error {
		if to == ShopOn {
			return r.Shop.SetDiscountPeriod(ctx, r.b.DiscountID, r.c.Offer.StartsAt, *r.b.EndsAt)
		}
		return r.Shop.DeactivateDiscount(ctx, r.b.DiscountID)
	})
}
