package books

import (
	"fmt"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/decisions"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// personalWorld is a lostWorld whose members, and somebody who is none, have codes of campaigns: gift costs nothing, flash
// neither and is soon over, treat costs points.
type personalWorld struct {
	*lostWorld
	began time.Time
}

// campaigns makes them, at a time.
func (l *personalWorld) campaigns(t *testing.T, at time.Time) {
	t.Helper()
	by := domain.Caller{ID: "staff:1", Name: "Sato", Role: domain.RoleSystemAdmin}
	book := campaigns.Service{Campaigns: l.Store.Campaigns, Now: func() time.Time { return at }}
	amount := campaigns.Value{Kind: campaigns.Amount, Range: campaigns.One(300), Currency: "JPY"}
	part := campaigns.Value{Kind: campaigns.Percentage, Range: campaigns.Range{Min: 500, Max: 2000}}
	for key, offer := range map[string]campaigns.Offer{
		"gift":  {Value: part, Validity: campaigns.One(30 * 86400)},
		"flash": {Value: amount, Validity: campaigns.One(60)},
		"treat": {Value: amount, Validity: campaigns.One(30 * 86400), Points: 20},
	} {
		offer.Codes, offer.LivePerPerson = campaigns.Personal, 50
		offer.StartsAt, offer.EndsAt = l.began.Add(-time.Hour), l.began.AddDate(0, 6, 0)
		prefix := map[string]string{"gift": "GIFT-", "flash": "FLASH", "treat": "TREAT-"}[key]
		_, err := book.Make(t.Context(), by, campaigns.Campaign{Key: key, Prefix: prefix, Offer: offer,
			Policy: decisions.NewPolicy(decisions.Medium), Names: []campaigns.Name{{Language: "en", Text: key}}})
		expect.MustEqual(t, "err", err, nil)
		_, err = book.SetStatus(t.Context(), by, key, campaigns.Live, "")
		expect.MustEqual(t, "err", err, nil)
	}
}

// process is one that gives codes of campaigns.
func (l *personalWorld) process() *coupons.Service {
	s := l.Process(l.Whole())
	s.Shoppers, s.ShopperID = l.Admin, couponstest.ShopperID
	return s
}

// given is a code of a campaign for somebody.
func (l *personalWorld) given(campaign, key string, h holder) domain.Coupon {
	l.T.Helper()
	i := coupons.Issue{Caller: world.TheManager(), Campaign: campaign, Key: key, To: coupons.Recipient{ShopifyCustomerGID: h.gid}}
	if campaign == "gift" {
		i.Value = 1000
	}
	l.FinishAll(l.process()) // what moves points waits for what moved them before
	got, err := l.process().Issue(l.T.Context(), i)
	expect.MustEqual(l.T, campaign+" err", err, nil)
	if !got.Done {
		l.FinishAll(l.process())
	}
	st, err := l.Store.Coupons.ByCode(l.T.Context(), got.Coupon.Code)
	expect.MustEqual(l.T, campaign+" err", err, nil)
	expect.MustEqual(l.T, campaign, st.Coupon.Status, domain.Active)
	l.codes = append(l.codes, st.Coupon.Code)
	return st.Coupon
}

// storm gives codes of each campaign, and lets them be kept, cancelled, used, stopped, replaced and run out.
func (l *personalWorld) storm() {
	l.members = []holder{{l.Addressed(), l.GID()}, {l.Addressed(), l.GID()}}
	gid, err := l.Shopify.AddCustomer("gid://shopify/Customer/9000", "guest@example.com", "Guest", "en")
	expect.MustEqual(l.T, "err", err, nil)
	l.members = append(l.members, holder{couponstest.ShopperID(gid), gid})
	for n := range 5 {
		for at, h := range l.members {
			l.deeds(n, at, h)
		}
		if n == 2 {
			l.FinishAll(l.process())
			l.backup = l.snapshot()
		}
	}
	s := l.process()
	expect.MustEqual(l.T, "err", l.Orders(s).SweepOrders(l.T.Context()), nil)
	l.FinishAll(s)
}

func (l *personalWorld) deeds(n, at int, h holder) {
	l.T.Helper()
	if n%4 == 0 {
		l.given("flash", fmt.Sprint("flash", n, h.id), h)
	}
	l.become(n, l.given("gift", fmt.Sprint("gift", n, h.id), h))
	if at < 2 {
		l.become(n, l.given("treat", fmt.Sprint("treat", n, h.id), h))
	}
	if at == 0 {
		l.deed(n, h)
	}
	l.FinishAll(l.process())
}

func (l *personalWorld) become(n int, c domain.Coupon) {
	l.T.Helper()
	ctx, s := l.T.Context(), l.process()
	var err error
	switch n % 5 {
	case 1:
		_, err = s.Cancel(ctx, world.Ending(c.Code, fmt.Sprint("c", n)))
	case 2:
		_, err = l.Shopify.Checkout(c.ShopifyCustomerGID, []string{c.Code}, "1000")
	case 3:
		_, err = s.Suspend(ctx, coupons.Suspension(world.Ending(c.Code, fmt.Sprint("s", n))))
	case 4:
		err = l.remedied(s, holder{c.CustomerID, c.ShopifyCustomerGID}, c.Code, 2*len(l.codes)+1001) // an odd number is a new code
	}
	expect.MustEqual(l.T, "err", err, nil)
}

// TestPersonalCodesOfCampaignsAreRebuilt where the database has their campaign, be it from a backup or made anew, and are
// named where it has not.
func TestPersonalCodesOfCampaignsAreRebuilt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		l := &personalWorld{lostWorld: &lostWorld{Endings: world.NewEndings(t, db, true)}}
		l.Policy.DailyLimit = 1_000_000
		l.began = l.Clock.Now()
		l.campaigns(t, l.began)
		l.storm()
		l.was = l.Store
		entries := len(l.POS.AllEntries())
		there := func(t *testing.T) { l.campaigns(t, l.began) }
		t.Run("where the campaign is not there every code is named, and none is touched", func(t *testing.T) {
			l.prepare = nil
			l.lose(t, nil)
			sum, found := l.rebuilt(true)
			for _, code := range l.codes {
				if domain.IsPointsCode(code) {
					continue
				}
				expect.That(t, code+" is named", found[code].Campaign != "" && found[code].Shop != "", found[code])
				_, err := l.Store.Coupons.ByCode(t.Context(), code)
				expect.Equal(t, code, domain.CodeOf(err), domain.CodeCouponNotFound)
			}
			expect.That(t, "sum.Unknown > 0", sum.Unknown > 0)
			expect.Equal(t, "sum.Campaigns", sum.Campaigns, sum.Unknown)
		})
		t.Run("a rehearsal says what would be restored and writes nothing", func(t *testing.T) {
			l.prepare = there
			l.lose(t, nil)
			sum, found := l.rebuilt(false)
			expect.Equal(t, "l.did", l.did, 0)
			expect.Equal(t, "len(found)", len(found), total(sum))
			expect.Equal(t, "sum.Unknown", sum.Unknown, 0)
			ids, err := l.Store.Books.Members(t.Context(), "", 10)
			expect.Equal(t, "err", err, nil)
			expect.Equal(t, "len(ids)", len(ids), 0)
		})
		for name, from := range map[string][]books.Restoration{"from the campaigns alone": nil,
			"from a backup of the middle": l.backup} {
			t.Run(name, func(t *testing.T) {
				l.prepare = there
				l.lose(t, from)
				sum, _ := l.rebuilt(true)
				expect.Equal(t, "sum.Unknown", sum.Unknown, 0)
				expect.Equal(t, "some were right already", sum.Right > 0, from != nil)
				l.same()
				l.whole()
				l.again(total(sum) + sum.Right)
			})
		}
		t.Run("from campaigns that were made anew", func(t *testing.T) {
			l.prepare = func(t *testing.T) { l.campaigns(t, l.Clock.Now()) }
			l.withoutRules = true
			defer func() { l.withoutRules = false }()
			l.lose(t, nil)
			sum, _ := l.rebuilt(true)
			l.same()
			l.whole()
			l.again(total(sum))
		})
		t.Run("wherever the process dies", func(t *testing.T) {
			l.prepare = there
			l.lose(t, nil)
			expect.That(t, "a run died in the middle", l.killed())
			l.same()
		})
		t.Run("no point moved, and no code was touched", func(t *testing.T) {
			expect.Equal(t, "entries", len(l.POS.AllEntries()), entries)
			expect.Equal(t, "l.stopped", len(l.stopped), 0)
		})
		t.Run("a code that was given back, and can be spent, is stopped before it is restored", func(t *testing.T) {
			l.stopsPersonal(t, there)
		})
	})
}

// stopsPersonal lets somebody make two codes good again by hand that were given back.
func (l *personalWorld) stopsPersonal(t *testing.T, there func(*testing.T)) {
	l.prepare = there
	l.lose(t, nil)
	l.rebuilt(true)
	s := l.process()
	h := l.members[0]
	free, paid := l.given("gift", "gift again", h), l.given("treat", "treat again", h)
	_, err := s.Cancel(t.Context(), world.Ending(free.Code, "again"))
	expect.MustEqual(t, "err", err, nil)
	l.FinishAll(s)
	expect.MustEqual(t, "err", l.Admin.SetDiscountEnd(t.Context(), free.DiscountID, free.ExpiresAt), nil)
	_, err = l.Ledger.Add(t.Context(), domain.Movement{CustomerID: h.id, Kind: domain.GiveBack, Points: paid.Points,
		Reference: domain.GiveBackReference(paid.Code), RelatedReference: domain.TakeReference(paid.Code), Key: "by hand",
		Reason: "by hand"})
	expect.MustEqual(t, "err", err, nil)
	l.lose(t, nil)
	_, found := l.rebuilt(true)
	for _, c := range []domain.Coupon{free, paid} {
		expect.Equal(t, c.Code+" was stopped", found[c.Code].Stopped, true)
		expect.Equal(t, c.Code, found[c.Code].To, domain.Cancelled)
		expect.Equal(t, c.Code+" usable", l.Shopify.Usable(c.Code), false)
		expect.Equal(t, c.Code+" reviews", found[c.Code].Reviews, []reviews.Kind(nil))
	}
	expect.Equal(t, "stopped", len(l.stopped), 2)
}
