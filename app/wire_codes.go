package app

import (
	"context"
	"crypto/rand"
	"time"

	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/jobs"
)

// codesEvery is how often batches are looked for whose actor is gone, and discounts whose time is over.
const codesEvery = 5 * time.Second

// wireCodes connects what makes the codes of campaigns. It takes what others leave of the shop's cost budget.
func (a *App) wireCodes() {
	shop := a.Shop.Batch()
	a.Codes = &codes.Service{Batches: a.Store.Batches, Shelf: a.Store.Batches, Library: a.Store.Batches,
		Campaigns: a.Store.Campaigns, Shop: shop, Bulk: shop, Gate: a.Setup, Clock: a.Service.Clock, Random: rand.Reader,
		Issuer: issuer{a.Service}, Logger: a.Logger, Locale: a.Config.ShopLocale, Currency: a.Service.Policy.Currency,
		Timing: codes.Timing{Lease: max(a.Config.StepLease, a.Config.ShopifyTimeout+time.Second),
			Settle: a.Config.SettleAfter}}
}

// issuer gives the codes of a list of recipients, each as if it was asked for by itself.
type issuer struct{ *coupons.Service }

// IssueCode implements codes.Issuer.
func (i issuer) IssueCode(ctx context.Context, a codes.Issue) (codes.Issued, error) {
	r, err := i.Issue(ctx, coupons.Issue{Caller: a.Caller, Key: a.Key, Campaign: a.Campaign,
		To: coupons.Recipient(a.To), Value: a.Value})
	return codes.Issued{Code: r.Coupon.Code, Done: r.Done}, err
}

// codesRounds look for what no job is left for.
func (a *App) codesRounds() []jobs.Round {
	return []jobs.Round{{Name: "codes", Every: codesEvery, Run: a.Codes.Work}}
}
