package poscheck

import (
	"pointbridge/domain/coupons"
)

// Check is one thing that is tried.
type Check string

// The checks, in the order in which they are made.
const (
	UnknownMember Check = "unknown_member"   // somebody whom the POS does not know is refused
	Balance       Check = "balance"          // a balance can be read
	Deduct        Check = "deduct"           // points can be taken, and the balance shows it at once
	LookUp        Check = "look_up"          // an entry is found by its reference at once, and is not found before
	History       Check = "history"          // an entry stands in the member's history at once, and nothing else does
	ReplayByKey   Check = "replay_key"       // the same request under the same key is booked once
	ReplayByName  Check = "replay_reference" // the same reference under another key is booked once
	Add           Check = "add"              // points can be given back, and the balance shows it at once
	BelowZero     Check = "below_zero"       // more points than there are cannot be taken
	OddAmounts    Check = "odd_amounts"      // a movement of no points is refused
	Restored      Check = "restored"         // the balance is as it was
)

// Checks lists every check in order.
func Checks() []Check {
	return []Check{UnknownMember, Balance, Deduct, LookUp, History, ReplayByKey, ReplayByName, Add, BelowZero,
		OddAmounts, Restored}
}

// Verdict is what a check came to.
type Verdict string

// The verdicts. Unknown means that the POS did not give an answer from which it could be told.
const (
	Held     Verdict = "held"
	NotHeld  Verdict = "not_held"
	NotAsked Verdict = "not_asked"
	Unknown  Verdict = "unknown"
)

// Finding is a check, its verdict, and the sentence that says why.
type Finding struct {
	Check    Check
	Verdict  Verdict
	Sentence Sentence
	// Err is what the POS's client said, where it said anything; it holds no personal data.
	Err error
}

// Owed is what has to be put right by hand in the POS.
type Owed struct {
	// Reference names the movement that was not undone, Return the movement that would have undone it: when that one
	// stands in the POS's history, nothing is owed. Return is empty when it was never asked for.
	Reference, Return string
	// Points have to be given to the member; when negative, taken.
	Points int64
	// Sure says that the POS confirmed the movement and did not undo it. Otherwise nobody knows, and the POS's own
	// history has to be looked at first.
	Sure bool
}

// Report is everything that was found.
type Report struct {
	Findings []Finding
	Owed     []Owed
	// Name stands in each reference of this run: CHECK-<name>-… and RETURN-<name>-….
	Name string
	// Before and After are the member's balances, nil when they were not read.
	Before, After *int64
	promised      coupons.Lookup
}

// Of returns the finding of a check.
func (r Report) Of(c Check) Finding {
	for _, f := range r.Findings {
		if f.Check == c {
			return f
		}
	}
	return Finding{Check: c, Verdict: NotAsked, Sentence: NotReached}
}

// Capabilities returns what follows: what was not shown to hold is not promised. How much free text an entry keeps
// cannot be found out.
func (r Report) Capabilities() coupons.Capabilities {
	held := func(c Check) bool { return r.Of(c).Verdict == Held }
	c := coupons.Capabilities{Replay: held(ReplayByKey), Lookup: coupons.LookupNone, GuardsBelowZero: held(BelowZero)}
	if held(LookUp) || held(History) {
		c.Lookup = r.promised
	}
	return c
}

// needed are the checks without which nothing can be converted with this POS, whatever it promises.
func needed() []Check {
	return []Check{UnknownMember, Balance, Deduct, Add, BelowZero, OddAmounts, Restored}
}

// Broken returns the checks that do not hold although Pointbridge relies on them: those that everything needs, and
// those of what is promised.
func (r Report) Broken(promised coupons.Capabilities) []Check {
	return r.among(promised, func(f Finding) bool { return f.Verdict == NotHeld })
}

// Open returns the checks of the same kind that could not be told: the POS gave no answer, or a member was named and it
// did not come to them. What is not tried because no member was named is nobody's question.
func (r Report) Open(promised coupons.Capabilities) []Check {
	return r.among(promised, func(f Finding) bool {
		return f.Verdict == Unknown || f.Verdict == NotAsked && f.Sentence != ReadOnly && f.Sentence != Unpromised
	})
}

func (r Report) among(promised coupons.Capabilities, is func(Finding) bool) (list []Check) {
	relied := needed()
	if promised.Replay {
		relied = append(relied, ReplayByKey)
	}
	switch promised.Lookup {
	case coupons.LookupExact, coupons.LookupScan:
		relied = append(relied, LookUp)
	case coupons.LookupAmount:
		relied = append(relied, History)
	case coupons.LookupNone:
	}
	for _, c := range relied {
		if is(r.Of(c)) {
			list = append(list, c)
		}
	}
	return list
}
