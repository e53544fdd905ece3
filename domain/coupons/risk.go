package coupons

import (
	"slices"
	"time"

	"pointbridge/domain"
)

// A case comes with what is known of the person behind it, as a list of signals and a score. It is context for whoever
// decides: nothing is decided, refused or moved by it, and a score of 0 proves as little as one of 100.

// Signal names something that speaks for a second look.
type Signal string

// The signals and what each adds to the score. What can occur several times counts each time, up to the bound.
const (
	// SignalFraud: the shop cancelled the order as fraudulent. 40.
	SignalFraud Signal = "fraud"
	// SignalSuspected: somebody suspended the coupon on suspicion of fraud. 40.
	SignalSuspected Signal = "suspected"
	// SignalForfeited: an earlier coupon of the person was forfeited. 30.
	SignalForfeited Signal = "forfeited"
	// SignalDouble: an order used the code although its points were back. 20.
	SignalDouble Signal = "used_after_refund"
	// SignalDeclined: the order's payment was declined. 15.
	SignalDeclined Signal = "declined"
	// SignalEarlier: earlier cases of the person. 15 each, at most 45.
	SignalEarlier Signal = "earlier"
	// SignalReissued: the coupon is a reissue, of a reissue. 15 each, at most 30.
	SignalReissued Signal = "reissued"
	// SignalEmail and SignalPhone: another member has the same mail address, or phone number. 10.
	SignalEmail Signal = "same_email"
	SignalPhone Signal = "same_phone"
	// SignalSoon: the order came to nothing within voidedSoon after it had used the coupon. 10.
	SignalSoon Signal = "soon"
	// SignalRefused: the person's conversions were refused at least manyRefusals times within RefusedWithin. 10.
	SignalRefused Signal = "refused"
)

// weight is what a signal adds each time, and at most.
type weight struct{ each, most int }

var weights = map[Signal]weight{
	SignalFraud: {40, 40}, SignalSuspected: {40, 40}, SignalForfeited: {30, 30}, SignalDouble: {20, 20}, SignalDeclined: {15, 15},
	SignalEarlier: {15, 45}, SignalReissued: {15, 30}, SignalEmail: {10, 10}, SignalPhone: {10, 10}, SignalSoon: {10, 10}, SignalRefused: {10, 10},
}

// Signals lists every signal, the heaviest first.
func Signals() []Signal {
	return []Signal{SignalFraud, SignalSuspected, SignalForfeited, SignalDouble, SignalDeclined, SignalEarlier, SignalReissued,
		SignalEmail, SignalPhone, SignalSoon, SignalRefused}
}

const (
	// MostRisk is the highest score.
	MostRisk = 100
	// RefusedWithin is how long before a case refused conversions count.
	RefusedWithin = 7 * 24 * time.Hour
	manyRefusals  = 5
	voidedSoon    = 24 * time.Hour
)

// MatchedBy says why an earlier case is the same person's.
type MatchedBy string

// What can match.
const (
	MatchedMember MatchedBy = "member"
	MatchedEmail  MatchedBy = "email"
	MatchedPhone  MatchedBy = "phone"
)

// Match is an earlier case of the person, about another order.
type Match struct {
	ReviewID   int64
	Kind       ReviewKind
	Code       string
	CustomerID string
	OrderID    string
	OrderName  string
	OpenedAt   time.Time
	// Outcome is what was decided; empty for an open case.
	Outcome Outcome
	By      []MatchedBy
}

// Circumstances are the facts that a case's risk is read from, all of them from before the case was opened.
type Circumstances struct {
	// Matches are the person's cases in the CasesWithin before this one, newest first; the newest MostMatches of them.
	Matches []Match
	// SameEmail and SamePhone count other members.
	SameEmail, SamePhone int
	// UsedAt is when the coupon was used; nil for never.
	UsedAt *time.Time
	// Refused counts refused conversions in the RefusedWithin before the case.
	Refused int
}

// MostMatches bounds the matches that are named.
const MostMatches = 20

// Scored is a signal that a case has, how often, and what it adds.
type Scored struct {
	Signal Signal
	Count  int
	Weight int
}

// Risk is a case's score, from 0 to MostRisk, and what it is made of.
type Risk struct {
	Score   int
	Signals []Scored
	Matches []Match
}

// Risk reads the score from the case and its circumstances.
func (r Review) Risk(c Circumstances) Risk {
	counts := map[Signal]int{
		SignalFraud: yes(r.Reason == voidFraud), SignalDeclined: yes(r.Reason == voidDeclined),
		SignalSuspected: yes(r.Kind == ReviewSuspectedFraud), SignalDouble: yes(r.Kind == ReviewUsedAfterRefund),
		SignalEarlier: len(c.Matches), SignalForfeited: forfeits(c.Matches),
		SignalReissued: max(0, slices.Index(r.Coupon.Chain, r.Code)),
		SignalEmail:    c.SameEmail, SignalPhone: c.SamePhone,
		SignalSoon: yes(r.Kind.OfOrder() && c.UsedAt != nil && r.Coupon.Status == domain.Used && r.OpenedAt.Sub(*c.UsedAt) < voidedSoon),
	}
	if c.Refused >= manyRefusals {
		counts[SignalRefused] = c.Refused
	}
	risk := Risk{Matches: c.Matches}
	for _, s := range Signals() {
		if n := counts[s]; n > 0 {
			w := weights[s]
			scored := Scored{Signal: s, Count: n, Weight: min(n*w.each, w.most)}
			risk.Signals = append(risk.Signals, scored)
			risk.Score = min(risk.Score+scored.Weight, MostRisk)
		}
	}
	return risk
}

func forfeits(list []Match) (n int) {
	for _, m := range list {
		n += yes(m.Outcome == OutcomeForfeit)
	}
	return n
}

func yes(is bool) int {
	if is {
		return 1
	}
	return 0
}
