package coupons_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/decisions"
)

// verdict is a decision as it is kept: about whom, by which version of which campaign's rules.
type verdict struct {
	campaign, gid string
	version       int
	allowed       bool
}

// judge decides by the campaign as it stands when it is asked, and keeps what it decided. A campaign whose limit is one
// use lets nobody have a code.
type judge struct {
	w    *world
	kept []verdict
	// after happens once a decision is kept, before anything follows from it.
	after func()
}

func (j *judge) MayIssueCode(ctx context.Context, wish campaigns.Wish) error {
	of, err := j.w.ByKey(ctx, wish.Campaign)
	if wish.Campaign == domain.CampaignPoints || err != nil || !*wish.Protected {
		return nil
	}
	who, err := wish.Who(ctx)
	if err != nil {
		return err
	}
	v := verdict{of.Key, who.ShopifyCustomerGID, of.Policy.Version, of.Policy.UsesPerPerson != 1}
	j.kept = append(j.kept, v)
	j.after()
	if !v.allowed {
		return domain.Refuse(domain.CodeCodeNotOffered)
	}
	return nil
}

// course is one drawn sequence of what can happen to two campaigns, a free one and one whose codes cost points.
type course struct {
	*world
	draw *rand.Rand
	j    *judge
}

func newCourse(t *testing.T, seed uint64) *course {
	w := inCampaign(t, 0)
	priced := tenPercent(100)
	priced.Key, priced.Prefix, priced.Offer.LivePerPerson = "winter", "WINTER-", 3
	w.Campaigns[0].Offer.LivePerPerson = 5
	w.Campaigns = append(w.Campaigns, priced)
	c := &course{world: w, draw: rand.New(rand.NewPCG(seed, 7))} //nolint:gosec // it is repeated, not secret
	c.j = &judge{w: w, after: func() {
		if c.draw.IntN(3) == 0 {
			c.someChange()
		}
	}}
	w.Guard = c.j
	return c
}

// someChange is what people do at their desks: they pause a campaign, let it go on, or change its rules.
func (c *course) someChange() {
	n := c.draw.IntN(2)
	switch c.draw.IntN(3) {
	case 0:
		c.Stop(n, campaigns.Paused)
	case 1:
		c.Stop(n, campaigns.Live)
	default:
		c.Revise(n, func(of *campaigns.Campaign) {
			of.Policy.Mode = []decisions.Mode{decisions.Off, decisions.Enforce, decisions.Enforce}[c.draw.IntN(3)]
			of.Policy.UsesPerPerson = c.draw.IntN(3)
			of.Offer.Value.Range = campaigns.One([]int64{500, 1000}[c.draw.IntN(2)])
			of.Policy.Conditions = []decisions.Condition{{Need: decisions.NeedMinimum, Key: "JPY",
				Number: of.Offer.Value.Range.Min}}
		})
	}
}

// process is one that may die at a place or lose an answer, or during whose acts something is changed.
func (c *course) process() (*coupons.Service, *couponstest.Mortal) {
	m := &couponstest.Mortal{Inner: c.Whole()}
	switch c.draw.IntN(3) {
	case 0:
		m.DieAt = 1 + c.draw.IntN(14)
	case 1:
		m.LoseAt = 1 + c.draw.IntN(3)
	}
	if c.draw.IntN(3) == 0 {
		before(c.world, []string{"create", "deduct", "finddiscount"}[c.draw.IntN(3)], c.someChange)
	}
	p := m.Ports()
	return c.Service(&p), m
}

func (c *course) step(ctx context.Context, n int) {
	s, m := c.process()
	key := fmt.Sprint("k", n-c.draw.IntN(2)*c.draw.IntN(n+1)) // mostly a new one
	switch c.draw.IntN(8) {
	case 0:
		c.someChange()
	case 1:
		_, _ = s.Convert(ctx, couponstest.Conversion(100, key))
	default:
		to := func(i *coupons.Issue) { i.Campaign = []string{"summer", "winter"}[c.draw.IntN(2)] }
		if c.draw.IntN(3) == 0 {
			_, _ = s.Issue(ctx, asked(key, to, toShopper))
		} else {
			_, _ = s.Issue(ctx, asked(key, to))
		}
	}
	_ = s.Drain(ctx)
	if m.DieAt > 0 {
		m.Kill()
	}
	if c.draw.IntN(2) == 0 {
		c.Rest(c.Service(nil))
	}
}

// decided holds every code that came of it against what was decided: by the very rules that it was given by.
func (c *course) decided(t *testing.T) (protected int) {
	t.Helper()
	for _, k := range c.DB.Coupons {
		found := c.Out.Codes[k.Code]
		if k.OfPoints() || found == nil && k.Status != domain.Active {
			continue
		}
		of, err := c.OfVersion(t.Context(), k.Campaign, k.Rules)
		if err != nil {
			t.Error(err)
			continue
		}
		if differs := coupons.Differs(k, *found); len(differs) > 0 || k.Percent != of.Offer.Value.Range.Min {
			t.Errorf("%s takes %d and is not as version %d says: %v", k.Code, k.Percent, k.Rules, differs)
		}
		least := campaigns.Native(of.Offer, of.Policy, "JPY").Minimum
		if terms := (coupons.Discount{MinimumSubtotal: least}).Terms(); found.MinimumSubtotal != least || k.Terms != terms {
			t.Errorf("%s is good from %v on, and is said to be %q; version %d says %q", k.Code, found.MinimumSubtotal,
				k.Terms, k.Rules, terms)
		}
		if of.Policy.Mode == decisions.Off {
			continue
		}
		protected++
		if !slices.Contains(c.j.kept, verdict{k.Campaign, k.ShopifyCustomerGID, k.Rules, true}) {
			t.Errorf("nobody decided that %s may be given by version %d", k.Code, k.Rules)
		}
	}
	return protected
}

// TestNeverACodeWithoutADecision: whatever is drawn of requests, repetitions, conversions, pauses, new rules, lost answers
// and deaths, every code of a campaign that asks for decisions has one that allows it, by the rules that it was given by,
// and is in the shop as these say.
func TestNeverACodeWithoutADecision(t *testing.T) {
	t.Parallel()
	protected := 0
	for seed := range uint64(150) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			c := newCourse(t, seed)
			for n := range 16 {
				c.step(t.Context(), n)
				c.Clock.Advance(time.Second)
			}
			c.Out.OnAct = nil
			c.Rest(c.Service(nil))
			c.Balanced()
			protected += c.decided(t)
		})
	}
	if protected < 100 {
		t.Errorf("only %d codes asked for a decision: the courses were none", protected)
	}
}
