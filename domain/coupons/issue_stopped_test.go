package coupons_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/decisions"
	"pointbridge/test/expect"
)

// asksOnce is a guard during whose first question something happens.
type asksOnce struct {
	wishes atomic.Int64
	during func()
}

func (g *asksOnce) MayIssueCode(context.Context, campaigns.Wish) error {
	if g.wishes.Add(1) == 1 {
		g.during()
	}
	return nil
}

// TestTheCampaignCountsAsItIsWhenTheCodeIsCommitted: somebody pauses, ends, or changes it while a request is decided.
// What was looked at before the wait is nothing to go by.
func TestTheCampaignCountsAsItIsWhenTheCodeIsCommitted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		during  func(*world)
		want    domain.Code
		asked   int64
		percent int64
	}{
		{"it is paused", func(w *world) { w.Stop(0, campaigns.Paused) }, domain.CodeCampaignNotOpen, 1, 0},
		{"it is ended", func(w *world) { w.Stop(0, campaigns.Ended) }, domain.CodeCampaignNotOpen, 1, 0},
		{"its time is over", func(w *world) {
			w.Clock.Advance(w.Campaigns[0].Offer.EndsAt.Sub(w.Clock.Now()))
		}, domain.CodeCampaignNotOpen, 1, 0},
		{"its codes cost more now", func(w *world) {
			w.Revise(0, func(c *campaigns.Campaign) { c.Offer.Points = 5000 })
		}, domain.CodeCampaignChanged, 1, 0},
		{"its value is another one", func(w *world) {
			w.Revise(0, func(c *campaigns.Campaign) { c.Offer.Value.Range = campaigns.One(500) })
		}, "", 2, 500},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := inCampaign(t, 0)
			g := &asksOnce{during: func() { c.during(w) }}
			s := w.Service(nil)
			s.Guard = g
			got, err := s.Issue(t.Context(), asked("k1", func(i *coupons.Issue) { i.Points = new(int64(0)) }))
			if c.want == "" {
				expect.MustEqual(t, "err", err, nil)
				expect.Equal(t, "percent", got.Coupon.Percent, c.percent)
			} else {
				expect.Equal(t, "code", domain.CodeOf(err), c.want, err)
				expect.Equal(t, "coupons and codes", len(w.DB.Coupons)+len(w.Out.Codes), 0)
			}
			expect.Equal(t, "decisions", g.wishes.Load(), c.asked)
			expect.Equal(t, "balance", w.Out.Balances["8812370934"], 1250)
		})
	}
}

// TestProtectionThatWasSwitchedOnMeanwhileIsAsked: the guard is told what the campaign says that the code is committed
// under, so that nobody goes by what they remember of it.
func TestProtectionThatWasSwitchedOnMeanwhileIsAsked(t *testing.T) {
	t.Parallel()
	w := inCampaign(t, 0, func(c *campaigns.Campaign) { c.Policy.Mode = decisions.Off })
	s := w.Service(nil)
	var told []bool
	s.Guard = guardFunc(func(wish campaigns.Wish) error {
		if told = append(told, *wish.Protected); len(told) == 1 {
			w.Revise(0, func(c *campaigns.Campaign) { c.Policy.Mode = decisions.Enforce })
			return nil
		}
		return domain.Refuse(domain.CodeCodeNotOffered)
	})
	_, err := s.Issue(t.Context(), asked("k1"))
	expect.Equal(t, "code", domain.CodeOf(err), domain.CodeCodeNotOffered, err)
	expect.Equal(t, "told", told, []bool{false, true})
	expect.Equal(t, "codes", len(w.Out.Codes), 0)
}

type guardFunc func(campaigns.Wish) error

func (f guardFunc) MayIssueCode(_ context.Context, w campaigns.Wish) error { return f(w) }

// losing is a process that loses the answer of one of its acts.
func losing(w *world, act int) *coupons.Service {
	p := (&couponstest.Mortal{LoseAt: act, Inner: w.Whole()}).Ports()
	return w.Service(&p)
}

// before runs something right before the first act of a name takes effect.
func before(w *world, act string, do func()) {
	done := false
	w.Out.OnAct = func(name string) {
		if name == act && !done {
			done = true
			do()
		}
	}
}

// TestACodeOfACampaignThatWasPausedBeforeTheShopWasAskedIsGivenUp: its points are back, and no code is left; the request
// says so, also when it is repeated after the campaign goes on.
func TestACodeOfACampaignThatWasPausedBeforeTheShopWasAskedIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, to := range []campaigns.Status{campaigns.Paused, campaigns.Ended} {
		w := inCampaign(t, 300)
		s := w.Service(nil)
		before(w, "deduct", func() { w.Stop(0, to) })
		_, err := s.Issue(t.Context(), asked("k1"))
		expect.Equal(t, "code", domain.CodeOf(err), domain.CodeConversionFailed, err)
		w.Rest(s)
		expect.Equal(t, "detail", w.DB.Coupons[0].Failure.Detail, "campaign_stopped")
		expect.Equal(t, "codes", len(w.Out.Codes), 0)
		expect.Equal(t, "balance", w.Out.Balances["8812370934"], 1250)
		w.Balanced()
		w.Stop(0, campaigns.Live)
		_, err = s.Issue(t.Context(), asked("k1"))
		expect.Equal(t, "repeated", domain.CodeOf(err), domain.CodeConversionFailed, err)
		expect.Equal(t, "coupons", len(w.DB.Coupons), 1)
	}
}

// TestACodeThatTheShopWasAskedForStays although its campaign was paused before the lost answer was found out; and one that
// the shop has not is given up, once nothing that was sent can arrive any more.
func TestACodeThatTheShopWasAskedForStays(t *testing.T) {
	t.Parallel()
	lost := &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "create"}
	for _, points := range []int64{0, 300} {
		w := inCampaign(t, points)
		s := losing(w, 1+int(min(points, 1)))
		before(w, "create", func() { w.Stop(0, campaigns.Paused) })
		_, _ = s.Issue(t.Context(), asked("k1"))
		w.Rest(w.Service(nil))
		expect.Equal(t, "a code that was made: status", w.DB.Coupons[0].Status, domain.Active)
		w.Balanced()

		w = inCampaign(t, points)
		s = w.Service(nil)
		w.Out.Refuse["create"] = lost
		before(w, "create", func() { w.Stop(0, campaigns.Paused) })
		_, _ = s.Issue(t.Context(), asked("k1"))
		w.Rest(s)
		expect.Equal(t, "a code that was not: status", w.DB.Coupons[0].Status, domain.Failed)
		expect.Equal(t, "balance", w.Out.Balances["8812370934"], 1250)
		w.Balanced()
	}
}

// TestTheTermsOfACodeAreThoseOfTheRulesItWasGivenBy, whatever they are when its lost answer is found out, or when the
// shop is asked again: a value never stands beside the minimum of another version.
func TestTheTermsOfACodeAreThoseOfTheRulesItWasGivenBy(t *testing.T) {
	t.Parallel()
	minimum := func(n int64) func(*campaigns.Campaign) {
		return func(c *campaigns.Campaign) {
			c.Policy.Conditions = []decisions.Condition{{Need: decisions.NeedMinimum, Key: "JPY", Number: n}}
			c.Offer.Combines.Shipping = n == 5000
		}
	}
	for name, reached := range map[string]bool{"the code was made": true, "the call got lost": false} {
		w := inCampaign(t, 0, minimum(5000))
		s := w.Service(nil)
		if reached {
			s = losing(w, 1)
		} else {
			w.Out.Refuse["create"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "create"}
		}
		_, _ = s.Issue(t.Context(), asked("k1"))
		delete(w.Out.Refuse, "create")
		w.Revise(0, minimum(1))
		w.Rest(w.Service(nil))
		c := w.DB.Coupons[0]
		expect.MustEqual(t, "status", c.Status, domain.Active, name)
		expect.Equal(t, "terms", c.Terms, "from 5000 JPY; with shipping", name)
		expect.Equal(t, "as in the shop", coupons.Differs(c, *w.Out.Codes[c.Code]), nil, name)
	}
}

// TestTheTermsOfAConversionAreThoseItsCodeWasMadeWith also where the settings were changed before its lost answer was
// found out.
func TestTheTermsOfAConversionAreThoseItsCodeWasMadeWith(t *testing.T) {
	t.Parallel()
	w := couponstest.NewWorld(t)
	w.Policy.MinimumSubtotal = domain.Money{Minor: 3000, Currency: "JPY"}
	_, _ = losing(w, 2).Convert(t.Context(), couponstest.Conversion(300, "k1"))
	w.Policy.MinimumSubtotal = domain.Money{}
	w.Clock.Advance(time.Minute)
	w.Rest(w.Service(nil))
	c := w.DB.Coupons[0]
	expect.MustEqual(t, "status", c.Status, domain.Active)
	expect.Equal(t, "terms", c.Terms, "from 3000 JPY; with nothing")
}

// slowAgain are campaigns that nobody waits for when they are read a second time.
type slowAgain struct {
	coupons.Campaigns
	reads atomic.Int64
	wait  func()
}

func (c *slowAgain) ByKey(ctx context.Context, key string) (campaigns.Campaign, error) {
	if c.reads.Add(1) == 1 {
		return c.Campaigns.ByKey(ctx, key)
	}
	c.wait()
	<-ctx.Done()
	return campaigns.Campaign{}, ctx.Err()
}

// TestWhoWaitsForAChangedCampaignIsToldToAskAgain: the campaign is changed while a request for a code is decided, and
// read anew until the request has waited long enough. Nothing was begun, and it is no fault of ours.
func TestWhoWaitsForAChangedCampaignIsToldToAskAgain(t *testing.T) {
	t.Parallel()
	w := inCampaign(t, 0)
	s := w.Service(nil)
	s.Guard = &asksOnce{during: func() {
		w.Revise(0, func(c *campaigns.Campaign) { c.Offer.Value.Range = campaigns.One(500) })
	}}
	plain := s.Campaigns
	s.Campaigns = &slowAgain{Campaigns: plain, wait: func() { w.Clock.Advance(s.Timing.Wait) }}
	_, err := s.Issue(t.Context(), asked("k1"))
	expect.Equal(t, "code", domain.CodeOf(err), domain.CodeConversionInProgress)
	s.Campaigns = plain
	got, err := s.Issue(t.Context(), asked("k1"))
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "percent", got.Coupon.Percent, int64(500))
	expect.Equal(t, "codes in the shop", len(w.Out.Codes), 1)
}
