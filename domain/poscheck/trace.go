package poscheck

import (
	"context"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// POS is what is asked about a movement.
type POS struct {
	Ledger   coupons.Ledger
	History  coupons.History // nil unless the look-up is coupons.LookupAmount
	Promised coupons.Capabilities
	Clock    domain.Clock
}

// Trail is what either side knows of one movement.
type Trail struct {
	Movement domain.Movement
	// Entries are the POS's: the one of the movement's reference, or those of its amount in its time where entries bear no
	// reference.
	Entries []coupons.Entry
	// Verdict is Held when both sides say the same, NotHeld when they do not, NotAsked when the POS cannot be asked.
	Verdict Verdict
	Err     error
}

// Trace asks the POS about movements. It changes nothing.
func (p POS) Trace(ctx context.Context, movements []domain.Movement) []Trail {
	list := make([]Trail, 0, len(movements))
	for _, m := range movements {
		if p.Promised.Lookup == coupons.LookupAmount && p.History != nil {
			list = append(list, p.byAmount(ctx, m))
			continue
		}
		list = append(list, p.byReference(ctx, m))
	}
	return list
}

func (p POS) byReference(ctx context.Context, m domain.Movement) Trail {
	e, err := patiently(ctx, p.Clock, func() (coupons.Entry, error) { return p.Ledger.Find(ctx, m) })
	switch {
	case err == nil:
		return Trail{Movement: m, Entries: []coupons.Entry{e}, Verdict: agrees(m, m.EntryID == "" || e.ID == "" ||
			m.EntryID == e.ID)}
	case domain.KindOf(err) == domain.KindNotFound:
		return Trail{Movement: m, Verdict: absent(m)}
	case domain.ReasonOf(err) == domain.ReasonUnsupported:
		return Trail{Movement: m, Verdict: NotAsked}
	case domain.ReasonOf(err) == domain.ReasonAmbiguous:
		return Trail{Movement: m, Verdict: NotHeld, Err: err} // several, or one of another amount
	default:
		return Trail{Movement: m, Verdict: Unknown, Err: err}
	}
}

// byAmount lists what may be the movement. Only its own entry's id says that it is.
func (p POS) byAmount(ctx context.Context, m domain.Movement) Trail {
	until := p.Clock.Now()
	if m.SettledAt != nil {
		until = *m.SettledAt
	}
	from, to := m.CreatedAt.Add(-slack), until.Add(slack)
	all, err := patiently(ctx, p.Clock, func() ([]coupons.Entry, error) {
		return p.History.Entries(ctx, m.CustomerID, from, to)
	})
	if err != nil {
		return Trail{Movement: m, Verdict: Unknown, Err: err}
	}
	t := Trail{Movement: m}
	for _, e := range all {
		if e.ID != "" && e.ID == m.EntryID {
			return Trail{Movement: m, Entries: []coupons.Entry{e}, Verdict: agrees(m, e.Points == signed(m))}
		}
		if e.Points == signed(m) && !e.Foreign {
			t.Entries = append(t.Entries, e)
		}
	}
	if t.Verdict = Unknown; len(t.Entries) == 0 {
		t.Verdict = absent(m)
	}
	return t
}

// agrees is the verdict of an entry that is there.
func agrees(m domain.Movement, same bool) Verdict {
	switch {
	case m.State == domain.MovementOpen, m.State == domain.MovementParked:
		return Unknown // it is to be settled
	case m.State == inNoBooks, m.State == domain.MovementApplied && same:
		return Held
	default:
		return NotHeld
	}
}

// absent is the verdict of one that is not.
func absent(m domain.Movement) Verdict {
	switch m.State {
	case domain.MovementApplied, inNoBooks:
		return NotHeld
	case domain.MovementRefused:
		return Held
	default:
		return Unknown // it may arrive yet
	}
}

// inNoBooks is the state of a movement of which our books know nothing: that the POS has it is all there is to say.
const inNoBooks domain.MovementState = ""

// Named returns the movements that a reference of a check may be, for which there are no books. Nothing for any other.
func Named(member, reference string, now time.Time) []domain.Movement {
	word, _, _ := strings.Cut(reference, "-")
	points, err := strconv.ParseInt(reference[strings.LastIndex(reference, "-")+1:], 10, 64)
	kinds := map[string][]domain.MovementKind{"CHECK": {domain.Take}, "RETURN": {domain.GiveBack, domain.TakeBack}}[word]
	if err != nil || points < 0 {
		return nil
	}
	list := make([]domain.Movement, 0, len(kinds))
	for _, kind := range kinds {
		list = append(list, domain.Movement{CustomerID: member, Reference: reference, Kind: kind, Points: points,
			CreatedAt: now.Add(-namedFor)})
	}
	return list
}

// namedFor is how long ago a check may have been of which only the reference is known.
const namedFor = 7 * 24 * time.Hour
