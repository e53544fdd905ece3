package decisions_test

import (
	"bytes"
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	. "pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/test/expect"
)

var everyKind = append([]identity.Kind{identity.Customer, identity.Name}, identity.Counted()...)

func drawKinds(t *rapid.T, of []identity.Kind, name string) []identity.Kind {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, len(of), rapid.ID[identity.Kind]).Draw(t, name)
}

func drawPolicy(t *rapid.T) Policy {
	p := NewPolicy(rapid.SampledFrom(Presets()).Draw(t, "preset"))
	p.Mode = rapid.SampledFrom([]Mode{Shadow, Enforce}).Draw(t, "mode")
	p.UsesPerPerson = rapid.IntRange(0, 3).Draw(t, "uses")
	p.NewCustomersOnly = rapid.Bool().Draw(t, "new")
	p.Currencies = rapid.SampledFrom([][]string{{}, {"JPY"}, {"USD", "EUR"}}).Draw(t, "currencies")
	p.Weak = WeakSettings{rapid.Bool().Draw(t, "disposable"), rapid.Bool().Draw(t, "name"),
		rapid.IntRange(0, 1440).Draw(t, "minutes"), rapid.IntRange(0, 3).Draw(t, "emails")}
	if p.Preset == Custom {
		p.Signals = rapid.SliceOfNDistinct(rapid.SampledFrom(identity.Counted()), 1, 5, rapid.ID[identity.Kind]).
			Draw(t, "signals")
		p.Threshold = rapid.IntRange(1, len(p.Signals)).Draw(t, "threshold")
		p.Alone = drawKinds(t, p.Signals, "alone")
	}
	p.Conditions = rapid.SliceOfNDistinct(rapid.SampledFrom(someConditions), 0, 4, Condition.ID).Draw(t, "conditions")
	p.Unanswered = rapid.SampledFrom([]Unanswered{"", UnansweredRefuse, UnansweredAllow}).Draw(t, "unanswered")
	p.UsesInAll = rapid.IntRange(0, 3).Draw(t, "in all")
	p.UsesPerCode = rapid.IntRange(0, 3).Draw(t, "per code")
	p = p.Settled()
	if faults := p.Faults(); len(faults) > 0 {
		t.Fatalf("a drawn policy has faults: %v", faults)
	}
	return p
}

func drawRequest(t *rapid.T) Request {
	r := Request{Campaign: "summer", Stage: rapid.SampledFrom(Stages()).Draw(t, "stage"), At: noon,
		Currency:         rapid.SampledFrom([]string{"", "JPY", "USD"}).Draw(t, "currency"),
		DisposableDomain: rapid.Bool().Draw(t, "throw-away")}
	if r.Stage == StageOrder {
		r.OrderID = fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "own order"))
	}
	if rapid.Bool().Draw(t, "counted") {
		orders := rapid.IntRange(0, 1).Draw(t, "orders")
		r.OrdersBefore = &orders
	}
	return r
}

func drawFacts(t *rapid.T, kinds []identity.Kind) Facts {
	f := Facts{
		Campaign: rapid.SampledFrom([]CampaignStatus{CampaignLive, CampaignLive, CampaignLive, CampaignPaused}).
			Draw(t, "campaign"),
		Code:        rapid.SampledFrom([]CodeState{CodeValid, CodeValid, CodeAbsent, CodeUsed}).Draw(t, "code"),
		Owner:       rapid.SampledFrom([]Owner{OwnerAnybody, OwnerSame, OwnerUnknown, OwnerOther}).Draw(t, "owner"),
		Blocked:     rapid.IntRange(0, 9).Draw(t, "blocked") == 0,
		EmailsPerIP: rapid.IntRange(0, 3).Draw(t, "emails"),
	}
	for n := range rapid.IntRange(0, 12).Draw(t, "past uses") {
		f.Uses = append(f.Uses, PastUse{OrderID: fmt.Sprint(n), Order: fmt.Sprint("#", n), Code: fmt.Sprint("C-", n),
			At:   noon.Add(-time.Duration(rapid.IntRange(-10, 3000).Draw(t, "minutes ago")) * time.Minute),
			Same: drawKinds(t, kinds, "same"), Void: rapid.IntRange(0, 4).Draw(t, "void") == 0,
			Allowed: rapid.IntRange(0, 4).Draw(t, "allowed") == 0, Passed: rapid.IntRange(0, 4).Draw(t, "passed") == 0})
	}
	for _, c := range someConditions {
		if state := rapid.SampledFrom([]State{Yes, Yes, Yes, No, Unknown, ""}).Draw(t, "held"); state != "" {
			f.Held = append(f.Held, Held{Condition: c.ID(), State: state})
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "counted") > 0 {
		f.UsesInAll = number(rapid.IntRange(0, 4).Draw(t, "used in all"))
		f.UsesOfCode = number(rapid.IntRange(0, 4).Draw(t, "used of the code"))
	}
	return f
}

var someConditions = []Condition{
	{Need: NeedAccount}, {Need: NeedAccount, Number: 5000}, {Need: NeedTagsAny, Values: []string{"vip", "staff"}},
	{Need: NeedTagsNone, Values: []string{"b2b"}}, {Need: NeedSegment, Values: []string{"gid://shopify/Segment/7"}},
	{Need: NeedMetafield, Key: "custom.rank", Values: []string{"gold"}}, {Need: NeedOrdersAtLeast, Number: 2},
	{Need: NeedOrdersAtMost}, {Need: NeedOrdersAtMost, Number: 3},
	{Need: NeedNotBought, Values: []string{product}, Number: 180}, {Need: NeedMinimum, Key: "JPY", Number: 3000},
	{Need: NeedMarkets, Values: []string{"JP", "US"}}, {Need: NeedProducts, Values: []string{product}},
	{Need: NeedCollections, Values: []string{"gid://shopify/Collection/9"}},
	{Need: NeedCompanion, Values: []string{product}}, {Need: NeedAttribute, Key: "gift", Values: []string{"yes"}},
}

// TestWeakSignalsNeverRefuse: where no counted kind is the same and no rule of the campaign is broken, nothing is
// refused, however many weak signals there are.
// covers: 003-27
func TestWeakSignalsNeverRefuse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, p := drawRequest(t), drawPolicy(t)
		off := slices.DeleteFunc(slices.Clone(identity.Counted()), func(k identity.Kind) bool {
			return slices.Contains(p.Signals, k)
		})
		f := drawFacts(t, append(off, identity.Name))
		f.Campaign, f.Code, f.Blocked, p.NewCustomersOnly, p.Currencies = CampaignLive, CodeValid, false, false, nil
		p.Conditions, p.UsesInAll, p.UsesPerCode = nil, 0, 0
		if f.Owner == OwnerOther {
			f.Owner = OwnerSame
		}
		if a := Decide(r, p, f); a.Outcome == Refuse {
			t.Fatalf("it is refused: %s", a.Reason)
		}
	})
}

// TestMoreLikenessNeverHelps: another kind that is the same, and another use, never turn a refusal or a flag into
// something milder.
func TestMoreLikenessNeverHelps(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, p, f := drawRequest(t), drawPolicy(t), drawFacts(t, everyKind)
		before := Decide(r, p, f)
		more := f
		more.Uses = slices.Clone(f.Uses)
		if len(more.Uses) > 0 && rapid.Bool().Draw(t, "a kind") {
			n := rapid.IntRange(0, len(more.Uses)-1).Draw(t, "which")
			k := rapid.SampledFrom(everyKind).Draw(t, "more")
			if !slices.Contains(more.Uses[n].Same, k) {
				more.Uses[n].Same = append(slices.Clone(more.Uses[n].Same), k)
			}
		} else {
			more.Uses = append(more.Uses, PastUse{OrderID: "x", At: noon.Add(-time.Hour),
				Same: drawKinds(t, everyKind, "of another use")})
		}
		after := Decide(r, p, more)
		if slices.Index(Outcomes(), after.Outcome) < slices.Index(Outcomes(), before.Outcome) ||
			after.Strong < before.Strong || after.Weak < before.Weak {
			t.Fatalf("%s with %d and %d became %s with %d and %d", before.Outcome, before.Strong, before.Weak,
				after.Outcome, after.Strong, after.Weak)
		}
	})
}

// TestAKindThatIsOffIsNotThere: taking it out of every use changes nothing.
// covers: 003-12
func TestAKindThatIsOffIsNotThere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, p, f := drawRequest(t), drawPolicy(t), drawFacts(t, everyKind)
		without := f
		without.Uses = slices.Clone(f.Uses)
		for n, u := range without.Uses {
			without.Uses[n].Same = slices.DeleteFunc(slices.Clone(u.Same), func(k identity.Kind) bool {
				return slices.Contains(identity.Counted(), k) && !slices.Contains(p.Signals, k)
			})
		}
		if diff := cmp.Diff(Decide(r, p, f), Decide(r, p, without)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestReplayWritesTheSameBytes: what is stored decides as what was known, in whatever order it was known, and another
// version of the policy decides by itself.
func TestReplayWritesTheSameBytes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, p, f := drawRequest(t), drawPolicy(t), drawFacts(t, everyKind)
		f = f.Bounded(r)
		want := encoded(t, EncodeAnswer, Decide(r, p, f))
		request, known, policy := encoded(t, EncodeRequest, r), encoded(t, EncodeFacts, f), encoded(t, EncodePolicy, p)
		mixed := f
		mixed.Uses = slices.Clone(f.Uses)
		mixed.Held = slices.Clone(f.Held)
		chance := rand.New(rand.NewSource(int64(len(known)))) //nolint:gosec // a test
		chance.Shuffle(len(mixed.Uses), func(i, j int) { mixed.Uses[i], mixed.Uses[j] = mixed.Uses[j], mixed.Uses[i] })
		chance.Shuffle(len(mixed.Held), func(i, j int) { mixed.Held[i], mixed.Held[j] = mixed.Held[j], mixed.Held[i] })
		if diff := cmp.Diff(Decide(r, p, f), Decide(r, p, mixed)); diff != "" {
			t.Fatalf("in another order it is otherwise: %s", diff)
		}
		if again := encoded(t, EncodeFacts, mixed); !bytes.Equal(again, known) {
			t.Fatalf("facts in another order are written as\n%s\nand not as\n%s", again, known)
		}
		stored, err := DecodePolicy(policy)
		if err != nil {
			t.Fatal(err)
		}
		{
			_, got, err := Again(request, known, stored)
			expect.MustEqual(t, "err", err, nil, got, want)
			expect.MustThat(t, "bytes.Equal(got, want)", bytes.Equal(got, want), got, want)
		}
		other := drawPolicy(t)
		a, _, err := Again(request, known, other)
		if diff := cmp.Diff(Decide(r, other, f), a); err != nil || diff != "" {
			t.Fatalf("another version: %v, %s", err, diff)
		}
	})
}

func encoded[T any](t interface{ Fatal(...any) }, encode func(T) ([]byte, error), v T) []byte {
	text, err := encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestBoundedFactsDecideTheSame: however many uses there are, what is kept of them comes to the same under any policy.
func TestBoundedFactsDecideTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, f := drawRequest(t), drawFacts(t, everyKind)
		n := rapid.IntRange(0, 300).Draw(t, "in an office")
		same := drawKinds(t, everyKind, "in common")
		for i := range n {
			f.Uses = append(f.Uses, PastUse{OrderID: fmt.Sprint("o", i), At: noon.Add(-time.Duration(i) * time.Hour),
				Same: same, Void: i%7 == 0})
		}
		kept := f.Bounded(r)
		if len(kept.Uses)+kept.Left != len(f.Uses) || len(kept.Uses) > 12+MaxUsesPerPerson+5 {
			t.Fatalf("of %d uses %d are kept and %d left out", len(f.Uses), len(kept.Uses), kept.Left)
		}
		if diff := cmp.Diff(kept, kept.Bounded(r)); diff != "" {
			t.Fatalf("bounded twice: %s", diff)
		}
		p := drawPolicy(t)
		p.UsesPerPerson = rapid.IntRange(0, MaxUsesPerPerson).Draw(t, "a person's uses")
		all, some := Decide(r, p, f), Decide(r, p, kept)
		all.Matched, some.Matched = min(all.Matched, 50), min(some.Matched, 50)
		if diff := cmp.Diff(all, some); diff != "" {
			t.Fatal(diff)
		}
	})
}
