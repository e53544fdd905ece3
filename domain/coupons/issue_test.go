package coupons_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/decisions"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

const shopperGID = "gid://shopify/Customer/77"

// openedAt is before anything that happens in these worlds.
var openedAt = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// tenPercent is a campaign whose codes take a tenth off and cost points, or nothing where points is zero.
func tenPercent(points int64) campaigns.Campaign {
	return campaigns.Campaign{Key: "summer", Prefix: "SUMMER-", Status: campaigns.Live,
		Policy: decisions.NewPolicy(decisions.Medium), Offer: campaigns.Offer{Codes: campaigns.Personal,
			Value:    campaigns.Value{Kind: campaigns.Percentage, Range: campaigns.One(1000)},
			StartsAt: openedAt, EndsAt: openedAt.Add(100 * 366 * 24 * time.Hour),
			Validity: campaigns.Range{Min: 3600, Max: 7 * 24 * 3600}, LivePerPerson: 1, Points: points, SelfService: true}}
}

// inCampaign is a world with the campaign, and with a customer of the shop who is no member.
func inCampaign(t *testing.T, points int64, change ...func(*campaigns.Campaign)) *world {
	w := couponstest.NewWorld(t)
	c := tenPercent(points)
	for _, f := range change {
		f(&c)
	}
	w.Campaigns = []campaigns.Campaign{c}
	w.Out.Shoppers = map[string]domain.Customer{shopperGID: {ShopifyCustomerGID: shopperGID, Name: "Sato Jiro",
		Email: "jiro@example.com", Locale: "ja"}}
	return w
}

// asked is an EC admin's request for the one member, changed by the test.
func asked(key string, change ...func(*coupons.Issue)) coupons.Issue {
	i := coupons.Issue{Caller: domain.Caller{ID: "staff:1", Role: domain.RoleECAdmin}, Key: key, Campaign: "summer",
		To: coupons.Recipient{CustomerID: "8812370934"}}
	for _, f := range change {
		f(&i)
	}
	return i
}

func toShopper(i *coupons.Issue) { i.To = coupons.Recipient{ShopifyCustomerGID: shopperGID} }

// TestAFreeCodeIsACoupon: it exists in the shop before it is given, bound to its customer, once, with an end; no points
// move for it, and a repeated request gets it again.
// covers: 002-15, 002-16, 002-18, 002-30
func TestAFreeCodeIsACoupon(t *testing.T) {
	t.Parallel()
	w := inCampaign(t, 0)
	s := w.Service(nil)
	got, err := s.Issue(t.Context(), asked("k1"))
	expect.MustEqual(t, "err", err, nil)
	c := got.Coupon
	expect.MustThat(t, "regexp", regexp.MustCompile(`^SUMMER-[2-9A-HJKMNP-Z]{6}$`).MatchString(c.Code), c.Code)
	found := w.Out.Codes[c.Code]
	expect.MustThat(t, "found != nil", found != nil)
	expect.Equal(t, "got.Done", got.Done, true)
	expect.Equal(t, "c.Percent", c.Percent, 1000)
	expect.Equal(t, "found.Percent", found.Percent, 1000)
	expect.Equal(t, "found.UsageLimit", found.UsageLimit, 1)
	expect.Equal(t, "found.CustomerGID", found.CustomerGID, "gid://shopify/Customer/1")
	expect.Equal(t, "found.EndsAt", found.EndsAt, w.Clock.Now().UTC().Truncate(time.Second).Add(7*24*time.Hour))
	expect.Equal(t, "found.Title", found.Title, "summer "+c.Code)
	expect.Equal(t, "coupons.Differs", strings.Join(coupons.Differs(w.DB.Coupons[0], *found), ","), "")
	again, err := s.Issue(t.Context(), asked("k1"))
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "again.Coupon.Code", again.Coupon.Code, c.Code)
	expect.Equal(t, "again.Replayed", again.Replayed, true)
	_, err = s.Issue(t.Context(), asked("k1", func(i *coupons.Issue) { i.Value = 1000 }))
	expect.Equal(t, "the same key for something else", domain.CodeOf(err), domain.CodeKeyReused, err)
	expect.Equal(t, "len(w.DB.Movements)", len(w.DB.Movements), 0)
	w.Rest(s)
	w.Balanced()
}

// TestAPricedCodeTakesItsPointsFirst: the whole saga, and a cancellation gives them back once.
func TestAPricedCodeTakesItsPointsFirst(t *testing.T) {
	t.Parallel()
	w := inCampaign(t, 300)
	s := w.Service(nil)
	got, err := s.Issue(t.Context(), asked("k1"))
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "balance", w.Out.Balances["8812370934"], 950)
	w.Balanced()
	_, err = s.Cancel(t.Context(), coupons.Cancellation{Caller: couponstest.Decision(reviews.OutcomeRefuse, "").Caller,
		Code: got.Coupon.Code, Reason: domain.ReasonCustomerRequest, Key: "c1"})
	expect.MustEqual(t, "err", err, nil)
	w.Rest(s)
	expect.Equal(t, "status", w.DB.Coupons[0].Status, domain.Cancelled)
	expect.Equal(t, "balance", w.Out.Balances["8812370934"], 1250)
	w.Balanced()
	if _, err := s.Issue(t.Context(), asked("k2", toShopper)); domain.CodeOf(err) != domain.CodeMemberRequired {
		t.Errorf("a code that costs points for somebody who is no member: %v", err)
	}
}

// TestNobodyPaysAPriceThatTheyWereNotShown: a price that went up, or down, since it was shown takes nothing.
func TestNobodyPaysAPriceThatTheyWereNotShown(t *testing.T) {
	t.Parallel()
	for _, shown := range []int64{-1, 0, 299, 301} {
		w := inCampaign(t, 300)
		_, err := w.Service(nil).Issue(t.Context(), asked("k1", func(i *coupons.Issue) { i.Points = &shown }))
		expect.Equal(t, "code", domain.CodeOf(err), domain.CodeCampaignChanged)
		expect.Equal(t, "balance", w.Out.Balances["8812370934"], 1250)
		expect.Equal(t, "coupons", len(w.DB.Coupons), 0)
	}
	w := inCampaign(t, 300)
	_, err := w.Service(nil).Issue(t.Context(), asked("k1", func(i *coupons.Issue) { i.Points = new(int64(300)) }))
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "balance", w.Out.Balances["8812370934"], 950)
}

// TestWhatAFreeCodeGoesThrough: cancelled, suspended and forfeited, used and reissued, it moves no points, tells of none,
// and its code is good exactly while the coupon is.
func TestWhatAFreeCodeGoesThrough(t *testing.T) {
	t.Parallel()
	boss := couponstest.Decision(reviews.OutcomeRefuse, "").Caller
	for name, act := range map[string]struct {
		do   func(*testing.T, *world, *coupons.Service, string)
		want domain.Status
	}{
		"cancelled": {func(t *testing.T, _ *world, s *coupons.Service, code string) {
			_, err := s.Cancel(t.Context(), coupons.Cancellation{Caller: boss, Code: code,
				Reason: domain.ReasonIssuedInError, Key: "c"})
			expect.MustEqual(t, "err", err, nil)
		}, domain.Cancelled},
		"used while it is cancelled": {func(t *testing.T, w *world, s *coupons.Service, code string) {
			w.Out.PlaceOrder(code)
			_, err := s.Cancel(t.Context(), coupons.Cancellation{Caller: boss, Code: code,
				Reason: domain.ReasonIssuedInError, Key: "c"})
			expect.MustEqual(t, "domain.CodeOf(err)", domain.CodeOf(err), domain.CodeCouponUsed, err)
		}, domain.Used},
		"suspended and forfeited": {func(t *testing.T, w *world, s *coupons.Service, code string) {
			_, err := s.Suspend(t.Context(), coupons.Suspension{Caller: boss, Code: code,
				Reason: domain.ReasonSuspectedFraud, Key: "s"})
			expect.MustEqual(t, "err", err, nil)
			w.Rest(s)
			_, _, err = s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeForfeit, "d"))
			expect.MustEqual(t, "err", err, nil)
		}, domain.Forfeited},
		"suspended and cancelled": {func(t *testing.T, w *world, s *coupons.Service, code string) {
			_, err := s.Suspend(t.Context(), coupons.Suspension{Caller: boss, Code: code,
				Reason: domain.ReasonSuspectedFraud, Key: "s"})
			expect.MustEqual(t, "err", err, nil)
			w.Rest(s)
			_, _, err = s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeReturnPoints, "d"))
			expect.MustEqual(t, "err", err, nil)
		}, domain.Cancelled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := inCampaign(t, 0)
			s := w.Service(nil)
			got, err := s.Issue(t.Context(), asked("k1", toShopper))
			expect.MustEqual(t, "err", err, nil)
			w.Rest(s)
			act.do(t, w, s, got.Coupon.Code)
			w.Rest(s)
			expect.Equal(t, "status", w.DB.Coupons[0].Status, act.want)
			expect.Equal(t, "len(w.DB.Movements)", len(w.DB.Movements), 0)
			expect.Equal(t, "len(w.Out.Entries)", len(w.Out.Entries), 0)
			for _, m := range w.Out.Mails {
				expect.Equal(t, "a mail tells of a balance", m.Balance != nil, false, m.Kind)
				expect.Equal(t, "m.To", m.To, "jiro@example.com")
			}
			w.Balanced()
		})
	}
}

// TestAUsedFreeCodeIsReissued when its order comes to nothing: the new one is of the same campaign and worth the same,
// and nobody can grant points that were never paid.
func TestAUsedFreeCodeIsReissued(t *testing.T) {
	t.Parallel()
	w := inCampaign(t, 0)
	s := w.Service(nil)
	got, err := s.Issue(t.Context(), asked("k1"))
	expect.MustEqual(t, "err", err, nil)
	w.Rest(s)
	w.Out.PlaceOrder(got.Coupon.Code)
	o := w.Out.CancelOrder(0, "customer")
	expect.MustEqual(t, "err", w.Orders(s).SeeOrder(t.Context(), o), nil)
	w.Rest(s)
	expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 1)
	_, _, err = s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeGrant, "d0"))
	expect.Equal(t, "granting", domain.CodeOf(err), domain.CodeOutcomeNotAllowed, err)
	w.Decided(reviews.OutcomeReissue, "d1")
	next := w.Last()
	expect.Equal(t, "next.Campaign", next.Campaign, "summer")
	expect.Equal(t, "next.Percent", next.Percent, 1000)
	expect.Equal(t, "next.Status", next.Status, domain.Active)
	expect.That(t, "the prefix is kept", strings.HasPrefix(next.Code, "SUMMER-") && next.Code != got.Coupon.Code, next.Code)
	expect.Equal(t, "len(w.DB.Movements)", len(w.DB.Movements), 0)
	w.Balanced()
}

// TestWhoGetsNoCode: each reason has its problem, and nothing is left of it but the record.
// covers: 002-13, 002-28
func TestWhoGetsNoCode(t *testing.T) {
	t.Parallel()
	refusal := domain.Refuse(domain.CodeCodeNotOffered, "reason", "already_used")
	for _, c := range []struct {
		name   string
		change func(*coupons.Issue)
		world  func(*world)
		want   domain.Code
	}{
		{"no key", func(i *coupons.Issue) { i.Key = "" }, nil, domain.CodeKeyMissing},
		{"nobody", func(i *coupons.Issue) { i.To = coupons.Recipient{} }, nil, domain.CodeValidation},
		{"two people", func(i *coupons.Issue) { i.To.Email = "a@example.com" }, nil, domain.CodeValidation},
		{"no mail address", func(i *coupons.Issue) { i.To = coupons.Recipient{Email: "a b"} }, nil, domain.CodeValidation},
		{"a member nobody knows", func(i *coupons.Issue) { i.To.CustomerID = "4711" }, nil, domain.CodeCustomerNotFound},
		{"an address nobody has", func(i *coupons.Issue) { i.To = coupons.Recipient{Email: "nobody@example.com"} }, nil,
			domain.CodeRecipientNotFound},
		{"a number nobody has", func(i *coupons.Issue) {
			i.To = coupons.Recipient{ShopifyCustomerGID: "gid://shopify/Customer/404"}
		}, nil, domain.CodeRecipientNotFound},
		{"the shop does not answer", toShopper, func(w *world) {
			w.Out.Refuse["shopper"] = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify"}
		}, domain.CodeUpstreamUnavailable},
		{"no campaign", func(i *coupons.Issue) { i.Campaign = "winter" }, nil, domain.CodeCampaignNotFound},
		{"points by this way", func(i *coupons.Issue) { i.Campaign = "points" }, nil, domain.CodeCampaignNotFound},
		{"a value beyond the range", func(i *coupons.Issue) { i.Value = 9999 }, nil, domain.CodeValueNotOffered},
		{"a campaign in pause", nil, func(w *world) { w.Campaigns[0].Status = campaigns.Paused },
			domain.CodeCampaignNotOpen},
		{"before its start", nil, func(w *world) { w.Campaigns[0].Offer.StartsAt = w.Clock.Now().Add(time.Second) },
			domain.CodeCampaignNotOpen},
		{"after its end", nil, func(w *world) { w.Campaigns[0].Offer.EndsAt = w.Clock.Now() },
			domain.CodeCampaignNotOpen},
		{"shared codes", nil, func(w *world) { w.Campaigns[0].Offer.Codes = campaigns.Shared },
			domain.CodeCampaignNotOpen},
		{"the decision is no", nil, func(w *world) { w.Guard = guard{refusal} }, domain.CodeCodeNotOffered},
		{"there is no decision", nil, func(w *world) { w.Guard = guard{errors.New("no answer")} }, domain.CodeInternal},
		{"a customer for another one", func(i *coupons.Issue) {
			i.Caller = domain.Caller{ID: "member:1", Role: domain.RoleCustomer, CustomerID: "1"}
		}, nil, domain.CodePermissionDenied},
		{"a customer where the campaign does not let them", func(i *coupons.Issue) {
			i.Caller = domain.Caller{ID: "member:8812370934", Role: domain.RoleCustomer, CustomerID: "8812370934"}
		}, func(w *world) { w.Campaigns[0].Offer.SelfService = false }, domain.CodePermissionDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := inCampaign(t, 0)
			if c.world != nil {
				c.world(w)
			}
			i := asked("k1")
			if c.change != nil {
				c.change(&i)
			}
			_, err := w.Service(nil).Issue(t.Context(), i)
			expect.Equal(t, "domain.CodeOf(err)", domain.CodeOf(err), c.want, err)
			expect.Equal(t, "coupons", len(w.DB.Coupons)+len(w.Out.Codes), 0)
			expect.Equal(t, "customers", len(w.DB.Customers), 1)
		})
	}
}

type guard struct{ err error }

func (g guard) MayIssueCode(context.Context, campaigns.Wish) error { return g.err }

// noting refuses, and keeps what was wished for.
type noting struct{ wishes []campaigns.Wish }

func (n *noting) MayIssueCode(_ context.Context, w campaigns.Wish) error {
	n.wishes = append(n.wishes, w)
	return domain.Refuse(domain.CodeCodeNotOffered)
}

// TestADecisionKnowsWhatACodeIsWorth: the value of this one, also where nobody had to choose.
// covers: 001-44
func TestADecisionKnowsWhatACodeIsWorth(t *testing.T) {
	t.Parallel()
	w, n := inCampaign(t, 0), &noting{}
	s := w.Service(nil)
	s.Guard = n
	_, err := s.Issue(t.Context(), asked("k1"))
	expect.MustEqual(t, "code", domain.CodeOf(err), domain.CodeCodeNotOffered, err)
	expect.MustEqual(t, "wishes", len(n.wishes), 1)
	expect.Equal(t, "worth", *n.wishes[0].Worth, 1000)
}

// TestACustomerAsksForThemselves: a member, and somebody who is none and is known by who they are in the shop.
func TestACustomerAsksForThemselves(t *testing.T) {
	t.Parallel()
	w := inCampaign(t, 0)
	s := w.Service(nil)
	_, err := s.Issue(t.Context(), asked("k1", func(i *coupons.Issue) {
		i.Caller = domain.Caller{ID: "member:8812370934", Role: domain.RoleCustomer, CustomerID: "8812370934"}
	}))
	expect.MustEqual(t, "err", err, nil)
	id := couponstest.ShopperID(shopperGID)
	got, err := s.Issue(t.Context(), asked("k1", toShopper, func(i *coupons.Issue) {
		i.Caller = domain.Caller{ID: "member:" + id, Role: domain.RoleCustomer, CustomerID: id}
	}))
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "got.Coupon.CustomerID", got.Coupon.CustomerID, id)
	expect.That(t, "the id says nothing of the number", !strings.Contains(id, "77"), id)
}

// TestOfAHundredAtOnceOneGetsACode: with one live code a person, whoever asks and however they are named.
// covers: 002-28
func TestOfAHundredAtOnceOneGetsACode(t *testing.T) {
	t.Parallel()
	for name, to := range map[string]func(*coupons.Issue){"a member": func(*coupons.Issue) {}, "a shopper": toShopper} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := inCampaign(t, 0)
			processes := []*coupons.Service{w.Service(nil), w.Service(nil)}
			var all sync.WaitGroup
			var mu sync.Mutex
			told := map[domain.Code]int{}
			for n := range 100 {
				all.Go(func() {
					_, err := processes[n%2].Issue(t.Context(), asked(fmt.Sprint("k", n), to))
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						told[""]++
					} else {
						told[domain.CodeOf(err)]++
					}
				})
			}
			all.Wait()
			expect.Equal(t, "made", told[""], 1, told)
			expect.Equal(t, "refused", told[domain.CodeTooManyCoupons], 99, told)
			expect.Equal(t, "len(w.Out.Codes)", len(w.Out.Codes), 1)
		})
	}
}

// TestTheEndOfACode: as long as the campaign says, not beyond its end, and never so short that it is of no use.
// covers: 002-18
func TestTheEndOfACode(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		least := rapid.Int64Range(60, 1000).Draw(t, "least")
		most := rapid.Int64Range(least, 100_000).Draw(t, "most")
		left := time.Duration(rapid.Int64Range(1, 200_000).Draw(t, "left")) * time.Second
		now := openedAt.Add(time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "ns")))
		o := campaigns.Offer{EndsAt: openedAt.Add(left), Validity: campaigns.Range{Min: least, Max: most}}
		end := o.CodeEnd(now)
		life := int64(end.Sub(now.Truncate(time.Second)) / time.Second)
		if !o.Validity.Holds(life) || end.Nanosecond() != 0 || end.After(o.EndsAt) && life != least {
			t.Fatalf("it lives %d s of %d to %d and ends %s after its campaign", life, least, most, end.Sub(o.EndsAt))
		}
	})
}
