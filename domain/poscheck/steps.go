package poscheck

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// slack is how far the POS's clock may be from ours.
const slack = 5 * time.Minute

// before looks for the first movement while it does not exist.
func (r *run) before(ctx context.Context) bool {
	r.first = r.movement(domain.Take, 1, "")
	r.early = Fine
	switch {
	case r.searches():
		_, err := r.lookUp(ctx, r.first)
		switch {
		case err == nil:
			r.early = FoundEarly
		case domain.ReasonOf(err) == domain.ReasonUnsupported:
			r.tell(LookUp, NotAsked, Unpromised, nil)
		case domain.KindOf(err) != domain.KindNotFound:
			r.missed(LookUp, err)
		}
	case r.reads():
		list, err := r.entries(ctx)
		if err != nil {
			r.fail(History, err)
		}
		r.seen = map[string]bool{}
		for _, e := range list {
			r.seen[e.ID] = true
		}
	}
	if !r.searches() {
		r.tell(LookUp, NotAsked, Unpromised, nil)
	}
	if !r.reads() {
		r.tell(History, NotAsked, Unpromised, nil)
	}
	return true
}

// missed tells of a look-up that failed: an answer that settles nothing is one that never will.
func (r *run) missed(c Check, err error) {
	switch {
	case domain.KindOf(err) == domain.KindNotFound:
		r.tell(c, NotHeld, NotFound, nil)
	case domain.ReasonOf(err) == domain.ReasonAmbiguous, domain.ReasonOf(err) == reasonNotFiltered:
		r.tell(c, NotHeld, NotTold, err)
	default:
		r.fail(c, err)
	}
}

// reasonNotFiltered is what a client says of a history that ignored what it was asked for.
const reasonNotFiltered = "not_filtered"

// deduct takes one point.
func (r *run) deduct(ctx context.Context) bool {
	start := r.expected
	e, err := r.move(ctx, r.first)
	if err != nil {
		r.fail(Deduct, err)
		return false
	}
	r.entry = e
	if !r.shown(ctx, Deduct, r.first, e, start) {
		return false
	}
	r.tell(Deduct, Held, Fine, nil)
	return true
}

// shown reads the balance after a movement that was confirmed, and holds the answer's figures against it. It reports
// whether the balance is as expected.
func (r *run) shown(ctx context.Context, c Check, m domain.Movement, e coupons.Entry, start int64) bool {
	now, err := r.balance(ctx, r.Member)
	switch {
	case err != nil:
		r.fail(c, err)
	case now == start:
		r.tell(c, NotHeld, Late, nil)
		if !r.proven(ctx, m) {
			r.unseen(m)
		}
	case now != r.expected:
		r.tell(c, Unknown, Disturbed, nil)
	default:
		if e.Points != signed(m) || e.Balance != nil && *e.Balance != now ||
			e.PreviousBalance != nil && *e.PreviousBalance != start {
			r.tell(c, NotHeld, OtherFigures, nil)
		}
		return true
	}
	return false
}

// find looks for the first movement now that it exists.
func (r *run) find(ctx context.Context) bool {
	switch {
	case r.searches():
		r.search(ctx, r.first, r.entry)
	case r.reads():
		r.read(ctx)
	}
	return true
}

func (r *run) search(ctx context.Context, m domain.Movement, made coupons.Entry) {
	if r.told[LookUp] {
		return
	}
	found, err := r.lookUp(ctx, m)
	switch {
	case err != nil:
		r.missed(LookUp, err)
	case r.early != Fine:
		r.tell(LookUp, NotHeld, r.early, nil)
	case found.Points != signed(m), found.ID != made.ID && found.ID != "" && made.ID != "":
		r.tell(LookUp, NotHeld, OtherEntry, nil)
	case signed(m) > 0: // taken and given back were both found
		r.tell(LookUp, Held, Fine, nil)
	}
}

// read wants exactly one entry that was not there before.
func (r *run) read(ctx context.Context) {
	if r.told[History] {
		return
	}
	list, err := r.entries(ctx)
	if err != nil {
		r.fail(History, err)
		return
	}
	var fresh []coupons.Entry
	for _, e := range list {
		if !r.seen[e.ID] && !e.Foreign {
			fresh = append(fresh, e)
		}
	}
	switch {
	case len(fresh) == 0:
		r.tell(History, NotHeld, NotFound, nil)
	case len(fresh) > 1:
		r.tell(History, Unknown, Disturbed, nil)
	case fresh[0].Points != signed(r.first), fresh[0].ID == "":
		r.tell(History, NotHeld, OtherEntry, nil)
	default:
		r.tell(History, Held, Fine, nil)
	}
}

func (r *run) replayKey(ctx context.Context) bool { return r.again(ctx, ReplayByKey, r.first, r.entry) }

func (r *run) replayName(ctx context.Context) bool {
	if f := r.report.Of(ReplayByKey); f.Sentence == BookedTwice {
		r.tell(ReplayByName, NotHeld, WouldBeTwice, nil)
		return true
	}
	m := r.first
	m.Key = newKey()
	return r.again(ctx, ReplayByName, m, r.entry)
}

// again sends a movement once more. What the balance says counts, not what the answer says. Taking and giving back are
// both repeated under one key before that is said to hold.
func (r *run) again(ctx context.Context, c Check, m domain.Movement, made coupons.Entry) bool {
	e, sent := r.send(ctx, m)
	now, err := r.balance(ctx, r.Member)
	doubtful := sent != nil && domain.KindOf(sent) == domain.KindUnknown
	switch {
	case err == nil && now == r.expected+signed(m) && !doubtful:
		r.booked(m)
		r.tell(c, NotHeld, BookedTwice, nil)
		return true
	case err == nil && now == r.expected && sent == nil && e.ID != made.ID && e.ID != "" && made.ID != "":
		r.tell(c, NotHeld, OtherEntry, nil)
		return true
	case err == nil && now == r.expected && sent == nil:
		if c != ReplayByKey || signed(m) > 0 {
			r.tell(c, Held, Fine, nil)
		}
		return true
	case err == nil && now == r.expected && domain.KindOf(sent) == domain.KindRefused:
		r.tell(c, NotHeld, RepeatRefused, sent)
		return true
	case err == nil && sent == nil:
		r.tell(c, Unknown, Disturbed, nil)
	case sent != nil:
		r.tell(c, Unknown, NoAnswer, sent)
	default:
		r.tell(c, Unknown, NoAnswer, err)
	}
	if sent == nil || doubtful { // it may have been booked twice
		r.bookings = append(r.bookings, booking{m: m, repeat: true})
	}
	return false
}

// add gives the first movement back.
func (r *run) add(ctx context.Context) bool {
	start := r.expected
	m, e, err := r.undo(ctx, 0)
	if err != nil {
		r.fail(Add, err)
		return false
	}
	if !r.shown(ctx, Add, m, e, start) {
		return false
	}
	r.tell(Add, Held, Fine, nil)
	if r.searches() {
		r.search(ctx, m, e)
	}
	r.first, r.entry = m, e
	return true
}

// replayAdd repeats what was given back, unless a repetition was booked twice already: points that are given twice are
// somebody's money.
func (r *run) replayAdd(ctx context.Context) bool {
	return r.told[ReplayByKey] || r.again(ctx, ReplayByKey, r.first, r.entry)
}

// belowZero asks for one point more than there is.
func (r *run) belowZero(ctx context.Context) bool {
	if r.expected > MostPoints {
		r.tell(BelowZero, NotAsked, TooMany, nil)
		return true
	}
	m := r.movement(domain.Take, r.expected+1, "")
	_, sent := r.move(ctx, m)
	if sent == nil {
		r.tell(BelowZero, NotHeld, Overdrawn, nil)
		return true
	}
	now, err := r.balance(ctx, r.Member)
	switch {
	case domain.KindOf(sent) != domain.KindRefused:
		r.fail(BelowZero, sent)
		return false
	case err != nil:
		r.fail(BelowZero, err)
		return false
	case now != r.expected:
		r.tell(BelowZero, Unknown, Disturbed, nil)
		return false
	case domain.ReasonOf(sent) != domain.ReasonInsufficientPoints:
		r.tell(BelowZero, Held, Wordless, sent)
	default:
		r.tell(BelowZero, Held, Fine, nil)
	}
	return true
}

// oddAmounts asks for movements of no points. Fractions cannot be asked for by the ports, and amounts below zero are
// not sent: a POS that takes them may do anything.
func (r *run) oddAmounts(ctx context.Context) bool {
	for _, kind := range []domain.MovementKind{domain.Take, domain.Grant} {
		m := r.movement(kind, 0, "")
		_, err := r.send(ctx, m)
		switch {
		case err == nil:
			r.tell(OddAmounts, NotHeld, TookZero, nil)
			return true
		case domain.KindOf(err) != domain.KindRefused:
			r.tell(OddAmounts, Unknown, NoAnswer, err)
			return true
		}
	}
	r.tell(OddAmounts, Held, Fine, nil)
	return true
}
