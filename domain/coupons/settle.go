package coupons

import (
	"context"
	"errors"
	"strings"
	"time"

	"pointbridge/domain"
)

// errUnaskable says that an earlier attempt may have been applied and the POS offers no way to find out.
var errUnaskable = errors.New("the POS can neither replay nor be asked")

// fresh tells whether nobody can have sent an act whose intent was written at since: no earlier actor, or an intent
// younger than the last moment at which one could act.
func (st State) fresh(since time.Time) bool {
	return st.ActedBy.IsZero() || since.After(st.ActedBy)
}

// actedAt is the latest moment at which whoever acts now can have acted: a clock that was set back meanwhile must not make
// its acts older than the intents they followed from.
func (st State) actedAt(now time.Time) time.Time {
	if st.Coupon.CreatedAt.After(now) {
		now = st.Coupon.CreatedAt
	}
	for _, m := range st.Movements {
		if m.CreatedAt.After(now) {
			now = m.CreatedAt
		}
	}
	return now
}

// quiet tells whether nothing that an earlier actor sent can still arrive, so that "not there" and "refused" are final.
func (s *Service) quiet(st State, since time.Time) bool {
	return st.fresh(since) || !s.Clock.Now().Before(st.ActedBy.Add(s.Timing.Settle))
}

// later puts a conclusion off until everything an earlier actor sent has arrived or never will.
func (s *Service) later(st State, _ error) error {
	return &waitError{For: st.ActedBy.Add(s.Timing.Settle).Sub(s.Clock.Now())}
}

// intendedAt is when the making of a code was begun: whoever had a lease after it may have called Shopify. A reissue takes no
// points.
func intendedAt(st State) time.Time {
	if take := st.Movement(domain.Take); take != nil {
		return take.CreatedAt
	}
	return st.Coupon.CreatedAt
}

type send func(context.Context, domain.Movement) (Entry, error)

// move applies one movement exactly once. The first attempt is simply sent. After that the same bytes are sent again
// where the key makes that safe; else the reference is looked up, and only when nothing can still be on its way does
// "not found" mean that it was not applied.
func (s *Service) move(ctx context.Context, st State, m domain.Movement, name string, send send) (Entry, error) {
	if !st.fresh(m.CreatedAt) && !s.POS.Replay {
		got, err := s.lookUp(ctx, m)
		if domain.KindOf(err) != domain.KindNotFound || err == nil {
			return got, err
		}
		if !s.quiet(st, m.CreatedAt) {
			return Entry{}, s.later(st, err)
		}
	}
	got, err := act(ctx, s, name, func(ctx context.Context) (Entry, error) { return send(ctx, m) })
	if reason := domain.ReasonOf(err); reason == domain.ReasonReferenceReused || reason == domain.ReasonKeyReused {
		return s.lookUpReused(ctx, m)
	}
	if kind := domain.KindOf(err); err != nil && (kind == domain.KindRefused || kind == domain.KindNotFound) && s.POS.Lookup && !st.fresh(m.CreatedAt) {
		return s.lookUpRefused(ctx, m, err)
	}
	if err != nil && wordless(err) && !st.fresh(m.CreatedAt) {
		// An earlier attempt may have been applied, and this is no word of the till's about it.
		return Entry{}, &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: name, Reason: domain.ReasonOf(err), Err: err}
	}
	return got, err
}

// wordless tells a refusal that somebody on the way to the till may have made as well: a bare status, or no such route.
func wordless(err error) bool {
	reason := domain.ReasonOf(err)
	return domain.KindOf(err) == domain.KindRefused && (strings.HasPrefix(reason, "http_") || reason == "route_missing")
}

// lookUpRefused asks whether a movement that is refused now was applied by an earlier attempt: a till may look at the
// customer or the balance before it looks at the key. A customer whom it does not know at all has no entries either.
func (s *Service) lookUpRefused(ctx context.Context, m domain.Movement, refusal error) (Entry, error) {
	got, err := s.lookUp(ctx, m)
	if err == nil {
		return got, nil
	}
	noSuchCustomer := domain.ReasonOf(refusal) == domain.ReasonCustomerNotFound && domain.ReasonOf(err) == domain.ReasonCustomerNotFound
	if domain.KindOf(err) == domain.KindNotFound || noSuchCustomer {
		return Entry{}, refusal
	}
	return Entry{}, err
}

// lookUp asks the POS for the movement's reference. A refused look-up says nothing about the movement; where asking again
// would not change that, it is a person's.
func (s *Service) lookUp(ctx context.Context, m domain.Movement) (Entry, error) {
	if !s.POS.Lookup {
		return Entry{}, errUnaskable
	}
	got, err := act(ctx, s, "pos.find", func(ctx context.Context) (Entry, error) { return s.Ledger.Find(ctx, m) })
	if err == nil || domain.KindOf(err) == domain.KindNotFound {
		return got, err
	}
	if reason := domain.ReasonOf(err); reason == domain.ReasonAmbiguous || reason == domain.ReasonCustomerNotFound {
		return Entry{}, errors.Join(errUnaskable, err)
	}
	return Entry{}, &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "find",
		Reason: domain.ReasonOf(err), RetryAfter: domain.RetryAfterOf(err), Err: err}
}

// lookUpReused settles the claim that our key or reference was used before with other content: either it is ours after
// all, or a person has to look.
func (s *Service) lookUpReused(ctx context.Context, m domain.Movement) (Entry, error) {
	got, err := s.lookUp(ctx, m)
	if domain.KindOf(err) == domain.KindNotFound && err != nil {
		return Entry{}, errUnaskable
	}
	return got, err
}

// odd tells whether the POS's own figures do not add up.
func odd(m domain.Movement, e Entry) bool {
	if e.PreviousBalance == nil || e.Balance == nil {
		return false
	}
	moved := m.Points
	if m.Kind == domain.Take || m.Kind == domain.TakeBack {
		moved = -moved
	}
	return *e.PreviousBalance+moved != *e.Balance
}

func detailOf(err error) string {
	if reason := domain.ReasonOf(err); reason != "" {
		return reason
	}
	return string(domain.KindOf(err))
}
