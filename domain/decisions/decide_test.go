package decisions_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/test/expect"
)

// TestTwoOfFiveRefuseExactly: of all 32 combinations of the five kinds those with two or more are refused, those with
// one are flagged, and the one with none passes.
// covers: 003-10, 003-13
func TestTwoOfFiveRefuseExactly(t *testing.T) {
	t.Parallel()
	for mask := range 1 << len(identity.Counted()) {
		var same []identity.Kind
		for n, k := range identity.Counted() {
			if mask>>n&1 == 1 {
				same = append(same, k)
			}
		}
		want := map[int]Outcome{0: Allow, 1: AllowFlagged}[len(same)]
		if len(same) >= 2 {
			want = Refuse
		}
		a := Decide(asked(), exact(), facts(same))
		if a.Outcome != want || a.Strong != len(same) || a.Threshold != 2 || len(a.Signals) != len(same) {
			t.Errorf("%v: %s with %d of %d and %d signals, want %s", same, a.Outcome, a.Strong, a.Threshold,
				len(a.Signals), want)
		}
		if (a.Reason == ReasonAlreadyUsed) != (want == Refuse) {
			t.Errorf("%v: the reason is %q", same, a.Reason)
		}
	}
}

// TestPresetsCountWhatTheySay walks all 32 combinations under each preset.
// covers: 003-21, 003-12
func TestPresetsCountWhatTheySay(t *testing.T) {
	t.Parallel()
	on := map[Preset][]identity.Kind{
		Basic:  {identity.Email},
		Medium: {identity.Email, identity.Phone, identity.Address},
		High:   identity.Counted(),
	}
	for preset, signals := range on {
		for mask := range 1 << len(identity.Counted()) {
			var same []identity.Kind
			counted, email := 0, false
			for n, k := range identity.Counted() {
				if mask>>n&1 == 0 {
					continue
				}
				same = append(same, k)
				for _, s := range signals {
					if s == k {
						counted++
						email = email || k == identity.Email
					}
				}
			}
			want := Allow
			if counted > 0 {
				want = AllowFlagged
			}
			if email || counted >= 2 {
				want = Refuse
			}
			if a := Decide(asked(), enforced(preset), facts(same)); a.Outcome != want {
				t.Errorf("%s, the same %v: %s, want %s", preset, same, a.Outcome, want)
			}
		}
	}
}

// TestMatrixOfPeople is the matrix by name: who buys, and what of them was seen before.
// covers: 001-34, 003-24
func TestMatrixOfPeople(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		same   []identity.Kind
		change func(*Request, *Policy)
		want   Outcome
		reason Reason
	}{
		{"a guest nobody knows", nil, nil, Allow, ""},
		{"a guest with an e-mail that was here", kinds(identity.Email), nil, Refuse, ReasonAlreadyUsed},
		{"a logged-in customer who was here", kinds(identity.Customer), nil, Refuse, ReasonAlreadyUsed},
		{"a logged-in customer whose every signal is new", kinds(identity.Customer, identity.Name), nil, Refuse,
			ReasonAlreadyUsed},
		// An alias has the canonical form of its mailbox, so that it is the same e-mail.
		{"a new account under an alias", kinds(identity.Email, identity.Name), nil, Refuse, ReasonAlreadyUsed},
		{"another e-mail at a known address", kinds(identity.Address), nil, AllowFlagged, ""},
		{"another e-mail at a known address with a known phone", kinds(identity.Address, identity.Phone), nil, Refuse,
			ReasonAlreadyUsed},
		{"the market's currency is one of the campaign's", nil, func(_ *Request, p *Policy) {
			p.Currencies = []string{"JPY", "USD"}
		}, Allow, ""},
		{"another market's currency", nil, func(r *Request, p *Policy) {
			r.Currency, p.Currencies = "EUR", []string{"JPY", "USD"}
		}, Refuse, ReasonWrongCurrency},
		{"a known guest in another market", kinds(identity.Email), func(r *Request, p *Policy) {
			r.Currency, p.Currencies = "USD", []string{"JPY", "USD"}
		}, Refuse, ReasonAlreadyUsed},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, p := asked(), enforced(Medium)
			if c.change != nil {
				c.change(&r, &p)
			}
			if a := Decide(r, p, facts(c.same)); a.Outcome != c.want || a.Reason != c.reason || !a.Enforced {
				t.Errorf("%s %q, enforced %v, want %s %q", a.Outcome, a.Reason, a.Enforced, c.want, c.reason)
			}
		})
	}
}

// TestOneOfficeAndOneLocker: fifty people behind one IP pass, and fifty at one locker's address; what both together do
// depends on the preset.
// covers: T-08, 003-05
func TestOneOfficeAndOneLocker(t *testing.T) {
	t.Parallel()
	fifty := func(same ...identity.Kind) Facts {
		f := facts()
		for n := range 50 {
			u := used(n, same...)
			u.OrderID = fmt.Sprintf("gid://shopify/Order/%d", n)
			f.Uses = append(f.Uses, u)
		}
		return f
	}
	for _, preset := range []Preset{Basic, Medium, High} {
		p := enforced(preset)
		p.Weak = WeakSettings{DisposableDomain: true, SimilarName: true, WithinMinutes: 1440, EmailsPerIP: 1}
		for _, alone := range []identity.Kind{identity.IP, identity.Address} {
			f := fifty(alone)
			f.EmailsPerIP = 49
			if a := Decide(asked(), p, f); a.Outcome == Refuse || a.Reason != "" {
				t.Errorf("%s: fifty others with the same %s, and it is refused as %s", preset, alone, a.Reason)
			}
		}
	}
	for preset, want := range map[Preset]Outcome{Basic: Allow, Medium: AllowFlagged, High: Refuse} {
		if a := Decide(asked(), enforced(preset), fifty(identity.IP, identity.Address)); a.Outcome != want {
			t.Errorf("%s: IP and address together are %s, want %s", preset, a.Outcome, want)
		}
	}
}

// TestWhatDoesNotCount: a void use, the same order, and a pair that a person allowed count for nothing, not even for a
// doubt; an order is judged by those before it.
// covers: 003-22, 003-08
func TestWhatDoesNotCount(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Request, *PastUse){
		"a void use":     func(_ *Request, u *PastUse) { u.Void = true },
		"an allowed one": func(_ *Request, u *PastUse) { u.Allowed = true },
		"the same order": func(r *Request, u *PastUse) { r.Stage, r.OrderID = StageOrder, u.OrderID },
		"a later order": func(r *Request, u *PastUse) {
			r.Stage, r.OrderID, u.At = StageOrder, "gid://shopify/Order/0", noon.Add(1)
		},
		"an order of the same moment": func(r *Request, _ *PastUse) {
			r.Stage, r.OrderID, r.At = StageOrder, "gid://shopify/Order/0", noon.AddDate(0, 0, -1)
		},
	} {
		r, f := asked(), facts(kinds(identity.Customer, identity.Email))
		change(&r, &f.Uses[0])
		want := Answer{Outcome: Allow, Threshold: 2, PolicyVersion: 1, Enforced: true, Signals: []Signal{}}
		diff := cmp.Diff(want, Decide(r, enforced(High), f))
		expect.Equal(t, "diff", diff, "", name)
	}
	r := asked()
	r.Stage, r.OrderID = StageOrder, "gid://shopify/Order/Z"
	if a := Decide(r, enforced(High), facts(kinds(identity.Email))); a.Reason != ReasonAlreadyUsed {
		t.Errorf("an order after another of the same person is %s", a.Outcome)
	}
}

// TestUsesPerPerson: who may use codes twice is refused the third time, and flagged where the doubtful ones would make
// it so; without a limit nobody is refused for uses.
func TestUsesPerPerson(t *testing.T) {
	t.Parallel()
	sure, doubt := kinds(identity.Customer), kinds(identity.Phone)
	for _, c := range []struct {
		limit int
		same  [][]identity.Kind
		want  Outcome
	}{
		{2, [][]identity.Kind{sure}, Allow},
		{2, [][]identity.Kind{sure, sure}, Refuse},
		{2, [][]identity.Kind{sure, doubt}, AllowFlagged},
		{2, [][]identity.Kind{doubt}, Allow},
		{2, [][]identity.Kind{doubt, doubt}, AllowFlagged},
		{3, [][]identity.Kind{sure, sure, nil}, Allow},
		{0, [][]identity.Kind{sure, sure, sure, doubt}, Allow},
		{1, [][]identity.Kind{doubt}, AllowFlagged},
	} {
		p := enforced(Medium)
		p.UsesPerPerson = c.limit
		if a := Decide(asked(), p, facts(c.same...)); a.Outcome != c.want {
			t.Errorf("%d uses a person, after %v: %s, want %s", c.limit, c.same, a.Outcome, c.want)
		}
	}
}

// TestEachReason: the first broken rule is the reason, whatever else is broken.
func TestEachReason(t *testing.T) {
	t.Parallel()
	three := 3
	breaks := []struct {
		reason Reason
		by     func(*Request, *Policy, *Facts)
	}{
		{ReasonCampaignEnded, func(_ *Request, _ *Policy, f *Facts) { f.Campaign = CampaignEnded }},
		{ReasonNotStarted, func(_ *Request, _ *Policy, f *Facts) {
			if f.Campaign == CampaignLive {
				f.Campaign = CampaignNotStarted
			}
		}},
		{ReasonCampaignPaused, func(_ *Request, _ *Policy, f *Facts) {
			if f.Campaign == CampaignLive {
				f.Campaign = CampaignPaused
			}
		}},
		{ReasonCodeNotValid, func(_ *Request, _ *Policy, f *Facts) { f.Code = CodeExpired }},
		{ReasonNotYourCode, func(_ *Request, _ *Policy, f *Facts) { f.Owner = OwnerOther }},
		{ReasonWrongCurrency, func(_ *Request, p *Policy, _ *Facts) { p.Currencies = []string{"USD"} }},
		{ReasonNewCustomersOnly, func(r *Request, p *Policy, _ *Facts) {
			r.OrdersBefore, p.NewCustomersOnly = &three, true
		}},
		{ReasonAccountRequired, breaks1(Condition{Need: NeedAccount}, No)},
		{ReasonAudienceNotMet, breaks1(Condition{Need: NeedTagsAny, Values: []string{"vip"}}, No)},
		{ReasonBoughtRecently, breaks1(Condition{Need: NeedNotBought, Values: []string{product}, Number: 180}, No)},
		{ReasonMinimumNotMet, breaks1(Condition{Need: NeedMinimum, Key: "JPY", Number: 3000}, No)},
		{ReasonWrongMarket, breaks1(Condition{Need: NeedMarkets, Values: []string{"JP"}}, No)},
		{ReasonCartNotEligible, breaks1(Condition{Need: NeedCompanion, Values: []string{product}}, No)},
		{ReasonNotEligible, func(_ *Request, _ *Policy, f *Facts) { f.Blocked = true }},
		{ReasonUsageLimit, func(_ *Request, p *Policy, f *Facts) { p.UsesInAll, f.UsesInAll = 100, number(100) }},
		{ReasonCodeLimit, func(_ *Request, p *Policy, f *Facts) { p.UsesPerCode, f.UsesOfCode = 2, number(3) }},
		{ReasonAlreadyUsed, func(_ *Request, _ *Policy, f *Facts) { f.Uses = facts(kinds(identity.Customer)).Uses }},
		{ReasonCouldNotCheck, breaks1(Condition{Need: NeedSegment, Values: []string{"gid://shopify/Segment/1"}}, Unknown)},
	}
	if len(breaks) != len(Reasons()) {
		t.Errorf("%d of %d reasons are shown here", len(breaks), len(Reasons()))
	}
	for first := range breaks {
		r, p, f := asked(), enforced(Medium), facts()
		for _, b := range breaks[first:] {
			b.by(&r, &p, &f)
		}
		a := Decide(r, p, f)
		if a.Outcome != Refuse || a.Reason != breaks[first].reason {
			t.Errorf("%s %q, want %q", a.Outcome, a.Reason, breaks[first].reason)
		}
		if a.Reason == ReasonCouldNotCheck {
			continue
		}
		if len(a.Signals) != 1 || a.Signals[0].Strength != Decisive || a.Signals[0].Matched[0].Order != "#B" {
			t.Errorf("%s: the signals are %v", a.Reason, a.Signals)
		}
	}
}

// TestWhatIsNotKnownIsNotHeldAgainstAnybody: a code's owner who has not signed in, a cart without a currency, a guest
// whose orders nobody has counted.
func TestWhatIsNotKnownIsNotHeldAgainstAnybody(t *testing.T) {
	t.Parallel()
	r, p, f := asked(), enforced(Medium), facts()
	p.NewCustomersOnly, p.Currencies, r.Currency, f.Owner = true, []string{"USD"}, "", OwnerUnknown
	a := Decide(r, p, f)
	expect.Equal(t, "a.Outcome", a.Outcome, Allow, a.Reason)
	for _, status := range []CampaignStatus{CampaignDraft, CampaignPaused, "", "other"} {
		f.Campaign = status
		if a := Decide(r, p, f); a.Reason != ReasonCampaignPaused {
			t.Errorf("a campaign that is %q: %s %s", status, a.Outcome, a.Reason)
		}
	}
}

// TestWeakSignals: each flags, each raises the score, none refuses, and the orders that they are about are named.
// covers: 003-27, 003-17
func TestWeakSignals(t *testing.T) {
	t.Parallel()
	near := facts(kinds(identity.IP, identity.Name))
	near.Uses[0].At = noon.Add(-9 * 60e9)
	many := facts()
	many.EmailsPerIP = 10
	for _, c := range []struct {
		name     string
		settings WeakSettings
		facts    Facts
		throw    bool
		want     []SignalKind
	}{
		{"a throw-away mailbox", WeakSettings{DisposableDomain: true}, facts(), true,
			[]SignalKind{SignalDisposable}},
		{"a throw-away mailbox, and nobody asks", WeakSettings{}, facts(), true, nil},
		{"a name beside an IP", WeakSettings{SimilarName: true}, near, false,
			[]SignalKind{"ip", "name"}},
		{"a name alone", WeakSettings{SimilarName: true}, facts(kinds(identity.Name)), false, nil},
		{"nine minutes apart", WeakSettings{WithinMinutes: 9}, near, false, []SignalKind{"ip", SignalCloseBy}},
		{"nine minutes are not eight", WeakSettings{WithinMinutes: 8}, near, false, []SignalKind{"ip"}},
		{"many e-mails", WeakSettings{EmailsPerIP: 10}, many, false, []SignalKind{SignalManyEmails}},
		{"not so many", WeakSettings{EmailsPerIP: 11}, many, false, nil},
	} {
		r, p := asked(), enforced(High)
		p.Weak, r.DisposableDomain = c.settings, c.throw
		a := Decide(r, p, c.facts)
		var got []SignalKind
		weak := 0
		for _, s := range a.Signals {
			got = append(got, s.Kind)
			if s.Strength == Weak {
				weak++
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" || a.Weak != weak || a.Score() != a.Strong+weak {
			t.Errorf("%s: score %d, %s", c.name, a.Score(), diff)
		}
		flagged := a.Outcome == AllowFlagged
		expect.Equal(t, "flagged", flagged, len(c.want) > 0, c.name, a.Outcome)
		expect.Equal(t, "a.Reason", a.Reason, "", c.name, a.Outcome)
	}
}

// TestSignalsNameOrders: the newest ten, with time and code, and of a kind that is off none.
// covers: 003-17, 003-12
func TestSignalsNameOrders(t *testing.T) {
	t.Parallel()
	f := facts()
	for n := range 12 {
		f.Uses = append(f.Uses, used(n+1, identity.Email, identity.IP))
	}
	a := Decide(asked(), enforced(Medium), f)
	if len(a.Signals) != 1 || a.Signals[0].Kind != "email" || a.Signals[0].Strength != Decisive ||
		len(a.Signals[0].Matched) != 10 || a.Matched != 12 || a.Strong != 2 {
		t.Fatalf("%d signals, %d matched, strong %d", len(a.Signals), a.Matched, a.Strong)
	}
	newest := MatchedOrder{Order: "#B", At: noon.AddDate(0, 0, -1), Code: "SUMMER-B"}
	if diff := cmp.Diff(newest, a.Signals[0].Matched[0]); diff != "" {
		t.Error(diff)
	}
}

// TestShadowRefusesNothing: it decides as always, and says that nothing follows.
// covers: 003-14
func TestShadowRefusesNothing(t *testing.T) {
	t.Parallel()
	p := NewPolicy(Medium)
	if a := Decide(asked(), p, facts(kinds(identity.Email))); a.Outcome != Refuse || a.Enforced {
		t.Errorf("%s, enforced %v", a.Outcome, a.Enforced)
	}
}
