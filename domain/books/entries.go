package books

import (
	"context"
	"fmt"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

const (
	// lookBack bounds how far back a POS is asked whose entries have no references: what was settled before was
	// compared then.
	lookBack = 365 * 24 * time.Hour
	// margin is how far before and after everything of ours is read, for clocks that disagree.
	margin = time.Hour
	// window is asked for at once.
	window = 30 * 24 * time.Hour
	// lateArrival is how long after a movement was settled a request of ours could still turn up in the POS, if every
	// time-out on the way had failed to end it.
	lateArrival = time.Hour
)

// history is what a POS without references has of a member: entries by their ids.
type history struct {
	since    time.Time
	entries  []coupons.Entry
	byID     map[string]coupons.Entry
	claimed  map[string]bool
	settled  []settled
	onTheWay []domain.Movement
}

// settled is a movement of which our books say what became of it.
type settled struct {
	coupon domain.Coupon
	m      domain.Movement
}

// readEntries reads every change of the member's points since the first coupon, under every number that they have and
// had.
func (p *pass) readEntries(ctx context.Context, former []string) error {
	if domain.IsShopperID(p.id) {
		p.known = true // the POS knows nothing of them, and has no entries
		return nil
	}
	first, err := p.Ours.CouponsOf(ctx, p.id, 0, 1)
	if err != nil || len(first) == 0 {
		return err
	}
	since := first[0].Coupon.CreatedAt
	if earliest := p.now.Add(-lookBack); since.Before(earliest) {
		since = earliest
	}
	h := &history{since: since, byID: map[string]coupons.Entry{}, claimed: map[string]bool{}}
	for i, number := range append([]string{p.id}, former...) {
		known, err := p.readWindows(ctx, h, number)
		if err != nil || len(p.gaps) > 0 {
			return err
		}
		if i > 0 && !known {
			p.gone[number] = true
		}
	}
	p.past, p.known = h, true
	return nil
}

// readWindows reads what stands under one number, window by window. A POS that does not know the number has no entries.
func (p *pass) readWindows(ctx context.Context, h *history, number string) (known bool, err error) {
	end := p.now.Add(margin)
	for from := h.since.Add(-margin); from.Before(end); from = from.Add(window) {
		to := from.Add(window)
		if to.After(end) {
			to = end
		}
		list, err := ask(ctx, p.run, upstreamPOS, func(ctx context.Context) ([]coupons.Entry, error) {
			return p.Entries.Entries(ctx, number, from, to)
		})
		if domain.ReasonOf(err) == domain.ReasonCustomerNotFound && err != nil {
			return false, nil
		}
		if err != nil {
			return true, p.gap(ctx, 0, upstreamPOS, err)
		}
		h.add(list)
	}
	return true, nil
}

// add takes entries in; one that stands on the border of two windows comes twice.
func (h *history) add(list []coupons.Entry) {
	for _, e := range list {
		if _, twice := h.byID[e.ID]; e.ID == "" || twice {
			continue
		}
		h.byID[e.ID] = e
		h.entries = append(h.entries, e)
	}
}

// entry compares a movement with the entry that it was settled by. One that a person settled names none, and one that
// is older than what was read cannot be compared.
func (p *pass) entry(c domain.Coupon, m domain.Movement) {
	h := p.past
	h.settled = append(h.settled, settled{c, m})
	if m.State != domain.MovementApplied || !named(m) || m.CreatedAt.Before(h.since) {
		return
	}
	e, there := h.byID[m.EntryID]
	switch {
	case !there && p.gone[m.CustomerID]: // the POS has forgotten the number, and what happened under it
		return
	case !there:
		p.differ(Difference{Kind: MovementMissing, Reference: m.Reference,
			Detail: fmt.Sprintf("%d points, entry %s", signed(m), m.EntryID)}, c)
	case h.claimed[m.EntryID]:
		p.differ(Difference{Kind: MovementMissing, Reference: m.Reference,
			Detail: fmt.Sprintf("%d points; entry %s is another movement's", signed(m), m.EntryID)}, c)
	case e.Points != signed(m):
		p.differ(Difference{Kind: MovementAmount, Reference: m.Reference,
			Detail: fmt.Sprintf("here %d, in the POS %d", signed(m), e.Points)}, c)
	}
	h.claimed[m.EntryID] = true
}

// named reports whether a movement names its entry.
func named(m domain.Movement) bool { return m.EntryID != "" && m.EntryID != coupons.ByHand }

// compareEntries looks for entries that are no movement's and could be the second of one: a request of ours that
// arrived after all, or that was booked twice. Those that a movement without a named entry accounts for are its own.
func (p *pass) compareEntries() {
	h := p.past
	for _, e := range h.entries {
		if e.Foreign || h.claimed[e.ID] || h.underWay(e) {
			continue
		}
		if s := h.like(e); s != nil {
			h.claimed[e.ID] = true
			if s.m.State == domain.MovementApplied && !named(s.m) {
				s.m.EntryID = e.ID
				continue
			}
			p.differ(Difference{Kind: MovementUnknown, Reference: s.m.Reference,
				Detail: fmt.Sprintf("entry %s of %d points is no movement's; our books hold this one as %s", e.ID,
					e.Points, s.m.State)}, s.coupon)
		}
	}
}

// underWay reports whether an entry can be a movement's that is not settled yet.
func (h *history) underWay(e coupons.Entry) bool {
	for _, m := range h.onTheWay {
		if e.Points == signed(m) && !e.At.Before(m.CreatedAt.Add(-coupons.ClockSlack)) {
			return true
		}
	}
	return false
}

// like finds the movement that an entry could be: first one that names no entry, then any other.
func (h *history) like(e coupons.Entry) *settled {
	var other *settled
	for i := range h.settled {
		s := &h.settled[i]
		if e.Points != signed(s.m) || !s.covers(e.At) {
			continue
		}
		if s.m.State == domain.MovementApplied && !named(s.m) {
			return s
		}
		other = s
	}
	return other
}

// covers reports whether a request for the movement can have arrived at a time of the POS's clock.
func (s *settled) covers(at time.Time) bool {
	last := s.m.CreatedAt
	if s.m.SettledAt != nil {
		last = *s.m.SettledAt
	}
	return !at.Before(s.m.CreatedAt.Add(-coupons.ClockSlack)) && !at.After(last.Add(lateArrival+coupons.ClockSlack))
}
