package crash

import (
	"slices"
	"testing"
	"time"

	"pointbridge/domain/books"
	"pointbridge/domain/campaigns"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestBooksKnowCodesOfCampaigns plants one drift at a time on a campaign's discount: it is found under its own kind, and
// what can be ended safely is ended.
// covers: 004-37
func TestBooksKnowCodesOfCampaigns(t *testing.T) {
	t.Parallel()
	for want, plant := range map[books.Kind]func(w *world.CampaignCodes, id, key string) error{
		"":                         func(*world.CampaignCodes, string, string) error { return nil },
		books.CampaignCodesMissing: func(w *world.CampaignCodes, id, _ string) error { return w.Shopify.DeleteByHand(id) },
		books.CampaignCodesChanged: func(w *world.CampaignCodes, id, _ string) error {
			return w.Shopify.EditDiscount(id, func(d *simshopify.Discount) { d.Amount = "9900" })
		},
		books.CampaignCodesUnlimited: func(w *world.CampaignCodes, id, _ string) error {
			return w.Shopify.EditDiscount(id, func(d *simshopify.Discount) { d.UsageLimit = nil })
		},
		books.CampaignCodesAlive: func(w *world.CampaignCodes, id, key string) error {
			w.Move(key, campaigns.Paused)
			w.Rest()
			return w.Shopify.ActivateByHand(id)
		},
	} {
		t.Run(string(want), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := world.NewCampaignCodes(t, db)
				c := share(w, func(c *campaigns.Campaign) { c.Policy.UsesPerCode = 50 })
				w.Rest()
				if err := plant(w, theOne(w, c.Key).GID(), c.Key); err != nil {
					t.Fatal(err)
				}
				w.Clock.Advance(time.Hour)
				checker := &books.Checker{Ours: w.Store.Books, Runs: w.Store.Books, Shop: w.Admin, Campaigns: w.Store.Books,
					CampaignShop: w.Admin, Clock: world.InstantClock{Clock: w.Clock}, Timing: books.DefaultTiming()}
				find := func() (kinds []books.Kind) {
					sum, err := checker.Run(t.Context(), books.Options{Repair: true},
						books.Sink{Difference: func(d books.Difference) { kinds = append(kinds, d.Kind) }})
					expect.MustEqual(t, "err", err, nil)
					expect.Equal(t, "gaps", sum.Gaps, 0)
					return kinds
				}
				var wanted []books.Kind
				if want != "" {
					wanted = []books.Kind{want}
				}
				first := find()
				expect.That(t, "found", slices.Equal(first, wanted), first)
				if want.Safe() {
					wanted = nil
				}
				again := find()
				expect.That(t, "found after the repair", slices.Equal(again, wanted), again)
			})
		})
	}
}
