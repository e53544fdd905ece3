package storm

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/domain/identity/learn"
	"pointbridge/domain/listing"
	"pointbridge/test/expect"
)

const (
	gifts      = "gifts"
	giftPrefix = "GIFT-"
	// mostGifts is how many codes of the campaign one member may hold.
	mostGifts = 2
)

// openCampaign makes a live campaign whose codes cost nothing and whose decisions count.
func (s *tempest) openCampaign() {
	s.T.Helper()
	p := decisions.NewPolicy(decisions.Medium)
	p.Mode, p.UsesPerPerson = decisions.Enforce, 3
	now := s.Clock.Now()
	book := campaigns.Service{Campaigns: s.Store.Campaigns, Now: s.Clock.Now}
	_, err := book.Make(s.T.Context(), stormCaller, campaigns.Campaign{Key: gifts, Prefix: giftPrefix, Policy: p,
		Names: []campaigns.Name{{Language: "en", Text: "Gifts"}}, Offer: campaigns.Offer{Codes: campaigns.Personal,
			Value:    campaigns.Value{Kind: campaigns.Amount, Range: campaigns.One(300), Currency: "JPY"},
			StartsAt: now.Add(-time.Hour), EndsAt: now.AddDate(0, 1, 0), LivePerPerson: mostGifts,
			Validity: campaigns.One(7 * 86400)}})
	if err == nil {
		_, err = book.SetStatus(s.T.Context(), stormCaller, gifts, campaigns.Live, "")
	}
	if err != nil {
		s.T.Fatal(err)
	}
}

// asker is a service of decisions on the storm's database.
func (s *tempest) asker() decisions.Service {
	ring, err := identity.NewKeyring(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		s.T.Error(err)
	}
	return decisions.Service{Campaigns: s.Store.Campaigns, Decisions: s.Store.Identity, Uses: s.Store.Identity,
		Verdicts: s.Store.Identity, Canonical: identity.Canonical{Country: "JP"}, Keys: ring, Observer: silent{},
		Now: s.Clock.Now, Disposable: func(string) bool { return false }}
}

// giftGuard asks for decisions about codes of campaigns; points are asked about in the storm of decisions.
type giftGuard struct{ learn.Issue }

func (g giftGuard) MayIssueCode(ctx context.Context, w campaigns.Wish) error {
	if w.Campaign == campaigns.Points {
		return nil
	}
	return g.Issue.MayIssueCode(ctx, w)
}

func (s *tempest) guard() coupons.Guard {
	return giftGuard{learn.Issue{Asker: s.asker(), Policies: s.Store.Campaigns, Currency: "JPY"}}
}

// giveSome gives a member a code of the campaign. Often it is a request of a moment ago that comes again.
func (s *tempest) giveSome(r *rand.Rand, n int64) error {
	n -= int64(r.IntN(12))
	h := s.people[max(0, int(n))%len(s.people)]
	got, err := s.replica(r).Issue(s.T.Context(), coupons.Issue{Caller: stormCaller, Campaign: gifts,
		Key: fmt.Sprint("g", n), To: coupons.Recipient{CustomerID: h.member}})
	if err != nil || !got.Done {
		return err
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	switch had := s.gifted[n]; had {
	case "":
		s.gifted[n] = got.Coupon.Code
		s.codes = append(s.codes, issuedCode{got.Coupon.Code, h.gid})
		s.giftList = append(s.giftList, s.codes[len(s.codes)-1])
	case got.Coupon.Code:
	default:
		s.T.Errorf("one request was answered with %s and %s", had, got.Coupon.Code)
	}
	return nil
}

// moveSome pauses the campaign, or lets it go on.
func (s *tempest) moveSome(r *rand.Rand, _ int64) error {
	_, err := campaigns.Service{Campaigns: s.Store.Campaigns, Now: s.Clock.Now}.SetStatus(s.T.Context(), stormCaller, gifts,
		[]campaigns.Status{campaigns.Paused, campaigns.Live, campaigns.Live, campaigns.Live}[r.IntN(4)], "")
	return err
}

// useSome buys with a code of the campaign.
func (s *tempest) useSome(r *rand.Rand, _ int64) error {
	s.lock.Lock()
	if len(s.giftList) == 0 {
		s.lock.Unlock()
		return nil
	}
	c := s.giftList[r.IntN(len(s.giftList))]
	s.lock.Unlock()
	return bought(s.Shopify.Checkout(c.gid, []string{c.code}, "1000"))
}

// voidSome cancels an order that used a code of the campaign, and tells of some, as late and as often as it comes.
func (s *tempest) voidSome(r *rand.Rand, _ int64) error {
	var list []int
	orders := s.Shopify.Orders()
	for i, o := range orders {
		if giftOf(o.DiscountCodes) != "" {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		return nil
	}
	o := orders[list[r.IntN(len(list))]]
	if r.IntN(4) == 0 {
		// Where the shop counts the use late, an order that was cancelled first leaves the coupon to a person, and its
		// code as spent as one that was deleted by hand.
		s.Watch.Lock()
		s.Deleted[giftOf(o.DiscountCodes)] = true
		s.Watch.Unlock()
		return bought("", s.Shopify.CancelOrder(o.GID(), "CUSTOMER"))
	}
	return s.tellUse(o.GID())
}

func giftOf(codes []string) string {
	for _, code := range codes {
		if strings.HasPrefix(code, giftPrefix) {
			return code
		}
	}
	return ""
}

// tellUse tells of an order as it is now.
func (s *tempest) tellUse(gid string) error {
	at := s.Clock.Now()
	for _, o := range s.Shopify.Orders() {
		if o.GID() != gid {
			continue
		}
		u := decisions.Use{OrderID: gid, Order: o.Name(), Code: giftOf(o.DiscountCodes), At: o.CreatedAt, SeenAt: at,
			Gross: 1000, Discount: 300, Currency: "JPY", Source: decisions.FromOrder}
		if o.CancelledAt != nil {
			u.VoidReason = "cancelled"
		}
		_, err := s.asker().SeeUse(s.T.Context(), decisions.SeenOrder{Use: u,
			Shown: identity.Shown{CustomerID: o.CustomerID}})
		return err
	}
	return nil
}

// giftsAreWhole holds the campaign's codes against what was decided, asked and ordered: each has a decision that
// allowed it, each request one code that can be used, nobody holds more than they may, and as many uses are counted as
// there are orders that stand.
func (s *tempest) giftsAreWhole() {
	s.T.Helper()
	given, allowed := 0, s.number(`SELECT count(*) FROM decisions WHERE stage = 'issue' AND outcome <> 'refuse'`)
	for _, h := range s.people {
		list, err := s.Store.Listing.List(s.T.Context(), listing.Filter{CustomerID: h.member, Limit: 10_000})
		expect.MustEqual(s.T, "err", err, nil)
		live := 0
		for _, c := range list {
			if c.Campaign != gifts || c.ReissuedFrom != "" {
				continue
			}
			given++
			if c.StatusAt(s.Clock.Now()) == domain.Active {
				live++
			}
		}
		expect.That(s.T, "nobody holds more codes than they may", live <= mostGifts, h.member, live)
	}
	expect.That(s.T, "no code is without a decision that allowed it", given <= allowed, given, allowed)
	expect.Equal(s.T, "codes that no request has", s.number(`SELECT count(*) FROM coupons c WHERE c.campaign = 'gifts'
		AND c.reissued_from = '' AND c.status <> 'failed' AND NOT EXISTS (SELECT 1 FROM requests r
		WHERE r.operation = 'issue' AND r.coupon_id = c.id)`), 0)
	stand := 0
	for _, o := range s.Shopify.Orders() {
		if giftOf(o.DiscountCodes) == "" {
			continue
		}
		for range 2 { // heard of again it is the same use
			expect.MustEqual(s.T, "err", s.tellUse(o.GID()), nil)
		}
		if o.CancelledAt == nil {
			stand++
		}
	}
	c, err := s.Store.Campaigns.ByKey(s.T.Context(), gifts)
	expect.MustEqual(s.T, "err", err, nil)
	tally, err := s.Store.Identity.UsesOf(s.T.Context(), c.ID, "")
	expect.MustEqual(s.T, "err", err, nil)
	expect.Equal(s.T, "uses counted", tally.InAll, stand)
	s.T.Logf("codes of a campaign: %d given, %d decisions allowed one, %d orders stand", given, allowed, stand)
	if s.ops >= 5000 && (given == 0 || stand == 0) {
		s.T.Error("no code of a campaign was given, or none was used: the storm was none")
	}
}

func (s *tempest) number(query string) (n int) {
	s.T.Helper()
	expect.MustEqual(s.T, "err", s.Store.DB().QueryRowContext(s.T.Context(), query).Scan(&n), nil, query)
	return n
}
