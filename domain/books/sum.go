package books

import (
	"fmt"
	"slices"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// sum is both sides of one customer's points, in our own books.
type sum struct {
	taken, held int64
	open        bool
}

// add counts a coupon that rests. One that was reissued is counted with the next of its chain; a used one whose points
// were granted again has given them back; a cancelled one whose points were taken again has not.
func (s *sum) add(st coupons.State) {
	c := st.Coupon
	for _, m := range st.Movements {
		if m.State == domain.MovementApplied {
			s.taken -= signed(m)
		}
	}
	if c.SupersededBy != "" {
		return
	}
	switch c.Status {
	case domain.Active, domain.Used, domain.Expired, domain.Suspended, domain.Forfeited:
		if m := st.Movement(domain.Grant); m == nil || m.State != domain.MovementApplied {
			s.held += c.Points
		}
	case domain.Cancelled, domain.Failed:
		if m := st.Movement(domain.TakeBack); m != nil && m.State == domain.MovementApplied {
			s.held += c.Points
		}
	case domain.Pending, domain.Cancelling:
	}
}

// skip leaves a coupon on its way out; if it belongs to a chain, the others of the chain cannot be summed either.
func (s *sum) skip(st coupons.State) {
	s.open = s.open || st.Coupon.ReissuedFrom != "" || st.Coupon.SupersededBy != ""
}

// compareSum reports a sum that nothing found so far explains.
func (p *pass) compareSum() {
	explained := slices.ContainsFunc(p.found, func(d Difference) bool { return d.Kind.ofPoints() })
	if p.sum.open || explained || p.sum.taken == p.sum.held {
		return
	}
	p.found = append(p.found, Difference{Kind: SumMismatch, CustomerID: p.id,
		Detail: fmt.Sprintf("%d points were taken and not given back, %d are in coupons", p.sum.taken, p.sum.held)})
}
