package api

import (
	"context"
	"net/http"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
)

const campaignsPath = "/v1/campaigns"

var (
	mayReadCampaigns = access.To("campaigns", "read")
	mayRunCampaigns  = access.To("campaigns", "manage")
)

// campaignRoutes are campaigns and their rules.
func (a *API) campaignRoutes() {
	const get, post, patch = http.MethodGet, http.MethodPost, http.MethodPatch
	const one = campaignsPath + "/{key}"
	unknown := []domain.Code{domain.CodeCampaignNotFound}
	add(a, route{get, campaignsPath, mayReadCampaigns, "Campaigns: families of codes under one set of rules", false,
		nil}, http.StatusOK, a.campaigns)
	add(a, route{post, campaignsPath, mayRunCampaigns, "Make a campaign, as a draft that watches and refuses nothing",
		false, []domain.Code{domain.CodeCampaignExists, domain.CodePrefixTaken}}, http.StatusCreated, a.makeCampaign)
	add(a, route{get, one, mayReadCampaigns, "A campaign", false, unknown}, http.StatusOK, a.campaign)
	add(a, route{patch, one, mayRunCampaigns, "Change a campaign's names or its rules; the next decision reads them",
		false, []domain.Code{domain.CodeCampaignNotFound, domain.CodeCampaignChanged}}, http.StatusOK, a.changeCampaign)
	add(a, route{post, one + "/status", mayRunCampaigns, "Move a campaign on; one that stands so already is left alone",
		false, []domain.Code{domain.CodeCampaignNotFound, domain.CodeCampaignStatus, domain.CodeCampaignChanged}},
		http.StatusOK, a.moveCampaign)
	add(a, route{get, "/v1/campaign-templates", mayReadCampaigns,
		"Templates of campaigns, each with an end and a limit for everything", false, nil}, http.StatusOK,
		a.campaignTemplates)
	add(a, route{post, one + "/trial", mayRunCampaigns, "What a decision would be, without any effect", false, unknown},
		http.StatusOK, a.tryCampaign)
}

type campaignsOutput struct {
	Body struct {
		Items      []CampaignBody `json:"items" nullable:"false"`
		NextCursor *string        `json:"next_cursor" doc:"Always null: the list comes whole"`
	} `nameHint:"CampaignList"`
}

func (a *API) campaigns(ctx context.Context, _ *struct{}) (*campaignsOutput, error) {
	list, err := a.deps.Identity.CampaignBook.List(ctx)
	if err != nil {
		return nil, err
	}
	out := &campaignsOutput{}
	out.Body.Items = make([]CampaignBody, 0, len(list))
	for _, c := range list {
		out.Body.Items = append(out.Body.Items, a.campaignOf(c))
	}
	return out, nil
}

// CampaignPath documents the campaign in the path.
type CampaignPath struct {
	Key string `path:"key" maxLength:"40" pattern:"^[a-z0-9-]{2,40}$" doc:"The campaign's key"`
}

type campaignOutput struct {
	Body CampaignBody
}

func (a *API) campaign(ctx context.Context, in *CampaignPath) (*campaignOutput, error) {
	c, err := a.deps.Identity.CampaignBook.ByKey(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	return &campaignOutput{a.campaignOf(c)}, nil
}

type makeCampaignInput struct {
	Body struct {
		Key        string            `json:"key" maxLength:"40" pattern:"^[a-z0-9-]{2,40}$" doc:"Never used again, not even after the campaign's end"`
		Names      NamesBody         `json:"names"`
		Prefix     string            `json:"prefix" maxLength:"20" pattern:"^[A-Z0-9][A-Z0-9-]{1,19}$" doc:"What its codes begin with, e.g. SUMMER-. It stays for ever; no prefix is the beginning of another's"`
		Offer      *OfferChange      `json:"offer,omitempty" doc:"What its codes give; without it the campaign knows codes that others make, by the prefix"`
		Protection *ProtectionChange `json:"protection,omitempty" doc:"Rules of its own; medium in shadow where nothing is said"`
	} `nameHint:"NewCampaign"`
}

func (a *API) makeCampaign(ctx context.Context, in *makeCampaignInput) (*campaignOutput, error) {
	wanted := campaigns.Campaign{Key: in.Body.Key, Names: in.Body.Names.names(), Prefix: in.Body.Prefix,
		Status: campaigns.Draft, Offer: in.Body.Offer.onto(newOffer(in.Body.Offer)),
		Policy: in.Body.Protection.onto(decisions.NewPolicy(decisions.Medium))}
	if err := rulesFaults(wanted, in.Body.Offer, in.Body.Protection); err != nil {
		return nil, err
	}
	c, err := a.deps.Identity.Campaigns.Make(ctx, exchangeOf(ctx).caller, wanted)
	if err != nil {
		return nil, err
	}
	return &campaignOutput{a.campaignOf(c)}, nil
}

type changeCampaignInput struct {
	CampaignPath
	Body struct {
		Names         *NamesBody        `json:"names,omitempty" doc:"All of them"`
		Offer         *OfferChange      `json:"offer,omitempty" doc:"What is left out stays as it is"`
		Protection    *ProtectionChange `json:"protection,omitempty" doc:"What is left out stays as it is"`
		PolicyVersion int               `json:"policy_version,omitempty" minimum:"1" doc:"The version of the rules that the change was made from; needed with offer or protection, which become one new version together"`
	} `nameHint:"CampaignChange"`
}

// changeCampaign changes the rules first: where somebody else was faster, nothing is changed.
func (a *API) changeCampaign(ctx context.Context, in *changeCampaignInput) (*campaignOutput, error) {
	c, err := a.deps.Identity.CampaignBook.ByKey(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	caller := exchangeOf(ctx).caller
	if in.Body.Protection != nil || in.Body.Offer != nil {
		if in.Body.PolicyVersion == 0 {
			return nil, wrong("body.policy_version", "required")
		}
		if c.Policy.Version != in.Body.PolicyVersion {
			return nil, domain.Refuse(domain.CodeCampaignChanged)
		}
		c.Offer, c.Policy = in.Body.Offer.onto(c.Offer), in.Body.Protection.onto(c.Policy)
		if err := rulesFaults(c, in.Body.Offer, in.Body.Protection); err != nil {
			return nil, err
		}
		c, err = a.deps.Identity.Campaigns.Revise(ctx, caller, in.Key, in.Body.PolicyVersion, c.Offer, c.Policy)
	}
	if err == nil && in.Body.Names != nil {
		c, err = a.deps.Identity.Campaigns.Rename(ctx, caller, in.Key, in.Body.Names.names())
	}
	if err != nil {
		return nil, err
	}
	return &campaignOutput{a.campaignOf(c)}, nil
}

type moveCampaignInput struct {
	CampaignPath
	Body struct {
		To     string `json:"to" enum:"live,paused,ended"`
		Reason string `json:"reason,omitempty" maxLength:"2000" doc:"Why, for the record"`
	} `nameHint:"CampaignMove"`
}

func (a *API) moveCampaign(ctx context.Context, in *moveCampaignInput) (*campaignOutput, error) {
	c, err := a.deps.Identity.Campaigns.SetStatus(ctx, exchangeOf(ctx).caller, in.Key, campaigns.Status(in.Body.To),
		in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &campaignOutput{a.campaignOf(c)}, nil
}
