package api

import (
	"context"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
)

type tryCampaignInput struct {
	CampaignPath
	Body struct {
		QuestionBody
		Offer      *OfferChange      `json:"offer,omitempty" doc:"An offer to try instead of the campaign's own: its window counts"`
		Protection *ProtectionChange `json:"protection,omitempty" doc:"Rules to try instead of the campaign's own"`
		AsStatus   string            `json:"as_status,omitempty" enum:"live,paused,ended" doc:"As if the campaign had been moved there, so that a draft can be tried before it is live"`
	} `nameHint:"Trial"`
}

// tryCampaign decides as a request would be decided, and leaves nothing but the fact that somebody tried.
func (a *API) tryCampaign(ctx context.Context, in *tryCampaignInput) (*answerOutput, error) {
	c, err := a.deps.Identity.CampaignBook.ByKey(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	tried := c
	tried.Offer, tried.Policy = in.Body.Offer.onto(c.Offer), in.Body.Protection.onto(c.Policy)
	if err := rulesFaults(tried, in.Body.Offer, in.Body.Protection); err != nil {
		return nil, err
	}
	q := in.Body.question()
	q.Campaign = in.Key
	tried.Offer = tried.Offer.Settled()
	if in.Body.AsStatus != "" {
		tried.Status = decisions.CampaignStatus(in.Body.AsStatus)
	}
	if in.Body.Offer != nil || in.Body.AsStatus != "" {
		q.TriedStatus = tried.StatusAt(a.deps.Now())
	}
	var policy *decisions.Policy
	if in.Body.Protection != nil {
		policy = &tried.Policy
	}
	d, err := a.deps.Identity.Decisions.Trial(ctx, q, policy)
	if err != nil {
		return nil, err
	}
	if err := a.read(ctx, domain.ActionCampaignTried, "", map[string]any{"campaign": in.Key}); err != nil {
		return nil, err
	}
	return &answerOutput{Body: exchangeOf(ctx).answerOf("", d.Answer)}, nil
}
