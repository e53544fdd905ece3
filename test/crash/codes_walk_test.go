package crash

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// walkCodes has a process do something until it dies at a place or loses an answer, lets a living one finish, and looks
// at what came of it. It walks all places and acts there are.
func walkCodes(t *testing.T, db storetest.Database, least int, begin func(w *world.CampaignCodes) string,
	look func(w *world.CampaignCodes, key string)) {
	t.Helper()
	w := world.NewCampaignCodes(t, db)
	w.Chunk = 10
	once := func(t *testing.T, dieAt, loseAt int) (places, acts int) {
		w.On(t)
		key := begin(w)
		m := &world.MortalCodes{DieAt: dieAt, LoseAt: loseAt}
		_ = w.Process(m).Work(t.Context()) // what a dead process would say nobody hears
		w.Rest()
		look(w, key)
		return m.Places, m.Acts
	}
	places, acts := once(t, 0, 0)
	if places < least || acts < 1 {
		t.Fatalf("only %d places and %d acts were found", places, acts)
	}
	for n := 1; n <= places; n++ {
		t.Run(fmt.Sprintf("dies at place %d", n), func(t *testing.T) { once(t, n, 0) })
	}
	for n := 1; n <= acts; n++ {
		t.Run(fmt.Sprintf("the answer of act %d is lost", n), func(t *testing.T) { once(t, 0, n) })
	}
	w.On(t)
}

// wholeBatch holds that a batch is done, that the shop has exactly its codes, and no others.
func wholeBatch(w *world.CampaignCodes, key string, want int) codes.Batch {
	w.T.Helper()
	list, err := w.Store.Batches.BatchesOf(w.T.Context(), key, 0, 10)
	expect.MustEqual(w.T, "err", err, nil)
	expect.MustEqual(w.T, "batches", len(list), 1)
	b := list[0]
	expect.Equal(w.T, "status", b.Status, codes.Done)
	expect.Equal(w.T, "made", b.Made, want)
	expect.Equal(w.T, "planned and sent", b.Planned+b.Sent, 0)
	ours, err := w.Store.Batches.CodesOf(w.T.Context(), codes.Query{Campaign: key, State: codes.CodeMade, Limit: 10_000})
	expect.MustEqual(w.T, "err", err, nil)
	texts := make([]string, len(ours))
	for i, c := range ours {
		texts[i] = c.Code
	}
	there := w.Shopify.Codes(b.DiscountID)
	slices.Sort(texts)
	slices.Sort(there)
	expect.Equal(w.T, "codes here", len(texts), want)
	expect.That(w.T, "the shop has the same codes", slices.Equal(texts, there), len(there))
	discounts := 0
	for _, d := range w.Shopify.Discounts() {
		if slices.Contains(d.Tags, "pb-campaign-"+key) {
			discounts++
		}
	}
	expect.Equal(w.T, "discounts in the shop", discounts, 1)
	return b
}

// asked makes a campaign with a batch of so many codes.
func asked(w *world.CampaignCodes, count int) (key string) {
	w.T.Helper()
	c := w.Campaign(campaigns.Batch)
	_, _, err := w.Process(&world.MortalCodes{}).Make(w.T.Context(), codes.Asked{Caller: world.Somebody,
		Key: "k-" + c.Key, Campaign: c.Key, Count: count})
	expect.MustEqual(w.T, "err", err, nil)
	return c.Key
}

// TestCrashWalkOverABatch dies at every commit and act of a batch, and loses every answer: never a code twice, never
// more than asked, and none in the shop that is not here. It does so in a shop that takes few codes in one call: the chunks
// are as many, and so are the places.
// covers: 002-01, H-12, H-13
func TestCrashWalkOverABatch(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		const count = 56 // the first by itself, five full chunks, and what is left
		walkCodes(t, db, 40, func(w *world.CampaignCodes) string { return asked(w, count) },
			func(w *world.CampaignCodes, key string) { wholeBatch(w, key, count) })
	})
}

// TestABatchOfFullChunksIsWhole is the walk over a batch with chunks of the size that the shop takes, at a few of its
// places.
func TestABatchOfFullChunksIsWhole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		const count = 1300 // the first by itself, five full chunks, and what is left
		w := world.NewCampaignCodes(t, db)
		for _, m := range []*world.MortalCodes{{}, {DieAt: 15}, {DieAt: 29}, {DieAt: 43}, {LoseAt: 4}, {LoseAt: 9},
			{LoseAt: 14}} {
			key := asked(w, count)
			_ = w.Process(m).Work(t.Context()) // what a dead process would say nobody hears
			w.Rest()
			expect.That(t, "it was interrupted", m.Places >= m.DieAt && m.Acts >= m.LoseAt, m.Places, m.Acts)
			wholeBatch(w, key, count)
		}
	})
}

// share makes a campaign with one shared code, and lets it come into the shop.
func share(w *world.CampaignCodes, change ...func(*campaigns.Campaign)) campaigns.Campaign {
	w.T.Helper()
	c := w.Campaign(campaigns.Shared, change...)
	_, _, err := w.Process(&world.MortalCodes{}).Share(w.T.Context(), codes.SharedCode{Caller: world.Somebody,
		Key: "k-" + c.Key, Campaign: c.Key, Code: c.Prefix + "SARAH", Owner: "@sarah"})
	expect.MustEqual(w.T, "err", err, nil)
	return c
}

// theOne is the discount of a campaign's only code.
func theOne(w *world.CampaignCodes, key string) simshopify.Discount {
	w.T.Helper()
	var found []simshopify.Discount
	for _, d := range w.Shopify.Discounts() {
		if slices.Contains(d.Tags, "pb-campaign-"+key) {
			found = append(found, d)
		}
	}
	expect.MustEqual(w.T, "discounts", len(found), 1)
	return found[0]
}

// TestCrashWalkOverASharedCode dies at every commit and act of a code that somebody chose.
// covers: 002-26
func TestCrashWalkOverASharedCode(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		walkCodes(t, db, 5, func(w *world.CampaignCodes) string {
			return share(w, func(c *campaigns.Campaign) { c.Policy.UsesPerCode, c.Policy.UsesInAll = 50, 20 }).Key
		}, func(w *world.CampaignCodes, key string) {
			d := theOne(w, key)
			expect.Equal(w.T, "uses", *d.UsageLimit, int32(20))
			expect.Equal(w.T, "once per customer", d.AppliesOncePerCustomer, true)
			expect.That(w.T, "it ends", d.EndsAt != nil, d.EndsAt)
			expect.That(w.T, "usable", w.Shopify.Usable(d.Code), d.Status)
		})
	})
}

// TestCrashWalkOverAChangedCampaign dies at every commit and act by which a discount follows its campaign: paused, live
// again with another end, and ended.
// covers: 002-21, H-12
func TestCrashWalkOverAChangedCampaign(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		begin func(w *world.CampaignCodes) string
		look  func(w *world.CampaignCodes, d simshopify.Discount)
	}{
		"paused": {func(w *world.CampaignCodes) string {
			c := share(w)
			w.Rest()
			w.Move(c.Key, campaigns.Paused)
			return c.Key
		}, func(w *world.CampaignCodes, d simshopify.Discount) {
			expect.That(w.T, "not usable", !w.Shopify.Usable(d.Code), d.EndsAt)
		}},
		"live again, before its start": {func(w *world.CampaignCodes) string {
			c := share(w, func(c *campaigns.Campaign) { c.Offer.StartsAt = w.Clock.Now().Add(48 * time.Hour) })
			w.Rest()
			w.Move(c.Key, campaigns.Paused)
			w.Rest()
			w.Move(c.Key, campaigns.Live)
			return c.Key
		}, func(w *world.CampaignCodes, d simshopify.Discount) {
			expect.Equal(w.T, "status", d.Status, "SCHEDULED")
			expect.That(w.T, "its end", d.EndsAt != nil && d.EndsAt.After(d.StartsAt), d.EndsAt)
		}},
		"another end": {func(w *world.CampaignCodes) string {
			c := share(w)
			w.Rest()
			w.Revise(c.Key, func(o *campaigns.Offer) { o.EndsAt = o.EndsAt.Add(time.Hour) })
			return c.Key
		}, func(w *world.CampaignCodes, d simshopify.Discount) {
			c, err := w.Store.Campaigns.ByKey(w.T.Context(), strings.TrimPrefix(d.Tags[1], "pb-campaign-"))
			expect.MustEqual(w.T, "err", err, nil)
			expect.That(w.T, "the campaign's end", d.EndsAt.Equal(c.Offer.EndsAt), d.EndsAt)
			expect.That(w.T, "usable", w.Shopify.Usable(d.Code), d.Status)
		}},
		"ended": {func(w *world.CampaignCodes) string {
			c := share(w)
			w.Rest()
			w.Move(c.Key, campaigns.Ended)
			return c.Key
		}, func(w *world.CampaignCodes, d simshopify.Discount) {
			expect.That(w.T, "not usable", !w.Shopify.Usable(d.Code), d.EndsAt)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				walkCodes(t, db, 5, c.begin, func(w *world.CampaignCodes, key string) { c.look(w, theOne(w, key)) })
			})
		})
	}
}

// TestCrashWalkOverASweep dies at every commit and act by which codes leave the shop. Another's discount stays, and so
// does one whose campaign still runs; our rows and figures are as before.
// covers: 002-22, 002-24, 002-25
func TestCrashWalkOverASweep(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		walkCodes(t, db, 3, func(w *world.CampaignCodes) string {
			c := share(w)
			other := share(w, func(c *campaigns.Campaign) { c.Offer.EndsAt = c.Offer.StartsAt.AddDate(1, 11, 0) })
			w.Rest()
			if !w.Shopify.Usable(other.Prefix + "SARAH") {
				w.T.Error("the other campaign's code is not usable")
			}
			w.Clock.Advance(31 * 24 * time.Hour) // it is over, and its codes stay for a month
			w.Rest()
			theOne(w, c.Key)
			w.Clock.Advance(30 * 24 * time.Hour)
			return c.Key
		}, func(w *world.CampaignCodes, key string) {
			for range 3 {
				w.Clock.Advance(time.Minute)
				w.Rest()
			}
			for _, d := range w.Shopify.Discounts() {
				if slices.Contains(d.Tags, "pb-campaign-"+key) {
					w.T.Errorf("%s is still in the shop", d.Code)
				}
			}
			list, err := w.Store.Batches.CodesOf(w.T.Context(), codes.Query{Campaign: key, Limit: 10})
			expect.MustEqual(w.T, "err", err, nil)
			expect.MustEqual(w.T, "codes", len(list), 1)
			expect.Equal(w.T, "shop", list[0].Shop, codes.ShopRemoved)
			expect.Equal(w.T, "state", list[0].State, codes.CodeMade)
		})
	})
}

// TestCrashWalkOverAList dies at every commit and act of a list of recipients: one code for each, refused rows named,
// and nobody's address kept.
func TestCrashWalkOverAList(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		walks := 0
		walkCodes(t, db, 5, func(w *world.CampaignCodes) string {
			walks++
			c := w.Campaign(campaigns.Personal)
			w.Issuer.Refuse = func(to codes.Recipient) error {
				if to.Email == "gone@example.com" {
					return domain.Refuse(domain.CodeCustomerNotFound)
				}
				return nil
			}
			_, _, err := w.Process(&world.MortalCodes{}).Make(w.T.Context(), codes.Asked{Caller: world.Somebody,
				Key: "k-" + c.Key, Campaign: c.Key,
				CSV: "メールアドレス\na@example.com\ngone@example.com\nA@example.com\nb@example.com\n"})
			expect.MustEqual(w.T, "err", err, nil)
			return c.Key
		}, func(w *world.CampaignCodes, key string) {
			list, err := w.Store.Batches.BatchesOf(w.T.Context(), key, 0, 10)
			expect.MustEqual(w.T, "err", err, nil)
			expect.MustEqual(w.T, "batches", len(list), 1)
			b := list[0]
			expect.Equal(w.T, "status", b.Status, codes.Done)
			expect.Equal(w.T, "codes given out", w.Issuer.Given(), 2*walks)
			expect.Equal(w.T, "made and refused", [2]int{b.Made, b.Refused}, [2]int{2, 2})
			rows, err := w.Store.Batches.RowsOf(w.T.Context(), codes.RowQuery{BatchID: b.ID, Limit: 10})
			expect.MustEqual(w.T, "err", err, nil)
			var reasons []string
			for _, r := range rows {
				reasons = append(reasons, r.Reason)
				expect.Equal(w.T, "recipient", r.To, codes.Recipient{})
			}
			expect.That(w.T, "reasons", slices.Equal(reasons, []string{"", "customer_not_found", "recipient_twice", ""}),
				reasons)
			if rows[0].Code == rows[3].Code || rows[0].Code == "" {
				w.T.Errorf("the codes are %q and %q", rows[0].Code, rows[3].Code)
			}
		})
	})
}
