package crash

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/listing"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestStormOverEachVendor draws conversions, cancellations, faults, deaths and what a clerk books at the till, and looks
// whether the books are whole: every point is with its member, in a usable code, or in a movement that lies before a
// person. Only a POS whose entries bear no reference has any of the last. POINTBRIDGE_OPS and POINTBRIDGE_SEED bound and
// repeat it, as in the storm over the POS of the neutral contract.
func TestStormOverEachVendor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		for i, name := range world.Vendors() {
			t.Run(name, func(t *testing.T) {
				s := newVendorStorm(t, db, name, 1000*i)
				for range s.ops {
					s.operation()
				}
				s.calm()
				s.whole()
			})
		}
	})
}

// vendorStorm is a world in which everything is drawn.
type vendorStorm struct {
	*world.World
	*rand.Rand
	ops     int
	vendor  *world.Vendor
	process func(couponstest.Ports) *coupons.Service
	ports   couponstest.Ports
	// people are the members, with what they and the clerk brought.
	people []string
	brings map[string]int64
	asked  int
	amount bool
}

func newVendorStorm(t *testing.T, db storetest.Database, vendor string, first int) *vendorStorm {
	seed := world.FromEnv("POINTBRIDGE_SEED", time.Now().UnixNano())
	t.Logf("POINTBRIDGE_SEED=%d", seed)
	s := &vendorStorm{World: world.New(t, db, true), Rand: rand.New(rand.NewPCG(uint64(seed), 0)),
		ops: int(min(world.FromEnv("POINTBRIDGE_OPS", 150), 2000)), brings: map[string]int64{}}
	s.Members = first
	// Time goes on with each call: a client that stays below a vendor's limits would wait for ever in a world that stands
	// still.
	s.vendor = s.Vendor(vendor, func() time.Time {
		s.Clock.Advance(100 * time.Millisecond)
		return s.Clock.Now()
	})
	s.amount, s.ports = s.vendor.Promises.Lookup == coupons.LookupAmount, s.vendor.Ports(s.World)
	s.process = func(p couponstest.Ports) *coupons.Service { return s.vendor.Of(s.Service(p), p) }
	for range 8 {
		member := s.Member()
		s.vendor.Add(member)
		s.people, s.brings[member] = append(s.people, member), 1250
	}
	s.Taken = s.taken
	return s
}

// taken reports whether the till took as many points of a member as are in their usable codes, this one's included.
func (s *vendorStorm) taken(member, code string) bool {
	balance := s.vendor.Balance(member)
	held := int64(0)
	for _, c := range s.coupons(member) {
		if c.Status == domain.Active || c.Code == code {
			held += c.Points
		}
	}
	return s.brings[member]-balance >= held
}

func (s *vendorStorm) coupons(member string) []domain.Coupon {
	list, err := s.Store.Listing.List(s.T.Context(), listing.Filter{CustomerID: member, Limit: 200})
	if err != nil {
		s.T.Error(err)
	}
	return list
}

// operation is one act of a process that may die on the way, in an outside that may fail.
func (s *vendorStorm) operation() {
	s.Faults.Clear()
	if s.IntN(2) == 0 {
		acts := []string{"pos.deduct", "pos.add", "pos.balance", "pos.history", "shopify.discountCodeBasicCreate",
			"shopify.discountCodeDeactivate", "shopify.codeDiscountNodeByCode"}
		modes := []sim.Mode{sim.LoseAnswer, sim.DropBefore, sim.InternalAfter, sim.Internal, sim.BrokenAnswer}
		s.Faults.Add(sim.Rule{Act: acts[s.IntN(len(acts))], Mode: modes[s.IntN(len(modes))], Count: 1 + s.IntN(2)})
	}
	m := &couponstest.Mortal{Inner: s.ports}
	if s.IntN(3) == 0 {
		m.DieAt = 1 + s.IntN(16)
	}
	p, member := s.process(m.Ports()), s.people[s.IntN(len(s.people))]
	s.asked++
	key := fmt.Sprint("k-", s.asked)
	switch what := s.IntN(6); {
	case what < 3 && s.busy(member): // it would wait for its turn, in a world in which only this test moves the clock
	case what < 3:
		_, _ = p.Convert(s.T.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member,
			Points: 100 * (1 + s.Int64N(4)), Key: key})
	case what < 5:
		if list := s.coupons(member); len(list) > 0 {
			_, _ = p.Cancel(s.T.Context(), couponstest.Cancellation(list[s.IntN(len(list))].Code, key))
		}
	default: // never as many points as a movement of ours has: what nobody could tell apart has a test of its own
		points := 1 + s.Int64N(9)
		s.vendor.ByHand(member, points)
		s.brings[member] += points
	}
	_ = p.Drain(s.T.Context())
	m.Kill()
	s.Clock.Advance(time.Duration(s.IntN(60)) * time.Second)
	s.sweep(s.process(s.ports))
}

// busy reports whether a coupon of a member is on its way.
func (s *vendorStorm) busy(member string) bool {
	return slices.ContainsFunc(s.coupons(member), domain.Coupon.OnTheWay)
}

// sweep takes up what its process left, as the periodic round does.
func (s *vendorStorm) sweep(p *coupons.Service) {
	ids, err := s.Store.Backlog.Stuck(s.T.Context(), s.Clock.Now(), 100)
	expect.MustEqual(s.T, "err", err, nil)
	for _, id := range ids {
		_ = p.Advance(s.T.Context(), id)
	}
}

// calm lets everything come to rest.
func (s *vendorStorm) calm() {
	s.Faults.Clear()
	p := s.process(s.ports)
	for range 4 {
		s.Rest(p)
	}
}

// whole holds each member's points against the till, the books and the shop.
func (s *vendorStorm) whole() {
	count := map[domain.Status]int{}
	for _, member := range s.people {
		held, open := int64(0), []int64{0}
		for _, c := range s.coupons(member) {
			count[c.Status]++
			usable := s.Shopify.Usable(c.Code)
			switch {
			case c.ParkedAt != nil:
				expect.That(s.T, "a parked code cannot be used", !usable, c.Code)
				s.before(c)
				for _, sum := range open {
					open = append(open, sum+c.Points)
				}
			case c.Status == domain.Active:
				held += c.Points
				expect.That(s.T, "an active code can be used", usable, c.Code)
			case c.Status == domain.Cancelled, c.Status == domain.Failed:
				expect.That(s.T, "a code that ended cannot be used", !usable, c.Code)
			default:
				s.T.Errorf("%s does not come to rest: %s", c.Code, c.Status)
			}
		}
		balance := s.vendor.Balance(member)
		rest, found := s.brings[member]-balance-held, false
		for _, sum := range open {
			found = found || rest == sum
		}
		expect.That(s.T, "all points are somewhere", found, member, balance, held, s.brings[member], open)
	}
	s.T.Logf("coupons %v", count)
	expect.That(s.T, "something was made and something ended", count[domain.Active] > 0 && count[domain.Cancelled] > 0)
}

// before holds that a parked coupon lies before a person, which it does only where entries bear no reference.
func (s *vendorStorm) before(c domain.Coupon) {
	expect.That(s.T, "nothing is parked where entries can be found", s.amount, c.Code)
	list, err := s.Store.Reviews.Reviews(s.T.Context(), reviews.Filter{CustomerID: c.CustomerID, Limit: 200})
	expect.MustEqual(s.T, "err", err, nil)
	for _, r := range list {
		if r.CouponID == c.ID && r.Kind == reviews.Unsettled {
			return
		}
	}
	s.T.Errorf("%s is parked, and nobody is asked", c.Code)
}
