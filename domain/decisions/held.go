package decisions

import (
	"cmp"
	"encoding/json"
	"slices"
)

// State says whether a condition holds.
type State string

// The states. Unknown is no "no": the shop did not answer, or the request shows nothing of it.
const (
	Yes     State = "yes"
	No      State = "no"
	Unknown State = "unknown"
)

// Held is whether one condition held when it was asked. It is all that is kept of a cart and of what the shop said of a
// customer.
type Held struct {
	Condition string `json:"condition"`
	State     State  `json:"state"`
}

// Need is what the condition asked.
func (h Held) Need() Need { return needOf(h.Condition) }

// needOf is the need of a condition's id; the text itself where it is none.
func needOf(id string) Need {
	var c Condition
	if json.Unmarshal([]byte(id), &c) != nil || c.Need == "" {
		return Need(id)
	}
	return c.Need
}

func (h Held) unreadable() bool {
	return h.Condition == "" || !slices.Contains([]State{Yes, No, Unknown}, h.State)
}

func settledHeld(list []Held) []Held {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Held) int {
		return cmp.Or(cmp.Compare(a.Condition, b.Condition), cmp.Compare(a.State, b.State))
	})
	return list
}

// holds is what is known of a condition. One that was not asked, and one of which two things are said, is unknown.
func (f Facts) holds(c Condition) State {
	id, said := c.ID(), map[State]bool{}
	for _, h := range f.Held {
		if h.Condition == id {
			said[h.State] = true
		}
	}
	switch {
	case len(said) != 1:
		return Unknown
	case said[Yes]:
		return Yes
	case said[No]:
		return No
	default:
		return Unknown
	}
}

// asks tells whether a condition matters at a stage: of a cart nothing is known before there is one.
func (c Condition) asks(stage Stage) bool { return stage != StageIssue || !c.Need.OfCart() }

// The names by which an answer says that nobody counted for a limit.
const (
	UncountedInAll  = "uses_in_all"
	UncountedOfCode = "uses_per_code"
)

// kept is what conditions and limits make of a request.
type kept struct {
	// broken is the reason of the first condition that does not hold; empty for none.
	broken Reason
	// untold are conditions of which nobody can tell, and limits for which nobody counted.
	untold []string
}

// recognised bounds for which numbers of orders the recognised ones are counted: of so many orders the bounded facts
// keep enough, though each may have five codes.
const recognised = MaxUsesPerPerson / 5

// keeps looks at every condition, in the order of the needs.
func (p Policy) keeps(r Request, f Facts, seen likes) kept {
	var k kept
	for _, c := range p.Conditions {
		if !c.asks(r.Stage) {
			continue
		}
		state := f.holds(c)
		// Whoever is recognised by more orders than are allowed has placed them, under whatever account.
		if c.Need == NeedOrdersAtMost && c.Number < recognised && int64(seen.distinct) > c.Number {
			state = No
		}
		switch reason := c.reason(); {
		case state == Unknown:
			k.untold = append(k.untold, c.ID())
		case state == No && (k.broken == "" || before(reason, k.broken)):
			k.broken = reason
		}
	}
	if p.UsesInAll > 0 && f.UsesInAll == nil {
		k.untold = append(k.untold, UncountedInAll)
	}
	if p.UsesPerCode > 0 && r.Code != "" && f.UsesOfCode == nil {
		k.untold = append(k.untold, UncountedOfCode)
	}
	return k
}

func before(a, b Reason) bool { return slices.Index(Reasons(), a) < slices.Index(Reasons(), b) }

// reason is what a request that does not meet the condition is refused for.
func (c Condition) reason() Reason {
	switch c.Need {
	case NeedAccount:
		return ReasonAccountRequired
	case NeedOrdersAtMost:
		if c.Number == 0 {
			return ReasonNewCustomersOnly
		}
		return ReasonAudienceNotMet
	case NeedNotBought:
		return ReasonBoughtRecently
	case NeedMinimum:
		return ReasonMinimumNotMet
	case NeedMarkets:
		return ReasonWrongMarket
	case NeedProducts, NeedCollections, NeedCompanion, NeedAttribute:
		return ReasonCartNotEligible
	default:
		return ReasonAudienceNotMet
	}
}

// reached tells whether a limit is used up; one of which nobody counted the uses is no reason by itself.
func reached(limit int, uses *int) bool { return limit > 0 && uses != nil && *uses >= limit }
