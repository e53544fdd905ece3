package crash

import (
	"errors"
	"testing"
	"time"

	"pointbridge/domain/books"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

const (
	someSegment = "gid://shopify/Segment/5"
	someProduct = "gid://shopify/Product/7"
)

// bounded asks for everything that a discount can enforce.
func bounded(c *campaigns.Campaign) {
	c.Policy.UsesPerCode, c.Policy.UsesInAll, c.Policy.UsesPerPerson = 50, 30, 1
	c.Policy.Conditions = []decisions.Condition{{Need: decisions.NeedMinimum, Key: "JPY", Number: 3000},
		{Need: decisions.NeedSegment, Values: []string{someSegment}},
		{Need: decisions.NeedProducts, Values: []string{someProduct}}}
}

// TestTheShopHoldsCodesToTheRulesByItself: minimum, segment and products stand on the discounts of batches and shared
// codes, and the shop's own checkout refuses by them, with nobody of us asked.
// covers: 001-21, 001-46, 002-12
func TestTheShopHoldsCodesToTheRulesByItself(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		shared := share(w, bounded)
		batch := w.Campaign(campaigns.Batch, bounded)
		makeBatch(w, batch.Key, 3)
		w.Rest()
		member, stranger := "gid://shopify/Customer/7001", "gid://shopify/Customer/7002"
		for _, gid := range []string{member, stranger} {
			_, err := w.Shopify.AddCustomer(gid, "", "Somebody", "ja")
			expect.MustEqual(t, "err", err, nil)
		}
		w.Shopify.SetSegment(someSegment, member)
		for key, limit := range map[string]int32{shared.Key: 30, batch.Key: 1} {
			d := theOne(w, key)
			expect.Equal(t, "usage limit", *d.UsageLimit, limit)
			expect.Equal(t, "once per customer", d.AppliesOncePerCustomer, true)
			for _, c := range []struct {
				who, subtotal, product string
				want                   error
			}{
				{member, "2999", someProduct, simshopify.ErrBelowMinimum},
				{stranger, "3000", someProduct, simshopify.ErrOtherCustomer},
				{member, "3000", "gid://shopify/Product/8", simshopify.ErrNotEntitled},
				{member, "3000", someProduct, nil},
			} {
				_, err := w.Shopify.CheckoutOf(c.who, []string{d.Code}, c.subtotal, simshopify.Buyer{}, c.product)
				expect.That(t, "checkout", errors.Is(err, c.want), c.who, c.subtotal, c.product, err)
			}
		}
	})
}

// TestBooksSeeWhatSomebodyLoosened: each of the shop's own bounds on a campaign's discount that was taken away by hand
// is a difference, and so is a code that somebody added to it.
// covers: 004-37
func TestBooksSeeWhatSomebodyLoosened(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plant func(*simshopify.Discount)
		kind  books.Kind
	}{
		"nothing":     {func(*simshopify.Discount) {}, ""},
		"the limit":   {func(d *simshopify.Discount) { d.UsageLimit = nil }, books.CampaignCodesUnlimited},
		"the end":     {func(d *simshopify.Discount) { d.EndsAt = nil }, books.CampaignCodesUnlimited},
		"the person":  {func(d *simshopify.Discount) { d.AppliesOncePerCustomer = false }, books.CampaignCodesChanged},
		"the segment": {func(d *simshopify.Discount) { d.Segments = nil }, books.CampaignCodesChanged},
		"the goods":   {func(d *simshopify.Discount) { d.Products = nil }, books.CampaignCodesChanged},
		"the minimum": {func(d *simshopify.Discount) { d.MinimumSubtotal = "" }, books.CampaignCodesChanged},
		"a later end": {func(d *simshopify.Discount) { d.EndsAt = new(d.EndsAt.AddDate(0, 1, 0)) }, books.CampaignCodesChanged},
		"combination": {func(d *simshopify.Discount) { d.Combines.Order = true }, books.CampaignCodesChanged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := world.NewCampaignCodes(t, db)
				key := share(w, bounded).Key
				w.Rest()
				expect.MustEqual(t, "err", w.Shopify.EditDiscount(theOne(w, key).GID(), c.plant), nil)
				holdsBooks(w, c.kind)
			})
		})
	}
}

// TestBooksSeeABatchThatSomebodyChanged: a discount of many codes that was deleted, one to which a code was added, and one
// whose codes somebody made good without a limit.
// covers: 004-37
func TestBooksSeeABatchThatSomebodyChanged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		deleted, added, opened := w.Campaign(campaigns.Batch), w.Campaign(campaigns.Batch), w.Campaign(campaigns.Batch)
		for _, c := range []campaigns.Campaign{deleted, added, opened} {
			makeBatch(w, c.Key, 3)
		}
		w.Rest()
		holdsBooks(w)
		_, err := w.Admin.AddCodes(t.Context(), theOne(w, added.Key).GID(), []string{added.Prefix + "BYHAND"})
		expect.MustEqual(t, "err", err, nil)
		w.Clock.Advance(time.Minute)
		holdsBooks(w, books.CampaignCodesChanged)
		expect.MustEqual(t, "err", w.Shopify.DeleteByHand(theOne(w, deleted.Key).GID()), nil)
		holdsBooks(w, books.CampaignCodesMissing, books.CampaignCodesChanged)
		expect.MustEqual(t, "err", w.Shopify.EditDiscount(theOne(w, opened.Key).GID(), func(d *simshopify.Discount) {
			d.UsageLimit = nil
		}), nil)
		holdsBooks(w, books.CampaignCodesMissing, books.CampaignCodesChanged, books.CampaignCodesUnlimited)
	})
}

// holdsBooks compares the books, which find so many differences of these kinds, in the order of the batches.
func holdsBooks(w *world.CampaignCodes, want ...books.Kind) {
	w.T.Helper()
	w.Clock.Advance(time.Hour)
	checker := &books.Checker{Ours: w.Store.Books, Runs: w.Store.Books, Shop: w.Admin, Campaigns: w.Store.Books,
		CampaignShop: w.Admin, Clock: world.InstantClock{Clock: w.Clock}, Timing: books.DefaultTiming()}
	kinds := []books.Kind{}
	sum, err := checker.Run(w.T.Context(), books.Options{}, books.Sink{Difference: func(d books.Difference) {
		kinds = append(kinds, d.Kind)
	}})
	expect.MustEqual(w.T, "err", err, nil)
	expect.Equal(w.T, "gaps", sum.Gaps, 0)
	wanted := []books.Kind{}
	for _, k := range want {
		if k != "" {
			wanted = append(wanted, k)
		}
	}
	expect.Equal(w.T, "differences", kinds, wanted)
}
