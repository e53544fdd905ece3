package world

import (
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/domain/reviews"
	simpos "pointbridge/integrations/sim/pos"
)

// view is everything outside and beside the coupons at one moment: what the books are compared with.
type view struct {
	entries map[string][]simpos.Entry // by reference
	orders  map[string]int            // by code
	opened  map[string][]reviews.Review
}

func (w *Endings) View() view {
	w.T.Helper()
	v := view{map[string][]simpos.Entry{}, map[string]int{}, map[string][]reviews.Review{}}
	for _, e := range w.POS.AllEntries() {
		v.entries[e.Reference] = append(v.entries[e.Reference], e)
	}
	for _, o := range w.Shopify.Orders() {
		for _, code := range o.DiscountCodes {
			v.orders[strings.ToUpper(code)]++
		}
	}
	for before := int64(0); ; {
		list, err := w.Store.Reviews.Reviews(w.T.Context(), reviews.Filter{Before: before, Limit: 500})
		if err != nil {
			w.T.Fatal(err)
		}
		for _, r := range list {
			v.opened[r.Code] = append(v.opened[r.Code], r)
		}
		if len(list) == 0 {
			return v
		}
		before = list[len(list)-1].ID
	}
}

// points are how often the points of a coupon were moved, and how.
type points struct{ takes, backs, again int }

// net is how often the customer has paid for the coupon.
func (p points) net() int { return p.takes - p.backs + p.again }

// BalancedBooks checks the books of one member who began with so many points: points taken are points in coupons plus
// points given back, each code is where its points are not.
func (w *Endings) BalancedBooks(v view, member string, began int64) (list []domain.Coupon) {
	w.T.Helper()
	list, err := w.Store.Listing.List(w.T.Context(), listing.Filter{CustomerID: member, Limit: 10_000})
	if err != nil {
		w.T.Fatal(err)
	}
	held := int64(0)
	for _, c := range list {
		p := points{len(v.entries[domain.TakeReference(c.Code)]), len(v.entries[domain.GiveBackReference(c.Code)]),
			len(v.entries[domain.TakeBackReference(c.Code)])}
		w.moved(v, c, p)
		w.placed(c, p)
		w.accused(v, c, p)
		held += int64(p.net()) * c.Points
	}
	if balance, _ := w.POS.Balance(member); balance+held != began {
		w.T.Errorf("member %s: balance %d and coupons worth %d do not make %d", member, balance, held, began)
	}
	return list
}

// moved checks how the points of a coupon moved: once each way, of the right size, under references that are linked.
// covers: 004-29
func (w *Endings) moved(v view, c domain.Coupon, p points) {
	w.T.Helper()
	if p.takes > 1 || p.backs > p.takes || p.again > p.backs {
		w.T.Errorf("%s: taken %d times, given back %d times, taken again %d times", c.Code, p.takes, p.backs, p.again)
	}
	for _, e := range v.entries[domain.TakeReference(c.Code)] {
		if e.Amount != -c.Points {
			w.T.Errorf("%s: %d points were taken, not %d", c.Code, -e.Amount, c.Points)
		}
	}
	for _, e := range v.entries[domain.GiveBackReference(c.Code)] {
		if e.Amount != c.Points || e.RelatedReference != domain.TakeReference(c.Code) || e.CustomerID != c.CustomerID {
			w.T.Errorf("%s: a credit of %d points, not %d, related to %q", c.Code, e.Amount, c.Points,
				e.RelatedReference)
		}
	}
}

// placed checks that a coupon rests, and that its code and its points are never in the same place.
func (w *Endings) placed(c domain.Coupon, p points) {
	w.T.Helper()
	usable := w.Shopify.Usable(c.Code)
	w.Watch.Lock()
	deleted := w.Deleted[c.Code]
	w.Watch.Unlock()
	ok, cost := false, 1 // how often points are with the coupon while it lives
	if c.Free() {
		cost = 0
	}
	switch c.Status {
	case domain.Active:
		ok = p.net() == cost && p.backs == 0 && (usable || deleted)
	case domain.Failed:
		ok = p.net() == 0 && !usable
	case domain.Cancelled:
		ok = p.backs == cost && p.net() == p.again && !usable
	case domain.Used, domain.Expired, domain.Suspended, domain.Forfeited:
		ok = p.net() == cost && p.backs == 0 && !usable
	case domain.Pending, domain.Cancelling:
	}
	if !ok || c.Unfinished || c.ParkedAt != nil {
		w.T.Errorf("%s %s: taken %d, given back %d, taken again %d, usable %v, unfinished %v, parked %v", c.Status,
			c.Code, p.takes, p.backs, p.again, usable, c.Unfinished, c.ParkedAt != nil)
	}
	if n := w.Post.Count(c.Code); (c.Status == domain.Cancelled) != (n == 1) || n > 1 {
		w.T.Errorf("%s %s: %d mails tell that it was cancelled", c.Status, c.Code, n)
	}
}

// accused checks that a discount beside its points is always, and only, one open review, unless a person has decided
// it.
// covers: T-02, T-11
func (w *Endings) accused(v view, c domain.Coupon, p points) {
	w.T.Helper()
	open, accepted, all := 0, false, 0
	for _, r := range v.opened[c.Code] {
		if r.Kind != reviews.UsedAfterRefund {
			continue
		}
		all++
		if r.Open {
			open++
		}
		accepted = accepted || r.Outcome == reviews.OutcomeAcceptLoss || c.Free() && !r.Open
	}
	both := v.orders[c.Code] > 0 && (p.backs == 1 || c.Free() && c.Status == domain.Cancelled)
	want := 0
	if both && !accepted && p.again == 0 {
		want = 1
	}
	if open != want || all > 0 != both {
		w.T.Errorf("%s %s: ordered %d times, given back %d, taken again %d: %d reviews, %d of them open", c.Status,
			c.Code, v.orders[c.Code], p.backs, p.again, all, open)
	}
}
