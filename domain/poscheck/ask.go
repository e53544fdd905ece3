package poscheck

import (
	"context"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// patiently makes a call again when the POS asked to wait: it was not applied then, whatever it was.
func patiently[T any](ctx context.Context, clock domain.Clock, call func() (T, error)) (T, error) {
	for n := 0; ; n++ {
		got, err := call()
		if err == nil || domain.KindOf(err) != domain.KindThrottled || n == mostWaits {
			return got, err
		}
		wait := domain.RetryAfterOf(err)
		if wait <= 0 {
			wait = usualWait
		}
		select {
		case <-clock.After(min(wait, longestWait)):
		case <-ctx.Done():
			return got, err
		}
	}
}

func (r *run) balance(ctx context.Context, member string) (int64, error) {
	got, err := r.held(ctx, member)
	return got.Points, err
}

func (r *run) held(ctx context.Context, member string) (coupons.Balance, error) {
	return patiently(ctx, r.Clock, func() (coupons.Balance, error) { return r.Ledger.Balance(ctx, member) })
}

// send asks for a movement, once but for waiting.
func (r *run) send(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return patiently(ctx, r.Clock, func() (coupons.Entry, error) {
		if m.Kind == domain.Take || m.Kind == domain.TakeBack {
			return r.Ledger.Deduct(ctx, m)
		}
		return r.Ledger.Add(ctx, m)
	})
}

func (r *run) lookUp(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return patiently(ctx, r.Clock, func() (coupons.Entry, error) { return r.Ledger.Find(ctx, m) })
}

// searches reports whether entries are found by their reference.
func (r *run) searches() bool {
	return r.Promised.Lookup == coupons.LookupExact || r.Promised.Lookup == coupons.LookupScan
}

// reads reports whether entries are found in the member's history.
func (r *run) reads() bool { return r.Promised.Lookup == coupons.LookupAmount && r.History != nil }

// entries reads what moved the member's points since shortly before the run began.
func (r *run) entries(ctx context.Context) ([]coupons.Entry, error) {
	from, to := r.first.CreatedAt.Add(-slack), r.Clock.Now().Add(slack)
	return patiently(ctx, r.Clock, func() ([]coupons.Entry, error) { return r.History.Entries(ctx, r.Member, from, to) })
}

// move asks for a movement and remembers what became of it. The error says that it was not applied, or that the answer
// is missing.
func (r *run) move(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	e, err := r.send(ctx, m)
	switch {
	case err == nil, domain.KindOf(err) == domain.KindUnknown && r.proven(ctx, m):
		r.booked(m)
	case domain.KindOf(err) == domain.KindUnknown:
		r.bookings = append(r.bookings, booking{m: m})
	}
	return e, err
}

// proven looks a movement up whose answer is missing. Only an entry that is there proves anything: one that is absent
// may arrive yet.
func (r *run) proven(ctx context.Context, m domain.Movement) bool {
	if !r.searches() {
		return false
	}
	_, err := r.lookUp(ctx, m)
	return err == nil
}

// unseen takes back that a movement was booked: the POS confirmed it, and nothing shows it. To give back what was never
// taken would be a gift.
func (r *run) unseen(m domain.Movement) {
	for i := range r.bookings {
		switch b := &r.bookings[i]; {
		case b.m.Reference == m.Reference:
			b.sure = false
		case b.back && b.m.Reference == m.RelatedReference:
			b.back, b.undo = false, m
		default:
			continue
		}
		r.expected -= signed(m)
	}
}

func (r *run) booked(m domain.Movement) {
	r.bookings = append(r.bookings, booking{m: m, sure: true})
	r.expected += signed(m)
}
