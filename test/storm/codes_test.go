package storm

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity/learn"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestStormOverCodesMadeTogether draws batches, lists of recipients and shared codes, what people decide about them,
// processes that work on them and die, a shop that loses answers, and orders with their codes, which are told of
// twice, late, out of order, and after they came to nothing. A few of these happen at once; the clock moves between
// them. Then it holds our books against the shop. POINTBRIDGE_CODES bounds it, POINTBRIDGE_SEED repeats what was drawn.
// covers: 001-10, 002-01, 002-04, H-12, H-13
func TestStormOverCodesMadeTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		usual := map[string]int64{"postgres": 220, "sqlite": 160}[db.Dialect]
		seed := world.FromEnv("POINTBRIDGE_SEED", time.Now().UnixNano())
		s := newPress(t, db, uint64(seed))
		t.Logf("POINTBRIDGE_SEED=%d", seed)
		s.rage(int(world.FromEnv("POINTBRIDGE_CODES", usual)))
		s.calm()
		s.whole()
		t.Logf("%v", s.done)
	})
}

// What the shop cannot hold codes to by itself: it knows no family. Of each family a few orders are too many.
const (
	flyersInAll, starsInAll, starsPerCode, starsPerPerson = 9, 12, 4, 2
	pressMembers                                          = 14
	atATime                                               = 4
)

var pressCampaigns = []string{"flyers", "handout", "stars", gifts}

// press makes codes in bad weather.
type press struct {
	*world.World
	made    *world.CampaignCodes
	t       *testing.T
	draw    *rand.Rand
	members []string
	asker   decisions.Service
	learner *learn.Orders
	book    campaigns.Service

	lock sync.Mutex
	done map[string]int
	hand map[string]bool       // discounts that somebody deleted by hand
	box  []decisions.SeenOrder // what was told of orders, and may be told again
}

func newPress(t *testing.T, db storetest.Database, seed uint64) *press {
	t.Helper()
	c := world.NewCampaignCodes(t, db)
	s := &press{World: c.World, made: c, t: t, draw: rand.New(rand.NewPCG(seed, 0)), done: map[string]int{}, hand: map[string]bool{}}
	c.Shopify.OnDiscountChange(s.neverUnlimited)
	s.book = campaigns.Service{Campaigns: c.Store.Campaigns, Now: c.Clock.Now}
	s.asker = (&tempest{Endings: &world.Endings{World: c.World}}).asker()
	s.learner = &learn.Orders{Switch: &learn.Switch{Campaigns: c.Store.Campaigns, Now: c.Clock.Now}, Uses: c.Store.Identity,
		Holders: c.Store.Identity, Shop: c.Admin, Decider: s.asker, Now: c.Clock.Now, Logger: slog.New(slog.DiscardHandler)}
	for range pressMembers {
		s.members = append(s.members, s.Member())
	}
	s.open("flyers", "FLY-", campaigns.Batch, func(p *decisions.Policy) { p.UsesInAll = flyersInAll })
	s.open("handout", "HAND-", campaigns.Batch, func(*decisions.Policy) {})
	s.open("stars", "STAR-", campaigns.Shared, func(p *decisions.Policy) {
		p.UsesInAll, p.UsesPerCode, p.UsesPerPerson = starsInAll, starsPerCode, starsPerPerson
	})
	s.open(gifts, giftPrefix, campaigns.Personal, func(p *decisions.Policy) { p.UsesPerPerson = 5 })
	return s
}

func (s *press) open(key, prefix string, kind campaigns.Codes, change func(*decisions.Policy)) {
	s.t.Helper()
	p, now := decisions.NewPolicy(decisions.Medium), s.book.Now()
	p.Mode = decisions.Enforce
	change(&p)
	_, err := s.book.Make(s.t.Context(), world.Somebody, campaigns.Campaign{Key: key, Prefix: prefix, Policy: p,
		Names: []campaigns.Name{{Language: "en", Text: key}}, Offer: campaigns.Offer{Codes: kind,
			Value:    campaigns.Value{Kind: campaigns.Amount, Range: campaigns.One(300), Currency: "JPY"},
			StartsAt: now.Add(-time.Hour), EndsAt: now.AddDate(0, 1, 0), LivePerPerson: mostGifts,
			Validity: campaigns.One(7 * 86400), Combines: campaigns.Combines{Order: kind != campaigns.Personal}}})
	if err == nil {
		_, err = s.book.SetStatus(s.t.Context(), world.Somebody, key, campaigns.Live, "")
	}
	expect.MustEqual(s.t, "err", err, nil)
}

// neverUnlimited is asked before anybody can see a change in the shop.
func (s *press) neverUnlimited(c simshopify.Change) {
	if c.Usable && (c.Discount.EndsAt == nil || c.Discount.UsageLimit == nil) {
		s.t.Errorf("%s can be used without an end or a limit", c.Discount.Code)
	}
}

// giver gives the personal codes of a list, as the service does.
type giver struct{ *coupons.Service }

// IssueCode implements codes.Issuer.
func (g giver) IssueCode(ctx context.Context, i codes.Issue) (codes.Issued, error) {
	if r, err := g.Issued(ctx, i.Caller.ID, i.Key); domain.CodeOf(err) != domain.CodeNotFound {
		return codes.Issued{Code: r.Coupon.Code, Done: r.Done}, err
	}
	r, err := g.Issue(ctx, coupons.Issue{Caller: i.Caller, Key: i.Key, Campaign: i.Campaign,
		To: coupons.Recipient(i.To), Value: i.Value})
	return codes.Issued{Code: r.Coupon.Code, Done: r.Done}, err
}

// process is one that lives as long as it is let. It waits for nothing: the clock stands still while it works.
func (s *press) process(m *world.MortalCodes) *codes.Service {
	saga := &couponstest.Mortal{Inner: s.Whole(), DieAt: m.DieAt}
	service := s.Service(saga.Ports())
	service.Timing.Wait = time.Second
	m.Give = giver{service}
	p := s.made.Process(m)
	p.Clock, p.Timing.Slice = s.Clock, 100*time.Millisecond
	return p
}

// rage draws a few things, does them at once, and moves the clock.
func (s *press) rage(ops int) {
	for left := ops; left > 0 && !s.t.Failed(); left -= atATime {
		var group sync.WaitGroup
		for range atATime {
			name, do := s.one()
			r := rand.New(rand.NewPCG(s.draw.Uint64(), 1)) //nolint:gosec // a storm is repeated, not secret
			group.Go(func() { s.tell(name, do(r)) })
		}
		s.await(&group)
		s.Clock.Advance(time.Duration(s.draw.IntN(40)) * time.Second)
	}
}

// await waits for a round. Who waits for somebody who is dead needs a clock that moves: a little, so that nothing that
// is on its way is taken for lost.
func (s *press) await(group *sync.WaitGroup) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		group.Wait()
	}()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case <-tick.C:
			s.Clock.Advance(500 * time.Millisecond)
		}
	}
}

// one draws what happens next.
func (s *press) one() (name string, do func(*rand.Rand) error) {
	list := []struct {
		name   string
		weight int
		do     func(*rand.Rand) error
	}{
		{"make a batch", 8, s.makeSome}, {"make a list", 5, s.listSome}, {"share a code", 8, s.shareSome},
		{"end a shared code", 2, s.endSome}, {"move a batch", 6, s.moveBatch}, {"move a campaign", 3, s.moveCampaign},
		{"move its end", 2, s.moveEnd}, {"work", 26, s.workSome}, {"buy", 22, s.buySome}, {"void an order", 4, s.voidOrder},
		{"tell of an order", 20, s.tellSome}, {"fault", 8, s.faultSome}, {"delete by hand", 1, s.deleteByHand},
	}
	total := 0
	for _, c := range list {
		total += c.weight
	}
	at := s.draw.IntN(total)
	for _, c := range list {
		if at -= c.weight; at < 0 {
			return c.name, c.do
		}
	}
	return "", nil
}

// tell counts what was done, and reports errors that nobody should ever get.
func (s *press) tell(name string, err error) {
	var refused *domain.Error
	var upstream *domain.UpstreamError
	var later *domain.Later
	switch {
	case err == nil:
	case errors.As(err, &refused) && refused.Code != domain.CodeInternal, errors.As(err, &upstream),
		errors.As(err, &later), errors.Is(err, couponstest.ErrDied), errors.Is(err, domain.ErrConflict):
		name += " not"
	default:
		s.t.Errorf("%s: %v", name, err)
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.done[name]++
}

// calm lets living processes finish everything, when the weather is fine again. What a person paused goes on.
func (s *press) calm() {
	s.Faults.Clear()
	for _, key := range pressCampaigns {
		if _, err := s.book.SetStatus(s.t.Context(), world.Somebody, key, campaigns.Live, ""); err != nil &&
			domain.CodeOf(err) != domain.CodeCampaignStatus {
			s.t.Error(err)
		}
	}
	p := s.process(&world.MortalCodes{})
	for _, b := range s.batches() {
		if b.Status == codes.Paused && b.Reason == codes.ByPerson {
			_, err := p.SetStatus(s.t.Context(), world.Somebody, b.campaign, b.PublicID, codes.Running, "")
			expect.Equal(s.t, "err", err, nil)
		}
	}
	for range 400 {
		var group sync.WaitGroup
		group.Go(func() { _ = p.Work(s.t.Context()) })
		s.await(&group)
		now := s.book.Now()
		due, err := s.Store.Batches.Due(s.t.Context(), now.AddDate(1, 0, 0), 100)
		expect.MustEqual(s.t, "err", err, nil)
		stuck, err := s.Store.Backlog.Stuck(s.t.Context(), now, 100)
		expect.MustEqual(s.t, "err", err, nil)
		group.Go(func() {
			for _, id := range stuck {
				_ = p.Issuer.(*world.MortalCodes).Give.(giver).Advance(s.t.Context(), id) // the next round asks again
			}
		})
		s.await(&group)
		waiting, err := s.Store.Backlog.Gauges(s.t.Context())
		expect.MustEqual(s.t, "err", err, nil)
		if len(due)+len(stuck) == 0 && waiting["on_the_way"] == 0 {
			return
		}
		s.Clock.Advance(7 * time.Second)
	}
	s.t.Error("the codes do not come to rest")
}
