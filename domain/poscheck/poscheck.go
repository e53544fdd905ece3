// Package poscheck finds out what a POS keeps of what Pointbridge relies on, by the ports of the saga alone: it knows
// what a POS can do, and no kind of POS. It moves one point at a time, and asks once for one point more than a member
// has; each booking is given back under a reference that is linked to it. What it could not give back, because the POS
// broke off, it names exactly.
package poscheck

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

const (
	// LeastPoints is what the member needs: two repetitions may be booked beside the first movement.
	LeastPoints = 3
	// MostPoints is the most that a member may have for one point more to be asked for: a POS that takes it moves all of
	// them.
	MostPoints = 100
	// mostWaits is how often a POS may ask to wait before one call, longestWait how long.
	mostWaits   = 5
	longestWait = time.Minute
	usualWait   = time.Second
	// endBy bounds giving back after somebody broke the run off.
	endBy = 2 * time.Minute
)

// Suite is one run against one POS.
type Suite struct {
	Ledger coupons.Ledger
	// History is asked where the POS promises coupons.LookupAmount; nil otherwise.
	History coupons.History
	// Promised is what is tried: a look-up that is not promised is not asked for.
	Promised coupons.Capabilities
	// Member is somebody whom nobody else uses meanwhile, with 3 to 100 points. Empty: nothing is moved.
	Member string
	// Nobody is an id in the POS's form that no member has.
	Nobody string
	Clock  domain.Clock
	// Tell hears of each finding as it is made; nil for nobody.
	Tell func(Finding)
	// Begin hears the name of the run before anything is moved; nil for nobody.
	Begin func(name string)
}

// booking is an entry that the POS made at our wish, or may have made.
type booking struct {
	m      domain.Movement
	sure   bool
	repeat bool // of one that was booked before, which a look-up cannot tell from it
	back   bool
	// undo is the movement that was to give it back, when nobody knows what became of it.
	undo domain.Movement
}

type run struct {
	Suite
	report   Report
	told     map[Check]bool
	bookings []booking
	expected int64 // the balance by what was booked for sure
	expireOn string
	counted  int
	first    domain.Movement // the movement that everything else follows from
	entry    coupons.Entry   // what the POS answered to it
	seen     map[string]bool // entries of the history before it
	early    Sentence        // what the look-up said before it; Fine when nothing was found
}

// Run makes every check and gives back what it took. It ends early when the POS does not answer.
func (s Suite) Run(ctx context.Context) Report {
	r := &run{Suite: s, told: map[Check]bool{}, report: Report{Name: rand.Text()[:8], promised: s.Promised.Lookup}}
	rest := ReadOnly
	if r.unknownMember(ctx) && s.Member != "" {
		rest = NotReached
		r.withMember(ctx)
	}
	for _, c := range Checks() {
		if !r.told[c] {
			r.tell(c, NotAsked, rest, nil)
		}
	}
	place := func(f Finding) int { return slices.Index(Checks(), f.Check) }
	slices.SortFunc(r.report.Findings, func(a, b Finding) int { return place(a) - place(b) })
	return r.report
}

func (r *run) tell(c Check, v Verdict, s Sentence, err error) {
	if r.told[c] {
		return
	}
	r.told[c] = true
	f := Finding{Check: c, Verdict: v, Sentence: s, Err: err}
	r.report.Findings = append(r.report.Findings, f)
	if r.Tell != nil {
		r.Tell(f)
	}
}

// fail tells of a call that did not succeed; unknown is what nobody can tell.
func (r *run) fail(c Check, err error) {
	if domain.KindOf(err) == domain.KindRefused {
		r.tell(c, NotHeld, Refused, err)
		return
	}
	r.tell(c, Unknown, NoAnswer, err)
}

// unknownMember reports whether the POS answers at all.
func (r *run) unknownMember(ctx context.Context) bool {
	_, err := r.balance(ctx, r.Nobody)
	switch {
	case err == nil:
		r.tell(UnknownMember, NotHeld, Known, nil)
	case domain.ReasonOf(err) == domain.ReasonCustomerNotFound:
		r.tell(UnknownMember, Held, Fine, nil)
	case domain.KindOf(err) == domain.KindRefused:
		r.tell(UnknownMember, NotHeld, OtherRefusal, err)
	default:
		r.tell(UnknownMember, Unknown, NoAnswer, err)
		return false
	}
	return true
}

// withMember makes the checks that move points. Whatever happens in between, the points are given back, also when
// somebody breaks the run off.
func (r *run) withMember(ctx context.Context) {
	held, err := r.held(ctx, r.Member)
	if domain.ReasonOf(err) == domain.ReasonCustomerNotFound {
		r.tell(Balance, Unknown, NoSuchMember, nil) // a slip in the number says nothing of the POS
		return
	}
	if err != nil {
		r.fail(Balance, err)
		return
	}
	points := held.Points
	r.expireOn = held.PointsExpireOn
	r.tell(Balance, Held, Fine, nil)
	r.report.Before, r.expected = &points, points
	if points < LeastPoints {
		r.tell(Deduct, NotAsked, TooFew, nil)
		return
	}
	if r.Begin != nil {
		r.Begin(r.report.Name)
	}
	for _, step := range []func(context.Context) bool{r.before, r.deduct, r.find, r.replayKey, r.replayName, r.add,
		r.replayAdd, r.belowZero, r.oddAmounts} {
		if ctx.Err() != nil || !step(ctx) {
			break
		}
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endBy)
	defer cancel()
	r.restore(end)
}

// movement makes one with a reference of its own, so that the POS's history tells people what it was.
func (r *run) movement(kind domain.MovementKind, points int64, related string) domain.Movement {
	r.counted++
	word, reason := "CHECK", "Check of the POS"
	if related != "" {
		word, reason = "RETURN", "Check of the POS, given back"
	}
	return domain.Movement{CustomerID: r.Member, Kind: kind, State: domain.MovementOpen, Points: points,
		Reference:        fmt.Sprintf("%s-%s-%d-%d", word, r.report.Name, r.counted, points),
		RelatedReference: related, Key: newKey(), Reason: reason, CreatedAt: r.Clock.Now(), PointsExpireOn: r.expireOn}
}

// newKey draws a UUID, version 4.
func newKey() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// signed is what a movement does to the balance.
func signed(m domain.Movement) int64 {
	if m.Kind == domain.Take || m.Kind == domain.TakeBack {
		return -m.Points
	}
	return m.Points
}
