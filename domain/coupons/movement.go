package coupons

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

// intend makes the row of a coupon's movement before a byte of it is sent.
func (s *Service) intend(kind domain.MovementKind, c domain.Coupon, now time.Time) (domain.Movement, error) {
	key, err := newUUID(s.Random)
	if err != nil {
		return domain.Movement{}, err
	}
	code, first := c.Code, c.TakenAs()
	m := domain.Movement{CouponID: c.ID, CustomerID: c.CustomerID, POS: s.Till, Kind: kind, State: domain.MovementOpen,
		Points: c.Points, Key: key, CreatedAt: now, Reason: domain.MovementReason(kind, s.Policy.ReasonLocale)}
	switch kind {
	case domain.Take:
		m.Reference = domain.TakeReference(code)
	case domain.GiveBack:
		m.Reference = domain.GiveBackReference(code)
		m.RelatedReference = domain.TakeReference(first)
	case domain.Grant:
		m.Reference = domain.GrantReference(code)
		m.RelatedReference = domain.TakeReference(first)
	case domain.TakeBack:
		m.Reference = domain.TakeBackReference(code)
		m.RelatedReference = domain.GiveBackReference(code)
	}
	return m, nil
}

// newUUID draws a version 4 UUID (RFC 9562).
func newUUID(random io.Reader) (string, error) {
	if random == nil {
		random = rand.Reader
	}
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("draw a key: %w", err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

// whose finds out whose points a movement moves. Points go back to where they were taken from, as long as the member has
// the same id. An id can mean another account from one moment to the next, so what is found is committed before anything
// is sent, and every attempt and every question is about that. A question that failed has sent nothing.
func (f flow) whose(ctx context.Context, m domain.Movement) (string, error) {
	if m.Kind != domain.Take {
		take, err := f.taking(ctx)
		if err != nil {
			return "", err
		}
		if take != nil && take.Account != "" && take.POS == m.POS && take.CustomerID == m.CustomerID {
			return take.Account, nil
		}
	}
	account, err := act(ctx, f.s, "pos.account", func(ctx context.Context) (string, error) {
		return f.s.Accounts.Account(ctx, m.CustomerID)
	})
	if err != nil && domain.KindOf(err) == domain.KindUnknown {
		err = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "pos", Act: "account",
			Reason: domain.ReasonOf(err), RetryAfter: domain.RetryAfterOf(err), Err: err}
	}
	return account, err
}

// errUnaskable says that an earlier attempt may have been applied and the POS offers no way to find out.
var errUnaskable = errors.New("the POS can neither replay nor be asked")

// settle makes a movement at the POS and finds out what became of it, also of what an earlier actor sent. applied and
// refused say what is committed then. A refusal is final only when nothing that was sent earlier can still arrive; an
// outcome that nobody can find out is parked; anything else is unknown, and is settled again later.
func (f flow) settle(ctx context.Context, m domain.Movement, applied func(domain.Movement, Entry) Change,
	refused func(domain.Movement, error) Change) (Change, error) {
	if f.s.byAmount() && m.Before == nil {
		return f.look(ctx, m, refused)
	}
	if f.s.Accounts != nil && m.Account == "" {
		account, err := f.whose(ctx, m)
		switch {
		case refusedUpstream(err) && m.POS == "" && !f.unsent(m):
			return f.park(m, errUnaskable), nil // sent before accounts were written down: nobody can tell to which one
		case refusedUpstream(err):
			return refused(m, err), nil
		case err != nil:
			return Change{}, err
		case account != m.CustomerID:
			m.Account = account
			return Change{Coupon: f.s.extended(f.st.Coupon, f.s.Clock.Now()), Movements: []domain.Movement{m}}, nil
		}
	}
	got, err := f.send(ctx, m)
	switch {
	case err == nil:
		return applied(m, got), nil
	case errors.Is(err, errUnaskable):
		return f.park(m, err), nil
	case !refusedUpstream(err):
		return Change{}, err
	case !f.quietSince(m):
		return Change{}, f.later()
	}
	return refused(m, err), nil
}

// send applies one movement exactly once. The first attempt is simply sent. After that the same bytes are sent again
// where the key makes that safe; else the reference is looked up, and only when nothing can still be on its way does
// "not found" mean that it was not applied.
func (f flow) send(ctx context.Context, m domain.Movement) (Entry, error) {
	again := !f.unsent(m)
	if again && !f.s.POS.Replay {
		if got, there, err := f.arrived(ctx, m); there || err != nil {
			return got, err
		}
	}
	name, do := "pos.add", f.s.Ledger.Add
	if takes(m.Kind) {
		name, do = "pos.deduct", f.s.Ledger.Deduct
	} else {
		day, err := f.expireOn(ctx)
		if err != nil {
			return Entry{}, err
		}
		m.PointsExpireOn = day
	}
	got, err := act(ctx, f.s, name, func(ctx context.Context) (Entry, error) { return do(ctx, m) })
	switch reason := domain.ReasonOf(err); {
	case reason == domain.ReasonReferenceReused || reason == domain.ReasonKeyReused:
		return f.lookUpReused(ctx, m)
	case again && f.s.askable() && refusedUpstream(err):
		return f.lookUpRefused(ctx, m, err)
	case again && wordless(err):
		// An earlier attempt may have been applied, and this is no word of the POS's about it.
		return Entry{}, &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: name, Reason: reason,
			Err: err}
	}
	return got, err
}

// expireOn is the day on which the points that a coupon stands for would have expired.
func (f flow) expireOn(ctx context.Context) (string, error) {
	take, err := f.taking(ctx)
	if err != nil || take == nil {
		return "", err
	}
	return take.PointsExpireOn, nil
}

// taking is the movement by which the points of a coupon were taken, nil for none. After a reissue that was for the
// first code of the chain.
func (f flow) taking(ctx context.Context) (*domain.Movement, error) {
	st := f.st
	if st.Coupon.ReissuedFrom != "" {
		var err error
		if st, err = f.s.Catalogue.ByCode(ctx, st.Coupon.TakenAs()); err != nil {
			return nil, err
		}
	}
	return st.Movement(domain.Take), nil
}

// takes tells a movement that takes points from one that adds them.
func takes(kind domain.MovementKind) bool { return kind == domain.Take || kind == domain.TakeBack }

// refusedUpstream tells a clear no from an unknown outcome.
func refusedUpstream(err error) bool {
	kind := domain.KindOf(err)
	return err != nil && (kind == domain.KindRefused || kind == domain.KindNotFound)
}

// wordless tells a refusal that somebody on the way to the POS may have made as well: a bare status, or no such route.
func wordless(err error) bool {
	reason := domain.ReasonOf(err)
	return err != nil && domain.KindOf(err) == domain.KindRefused &&
		(strings.HasPrefix(reason, "http_") || reason == "route_missing")
}

// arrived asks the POS whether an earlier attempt at a movement was applied. That it was not is said only when nothing
// can still be on its way.
func (f flow) arrived(ctx context.Context, m domain.Movement) (got Entry, there bool, err error) {
	if f.unsent(m) {
		return Entry{}, false, nil
	}
	got, err = f.lookUp(ctx, m)
	switch {
	case err == nil:
		return got, true, nil
	case domain.KindOf(err) != domain.KindNotFound:
		return Entry{}, false, err
	case !f.quietSince(m):
		return Entry{}, false, f.later()
	}
	return Entry{}, false, nil
}

// lookUpRefused asks whether a movement that is refused now was applied by an earlier attempt: a POS may look at the
// customer or the balance before it looks at the key. A POS that does not know the customer any more has said nothing
// about the movement: it may have given them another number since, and moved the entry with them.
func (f flow) lookUpRefused(ctx context.Context, m domain.Movement, refusal error) (Entry, error) {
	got, err := f.lookUp(ctx, m)
	if err == nil {
		return got, nil
	}
	if domain.KindOf(err) == domain.KindNotFound {
		return Entry{}, refusal
	}
	return Entry{}, err
}

// lookUpReused looks into the claim that our key or reference was used before with other content: either it is ours
// after all, or a person has to look.
func (f flow) lookUpReused(ctx context.Context, m domain.Movement) (Entry, error) {
	got, err := f.lookUp(ctx, m)
	if domain.KindOf(err) == domain.KindNotFound && err != nil {
		return Entry{}, errUnaskable
	}
	return got, err
}

// lookUp asks the POS for the movement: by its reference, or by what else there is.
func (f flow) lookUp(ctx context.Context, m domain.Movement) (Entry, error) {
	switch {
	case f.s.byAmount():
		return f.findByAmount(ctx, m)
	case !f.s.POS.finds():
		return Entry{}, errUnaskable
	}
	got, err := act(ctx, f.s, "pos.find", func(ctx context.Context) (Entry, error) { return f.s.Ledger.Find(ctx, m) })
	if err == nil || domain.KindOf(err) == domain.KindNotFound {
		return got, err
	}
	return Entry{}, stillUnknown(err)
}

// stillUnknown is what a question that failed says about a movement: nothing. Where asking again would not change that,
// it is a person's.
func stillUnknown(err error) error {
	if reason := domain.ReasonOf(err); reason == domain.ReasonAmbiguous || reason == domain.ReasonCustomerNotFound {
		return errors.Join(errUnaskable, err)
	}
	return &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "find",
		Reason: domain.ReasonOf(err), RetryAfter: domain.RetryAfterOf(err), Err: err}
}

// quiet reports whether nothing that an earlier actor sent can still arrive, so that "not there" and "refused" are
// final.
func (f flow) quiet(since time.Time) bool {
	return f.st.fresh(since) || !f.s.Clock.Now().Before(f.st.ActedBy.Add(f.s.Timing.Settle))
}

// quietSince is quiet for a movement.
func (f flow) quietSince(m domain.Movement) bool { return f.unsent(m) || f.quiet(m.CreatedAt) }

// later puts a conclusion off until everything an earlier actor sent has arrived or never will.
func (f flow) later() error {
	return &waitError{For: f.st.ActedBy.Add(f.s.Timing.Settle).Sub(f.s.Clock.Now())}
}

// park hands a movement to a person: nobody but the POS's own records can say whether it was applied. cause is why.
func (f flow) park(m domain.Movement, cause error) Change {
	now := f.s.Clock.Now()
	c := f.st.Coupon
	c.ParkedAt, c.LeaseUntil = &now, now
	m.State = domain.MovementParked
	e := domain.EntryOf(c, domain.System(), domain.ActionMovementParked, c.Status, now, "reference", m.Reference)
	e.Outcome = domain.OutcomeUnknown
	return Change{Coupon: c, Movements: []domain.Movement{m}, Review: reviews.Unsettled, Evidence: evidence(m, cause),
		Audit: []domain.AuditEntry{e}}
}

// asApplied is a movement as the POS recorded it.
func asApplied(m domain.Movement, got Entry, now time.Time) domain.Movement {
	m.State, m.EntryID, m.SettledAt = domain.MovementApplied, got.ID, &now
	m.PreviousBalance, m.Balance, m.Odd = got.PreviousBalance, got.Balance, odd(m, got)
	if takes(m.Kind) {
		m.PointsExpireOn = got.PointsExpireOn
		if m.Before != nil && m.PointsExpireOn == "" {
			m.PointsExpireOn = m.Before.PointsExpireOn
		}
	}
	return m
}

// asRefused is a movement that moved nothing.
func asRefused(m domain.Movement, now time.Time) domain.Movement {
	m.State, m.SettledAt = domain.MovementRefused, &now
	return m
}

// odd reports whether the POS's own figures do not add up.
func odd(m domain.Movement, e Entry) bool {
	if e.PreviousBalance == nil || e.Balance == nil {
		return false
	}
	return *e.PreviousBalance+signed(m) != *e.Balance
}

// moved is the audit entry of points that moved; an answer whose figures do not add up says so.
func moved(c domain.Coupon, m domain.Movement, action string, now time.Time) domain.AuditEntry {
	e := domain.EntryOf(c, domain.System(), action, domain.Pending, now,
		"points", m.Points, "reference", m.Reference, "entry", m.EntryID)
	if m.PreviousBalance != nil {
		e.Detail["previous_balance"] = *m.PreviousBalance
	}
	if m.Balance != nil {
		e.Detail["balance"] = *m.Balance
	}
	if m.Odd {
		e.Detail["odd"] = true
	}
	return e
}

func detailOf(err error) string {
	if reason := domain.ReasonOf(err); reason != "" {
		return reason
	}
	return string(domain.KindOf(err))
}
