package app

import (
	"context"
	"crypto/rand"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/bulk"
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
		Issuer: issuer{a.Service, a.Store.Keys, a.Rules, a.Service.Clock}, Meanings: a.Service.Meanings, Logger: a.Logger, Locale: a.Config.ShopLocale, Currency: a.Service.Policy.Currency,
		Timing: codes.Timing{Lease: max(a.Config.StepLease, a.Config.ShopifyTimeout+time.Second),
			Settle: a.Config.SettleAfter}}
}

// issuer gives the codes of a list of recipients, each as if it was asked for by itself: by whoever made the batch as
// they are now. A list takes hours, and who has gone meanwhile, or may less, gives nothing more away. What was asked for
// before is not asked for again, but how it stands: a request that is repeated gets its first answer, "on its way" too.
type issuer struct {
	saga interface {
		Issue(ctx context.Context, i coupons.Issue) (coupons.Result, error)
		Issued(ctx context.Context, callerID, key string) (coupons.Result, error)
	}
	callers bulk.Callers
	rights  interface {
		Permits(who domain.Caller, object, action string) bool
	}
	clock domain.Clock
}

// IssueCode implements codes.Issuer.
func (i issuer) IssueCode(ctx context.Context, a codes.Issue) (codes.Issued, error) {
	if r, err := i.saga.Issued(ctx, a.Caller.ID, a.Key); domain.CodeOf(err) != domain.CodeNotFound {
		return codes.Issued{Code: r.Coupon.Code, Done: r.Done}, err
	}
	who, err := i.callers.Now(ctx, a.Caller, i.clock.Now())
	if err != nil {
		return codes.Issued{}, err
	}
	if !i.rights.Permits(who, "campaign_codes", "create") {
		return codes.Issued{}, domain.Refuse(domain.CodePermissionDenied)
	}
	r, err := i.saga.Issue(ctx, coupons.Issue{Caller: who, Key: a.Key, Campaign: a.Campaign,
		To: coupons.Recipient(a.To), Value: a.Value})
	return codes.Issued{Code: r.Coupon.Code, Done: r.Done}, err
}

// codesRounds look for what no job is left for.
func (a *App) codesRounds() []jobs.Round {
	return []jobs.Round{{Name: "codes", Every: codesEvery, Run: a.Codes.Work}}
}
