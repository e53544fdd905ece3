package books

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns/codes"
)

// CampaignBook is our own side of the discounts of campaigns.
type CampaignBook interface {
	// Discounts lists batches that have a discount which nobody is changing just now, those after an id, at most limit.
	Discounts(ctx context.Context, after int64, now time.Time, limit int) ([]codes.Batch, error)
}

// CampaignShop is what Shopify knows of such discounts.
type CampaignShop interface {
	ReadCampaignDiscount(ctx context.Context, id string) (codes.Found, error)
}

const discountPage = 100

// campaigns compares the discounts of campaigns. What differs is looked at once more, as with customers.
func (r *run) campaigns(ctx context.Context) error {
	if r.Campaigns == nil {
		return nil
	}
	for after := int64(0); ; {
		page, err := r.Campaigns.Discounts(ctx, after, r.Clock.Now(), discountPage)
		if err != nil {
			return err
		}
		p := &pass{run: r, now: r.Clock.Now()}
		var differ []codes.Batch
		for _, b := range page {
			after = b.ID
			before := len(p.found)
			if err := p.discount(ctx, b); err != nil {
				return err
			}
			if len(p.found) > before {
				differ = append(differ, b)
			}
		}
		if err := r.again(ctx, p, differ); err != nil {
			return err
		}
		if len(page) < discountPage {
			return nil
		}
	}
}

// again looks at those that differ a second time, as they are by then, and tells of what has stayed.
func (r *run) again(ctx context.Context, first *pass, differ []codes.Batch) error {
	p := &pass{run: r, now: r.Clock.Now(), gaps: first.gaps}
	if len(differ) > 0 {
		if err := r.wait(ctx, r.Timing.Pause); err != nil {
			return err
		}
		before := map[key]bool{}
		for _, d := range first.found {
			before[d.key()] = true
		}
		for _, b := range differ {
			now, err := r.Campaigns.Discounts(ctx, b.ID-1, r.Clock.Now(), 1)
			if err != nil {
				return err
			}
			if len(now) == 1 && now[0].ID == b.ID {
				if err := p.discount(ctx, now[0]); err != nil {
					return err
				}
			}
		}
		p.keep(before)
	}
	return r.told(ctx, p)
}

// discount compares one. Its differences go by the batch, whose public id is no code.
func (p *pass) discount(ctx context.Context, b codes.Batch) error {
	found, err := ask(ctx, p.run, upstreamShopify, func(ctx context.Context) (codes.Found, error) {
		return p.CampaignShop.ReadCampaignDiscount(ctx, b.DiscountID)
	})
	gone := err != nil && domain.KindOf(err) == domain.KindNotFound
	if err != nil && !gone {
		return p.gap(ctx, 0, upstreamShopify, err)
	}
	note := func(kind Kind, detail string) {
		p.found = append(p.found, Difference{Kind: kind, Reference: b.PublicID, Detail: detail, discountID: b.DiscountID})
	}
	ended := b.Shop == codes.ShopOff || b.EndsAt != nil && !p.now.Before(b.EndsAt.Add(p.Timing.Fresh))
	switch {
	case gone || b.Shop == codes.ShopGone:
		note(CampaignCodesMissing, "Shopify does not have the discount")
		return nil
	case ended:
		if found.Alive() {
			note(CampaignCodesAlive, "here it is over")
		}
		return nil
	}
	terms, err := codes.TermsOf(b)
	if err != nil {
		return err
	}
	p.compareTerms(b, terms, found, note)
	return nil
}

func (p *pass) compareTerms(b codes.Batch, terms codes.Terms, found codes.Found, note func(Kind, string)) {
	differs := terms.Differences(found)
	free := found.EndsAt.IsZero() || terms.UsageLimit > 0 && found.UsageLimit == 0
	if !found.EndsAt.IsZero() && b.EndsAt != nil && !found.EndsAt.Equal(*b.EndsAt) {
		differs = append(differs, "end")
	}
	if !terms.StartsAt.IsZero() && !found.StartsAt.Equal(terms.StartsAt) {
		differs = append(differs, "start")
	}
	if free {
		note(CampaignCodesUnlimited, "in Shopify "+times(found.UsageLimit)+" times, until "+endOf(found))
		differs = slices.DeleteFunc(differs, func(what string) bool { return what == "usage_limit" })
	}
	if known := b.Made + b.Planned + b.Sent; found.Codes > known {
		differs = append(differs, "codes: here "+strconv.Itoa(known)+", in Shopify "+strconv.Itoa(found.Codes))
	}
	if len(differs) > 0 {
		note(CampaignCodesChanged, strings.Join(differs, ", "))
	}
	if found.Codes < b.Made {
		note(CampaignCodesMissing, "here "+strconv.Itoa(b.Made)+", in Shopify "+strconv.Itoa(found.Codes))
	}
}

func endOf(found codes.Found) string {
	if found.EndsAt.IsZero() {
		return "for ever"
	}
	return found.EndsAt.UTC().Format(time.RFC3339)
}
