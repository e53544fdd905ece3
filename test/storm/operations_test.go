package storm

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/sim"
	"pointbridge/test/world"
)

// chore is one thing that can happen; weight is how often, of all weights together.
type chore struct {
	name   string
	weight int
	do     func(*tempest, *rand.Rand, int64) error
}

func chores() []chore {
	return []chore{
		{"convert", 430, (*tempest).convertSome},
		{"cancel", 130, (*tempest).cancelSome},
		{"refund", 90, (*tempest).refundSome},
		{"suspend", 70, (*tempest).suspendSome},
		{"decide", 40, (*tempest).decideSome},
		{"order", 70, (*tempest).orderSome},
		{"open checkout", 40, (*tempest).openSome},
		{"give a campaign's code", 70, (*tempest).giveSome},
		{"use a campaign's code", 40, (*tempest).useSome},
		{"void or tell of an order with one", 25, (*tempest).voidSome},
		{"pause or open the campaign", 12, (*tempest).moveSome},
		{"late order", 40, (*tempest).completeSome},
		{"delete by hand", 15, (*tempest).deleteSome},
		{"restart", 5, (*tempest).restartSome},
		{"look for orders", 1, (*tempest).lookForOrders},
		{"fault", 120, (*tempest).faultSome},
	}
}

// Once draws one thing and does it.
func (s *tempest) Once(r *rand.Rand, n int64) {
	list, total := chores(), 0
	for _, c := range list {
		total += c.weight
	}
	at := r.IntN(total)
	for _, c := range list {
		if at -= c.weight; at >= 0 {
			continue
		}
		s.tell(c.name, c.do(s, r, n))
		return
	}
}

// tell counts what was done, and reports errors that nobody should ever get.
func (s *tempest) tell(name string, err error) {
	var refused *domain.Error
	var upstream *domain.UpstreamError
	switch {
	case err == nil:
	case errors.As(err, &refused) && refused.Code != domain.CodeInternal, errors.As(err, &upstream),
		errors.Is(err, couponstest.ErrDied), errors.Is(err, domain.ErrConflict):
		name += " not"
	default:
		s.T.Errorf("%s: %v", name, err)
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.done[name]++
}

func (s *tempest) convertSome(r *rand.Rand, n int64) error {
	h := s.people[r.IntN(len(s.people))]
	got, err := s.replica(r).Convert(s.T.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1",
		Role: domain.RolePOS}, CustomerID: h.member,
		Points: int64(r.IntN(5)+1) * 100, Key: fmt.Sprint("k", n)})
	if err == nil && got.Done {
		s.lock.Lock()
		defer s.lock.Unlock()
		s.codes = append(s.codes, issuedCode{got.Coupon.Code, h.gid})
	}
	return err
}

// some draws a code, mostly a recent one.
func (s *tempest) some(r *rand.Rand) issuedCode {
	s.lock.Lock()
	defer s.lock.Unlock()
	if len(s.codes) == 0 {
		return issuedCode{code: "00000-AAAAAA-100", gid: s.people[0].gid}
	}
	recent := s.codes[max(0, len(s.codes)-60):]
	if r.IntN(5) == 0 {
		recent = s.codes
	}
	return recent[r.IntN(len(recent))]
}

func (s *tempest) cancelSome(r *rand.Rand, n int64) error {
	_, err := s.replica(r).Cancel(s.T.Context(), world.Ending(s.some(r).code, fmt.Sprint("c", n)))
	return err
}

func (s *tempest) refundSome(r *rand.Rand, n int64) error {
	_, err := s.replica(r).Refund(s.T.Context(), coupons.RefundRequest{Cancellation: world.Ending(s.some(r).code,
		fmt.Sprint("r", n)), Reference: fmt.Sprint("POS-", n)})
	return err
}

func (s *tempest) suspendSome(r *rand.Rand, n int64) error {
	_, err := s.replica(r).Suspend(s.T.Context(), coupons.Suspension(world.Ending(s.some(r).code, fmt.Sprint("s", n))))
	return err
}

func (s *tempest) decideSome(r *rand.Rand, n int64) error {
	open, err := s.Store.Reviews.Reviews(s.T.Context(), reviews.Filter{Status: "open", Limit: 20})
	if err != nil || len(open) == 0 {
		return err
	}
	one := open[r.IntN(len(open))]
	outcomes := one.Kind.Outcomes()
	_, _, err = s.replica(r).Decide(s.T.Context(), coupons.Decision{Caller: world.TheManager(), ReviewID: one.ID,
		Outcome: outcomes[r.IntN(len(outcomes))], Note: "looked into", Key: fmt.Sprint("d", n)})
	return err
}

func (s *tempest) orderSome(r *rand.Rand, _ int64) error {
	c := s.some(r)
	return bought(s.Shopify.Checkout(c.gid, []string{c.code}, "1000"))
}

// bought is how an order went; that the store refuses a code is nothing unheard of.
func bought(_ string, err error) error {
	if err != nil {
		return domain.ErrConflict
	}
	return nil
}

func (s *tempest) openSome(r *rand.Rand, _ int64) error {
	c := s.some(r)
	cart, err := s.Shopify.OpenCheckout(c.gid, []string{c.code}, "1000")
	if err == nil {
		s.lock.Lock()
		defer s.lock.Unlock()
		s.carts = append(s.carts, cart)
	}
	return bought("", err)
}

func (s *tempest) completeSome(r *rand.Rand, _ int64) error {
	s.lock.Lock()
	if len(s.carts) == 0 {
		s.lock.Unlock()
		return nil
	}
	i := r.IntN(len(s.carts))
	cart := s.carts[i]
	s.carts = append(s.carts[:i], s.carts[i+1:]...)
	s.lock.Unlock()
	return bought(s.Shopify.CompleteCheckout(cart))
}

// deleteSome removes a code as somebody in the store's admin would.
func (s *tempest) deleteSome(r *rand.Rand, _ int64) error {
	code := s.some(r).code
	d, ok := s.Shopify.DiscountByCode(code)
	if !ok {
		return nil
	}
	s.Watch.Lock()
	s.Deleted[code] = true
	s.Watch.Unlock()
	return s.Admin.DeleteDiscount(s.T.Context(), fmt.Sprintf("gid://shopify/DiscountCodeNode/%d", d.ID))
}

// restartSome ends a process wherever its calls are, and starts another one.
func (s *tempest) restartSome(r *rand.Rand, _ int64) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	i := r.IntN(len(s.replicas))
	s.replicas[i].mortal.Kill()
	s.replicas[i] = s.born(r)
	return nil
}

func (s *tempest) lookForOrders(r *rand.Rand, _ int64) error {
	if r.IntN(2) == 0 {
		s.Faults.Add(sim.Rule{Act: "shopify.orders", Mode: sim.LoseAnswer})
	}
	return s.Orders(s.replica(r).Service).SweepOrders(s.T.Context())
}

// faultSome lets one of the next acts go wrong in one of the ways there are.
func (s *tempest) faultSome(r *rand.Rand, _ int64) error {
	acts := []string{"pos.deduct", "pos.add", "pos.history", "shopify.discountCodeBasicCreate",
		"shopify.discountCodeDeactivate", "shopify.codeDiscountNodeByCode", "shopify.customer", "shopify.metafieldsSet"}
	modes := []sim.Mode{sim.LoseAnswer, sim.DropBefore, sim.BrokenAnswer, sim.Internal, sim.InternalAfter, sim.Throttle,
		sim.Status, sim.StatusAfter}
	rule := sim.Rule{Act: acts[r.IntN(len(acts))], Mode: modes[r.IntN(len(modes))]}
	switch r.IntN(20) {
	case 0:
		rule.Mode = []sim.Mode{sim.Hang, sim.HangAfter}[r.IntN(2)]
	case 1:
		rule = sim.Rule{Act: "shopify.discountCodeBasicCreate", Mode: sim.Refuse, Reason: "INVALID"}
	case 2:
		rule.Mode, rule.Code = sim.Status, 429
	}
	s.Faults.Add(rule)
	return nil
}
