package storm

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/sim"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// pressed is a batch, and its campaign's key.
type pressed struct {
	campaign string
	codes.Batch
}

// batches are all batches that there are, shared codes among them.
func (s *press) batches() (list []pressed) {
	s.t.Helper()
	for _, key := range pressCampaigns {
		some, err := s.Store.Batches.BatchesOf(s.t.Context(), key, 0, 100)
		expect.MustEqual(s.t, "err", err, nil)
		for _, b := range some {
			list = append(list, pressed{key, b})
		}
	}
	for n := range 2 * sharedRequests {
		b, err := s.Store.Batches.OfRequest(s.t.Context(), world.Somebody.ID, sharedKey(n))
		if domain.CodeOf(err) == domain.CodeBatchNotFound {
			continue
		}
		expect.MustEqual(s.t, "err", err, nil)
		list = append(list, pressed{"stars", b})
	}
	return list
}

func (s *press) codesOf(q codes.Query) []codes.Code {
	s.t.Helper()
	q.Limit = 2000
	list, err := s.Store.Batches.CodesOf(s.t.Context(), q)
	expect.MustEqual(s.t, "err", err, nil)
	return list
}

// The requests that there are: few, so that most are made again, under the same key and with the same meaning.
const (
	batchRequests, listRequests, sharedRequests = 8, 6, 9
	longList                                    = 5
)

func batchAsked(n int) codes.Asked {
	return codes.Asked{Caller: world.Somebody, Key: fmt.Sprint("b", n), Campaign: []string{"flyers", "handout"}[n%2],
		Count: []int{1, 5, 40, 320}[n/2%4]}
}

// listAsked is a list whose last rows are somebody who stands there already, and somebody whom nobody knows.
func (s *press) listAsked(n int) (a codes.Asked, members []string) {
	for i := range 1 + n%longList {
		members = append(members, s.members[(3*n+i)%len(s.members)])
	}
	rows := append([]string{"customer_id"}, members...)
	return codes.Asked{Caller: world.Somebody, Key: fmt.Sprint("l", n), Campaign: gifts,
		CSV: strings.Join(append(rows, members[0], "8812399999"), "\n")}, members
}

// makeSome asks for a batch; whoever asked may be dead before the answer is there.
func (s *press) makeSome(r *rand.Rand) error {
	_, _, err := s.process(&world.MortalCodes{DieAt: r.IntN(4)}).Make(s.t.Context(), batchAsked(r.IntN(batchRequests)))
	return err
}

func (s *press) listSome(r *rand.Rand) error {
	a, _ := s.listAsked(r.IntN(listRequests))
	_, _, err := s.process(&world.MortalCodes{DieAt: r.IntN(4)}).Make(s.t.Context(), a)
	return err
}

// sharedKey is the key of a request for a shared code; the second half ask for the texts of the first.
func sharedKey(n int) string { return fmt.Sprint("s", n) }

// shareSome asks for a shared code; the same text under another key is refused.
func (s *press) shareSome(r *rand.Rand) error {
	n, again := r.IntN(sharedRequests), r.IntN(4)/3
	_, _, err := s.process(&world.MortalCodes{DieAt: r.IntN(4)}).Share(s.t.Context(), codes.SharedCode{
		Caller: world.Somebody, Key: sharedKey(n + again*sharedRequests), Campaign: "stars",
		Code: fmt.Sprint("star-n", n), Owner: fmt.Sprint("Owner ", n)})
	return err
}

func (s *press) endSome(r *rand.Rand) error {
	_, err := s.process(&world.MortalCodes{}).Deactivate(s.t.Context(), world.Somebody, "stars",
		fmt.Sprint("STAR-N", r.IntN(sharedRequests)))
	return err
}

func (s *press) moveBatch(r *rand.Rand) error {
	list := s.batches()
	if len(list) == 0 {
		return nil
	}
	b := list[r.IntN(len(list))]
	to := codes.Stopped
	if r.IntN(6) > 0 {
		to = []codes.Status{codes.Paused, codes.Running}[r.IntN(2)]
	}
	_, err := s.process(&world.MortalCodes{}).SetStatus(s.t.Context(), world.Somebody, b.campaign, b.PublicID, to, "")
	return err
}

// moveCampaign pauses a campaign or lets it go on; one of them may end.
func (s *press) moveCampaign(r *rand.Rand) error {
	key := pressCampaigns[r.IntN(len(pressCampaigns))]
	to := []campaigns.Status{campaigns.Paused, campaigns.Live, campaigns.Live}[r.IntN(3)]
	if key == "handout" && r.IntN(6) == 0 {
		to = campaigns.Ended
	}
	_, err := s.book.SetStatus(s.t.Context(), world.Somebody, key, to, "")
	return err
}

// moveEnd lets a campaign, and its codes, end a day later.
func (s *press) moveEnd(r *rand.Rand) error {
	c, err := s.Store.Campaigns.ByKey(s.t.Context(), pressCampaigns[r.IntN(len(pressCampaigns))])
	if err != nil {
		return err
	}
	c.Offer.EndsAt = c.Offer.EndsAt.AddDate(0, 0, 1)
	_, err = s.book.Revise(s.t.Context(), world.Somebody, c.Key, c.Policy.Version, c.Offer, c.Policy)
	return err
}

// workSome is a process that works until it has nothing to do, or dies, or an answer is lost.
func (s *press) workSome(r *rand.Rand) error {
	m := &world.MortalCodes{}
	switch r.IntN(4) {
	case 0:
		m.DieAt = 1 + r.IntN(24)
	case 1:
		m.LoseAt = 1 + r.IntN(6)
	}
	p := s.process(m)
	err := p.Work(s.t.Context())
	stuck, listed := s.Store.Backlog.Stuck(s.t.Context(), s.Clock.Now(), 20)
	expect.Equal(s.t, "err", listed, nil)
	for _, id := range stuck {
		_ = m.Give.(giver).Advance(s.t.Context(), id)
	}
	return err
}

// buySome places an order with one code or two, of whichever kind, by whomever.
func (s *press) buySome(r *rand.Rand) error {
	var texts []string
	for range 1 + r.IntN(5)/4 {
		list := s.codesOf(codes.Query{Campaign: pressCampaigns[r.IntN(3)], State: codes.CodeMade})
		if len(list) == 0 {
			return domain.ErrConflict
		}
		texts = append(texts, list[r.IntN(min(len(list), 30))].Code)
	}
	who := ""
	if n := r.IntN(len(s.members) + 2); n < len(s.members) {
		who = fmt.Sprint("gid://shopify/Customer/", 1+n)
	}
	if r.IntN(4) == 0 {
		texts, who = s.giftOfSomebody(r)
	}
	if len(texts) == 0 {
		return domain.ErrConflict
	}
	return bought(s.Shopify.Checkout(who, texts, "1000"))
}

// giftOfSomebody is a personal code in the hand of whom it is for.
func (s *press) giftOfSomebody(r *rand.Rand) (texts []string, who string) {
	var list []simshopify.Discount
	for _, d := range s.Shopify.Discounts() {
		if len(d.CustomerIDs) == 1 {
			list = append(list, d)
		}
	}
	if len(list) == 0 {
		return nil, ""
	}
	d := list[r.IntN(len(list))]
	return []string{d.Code}, d.CustomerIDs[0]
}

func (s *press) someOrder(r *rand.Rand) (simshopify.Order, bool) {
	list := s.Shopify.Orders()
	if len(list) == 0 {
		return simshopify.Order{}, false
	}
	return list[r.IntN(len(list))], true
}

func (s *press) voidOrder(r *rand.Rand) error {
	o, there := s.someOrder(r)
	if !there {
		return nil
	}
	return bought("", s.Shopify.CancelOrder(o.GID(), "CUSTOMER"))
}

// tellSome has an order learned of as the queue does, or writes down how it is now, or tells of what was written down:
// of the same state again, and of one that is no longer.
func (s *press) tellSome(r *rand.Rand) error {
	at := s.Clock.Now()
	o, there := s.someOrder(r)
	if !there {
		return nil
	}
	if r.IntN(3) == 0 {
		return s.learner.LearnOrder(s.t.Context(), o.GID(), o.UpdatedAt)
	}
	s.lock.Lock()
	s.box = append(s.box, seenAs(o, at)...)
	var told []decisions.SeenOrder
	for range 3 {
		told = append(told, s.box[r.IntN(len(s.box))])
	}
	s.lock.Unlock()
	for _, u := range told {
		if _, err := s.asker.SeeUse(s.t.Context(), u); err != nil {
			return err
		}
	}
	return nil
}

// seenAs is an order as it was at a moment, a use for each of its codes.
func seenAs(o simshopify.Order, at time.Time) (list []decisions.SeenOrder) {
	for _, code := range o.DiscountCodes {
		u := decisions.Use{OrderID: o.GID(), Order: o.Name(), Code: code, At: o.CreatedAt, SeenAt: at,
			CustomerGID: o.CustomerID, Gross: 1000, Discount: 300, Currency: "JPY", Source: decisions.FromOrder}
		if o.CancelledAt != nil {
			u.VoidReason = "cancelled"
		}
		list = append(list, decisions.SeenOrder{Use: u, Shown: identity.Shown{CustomerID: o.CustomerID}})
	}
	return list
}

func (s *press) faultSome(r *rand.Rand) error {
	acts := []string{"discountCodeBasicCreate", "discountRedeemCodeBulkAdd", "discountRedeemCodeBulkCreation",
		"discountCodeBasicUpdate", "discountCodeDeactivate", "codeDiscountNodeByCode", "codeDiscountNode", "order"}
	modes := []sim.Mode{sim.LoseAnswer, sim.DropBefore, sim.BrokenAnswer, sim.Internal, sim.InternalAfter, sim.Throttle,
		sim.Status, sim.StatusAfter}
	s.Faults.Add(sim.Rule{Act: "shopify." + acts[r.IntN(len(acts))], Mode: modes[r.IntN(len(modes))], RetryAfter: "1"})
	return nil
}

// deleteByHand removes the discount of a batch as somebody in the shop's admin would.
func (s *press) deleteByHand(r *rand.Rand) error {
	list := s.batches()
	if len(list) == 0 {
		return nil
	}
	b := list[r.IntN(len(list))]
	if b.DiscountID == "" {
		return domain.ErrConflict
	}
	s.lock.Lock()
	s.hand[b.DiscountID] = true
	s.lock.Unlock()
	return bought("", s.Shopify.DeleteByHand(b.DiscountID))
}
