package demo

import (
	"context"
	"time"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/decisions"
)

// seededCampaigns are one of each kind: what customers may ask for themselves, cards to hand out, and codes that other
// people spread.
func seededCampaigns(now time.Time) []campaigns.Campaign {
	return []campaigns.Campaign{
		seeded("thanks", "THANKS-", "いつもありがとうクーポン", "A thank-you", campaigns.Offer{Codes: campaigns.Personal,
			Value:    campaigns.Value{Kind: campaigns.Percentage, Range: campaigns.One(1000)},
			Validity: campaigns.One(14 * 24 * 3600), LivePerPerson: 1, SelfService: true}, now),
		seeded("cards", "CARD-", "店頭カード", "Cards at the counter", campaigns.Offer{Codes: campaigns.Batch,
			Value: campaigns.Value{Kind: campaigns.Amount, Range: campaigns.One(300), Currency: "JPY"}}, now),
		seeded("partners", "WITH-", "パートナー紹介", "Partners", campaigns.Offer{Codes: campaigns.Shared,
			Value: campaigns.Value{Kind: campaigns.Percentage, Range: campaigns.One(500)}}, now),
	}
}

func seeded(key, prefix, ja, en string, o campaigns.Offer, now time.Time) campaigns.Campaign {
	p := decisions.NewPolicy(decisions.Medium)
	p.UsesInAll, p.UsesPerCode, p.UsesPerPerson = 1000, 1, 1
	if o.Codes == campaigns.Shared {
		p.UsesPerCode = 200
	}
	o.StartsAt, o.EndsAt, o.SweepAfter = now.Add(-time.Hour), now.AddDate(0, 2, 0), 30
	return campaigns.Campaign{Key: key, Prefix: prefix, Policy: p, Offer: o,
		Names: []campaigns.Name{{Language: "ja", Text: ja}, {Language: "en", Text: en}}}
}

// seedCampaigns makes them live, each with a few codes. The queue makes these in the shop, as always.
func seedCampaigns(ctx context.Context, a *app.App) error {
	by, made := domain.System(), a.Campaigns()
	for _, c := range seededCampaigns(domain.SystemClock{}.Now()) {
		if _, err := made.Make(ctx, by, c); err != nil {
			return err
		}
		if _, err := made.SetStatus(ctx, by, c.Key, campaigns.Live, ""); err != nil {
			return err
		}
	}
	if _, _, err := a.Codes.Make(ctx, codes.Asked{Caller: by, Key: "demo-cards", Campaign: "cards",
		Count: 12}); err != nil {
		return err
	}
	for code, owner := range map[string]string{"WITH-MIKA": "Mika (@mika)", "WITH-KEN": "Ken's Kitchen"} {
		if _, _, err := a.Codes.Share(ctx, codes.SharedCode{Caller: by, Key: "demo-" + code, Campaign: "partners",
			Code: code, Owner: owner}); err != nil {
			return err
		}
	}
	return nil
}
