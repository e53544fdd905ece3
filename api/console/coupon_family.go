package console

import (
	"net/url"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/decisions"
)

// campaignAsked is the campaign whose personal codes the address asks for. One that there is not, or that gives none
// out, is not said.
func (con couponHandlers) campaignAsked(req *request, q *couponQuery) (*campaigns.Campaign, error) {
	key := q.Campaign
	q.Campaign = ""
	if key == "" || !req.may("campaigns", "read") {
		return nil, nil //nolint:nilnil // all coupons are listed then
	}
	c, err := con.deps.Identity.CampaignBook.ByKey(req.Ctx(), key)
	if domain.CodeOf(err) == domain.CodeCampaignNotFound || err == nil && c.Offer.Codes != campaigns.Personal {
		return nil, nil //nolint:nilnil // all coupons are listed then
	}
	if err == nil {
		q.Campaign = c.Key
	}
	return &c, err
}

// familyFound is the campaign of a text that was searched for.
type familyFound struct {
	campaigns.Campaign
	// Code is the code that has exactly this text, as far as the visitor may read codes.
	Code *codes.Code
	// Address is where it stands.
	Address string
}

// familyOf finds the campaign whose codes begin like a text, and the batch or shared code that it is. Personal codes
// are coupons, which the list finds by itself.
func (con couponHandlers) familyOf(req *request, text string) (*familyFound, error) {
	text = decisions.CodeKey(domain.FoldTyped(text))
	if text == "" || !req.may("campaigns", "read") {
		return nil, nil //nolint:nilnil // nothing is said then
	}
	list, err := con.deps.Identity.CampaignBook.List(req.Ctx())
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		if c.Prefix == "" || c.Offer.Codes == campaigns.Personal || !strings.HasPrefix(text, c.Prefix) {
			continue
		}
		found := &familyFound{Campaign: c, Address: campaignAddress(c.Key)}
		if c.Offer.Found() || !req.may("campaign_codes", "read") {
			return found, nil
		}
		ours, err := con.deps.Identity.CodeBook.CodesOf(req.Ctx(), codes.Query{Campaign: c.Key, Code: text, Limit: 1})
		if err != nil || len(ours) == 0 {
			return found, err
		}
		query := "?" + url.Values{"code": {text}}.Encode()
		found.Code, found.Address = &ours[0], campaignAddress(c.Key, "codes")+query
		if ours[0].Kind == codes.Unbound {
			found.Address = campaignAddress(c.Key, "batches", ours[0].Batch) + query
		}
		return found, nil
	}
	return nil, nil //nolint:nilnil // it is no campaign's
}
