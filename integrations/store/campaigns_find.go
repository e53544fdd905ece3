package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/decisions"
)

// Find implements decisions.Campaigns. A code that we made belongs to its coupon's campaign, whatever other one has a
// prefix like it.
func (s Campaigns) Find(ctx context.Context, key, code string) (decisions.Found, error) {
	code = decisions.CodeKey(code)
	normal, ours := domain.NormalizeCode(code)
	coupon, err := s.couponOf(ctx, normal, ours)
	if err != nil {
		return decisions.Found{}, err
	}
	if coupon != nil && key != "" && key != coupon.Campaign {
		coupon = nil
	}
	if coupon != nil {
		key = coupon.Campaign
	}
	c, err := s.find(ctx, key, code)
	if domain.CodeOf(err) == domain.CodeCampaignNotFound && key == "" && domain.IsPointsCode(normal) {
		c, err = s.find(ctx, campaigns.Points, "")
	}
	if err != nil {
		return decisions.Found{}, err
	}
	found := decisions.Found{CampaignID: c.ID, Campaign: c.Key, Status: c.FactAt(s.now()), Policy: c.Policy,
		Code: stateOf(c, code), Worth: c.Offer.WorthOf(), WorthIn: c.Offer.Value.Currency,
		WorthInParts: c.Offer.Value.Kind == campaigns.Percentage,
		WorthAtMost:  c.Offer.Value.Range.Min != c.Offer.Value.Range.Max}
	if coupon != nil {
		foundCoupon(&found, c, coupon)
	}
	if c.Offer.Codes == campaigns.Batch || c.Offer.Codes == campaigns.Shared {
		return s.foundCode(ctx, found, code)
	}
	return found, nil
}

// foundCode is a code of a batch. One of the family that is not ours was made by hand: it is good as far as we know.
func (s Campaigns) foundCode(ctx context.Context, found decisions.Found, code string) (decisions.Found, error) {
	if code == "" {
		return found, nil
	}
	ours, known, err := s.campaignCode(ctx, found.CampaignID, code)
	if err != nil || !known {
		return found, err
	}
	found.Code = batchState(ours)
	for _, end := range []*time.Time{ours.EndsAt, ours.DeactivatedAt} {
		if end != nil && (found.EndsAt.IsZero() || end.Before(found.EndsAt)) {
			found.EndsAt = *end
		}
	}
	return found, nil
}

// batchState is how a code of a batch stands. When it ends, or ended by hand, is told beside it: an order of before used
// a good one.
func batchState(c codes.Code) decisions.CodeState {
	switch {
	case c.State != codes.CodeMade:
		return decisions.CodeUnknown
	case c.Shop == codes.ShopGone:
		return decisions.CodeCancelled
	default:
		return decisions.CodeValid
	}
}

// couponOf is the coupon of a code; nil where there is none, or where nobody asks.
func (s Campaigns) couponOf(ctx context.Context, code string, asked bool) (*couponRow, error) {
	if !asked {
		return nil, nil //nolint:nilnil // there is none, and that is no error
	}
	row := couponRow{}
	err := s.db.WithContext(ctx).Where("code = ?", code).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil //nolint:nilnil // there is none, and that is no error
	}
	return &row, translate(err)
}

// foundCoupon adds what a coupon says of its code. A code that was given out is good until its own end, also after the
// campaign's: that ends only what is given out. What somebody paused or ended stands in the campaign's own status.
func foundCoupon(found *decisions.Found, c campaigns.Campaign, coupon *couponRow) {
	found.Status = c.Status
	found.Worth, found.WorthIn, found.WorthInParts, found.WorthAtMost = nil, "", false, false
	if coupon.AmountMinor > 0 {
		found.Worth, found.WorthIn = &coupon.AmountMinor, coupon.Currency
	}
	if percent := coupon.Percent; percent > 0 {
		found.Worth, found.WorthInParts = &percent, true
	}
	found.Code, found.OwnerGID = couponState(domain.Status(coupon.Status)), coupon.ShopifyCustomerGID
	found.UsedOrderID, found.EndsAt = coupon.UsedOrderID, coupon.ExpiresAt.UTC()
}

// find reads of a campaign what a decision needs, hundreds of times a second: everything but names and times.
func (s Campaigns) find(ctx context.Context, key, code string) (campaigns.Campaign, error) {
	const selectRules = `SELECT c.id, c.key, c.prefix, c.status, p.policy, p.offer
		FROM campaigns c JOIN campaign_policies p ON p.campaign_id = c.id AND p.version = c.policy_version WHERE `
	where, value := `c.prefix <> '' AND substr(?, 1, length(c.prefix)) = c.prefix`, code
	if key != "" {
		where, value = `c.key = ?`, key
	}
	var r campaignRow
	found, err := s.bareRow(ctx, []any{&r.ID, &r.Key, &r.Prefix, &r.Status, &r.Policy, &r.Offer}, selectRules+where,
		value)
	if err != nil {
		return campaigns.Campaign{}, err
	}
	if !found {
		return campaigns.Campaign{}, domain.Refuse(domain.CodeCampaignNotFound)
	}
	c := campaigns.Campaign{ID: r.ID, Key: r.Key, Prefix: r.Prefix, Status: campaigns.Status(r.Status)}
	return c, r.rules(&c)
}

// stateOf is how a code stands that is no coupon: one of the family is good as far as we know, the shop has its limits.
func stateOf(c campaigns.Campaign, code string) decisions.CodeState {
	switch {
	case code == "":
		return decisions.CodeAbsent
	case c.BuiltIn(), !strings.HasPrefix(code, c.Prefix):
		return decisions.CodeUnknown
	default:
		return decisions.CodeValid
	}
}

func couponState(status domain.Status) decisions.CodeState {
	switch status {
	case domain.Active:
		return decisions.CodeValid
	case domain.Used:
		return decisions.CodeUsed
	case domain.Expired:
		return decisions.CodeExpired
	case domain.Pending:
		return decisions.CodeUnknown
	default:
		return decisions.CodeCancelled
	}
}
