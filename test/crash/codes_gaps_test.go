package crash

import (
	"context"
	"slices"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/decisions"
	"pointbridge/integrations/sim"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// interposed lets something happen just before a commit.
type interposed struct {
	*world.MortalCodes
	before func(codes.Change)
}

// Commit implements codes.Batches.
func (i interposed) Commit(ctx context.Context, c codes.Change) (codes.Batch, error) {
	i.before(c)
	return i.MortalCodes.Commit(ctx, c)
}

// TestWhatAPersonDecidesInBetweenIsSeen: somebody ends a code for good in the moment in which its discount is found to be
// in step with the campaign. It is dead in the shop all the same.
func TestWhatAPersonDecidesInBetweenIsSeen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		c := share(w)
		m := &world.MortalCodes{}
		s, ended := w.Process(m), false
		s.Batches = interposed{m, func(ch codes.Change) {
			if ended || ch.Was.DiscountID == "" || ch.Batch.Synced <= ch.Was.Synced {
				return
			}
			ended = true
			_, err := w.Process(&world.MortalCodes{}).Deactivate(t.Context(), world.Somebody, c.Key, c.Prefix+"SARAH")
			expect.MustEqual(t, "err", err, nil)
		}}
		_ = s.Work(t.Context())
		expect.MustThat(t, "somebody ended it in between", ended, "")
		w.Rest()
		expect.That(t, "dead in the shop", !w.Shopify.Usable(c.Prefix+"SARAH"), theOne(w, c.Key).Status)
	})
}

// TestADiscountFollowsTheStartOfItsCampaign: a campaign that is put off is not usable from the day that was said first.
func TestADiscountFollowsTheStartOfItsCampaign(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		c := share(w, func(c *campaigns.Campaign) { c.Offer.StartsAt = w.Clock.Now().Add(48 * time.Hour) })
		w.Rest()
		c = w.Revise(c.Key, func(o *campaigns.Offer) { o.StartsAt = o.StartsAt.Add(48 * time.Hour) })
		w.Rest()
		at := theOne(w, c.Key).StartsAt
		expect.That(t, "its start", at.Equal(c.Offer.StartsAt), at)
	})
}

// TestNoCodeIsMadeInAnotherCurrency: an amount has no currency on a discount, so that 1,000 of another one would be
// 1,000 of the shop's.
func TestNoCodeIsMadeInAnotherCurrency(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		s := w.Process(&world.MortalCodes{})
		dollars := func(c *campaigns.Campaign) { c.Offer.Value.Currency = "USD" }
		c := w.Campaign(campaigns.Shared, dollars)
		_, _, err := s.Share(t.Context(), codes.SharedCode{Caller: world.Somebody, Key: "k1", Campaign: c.Key,
			Code: c.Prefix + "SARAH", Owner: "@sarah"})
		expect.Equal(t, "a shared code", domain.CodeOf(err), domain.CodeShopSettings)
		c = w.Campaign(campaigns.Batch, dollars)
		_, _, err = s.Make(t.Context(), codes.Asked{Caller: world.Somebody, Key: "k2", Campaign: c.Key, Count: 10})
		expect.Equal(t, "a batch", domain.CodeOf(err), domain.CodeShopSettings)
		w.Rest()
		expect.Equal(t, "discounts in the shop", len(w.Shopify.Discounts()), 0)
	})
}

// TestAListThatIsPausedIsForgottenInTime: addresses do not stay for ever because nobody lets a list go on.
func TestAListThatIsPausedIsForgottenInTime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		c := w.Campaign(campaigns.Personal, func(c *campaigns.Campaign) {
			c.Offer.EndsAt = c.Offer.StartsAt.AddDate(1, 0, 0)
		})
		s := w.Process(&world.MortalCodes{})
		b, _, err := s.Make(t.Context(), codes.Asked{Caller: world.Somebody, Key: "k", Campaign: c.Key,
			CSV: "email\na@example.com\nb@example.com\n"})
		expect.MustEqual(t, "err", err, nil)
		_, err = s.SetStatus(t.Context(), world.Somebody, c.Key, b.PublicID, codes.Paused, "")
		expect.MustEqual(t, "err", err, nil)
		w.Rest()
		w.Clock.Advance(31 * 24 * time.Hour)
		w.Rest()
		rows, err := w.Store.Batches.RowsOf(t.Context(), codes.RowQuery{BatchID: b.ID, Limit: 10})
		expect.MustEqual(t, "err", err, nil)
		for _, r := range rows {
			expect.Equal(t, "recipient", r.To, codes.Recipient{})
		}
		b, err = w.Store.Batches.BatchOf(t.Context(), c.Key, b.PublicID)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "status", b.Status, codes.Stopped)
		expect.Equal(t, "reason", b.Reason, codes.TookTooLong)
		expect.Equal(t, "codes given out", w.Issuer.Given(), 0)
	})
}

// TestASharedCodeMayLookLikeAPersonalOne: six letters after the prefix are no code of points.
func TestASharedCodeMayLookLikeAPersonalOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		c := w.Campaign(campaigns.Shared)
		_, _, err := w.Process(&world.MortalCodes{}).Share(t.Context(), codes.SharedCode{Caller: world.Somebody, Key: "k",
			Campaign: c.Key, Code: c.Prefix + "SUMMER", Owner: "@sarah"})
		expect.MustEqual(t, "err", err, nil)
		w.Rest()
		expect.That(t, "usable", w.Shopify.Usable(c.Prefix+"SUMMER"), "")
		found, err := w.Store.Campaigns.Find(t.Context(), "", c.Prefix+"SUMMER")
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "state", found.Code, decisions.CodeValid)
	})
}

// TestADiscountHasWhatItsCampaignAsks: a shared code and a batch are good for the products, the collection or the segment
// that their campaign names, also where nobody asks us at the checkout; the books see one that is good for more.
// covers: 001-28, 002-12
func TestADiscountHasWhatItsCampaignAsks(t *testing.T) {
	t.Parallel()
	const product, collection, segment = "gid://shopify/Product/1", "gid://shopify/Collection/3",
		"gid://shopify/Segment/5"
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		asks := func(need decisions.Need, value string) func(*campaigns.Campaign) {
			return func(c *campaigns.Campaign) {
				c.Policy.Conditions = []decisions.Condition{{Need: need, Values: []string{value}}}
			}
		}
		ofProduct := share(w, asks(decisions.NeedProducts, product))
		ofSegment := share(w, asks(decisions.NeedSegment, segment))
		batch := w.Campaign(campaigns.Batch, asks(decisions.NeedCollections, collection))
		makeBatch(w, batch.Key, 2)
		w.Rest()
		expect.That(t, "products", slices.Equal(theOne(w, ofProduct.Key).Products, []string{product}), "")
		expect.That(t, "collections", slices.Equal(theOne(w, batch.Key).Collections, []string{collection}), "")
		expect.That(t, "segments", slices.Equal(theOne(w, ofSegment.Key).Segments, []string{segment}), "")
		for _, key := range []string{ofProduct.Key, ofSegment.Key} {
			if _, err := w.Shopify.Checkout("", []string{theOne(w, key).Code}, "3000"); err == nil {
				t.Errorf("the code of %s is good for everybody and everything", key)
			}
		}
		different := func(c campaigns.Campaign) []string {
			b, err := w.Store.Books.Discounts(t.Context(), 0, w.Clock.Now().Add(time.Hour), 10)
			expect.MustEqual(t, "err", err, nil)
			at := slices.IndexFunc(b, func(b codes.Batch) bool { return b.CampaignID == c.ID })
			terms, err := codes.TermsOf(b[at])
			expect.MustEqual(t, "err", err, nil)
			found, err := w.Admin.ReadCampaignDiscount(t.Context(), b[at].DiscountID)
			expect.MustEqual(t, "err", err, nil)
			return terms.Differences(found)
		}
		for _, c := range []campaigns.Campaign{ofProduct, ofSegment, batch} {
			expect.Equal(t, "differences of "+c.Key, len(different(c)), 0)
			err := w.Shopify.EditDiscount(theOne(w, c.Key).GID(), func(d *simshopify.Discount) {
				d.Products, d.Collections, d.Segments = nil, nil, nil
			})
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "differences by hand of "+c.Key, len(different(c)), 1)
		}
	})
}

// TestTheBooksSeeACodeThatSomebodyAdded to a discount of ours: it is good, and nobody here knows it.
func TestTheBooksSeeACodeThatSomebodyAdded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		c := share(w)
		w.Rest()
		holdsBooks(w)
		_, err := w.Admin.AddCodes(t.Context(), theOne(w, c.Key).GID(), []string{"EVERYBODY"})
		expect.MustEqual(t, "err", err, nil)
		holdsBooks(w, books.CampaignCodesChanged)
	})
}

// TestARemovalThatNeverCameIsNoRemoval: its call was lost, and somebody gave the discount another end meanwhile. It is
// not told of as removed, and the books see that it is alive.
func TestARemovalThatNeverCameIsNoRemoval(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		c := share(w)
		w.Rest()
		id := theOne(w, c.Key).GID()
		w.Clock.Advance(31 * 24 * time.Hour)
		w.Rest()
		w.Clock.Advance(30 * 24 * time.Hour)
		w.Faults.Add(sim.Rule{Act: "shopify.discountCodeBulkDelete", Mode: sim.DropBefore})
		_ = w.Process(&world.MortalCodes{}).Work(t.Context())
		code := func() codes.Code {
			list, err := w.Store.Batches.CodesOf(t.Context(), codes.Query{Campaign: c.Key, Limit: 1})
			expect.MustEqual(t, "err", err, nil)
			return list[0]
		}
		expect.MustEqual(t, "shop", code().Shop, codes.ShopRemoving)
		longer := w.Clock.Now().AddDate(0, 0, 10)
		expect.MustEqual(t, "err", w.Shopify.EditDiscount(id, func(d *simshopify.Discount) { d.EndsAt = &longer }), nil)
		w.Clock.Advance(time.Minute)
		w.Rest()
		expect.Equal(t, "shop", code().Shop, codes.ShopOff)
		holdsBooks(w, books.CampaignCodesAlive)
		w.Clock.Advance(12 * 24 * time.Hour)
		for range 3 {
			w.Rest()
			w.Clock.Advance(time.Minute)
		}
		expect.Equal(t, "shop at last", code().Shop, codes.ShopRemoved)
	})
}

// unread cannot read one discount.
type unread struct {
	*world.MortalCodes
	id string
}

// ReadCampaignDiscount implements codes.Shop.
func (u unread) ReadCampaignDiscount(ctx context.Context, id string) (codes.Found, error) {
	if id == u.id {
		return codes.Found{}, &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "read"}
	}
	return u.MortalCodes.ReadCampaignDiscount(ctx, id)
}

// TestADiscountThatCannotBeReadHoldsNoOtherUp: the others leave the shop when their time is over.
func TestADiscountThatCannotBeReadHoldsNoOtherUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		broken, other := share(w), share(w)
		w.Rest()
		id := theOne(w, broken.Key).GID()
		w.Clock.Advance(31 * 24 * time.Hour)
		w.Rest()
		w.Clock.Advance(30 * 24 * time.Hour)
		m := &world.MortalCodes{}
		s := w.Process(m)
		s.Shop = unread{m, id}
		for range 4 {
			_ = s.Work(t.Context())
			w.Clock.Advance(time.Minute)
		}
		list, err := w.Store.Batches.CodesOf(t.Context(), codes.Query{Campaign: other.Key, Limit: 1})
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "shop", list[0].Shop, codes.ShopRemoved)
	})
}
