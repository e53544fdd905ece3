package api

import (
	"context"
	"time"

	"pointbridge/domain/campaigns"
)

// OpenOffer is a campaign of which a customer may ask for a code now.
type OpenOffer struct {
	Campaign  string    `json:"campaign" doc:"The campaign's key"`
	Name      string    `json:"name" doc:"In the caller's language"`
	Value     ValueBody `json:"value"`
	Points    int64     `json:"points" doc:"What a code costs; 0 for nothing"`
	Validity  RangeBody `json:"validity" doc:"How many seconds a code lives once it is given out"`
	ExpiresAt time.Time `json:"expires_at" doc:"When the offer ends: count down from server_now, whatever the clock of the device says"`
}

type openOffersOutput struct {
	Body struct {
		Items     []OpenOffer `json:"items" nullable:"false"`
		ServerNow time.Time   `json:"server_now" doc:"The server's time of this answer"`
	} `nameHint:"OpenOffers"`
}

// openOffers are the same for every customer: whether somebody may have a code is decided when they ask for it.
func (a *API) openOffers(ctx context.Context, _ *CustomerPath) (*openOffersOutput, error) {
	x, now, out := exchangeOf(ctx), a.deps.Now(), &openOffersOutput{}
	out.Body.Items, out.Body.ServerNow = []OpenOffer{}, now.UTC()
	if a.deps.Identity.Codes == nil {
		return out, nil
	}
	list, err := a.deps.Identity.CampaignBook.List(ctx)
	if err != nil {
		return nil, err
	}
	base, _ := x.words.tag.Base()
	for _, c := range campaigns.ToAskFor(list, now) {
		o := c.Offer
		out.Body.Items = append(out.Body.Items, OpenOffer{Campaign: c.Key, Name: c.NameIn(base.String()),
			Value: *offerOf(o).Value, Points: o.Points, Validity: RangeBody(o.Validity), ExpiresAt: o.EndsAt})
	}
	return out, nil
}
