package app

import (
	"crypto/rand"
	"time"

	"pointbridge/domain/campaigns/codes"
	"pointbridge/integrations/jobs"
)

// codesEvery is how often batches are looked for whose actor is gone, and discounts whose time is over.
const codesEvery = 5 * time.Second

// wireCodes connects what makes the codes of campaigns. It takes what others leave of the shop's cost budget.
func (a *App) wireCodes() {
	shop := a.Shop.Batch()
	a.Codes = &codes.Service{Batches: a.Store.Batches, Shelf: a.Store.Batches, Library: a.Store.Batches,
		Campaigns: a.Store.Campaigns, Shop: shop, Bulk: shop, Clock: a.Service.Clock, Random: rand.Reader,
		Logger: a.Logger, Locale: a.Config.ShopLocale, Currency: a.Service.Policy.Currency,
		Timing: codes.Timing{Lease: max(a.Config.StepLease, a.Config.ShopifyTimeout+time.Second),
			Settle: a.Config.SettleAfter}}
}

// codesRounds look for what no job is left for.
func (a *App) codesRounds() []jobs.Round {
	return []jobs.Round{{Name: "codes", Every: codesEvery, Run: a.Codes.Work}}
}
