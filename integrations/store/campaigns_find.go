package store

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
)

// Find implements decisions.Campaigns. A code that we made belongs to its coupon's campaign, whatever campaign has a
// prefix like it.
func (s Campaigns) Find(ctx context.Context, key, code string) (decisions.Found, error) {
	code = decisions.CodeKey(code)
	points, ours := domain.NormalizeCode(code)
	coupon, err := s.couponOf(ctx, points, ours && (key == "" || key == campaigns.Points))
	if err != nil {
		return decisions.Found{}, err
	}
	if coupon != nil {
		key = campaigns.Points
	}
	c, err := s.find(ctx, key, code)
	if domain.CodeOf(err) == domain.CodeCampaignNotFound && key == "" && ours {
		c, err = s.find(ctx, campaigns.Points, "")
	}
	if err != nil {
		return decisions.Found{}, err
	}
	if coupon == nil && c.Offer.Codes == campaigns.Personal {
		if coupon, err = s.couponOf(ctx, code, strings.HasPrefix(code, c.Prefix)); err != nil {
			return decisions.Found{}, err
		}
	}
	found := decisions.Found{CampaignID: c.ID, Campaign: c.Key, Status: c.FactAt(s.now()), Policy: c.Policy,
		Code: stateOf(c, code), Worth: c.Offer.WorthOf()}
	if coupon != nil {
		foundCoupon(&found, c, coupon)
	}
	return found, nil
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
	if coupon.AmountMinor > 0 {
		found.Worth = &coupon.AmountMinor
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
