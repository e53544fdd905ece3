package crash

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/decisions"
	"pointbridge/integrations/shopify"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

var _ codes.Bulk = (*shopify.Client)(nil)

func makeBatch(w *world.CampaignCodes, key string, count int) codes.Batch {
	w.T.Helper()
	b, _, err := w.Process(&world.MortalCodes{}).Make(w.T.Context(), codes.Asked{Caller: world.Somebody, Key: "k-" + key,
		Campaign: key, Count: count})
	expect.MustEqual(w.T, "err", err, nil)
	return b
}

// TestABatchFollowsPeopleAndItsCampaign: paused by somebody it stands still and goes on where it was; paused by its
// campaign it goes on with that; ended it stops for good, with every code it has made dead in the shop.
// covers: 002-21
func TestABatchFollowsPeopleAndItsCampaign(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		c := w.Campaign(campaigns.Batch)
		b := makeBatch(w, c.Key, 1000)
		s := w.Process(&world.MortalCodes{})
		s.Timing.Slice = -1 // one step at a time
		step := func() codes.Batch {
			_ = s.Work(t.Context())
			got, err := w.Store.Batches.BatchOf(t.Context(), c.Key, b.PublicID)
			expect.MustEqual(t, "err", err, nil)
			return got
		}
		for range 3 { // planned, made, a chunk under way
			step()
		}
		move := func(to codes.Status) {
			_, err := s.SetStatus(t.Context(), world.Somebody, c.Key, b.PublicID, to, "")
			expect.MustEqual(t, "err", err, nil)
		}
		move(codes.Paused)
		w.Rest()
		paused := step()
		expect.Equal(t, "status", paused.Status, codes.Paused)
		expect.Equal(t, "sent", paused.Sent, 0)
		if paused.Made == 0 || paused.Made >= 1000 {
			t.Errorf("%d codes were made before the pause", paused.Made)
		}
		move(codes.Running)
		step()
		w.Move(c.Key, campaigns.Paused)
		w.Rest()
		held := step()
		expect.Equal(t, "status", held.Status, codes.Paused)
		expect.Equal(t, "reason", held.Reason, codes.ByCampaign)
		first := w.Shopify.Codes(held.DiscountID)[0]
		expect.That(t, "no code is usable while the campaign is paused", !w.Shopify.Usable(first), first)
		w.Move(c.Key, campaigns.Live)
		w.Rest()
		wholeBatch(w, c.Key, 1000)
		expect.That(t, "codes are usable again", w.Shopify.Usable(first), first)

		other := w.Campaign(campaigns.Batch)
		b, c = makeBatch(w, other.Key, 1000), other
		for range 3 {
			step()
		}
		w.Move(c.Key, campaigns.Ended)
		w.Rest()
		ended := step()
		expect.Equal(t, "status", ended.Status, codes.Stopped)
		expect.Equal(t, "codes in the shop", len(w.Shopify.Codes(ended.DiscountID)), ended.Made)
		expect.That(t, "the first is dead", !w.Shopify.Usable(w.Shopify.Codes(ended.DiscountID)[0]), "")
		if _, err := s.SetStatus(t.Context(), world.Somebody, c.Key, b.PublicID, codes.Running,
			""); domain.CodeOf(err) != domain.CodeBatchStatus {
			t.Errorf("a stopped batch goes on: %v", err)
		}
	})
}

// TestTheSameRequestIsOneBatch: and the same key with another meaning is refused.
func TestTheSameRequestIsOneBatch(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		c := w.Campaign(campaigns.Batch)
		first := makeBatch(w, c.Key, 10)
		s := w.Process(&world.MortalCodes{})
		again, replayed, err := s.Make(t.Context(), codes.Asked{Caller: world.Somebody, Key: "k-" + c.Key, Campaign: c.Key,
			Count: 10})
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "replayed", replayed, true)
		expect.Equal(t, "id", again.PublicID, first.PublicID)
		_, _, err = s.Make(t.Context(), codes.Asked{Caller: world.Somebody, Key: "k-" + c.Key, Campaign: c.Key, Count: 11})
		expect.Equal(t, "another meaning", domain.CodeOf(err), domain.CodeKeyReused)
		_, _, err = s.Make(t.Context(), codes.Asked{Caller: world.Somebody, Key: "k2", Campaign: c.Key, CSV: "email\na@b.co"})
		expect.Equal(t, "a list for a campaign of batches", domain.CodeOf(err), domain.CodeOtherCodes)
		w.Rest()
		wholeBatch(w, c.Key, 10)
	})
}

// TestTextsOfOthersAreMadeUpFor: the shop has a text already, so another one is made, and the refusal is named.
func TestTextsOfOthersAreMadeUpFor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		c := w.Campaign(campaigns.Batch)
		b := makeBatch(w, c.Key, 300)
		s := w.Process(&world.MortalCodes{})
		s.Timing.Slice = -1
		_ = s.Work(t.Context()) // planned
		planned, err := w.Store.Batches.NextPlanned(t.Context(), b.ID, 300)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "planned", len(planned), 300)
		for _, n := range []int{0, 7, 280} { // the discount's own text, and two further ones
			_, err := w.Admin.CreateCampaignDiscount(t.Context(), codes.Discount{Code: planned[n], Title: "Theirs",
				StartsAt: w.Clock.Now(), EndsAt: w.Clock.Now().Add(time.Hour), BasisPoints: 100})
			expect.MustEqual(t, "err", err, nil)
		}
		w.Rest()
		done := wholeBatch(w, c.Key, 300)
		expect.Equal(t, "refused", done.Refused, 3)
		refused, err := w.Store.Batches.CodesOf(t.Context(), codes.Query{Campaign: c.Key, State: codes.CodeRefused, Limit: 10})
		expect.MustEqual(t, "err", err, nil)
		for _, r := range refused {
			expect.Equal(t, "reason", r.Reason, codes.TakenByOther)
		}
	})
}

// TestTheShopLosesAnswersOfBatches: whatever the simulated shop does to an answer, the batch ends whole.
// covers: H-13
func TestTheShopLosesAnswersOfBatches(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		for _, act := range []string{"discountCodeBasicCreate", "discountRedeemCodeBulkAdd", "discountRedeemCodeBulkCreation"} {
			for _, mode := range []sim.Mode{sim.LoseAnswer, sim.DropBefore, sim.BrokenAnswer, sim.Internal,
				sim.InternalAfter, sim.Throttle} {
				t.Run(fmt.Sprintf("%s %s", act, mode), func(t *testing.T) {
					w := w.On(t)
					w.Faults.Clear()
					w.Faults.Add(sim.Rule{Act: "shopify." + act, Mode: mode, RetryAfter: "1"})
					c := w.Campaign(campaigns.Batch)
					makeBatch(w, c.Key, 600)
					w.Rest()
					wholeBatch(w, c.Key, 600)
				})
			}
		}
		w.On(t)
	})
}

// TestSharedCodesAreChecked: the prefix, the form, the owner, and that no other code has the text.
func TestSharedCodesAreChecked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		c := w.Campaign(campaigns.Shared)
		s := w.Process(&world.MortalCodes{})
		ask := func(key, code, owner string) error {
			_, _, err := s.Share(t.Context(), codes.SharedCode{Caller: world.Somebody, Key: key, Campaign: c.Key, Code: code,
				Owner: owner})
			return err
		}
		for code, want := range map[string]string{"OTHER-SARAH": "prefix", c.Prefix: "prefix", c.Prefix + "A B": "form",
			c.Prefix + strings.Repeat("X", 40): "too_long", c.Prefix + "ÄÖ": "form"} {
			var refused *domain.Error
			if err := ask("k"+code, code, "Sarah"); !errors.As(err, &refused) || refused.Params["rule"] != want {
				t.Errorf("%q: %v, want %s", code, err, want)
			}
		}
		expect.Equal(t, "no owner", domain.CodeOf(ask("o1", c.Prefix+"A", " ")), domain.CodeValidation)
		expect.Equal(t, "a long owner", domain.CodeOf(ask("o2", c.Prefix+"A", strings.Repeat("あ", 81))), domain.CodeValidation)
		expect.Equal(t, "80 characters", ask("o3", c.Prefix+"a", strings.Repeat("あ", 80)), nil)
		expect.Equal(t, "the same text again", domain.CodeOf(ask("o4", c.Prefix+"A", "Bo")), domain.CodeCodeTaken)
		w.Rest()
		find := func(code string) decisions.CodeState {
			found, err := w.Store.Campaigns.Find(t.Context(), "", code)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "campaign", found.Campaign, c.Key)
			if !found.EndsAt.IsZero() && !w.Clock.Now().Before(found.EndsAt) {
				return decisions.CodeExpired
			}
			return found.Code
		}
		expect.Equal(t, "found", find(c.Prefix+"A"), decisions.CodeValid)
		got, err := s.Deactivate(t.Context(), world.Somebody, c.Key, strings.ToLower(c.Prefix)+"a")
		expect.MustEqual(t, "err", err, nil)
		expect.That(t, "deactivated", got.DeactivatedAt != nil, got.DeactivatedAt)
		expect.Equal(t, "found after it", find(c.Prefix+"A"), decisions.CodeExpired)
		w.Rest()
		expect.That(t, "dead in the shop", !w.Shopify.Usable(c.Prefix+"A"), "")
		_, err = s.Deactivate(t.Context(), world.Somebody, c.Key, c.Prefix+"NONE")
		expect.Equal(t, "a code that is none", domain.CodeOf(err), domain.CodeCodeNotFound)
		w.Move(c.Key, campaigns.Paused)
		w.Rest()
		w.Move(c.Key, campaigns.Live)
		w.Rest()
		expect.That(t, "it stays dead when its campaign goes on", !w.Shopify.Usable(c.Prefix+"A"), "")
	})
}

// TestLimitsHoldForEachCode: an unbound code is good once, and using one leaves the others.
// covers: 002-01
func TestLimitsHoldForEachCode(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		c := w.Campaign(campaigns.Batch)
		makeBatch(w, c.Key, 5)
		w.Rest()
		b := wholeBatch(w, c.Key, 5)
		list := w.Shopify.Codes(b.DiscountID)
		for _, code := range list[:2] {
			if _, err := w.Shopify.Checkout("", []string{code}, "3000"); err != nil {
				t.Errorf("%s: %v", code, err)
			}
		}
		usable := []bool{}
		for _, code := range list {
			usable = append(usable, w.Shopify.Usable(code))
		}
		expect.That(t, "usable", slices.Equal(usable, []bool{false, false, true, true, true}), usable)
		if _, err := w.Shopify.Checkout("", list[:1], "3000"); err == nil {
			t.Error("a code was used twice")
		}
	})
}
