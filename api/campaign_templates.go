package api

import (
	"context"
	"time"

	"pointbridge/domain/campaigns"
)

// TemplateBody is a campaign to start from: offer and protection can be sent as they are to make one.
type TemplateBody struct {
	Key        string          `json:"key" enum:"flash,welcome,vip,influencer"`
	Name       string          `json:"name" doc:"In the caller's language"`
	What       string          `json:"what" doc:"What it is for, in the caller's language"`
	Offer      OfferBody       `json:"offer"`
	Protection ProtectionRules `json:"protection"`
}

type templatesInput struct {
	StartsAt time.Time `query:"starts_at" doc:"When the campaign is to start; now where nothing is said"`
}

type templatesOutput struct {
	Body struct {
		Items []TemplateBody `json:"items" nullable:"false"`
	} `nameHint:"CampaignTemplates"`
}

func (a *API) campaignTemplates(ctx context.Context, in *templatesInput) (*templatesOutput, error) {
	starts := in.StartsAt
	if starts.IsZero() {
		starts = a.deps.Now()
	}
	x, out := exchangeOf(ctx), &templatesOutput{}
	for _, t := range campaigns.Templates(starts) {
		if len(t.Offer.Faults()) > 0 { // it would begin or end in no year of four digits
			return nil, wrong("query.starts_at", "invalid")
		}
		out.Body.Items = append(out.Body.Items, TemplateBody{Key: string(t.Key), Name: x.say("template." + string(t.Key)),
			What: x.say("template." + string(t.Key) + ".what"), Offer: offerOf(t.Offer),
			Protection: protectionOf(t.Policy).ProtectionRules})
	}
	return out, nil
}

// say is a text of the catalogue in the caller's language.
func (x *exchange) say(key string) string {
	text, err := x.api.texts.words.Say(x.words.tag.String(), key)
	if err != nil {
		return key
	}
	return text
}
