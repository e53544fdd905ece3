package decisions

import (
	"slices"
	"time"

	"pointbridge/domain/identity"
)

// Answer is what a decision comes to.
type Answer struct {
	Outcome Outcome `json:"outcome"`
	// Reason is empty unless the outcome is Refuse.
	Reason Reason `json:"reason"`
	// Strong is how many counted kinds the likest use has in common with the request, or the threshold where one kind
	// decided alone. Weak is how many weak signals there are.
	Strong    int `json:"strong"`
	Weak      int `json:"weak"`
	Threshold int `json:"threshold"`
	// Matched is how many uses count as this person's.
	Matched       int      `json:"matched"`
	Signals       []Signal `json:"signals"`
	PolicyVersion int      `json:"policy_version"`
	// Enforced tells whether the outcome is to be acted on.
	Enforced bool `json:"enforced"`
	// Conditions are those, by their ids, of which nobody could tell whether they hold, and the names of limits for which
	// nobody counted.
	Conditions []string `json:"conditions,omitempty"`
}

// Score is both parts of it.
func (a Answer) Score() int { return a.Strong + a.Weak }

// Unanswered are the rules of which nobody could tell whether they hold, each once.
func (a Answer) Unanswered() []string {
	rules := []string{}
	for _, id := range a.Conditions {
		if rule := string(needOf(id)); !slices.Contains(rules, rule) {
			rules = append(rules, rule)
		}
	}
	return rules
}

// Signal is one thing that speaks for this being somebody who was here before.
type Signal struct {
	Kind     SignalKind `json:"kind"`
	Strength Strength   `json:"strength"`
	// Matched are the newest orders that it is about.
	Matched []MatchedOrder `json:"matched"`
}

// MatchedOrder is an earlier order.
type MatchedOrder struct {
	Order string    `json:"order"`
	At    time.Time `json:"at"`
	Code  string    `json:"code"`
}

// shownOrders is how many orders a signal names.
const shownOrders = 10

// Decide says what a policy makes of a request under the facts. It is a pure function: the same three give the same
// answer, byte for byte, whatever the order of lists in them.
func Decide(r Request, p Policy, f Facts) Answer {
	p = p.Settled()
	seen := look(r, p, f)
	a := Answer{Outcome: Allow, Threshold: p.Threshold, PolicyVersion: p.Version, Enforced: p.Mode == Enforce,
		Strong: seen.strong, Matched: seen.matched, Signals: seen.signals(r, p, f)}
	for _, s := range a.Signals {
		if s.Strength == Weak {
			a.Weak++
		}
	}
	kept := p.keeps(r, f, seen)
	a.Conditions = kept.untold
	if reason := broken(r, p, f, seen, kept); reason != "" {
		a.Outcome, a.Reason = Refuse, reason
		return a
	}
	// What is in doubt is flagged where it would be refused without the doubt. A name or a time in common with an earlier
	// use only adds to the score: somebody's own second order, where two are theirs to place, has both.
	doubt := p.UsesPerPerson > 0 && seen.doubtful > 0 && seen.matched+seen.doubtful >= p.UsesPerPerson
	if doubt || p.throwAway(r) || p.manyEmails(f) || len(kept.untold) > 0 {
		a.Outcome = AllowFlagged
	}
	return a
}

// broken is the first rule that the request breaks; empty for none. How the campaign stands is no matter of orders:
// they come to light later, and one that was placed while it was live is not to blame for its end.
func broken(r Request, p Policy, f Facts, seen likes, kept kept) Reason {
	switch {
	case f.Campaign == CampaignEnded && r.Stage != StageOrder:
		return ReasonCampaignEnded
	case f.Campaign == CampaignNotStarted && r.Stage != StageOrder:
		return ReasonNotStarted
	case f.Campaign != CampaignLive && r.Stage != StageOrder:
		return ReasonCampaignPaused
	case f.Code != CodeValid && f.Code != CodeAbsent:
		return ReasonCodeNotValid
	case f.Owner == OwnerOther:
		return ReasonNotYourCode
	case len(p.Currencies) > 0 && r.Currency != "" && !slices.Contains(p.Currencies, r.Currency):
		return ReasonWrongCurrency
	case p.NewCustomersOnly && r.OrdersBefore != nil && *r.OrdersBefore > 0:
		return ReasonNewCustomersOnly
	case kept.broken != "":
		return kept.broken
	case f.Blocked:
		return ReasonNotEligible
	case reached(p.UsesInAll, f.UsesInAll):
		return ReasonUsageLimit
	case r.Code != "" && reached(p.UsesPerCode, f.UsesOfCode):
		return ReasonCodeLimit
	case p.UsesPerPerson > 0 && seen.matched >= p.UsesPerPerson:
		return ReasonAlreadyUsed
	case len(kept.untold) > 0 && p.Unanswered != UnansweredAllow:
		return ReasonCouldNotCheck
	default:
		return ""
	}
}

// likes is what the countable uses have in common with a request.
type likes struct {
	// uses share at least one kind that the policy counts, or the customer; the newest stands first.
	uses []PastUse
	// matched are the same person's; doubtful have something in common and not enough.
	matched, doubtful, strong int
	// distinct is how many orders the matched ones are of.
	distinct int
}

func look(r Request, p Policy, f Facts) likes {
	var l likes
	theirs := map[string]bool{}
	for _, u := range f.Uses {
		if !u.countable(r) {
			continue
		}
		strong, same := p.likeness(u.Same)
		if strong == 0 {
			continue
		}
		l.uses = append(l.uses, u)
		l.strong = max(l.strong, strong)
		if same {
			l.matched++
			theirs[u.OrderID] = true
		} else {
			l.doubtful++
		}
	}
	slices.SortFunc(l.uses, newestFirst)
	l.distinct = len(theirs)
	return l
}

// likeness is how many counted kinds are the same, and whether that makes it the same person. A kind that is off is
// not there.
func (p Policy) likeness(same []identity.Kind) (strong int, person bool) {
	decisive := slices.Contains(same, identity.Customer)
	for _, k := range p.Signals {
		if slices.Contains(same, k) {
			strong++
			decisive = decisive || p.alone(k)
		}
	}
	if decisive {
		return max(strong, p.Threshold), true
	}
	return strong, strong > 0 && strong >= p.Threshold
}
