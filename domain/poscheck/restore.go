package poscheck

import (
	"context"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// undo gives one booking back. After an answer that is missing the same bytes go out again only where the POS was seen
// to book them once; otherwise an entry that is found settles it, and nothing else does.
func (r *run) undo(ctx context.Context, i int) (domain.Movement, coupons.Entry, error) {
	b := r.bookings[i]
	m := b.undo
	if m.Reference == "" {
		kind := domain.GiveBack
		if signed(b.m) > 0 {
			kind = domain.TakeBack
		}
		m = r.movement(kind, b.m.Points, b.m.Reference)
	}
	e, err := r.send(ctx, m)
	switch {
	case err == nil, domain.KindOf(err) == domain.KindUnknown && r.proven(ctx, m):
		r.bookings[i].back = true
		r.expected += signed(m)
	case domain.KindOf(err) == domain.KindUnknown:
		r.bookings[i].undo = m
	}
	return m, e, err
}

// restore gives back what was not given back yet, and says what it could not.
func (r *run) restore(ctx context.Context) {
	for i := range r.bookings {
		r.giveBack(ctx, i)
	}
	for _, b := range r.bookings {
		if !b.back {
			r.report.Owed = append(r.report.Owed, Owed{Reference: b.m.Reference, Return: b.undo.Reference,
				Points: -signed(b.m), Sure: b.sure && b.undo.Reference == ""})
		}
	}
	after, err := r.balance(ctx, r.Member)
	if err == nil {
		r.report.After = &after
	}
	switch {
	case len(r.report.Owed) > 0:
		r.tell(Restored, r.worst(), StillOwed, nil)
	case err != nil:
		r.tell(Restored, Unknown, NoAnswer, err)
	case after != *r.report.Before:
		r.tell(Restored, Unknown, Disturbed, nil)
	default:
		r.tell(Restored, Held, Fine, nil)
	}
}

func (r *run) worst() Verdict {
	for _, o := range r.report.Owed {
		if o.Sure {
			return NotHeld
		}
	}
	return Unknown
}

// giveBack leaves alone what nobody knows to have been booked: giving that back may be a gift.
func (r *run) giveBack(ctx context.Context, i int) {
	b := &r.bookings[i]
	if !b.sure && !b.repeat && r.proven(ctx, b.m) {
		b.sure = true
		r.expected += signed(b.m)
	}
	switch {
	case b.back || !b.sure:
	case b.undo.Reference == "" || r.report.Of(ReplayByKey).Verdict == Held:
		_, _, _ = r.undo(ctx, i) // what it came to stands in the booking
	case r.proven(ctx, b.undo):
		b.back = true
		r.expected += signed(b.undo)
	}
}
