package reviews

import (
	"slices"
	"time"

	"pointbridge/domain"
)

// A review comes with what is known of the person behind it, as a list of signals and a score. It is context for
// whoever decides: nothing is decided, refused or moved by it, and a score of 0 proves as little as one of 100.

// Signal names something that speaks for a second look.
type Signal string

// The signals; weights says what each adds.
const (
	// SignalFraud: the shop cancelled the order as fraudulent.
	SignalFraud Signal = "fraud"
	// SignalSuspected: somebody suspended the coupon on suspicion of fraud.
	SignalSuspected Signal = "suspected"
	// SignalForfeited: an earlier coupon of the person was forfeited.
	SignalForfeited Signal = "forfeited"
	// SignalDouble: an order used the code although its points were back.
	SignalDouble Signal = "used_after_refund"
	// SignalDeclined: the order's payment was declined.
	SignalDeclined Signal = "declined"
	// SignalEarlier: earlier reviews of the person.
	SignalEarlier Signal = "earlier"
	// SignalReissued: the coupon is a reissue, of a reissue.
	SignalReissued Signal = "reissued"
	// SignalEmail and SignalPhone: another member has the same mail address, or phone number.
	SignalEmail Signal = "same_email"
	SignalPhone Signal = "same_phone"
	// SignalSoon: the order was voided within voidedSoon after it had used the coupon.
	SignalSoon Signal = "soon"
	// SignalRefused: the person's conversions were refused at least manyRefusals times within RefusedWithin.
	SignalRefused Signal = "refused"
)

// weights is what each signal adds, each time and at most, the heaviest first.
var weights = []struct {
	signal     Signal
	each, most int
}{
	{SignalFraud, 40, 40}, {SignalSuspected, 40, 40}, {SignalForfeited, 30, 30}, {SignalDouble, 20, 20},
	{SignalDeclined, 15, 15}, {SignalEarlier, 15, 45}, {SignalReissued, 15, 30}, {SignalEmail, 10, 10},
	{SignalPhone, 10, 10}, {SignalSoon, 10, 10}, {SignalRefused, 10, 10},
}

// Signals lists every signal, the heaviest first.
func Signals() []Signal {
	list := make([]Signal, 0, len(weights))
	for _, w := range weights {
		list = append(list, w.signal)
	}
	return list
}

const (
	// MostRisk is the highest score.
	MostRisk = 100
	// RefusedWithin is how long before a review refused conversions count.
	RefusedWithin = 7 * 24 * time.Hour
	manyRefusals  = 5
	voidedSoon    = 24 * time.Hour
)

// MatchedBy says why an earlier review is the same person's.
type MatchedBy string

// What can match.
const (
	MatchedMember MatchedBy = "member"
	MatchedEmail  MatchedBy = "email"
	MatchedPhone  MatchedBy = "phone"
)

// Match is an earlier review of the person, about another order.
type Match struct {
	ReviewID   int64
	Kind       Kind
	Code       string
	CustomerID string
	OrderID    string
	OrderName  string
	OpenedAt   time.Time
	// Outcome is what was decided; empty for an open review.
	Outcome Outcome
	By      []MatchedBy
}

// Circumstances are the facts that a review's risk is read from, all of them from before the review was opened.
type Circumstances struct {
	// Matches are the person's reviews in the time Within before this one, newest first; the newest MostMatches of
	// them.
	Matches []Match
	// SameEmail and SamePhone count other members.
	SameEmail, SamePhone int
	// UsedAt is when the coupon was used; nil for never.
	UsedAt *time.Time
	// Refused counts refused conversions in the RefusedWithin before the review.
	Refused int
}

// MostMatches bounds the matches that are named.
const MostMatches = 20

// Scored is a signal that a review has, how often, and what it adds.
type Scored struct {
	Signal Signal
	Count  int
	Weight int
}

// Risk is a review's score, from 0 to MostRisk, and what it is made of.
type Risk struct {
	Score   int
	Signals []Scored
	Matches []Match
}

// Risk reads the score from the review and its circumstances.
func (r Review) Risk(c Circumstances) Risk {
	counts := map[Signal]int{
		SignalFraud: yes(r.Reason == reasonFraud), SignalDeclined: yes(r.Reason == reasonDeclined),
		SignalSuspected: yes(r.Kind == SuspectedFraud), SignalDouble: yes(r.Kind == UsedAfterRefund),
		SignalEarlier: len(c.Matches), SignalForfeited: forfeits(c.Matches),
		SignalReissued: max(0, slices.Index(r.Coupon.Chain, r.Code)),
		SignalEmail:    c.SameEmail, SignalPhone: c.SamePhone,
		SignalSoon: yes(r.Kind.OfVoided() && c.UsedAt != nil &&
			r.Coupon.Status == domain.Used && r.OpenedAt.Sub(*c.UsedAt) < voidedSoon),
	}
	if c.Refused >= manyRefusals {
		counts[SignalRefused] = c.Refused
	}
	risk := Risk{Matches: c.Matches}
	for _, w := range weights {
		if n := counts[w.signal]; n > 0 {
			scored := Scored{Signal: w.signal, Count: n, Weight: min(n*w.each, w.most)}
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
