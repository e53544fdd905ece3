package store_test

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// offers makes a live and enforced campaign whose codes are worth something.
func (w *deciding) offers(key, prefix string, v campaigns.Value, change func(*decisions.Policy)) {
	w.t.Helper()
	p := decisions.NewPolicy(decisions.Medium)
	p.Mode, p.Weak = decisions.Enforce, decisions.WeakSettings{}
	p.Conditions = []decisions.Condition{{Need: decisions.NeedAttribute, Key: "may", Values: []string{"yes"}}}
	if change != nil {
		change(&p)
	}
	o := campaigns.Offer{Codes: campaigns.Shared, Value: v, StartsAt: noon.Add(-10 * day), EndsAt: noon.Add(10 * day)}
	_, err := w.campaign.Make(w.t.Context(), boss, campaigns.Campaign{Key: key, Prefix: prefix, Policy: p, Offer: o,
		Names: []campaigns.Name{{Language: "en", Text: key}}})
	if err == nil {
		_, err = w.campaign.SetStatus(w.t.Context(), boss, key, campaigns.Live, "")
	}
	expect.MustEqual(w.t, "err", err, nil)
}

// with asks in a cart of so much of a currency that the rules do not let pass.
func (w *deciding) with(campaign string, minor int64, currency string, shown identity.Shown) {
	w.t.Helper()
	q := decisions.Question{Campaign: campaign, Stage: decisions.StageCart, Shown: shown, Currency: currency,
		Cart: decisions.Cart{Attributes: []decisions.CartAttribute{}}}
	if minor > 0 {
		q.Cart.Subtotals = []domain.Money{{Minor: minor, Currency: currency}}
	}
	d, err := w.Ask(w.t.Context(), q)
	expect.MustEqual(w.t, "err", err, nil)
	wants(w.t, campaign, d, decisions.Refuse, decisions.ReasonCartNotEligible)
	w.now = w.now.Add(time.Minute)
}

func (w *deciding) blocked(campaign string) decisions.Blocked {
	w.t.Helper()
	desk := decisions.Desk{Service: *w.Service, Gallery: w.store.Identity, Refusals: w.store.Identity, Zone: time.UTC}
	today := time.Date(noon.Year(), noon.Month(), noon.Day(), 0, 0, 0, 0, time.UTC)
	b, err := desk.Blocked(w.t.Context(), campaign, today, today)
	expect.MustEqual(w.t, "err", err, nil)
	return b
}

// TestBlockedValueCountsAPersonOnce: ten clicks of one person are one saving, whichever key made their digests; amounts
// and parts of a cart are known, the part of some goods is an estimate, and of a cart that nobody named nothing is known.
// No currency is added to another one.
// covers: 001-44
func TestBlockedValueCountsAPersonOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.offers("flat", "FLAT-", campaigns.Value{Kind: campaigns.Amount, Range: campaigns.One(500), Currency: "JPY"}, nil)
		w.offers("part", "PART-", campaigns.Value{Kind: campaigns.Percentage, Range: campaigns.One(1000)}, nil)
		w.offers("some", "SOME-", campaigns.Value{Kind: campaigns.Percentage, Range: campaigns.One(2000)},
			func(p *decisions.Policy) {
				p.Mode = decisions.Shadow
				p.Conditions = append(p.Conditions, decisions.Condition{Need: decisions.NeedProducts,
					Values: []string{"gid://shopify/Product/1"}})
			})
		for range 9 {
			w.with("flat", 3000, "JPY", taro())
		}
		w.Keys = ring(2)
		w.with("flat", 0, "", identity.Shown{Emails: taro().Emails}) // the same, before they sign in
		w.with("flat", 300, "JPY", stranger)                         // a cart is never worth more than its goods
		w.with("part", 1234, "USD", taro())
		w.with("part", 0, "", stranger)
		w.with("some", 1000, "JPY", taro())
		w.with("part", 0, "", identity.Shown{IPs: []string{"203.0.113.9"}})
		w.with("part", 0, "", identity.Shown{}) // nobody can tell them from the one before
		b := w.blocked("")
		expect.Equal(t, "refused", b.Refused, 16)
		date := noon.Format(time.DateOnly)
		line := func(campaign, currency string, enforced, shadow decisions.BlockedSums) decisions.BlockedLine {
			return decisions.BlockedLine{Date: date, Campaign: campaign, Reason: decisions.ReasonCartNotEligible,
				Currency: currency, Enforced: enforced, Shadow: shadow}
		}
		none := decisions.BlockedSums{}
		expect.Equal(t, "lines", b.Lines, []decisions.BlockedLine{
			line("flat", "JPY", decisions.BlockedSums{People: 2, Known: 800}, none),
			line("part", "", decisions.BlockedSums{People: 2}, none),
			line("part", "USD", decisions.BlockedSums{People: 1, Known: 123}, none),
			line("some", "JPY", none, decisions.BlockedSums{People: 1, EstimatedPeople: 1, Estimated: 200})})
		expect.Equal(t, "currencies", len(b.Totals), 3)
		expect.Equal(t, "one campaign's", w.blocked("some").Lines, b.Lines[3:])
	})
}

// TestWhoUsesACodeAfterAllIsNoSaving: somebody who was refused, and then met the rules and used a code, saved nothing;
// who was refused again after it did. An order that broke a rule is none either: its discount was given.
// covers: 001-44
func TestWhoUsesACodeAfterAllIsNoSaving(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.offers("flat", "FLAT-", campaigns.Value{Kind: campaigns.Amount, Range: campaigns.One(500), Currency: "JPY"}, nil)
		use := func(number int, shown identity.Shown) {
			o := w.used(number, 0, shown)
			o.Use.Code = "FLAT-1"
			_, err := w.SeeUse(t.Context(), o)
			expect.MustEqual(t, "err", err, nil)
			w.now = w.now.Add(time.Minute)
		}
		w.with("flat", 3000, "JPY", taro())
		w.with("flat", 3000, "JPY", stranger)
		use(1, taro())
		b := w.blocked("flat")
		expect.Equal(t, "used after", b.UsedAfter, 1)
		expect.Equal(t, "people", b.Totals[0].Enforced.People, 1)
		w.with("flat", 3000, "JPY", taro())
		expect.Equal(t, "people once they come again", w.blocked("flat").Totals[0].Enforced.People, 2)
		w.void(func() decisions.SeenOrder { o := w.used(2, 0, stranger); o.Use.Code = "FLAT-1"; return o }())
		expect.Equal(t, "people when an order came to nothing", w.blocked("flat").Totals[0].Enforced.People, 2)
	})
}

// TestWhoIsForgottenIsInNoLine: what nobody can tell a person of is said, and not counted as somebody else.
// covers: 001-44
func TestWhoIsForgottenIsInNoLine(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.offers("flat", "FLAT-", campaigns.Value{Kind: campaigns.Amount, Range: campaigns.One(500), Currency: "JPY"}, nil)
		w.with("flat", 3000, "JPY", taro())
		w.with("flat", 3000, "JPY", taro())
		_, err := w.store.Identity.Forget(t.Context(), w.now.Add(time.Hour), 100)
		expect.MustEqual(t, "err", err, nil)
		b := w.blocked("flat")
		expect.Equal(t, "forgotten of refused", [2]int64{b.Forgotten, b.Refused}, [2]int64{2, 2})
		expect.Equal(t, "lines", len(b.Lines), 0)
	})
}
