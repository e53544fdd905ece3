package books

import (
	"context"
	"fmt"
	"slices"

	"pointbridge/domain/coupons"
)

// ofCampaigns names the discounts that the database does not have and that nothing is restored of, with all that the shop
// shows of them: those of campaigns that are not there, because a coupon is under the rules of its campaign and what those
// were stands nowhere outside, and those for everybody. Whoever looks at them decides in the shop whether they stay good.
func (r *rebuild) ofCampaigns(ctx context.Context, page []coupons.FoundDiscount) error {
	var ids []string
	for _, d := range page {
		if _, ok := coupons.CampaignMarksOf(d); ok {
			ids = append(ids, d.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	known, err := r.Restorer.KnownDiscounts(ctx, ids)
	if err != nil {
		return err
	}
	for _, d := range page {
		marks, ok := coupons.CampaignMarksOf(d)
		if !ok || !r.first(d.ID) {
			continue
		}
		r.sum.Campaigns++
		if _, restored := r.families.marks(d); restored || slices.Contains(known, d.ID) {
			continue
		}
		r.sum.Unknown++
		if r.out.Found != nil {
			r.out.Found(Restored{CustomerID: marks.Member, Code: marks.Code, Points: marks.Points, Cause: "of a campaign",
				Campaign: marks.Campaign, Shop: shopShows(d)})
		}
	}
	return nil
}

// notMembers restores the codes of people who were no members when they got them.
func (r *rebuild) notMembers(ctx context.Context) error {
	for gids := range slices.Chunk(r.shoppers.gids(), memberPage) {
		of := map[string][]coupons.FoundDiscount{}
		for _, gid := range gids {
			id, err := r.Restorer.Holder(ctx, gid)
			if err != nil {
				return err
			}
			if id == "" {
				id = r.ShopperID(gid)
			}
			of[id] = r.shoppers[gid]
		}
		if err := r.members(ctx, of); err != nil {
			return err
		}
	}
	return nil
}

// shopShows is what is known of a discount from the shop alone.
func shopShows(d coupons.FoundDiscount) string {
	whom := "everybody"
	if d.CustomerCount > 0 {
		whom = d.CustomerGID
	}
	return fmt.Sprintf("%s, %s, used %d times of %s, ends %s, for %s", d.Status, worth(d.Amount, d.Percent), d.Usage,
		times(d.UsageLimit), ending(d), whom)
}
