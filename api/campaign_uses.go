package api

import (
	"context"
	"net/http"

	"pointbridge/domain"
)

// campaignUsesRoutes tell how often a campaign was used.
func (a *API) campaignUsesRoutes() {
	add(a, route{http.MethodGet, campaignsPath + "/{key}/uses", mayReadCampaigns,
		"How many orders used a campaign, and how many uses its limits leave", false,
		[]domain.Code{domain.CodeCampaignNotFound}}, http.StatusOK, a.campaignUses)
}

type campaignUsesInput struct {
	CampaignPath
	Code string `query:"code" maxLength:"255" doc:"Counts the uses of this code as well"`
}

type campaignUsesOutput struct {
	Body struct {
		Orders  int  `json:"orders" doc:"Orders that used one of the campaign's codes and stand: not cancelled, not refunded in full, no tests; also those that were imported"`
		Refused int  `json:"refused" doc:"Those of them that broke a rule and came through all the same"`
		Limit   *int `json:"limit" doc:"How many uses there may be in all; null for no limit"`
		Left    *int `json:"left" doc:"How many of them are left; null for no limit"`
		OfCode  *int `json:"of_code" doc:"The uses of the code that was asked for; null where none was"`
		PerCode *int `json:"limit_per_code" doc:"How many uses one code may have; null for no limit"`
	} `nameHint:"CampaignUses"`
}

func (a *API) campaignUses(ctx context.Context, in *campaignUsesInput) (*campaignUsesOutput, error) {
	c, err := a.deps.Identity.CampaignBook.ByKey(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	tally, err := a.deps.Identity.Uses(ctx, c.ID, in.Code)
	if err != nil {
		return nil, err
	}
	out := &campaignUsesOutput{}
	out.Body.Orders, out.Body.Refused = tally.InAll, tally.Refused
	if limit := c.Policy.UsesInAll; limit > 0 {
		left := max(limit-tally.InAll, 0)
		out.Body.Limit, out.Body.Left = &limit, &left
	}
	if limit := c.Policy.UsesPerCode; limit > 0 {
		out.Body.PerCode = &limit
	}
	if in.Code != "" {
		out.Body.OfCode = &tally.OfCode
	}
	return out, nil
}
