package decisions_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	. "pointbridge/domain/decisions"
)

// TestARuleMoreIsNeverMilder: whatever is known, a condition that is added, a limit that is set or lowered, and a default
// that refuses instead of letting pass never turn a refusal or a flag into something milder.
//
// covers: 001-07, 001-08, 001-30
func TestARuleMoreIsNeverMilder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, p, f := drawRequest(t), drawPolicy(t), drawFacts(t, everyKind)
		if rapid.Bool().Draw(t, "has a code") {
			r.Code = "SUMMER-1"
		}
		stricter := p
		switch rapid.IntRange(0, 4).Draw(t, "what") {
		case 0:
			stricter.Conditions = append(slices.Clone(p.Conditions),
				rapid.SampledFrom(someConditions).Draw(t, "one more"))
		case 1:
			stricter.UsesInAll = tighter(t, p.UsesInAll)
		case 2:
			stricter.UsesPerCode = tighter(t, p.UsesPerCode)
		case 3:
			stricter.UsesPerPerson = tighter(t, p.UsesPerPerson)
		default:
			stricter.Unanswered = UnansweredRefuse
		}
		a, b := Decide(r, p, f), Decide(r, stricter, f)
		if slices.Index(Outcomes(), b.Outcome) < slices.Index(Outcomes(), a.Outcome) {
			t.Fatalf("%s %s became %s %s", a.Outcome, a.Reason, b.Outcome, b.Reason)
		}
	})
}

func tighter(t *rapid.T, limit int) int {
	if limit == 0 {
		limit = 9
	}
	return rapid.IntRange(1, limit).Draw(t, "limit")
}

// TestWhatNobodyCanTell is refused unless the campaign lets it pass, and then somebody looks at it: the answer names it.
// Of a cart nothing is asked before there is one.
//
// covers: 001-07
func TestWhatNobodyCanTell(t *testing.T) {
	t.Parallel()
	tags, cart := Condition{Need: NeedTagsAny, Values: []string{"vip"}}, Condition{Need: NeedMarkets, Values: []string{"JP"}}
	for name, c := range map[string]struct {
		stage      Stage
		unanswered Unanswered
		held       []Held
		want       Outcome
		untold     []string
	}{
		"said nothing, so it refuses": {StageCheckout, "", nil, Refuse, []string{tags.ID(), cart.ID()}},
		"lets pass":                   {StageCheckout, UnansweredAllow, nil, AllowFlagged, []string{tags.ID(), cart.ID()}},
		"no cart yet":                 {StageIssue, UnansweredRefuse, []Held{{tags.ID(), Yes}}, Allow, nil},
		"one is told": {StageCart, UnansweredAllow, []Held{{tags.ID(), Yes}}, AllowFlagged,
			[]string{cart.ID()}},
		"two things are said": {StageIssue, UnansweredAllow, []Held{{tags.ID(), Yes}, {tags.ID(), No}}, AllowFlagged,
			[]string{tags.ID()}},
		"one does not hold, and nobody can tell of the other": {StageCart, UnansweredAllow, []Held{{cart.ID(), No}},
			Refuse, []string{tags.ID()}},
	} {
		r, p, f := asked(), enforced(Medium), facts()
		r.Stage, p.Conditions, p.Unanswered, f.Held = c.stage, []Condition{cart, tags}, c.unanswered, c.held
		a := Decide(r, p, f)
		if a.Outcome != c.want || !slices.Equal(a.Conditions, c.untold) {
			t.Errorf("%s: %s without %v, want %s without %v", name, a.Outcome, a.Conditions, c.want, c.untold)
		}
	}
}

// TestLimitsNobodyCounted: under another version of the rules with a limit, what was not counted is not taken for none.
func TestLimitsNobodyCounted(t *testing.T) {
	t.Parallel()
	p := enforced(Medium)
	p.UsesInAll, p.UsesPerCode = 5, 5
	a := Decide(asked(), p, facts())
	if a.Reason != ReasonCouldNotCheck || !slices.Equal(a.Conditions, []string{UncountedInAll, UncountedOfCode}) {
		t.Errorf("%s without %v", a.Reason, a.Conditions)
	}
}

// TestWhoeverIsRecognisedIsNoNewCustomer, under whatever account.
//
// covers: 001-09
func TestWhoeverIsRecognisedIsNoNewCustomer(t *testing.T) {
	t.Parallel()
	c := Condition{Need: NeedOrdersAtMost}
	p, f := enforced(Medium), facts(kinds("email"))
	p.UsesPerPerson, p.Conditions = 0, []Condition{c}
	f.Held = []Held{{c.ID(), Yes}}
	if a := Decide(asked(), p, f); a.Reason != ReasonNewCustomersOnly {
		t.Errorf("%s %s", a.Outcome, a.Reason)
	}
	f.Uses[0].Void = true
	if a := Decide(asked(), p, f); a.Outcome != Allow {
		t.Errorf("with a void order only: %s %s", a.Outcome, a.Reason)
	}
}

// TestEveryConditionIsDrawn: a condition that is new is among those that the properties are held against.
// covers: 001-07, 001-08, 001-30
func TestEveryConditionIsDrawn(t *testing.T) {
	t.Parallel()
	for _, need := range Needs() {
		if !slices.ContainsFunc(someConditions, func(c Condition) bool { return c.Need == need }) {
			t.Errorf("%s is never drawn", need)
		}
	}
}
