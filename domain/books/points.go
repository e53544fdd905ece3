package books

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// booked is what the POS has under one reference.
type booked struct {
	count   int
	points  int64
	related string
	seen    bool
	entry   Entry
}

// refund is a credit in our books whose conversion is not on the same coupon.
type refund struct {
	coupon domain.Coupon
	m      domain.Movement
}

var (
	errEndless = errors.New("a history that does not end")
	isBack     = []string{domain.GiveBackReference(""), domain.GrantReference("")}
	isOurs     = append([]string{domain.TakeReference(""), domain.TakeBackReference("")}, isBack...)
)

func begins(reference string, with []string) bool {
	return slices.ContainsFunc(with, func(prefix string) bool { return strings.HasPrefix(reference, prefix) })
}

// readPOS reads the customer's history under every number that they have and had: a POS that gave them another one may
// have moved it, kept it where it was, or show it under both.
func (p *pass) readPOS(ctx context.Context, former []string) error {
	if domain.IsShopperID(p.id) {
		p.known = true // the POS knows nothing of them, and has no entries
		return nil
	}
	for i, number := range append([]string{p.id}, former...) {
		known, err := p.readNumber(ctx, number)
		if err != nil || len(p.gaps) > 0 {
			return err
		}
		if i > 0 && !known {
			p.gone[number] = true
		}
		p.stranger = i == 0 && !known || i > 0 && p.stranger && !known
	}
	p.known = true
	return nil
}

// readNumber reads the history under one number, page by page, and keeps what bears a name of ours. A POS that does not
// know the number has no entries.
func (p *pass) readNumber(ctx context.Context, number string) (known bool, err error) {
	q := HistoryQuery{CustomerID: number, Limit: historyPage}
	for range mostPages {
		page, err := ask(ctx, p.run, upstreamPOS, func(ctx context.Context) (HistoryPage, error) { return p.POS.History(ctx, q) })
		if domain.ReasonOf(err) == domain.ReasonCustomerNotFound {
			return false, nil
		}
		if err != nil {
			return true, p.gap(ctx, 0, upstreamPOS, err)
		}
		p.count(number, page.Entries)
		if q.Cursor = page.Next; q.Cursor == "" {
			return true, nil
		}
	}
	return true, p.gap(ctx, 0, upstreamPOS, errEndless)
}

// count leaves out what was counted under another number of the customer.
func (p *pass) count(number string, entries []Entry) {
	for _, e := range entries {
		if under, twice := p.counted[e.ID]; !begins(e.Reference, isOurs) || twice && e.ID != "" && under != number {
			continue
		}
		p.counted[e.ID] = number
		t := p.pos[e.Reference]
		if t == nil {
			t = &booked{points: e.Points, related: e.RelatedReference, entry: e}
			p.pos[e.Reference] = t
		}
		t.count++
	}
}

// signed is how the POS writes a movement.
func signed(m domain.Movement) int64 {
	if m.Kind == domain.Take || m.Kind == domain.TakeBack {
		return -m.Points
	}
	return m.Points
}

// leaveOut takes a coupon that is on its way out of what is compared with the POS.
func (p *pass) leaveOut(st coupons.State) {
	for _, m := range st.Movements {
		if t := p.pos[m.Reference]; t != nil {
			t.seen = true
		}
		if m.Kind == domain.Take {
			p.takes[m.Reference] = true
		}
		if p.past != nil && m.State == domain.MovementApplied {
			p.entry(st.Coupon, m)
		} else if p.past != nil {
			p.past.onTheWay = append(p.past.onTheWay, m)
		}
	}
}

// movements compares a coupon's movements with the POS's entries.
func (p *pass) movements(st coupons.State) {
	for _, m := range st.Movements {
		if p.past != nil {
			p.entry(st.Coupon, m)
		}
		if m.State == domain.MovementApplied {
			p.applied(st, m)
		} else if t := p.pos[m.Reference]; t != nil {
			t.seen = true
			p.differ(Difference{Kind: MovementUnknown, Reference: m.Reference, Detail: "our books hold it as " +
				string(m.State)}, st.Coupon)
		}
	}
}

func (p *pass) applied(st coupons.State, m domain.Movement) {
	c := st.Coupon
	if m.Kind == domain.Take {
		p.takes[m.Reference] = true
	}
	if take := st.Movement(domain.Take); (m.Kind == domain.GiveBack || m.Kind == domain.Grant) &&
		(take == nil || take.State != domain.MovementApplied) {
		p.refunds = append(p.refunds, refund{c, m})
	}
	if !p.known || p.past != nil {
		return
	}
	t := p.pos[m.Reference]
	switch {
	case t == nil && p.gone[m.CustomerID]: // the POS has forgotten the number, and what happened under it
		return
	case t == nil:
		p.differ(Difference{Kind: MovementMissing, Reference: m.Reference, Detail: fmt.Sprintf("%d points", signed(m))},
			c)
		return
	case t.count > 1:
		p.differ(Difference{Kind: MovementDoubled, Reference: m.Reference,
			Detail: fmt.Sprintf("%d entries of %d points", t.count, t.points)}, c)
	case t.points != signed(m):
		p.differ(Difference{Kind: MovementAmount, Reference: m.Reference, Detail: fmt.Sprintf("here %d, in the POS %d",
			signed(m), t.points)}, c)
	}
	t.seen = true
}

// comparePOS looks at what only one side knows, once all coupons are read.
func (p *pass) comparePOS() {
	if !p.known {
		return
	}
	for _, r := range p.refunds {
		if !p.converted(r.m.RelatedReference, r.coupon.Code) {
			p.differ(Difference{Kind: RefundWithoutConversion, Reference: r.m.Reference,
				Detail: fmt.Sprintf("%d points", r.m.Points)}, r.coupon)
		}
	}
	if p.past != nil {
		p.compareEntries()
	}
	for _, reference := range slices.Sorted(maps.Keys(p.pos)) {
		t := p.pos[reference]
		if t.seen {
			continue
		}
		_, code, _ := strings.Cut(reference, "-")
		kind := MovementUnknown
		if begins(reference, isBack) && !p.converted(t.related, code) {
			kind = RefundWithoutConversion
		}
		p.found = append(p.found, Difference{Kind: kind, CustomerID: p.id, Code: code, Reference: reference,
			Detail: fmt.Sprintf("%d points", t.points)})
	}
}

// converted reports whether either side knows the conversion that a credit belongs to.
func (p *pass) converted(related, code string) bool {
	for _, reference := range []string{related, domain.TakeReference(code)} {
		if reference != "" && (p.takes[reference] || p.pos[reference] != nil) {
			return true
		}
	}
	return false
}
