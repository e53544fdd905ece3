package decisions_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/test/expect"
)

// TestPresetsAreGoodPolicies: each is complete, and stays what it is when it is settled again.
func TestPresetsAreGoodPolicies(t *testing.T) {
	t.Parallel()
	for _, preset := range []Preset{Basic, Medium, High} {
		p := NewPolicy(preset)
		if faults := p.Faults(); len(faults) > 0 || p.Mode != Shadow || p.UsesPerPerson != 1 {
			t.Errorf("%s is in mode %s with faults %v", preset, p.Mode, faults)
		}
		if diff := cmp.Diff(p, p.Settled()); diff != "" {
			t.Error(diff)
		}
	}
	p := NewPolicy(Medium)
	p.Signals, p.Threshold = identity.Counted(), 5
	if diff := cmp.Diff(NewPolicy(Medium), p.Settled()); diff != "" {
		t.Errorf("a preset has signals of its own: %s", diff)
	}
}

// TestPolicyFaultsAreAllNamed: each with the field that it is in.
// covers: 003-11, 003-12
func TestPolicyFaultsAreAllNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*Policy)
		want   []Fault
	}{
		{"nothing", func(*Policy) {}, nil},
		{"no preset", func(p *Policy) { p.Preset = "strict" }, []Fault{{"preset", RuleUnknown}}},
		{"no mode", func(p *Policy) { p.Mode = "" }, []Fault{{"mode", RuleUnknown}}},
		{"a name counts", func(p *Policy) { p.Signals = append(p.Signals, identity.Name) },
			[]Fault{{"signals", RuleUnknown}}},
		{"a kind twice", func(p *Policy) { p.Signals = append(p.Signals, identity.IP) },
			[]Fault{{"signals", RuleTwice}}},
		{"nothing is on", func(p *Policy) { p.Signals = nil }, []Fault{{"signals", RuleNotThere}}},
		{"nothing is on, and nothing is decided", func(p *Policy) { p.Signals, p.Mode = nil, Off }, nil},
		{"the customer counts alone", func(p *Policy) { p.Alone = kinds(identity.Customer) },
			[]Fault{{"alone", RuleUnknown}}},
		{"alone twice", func(p *Policy) { p.Alone = kinds(identity.IP, identity.IP) }, []Fault{{"alone", RuleTwice}}},
		{"alone and off", func(p *Policy) {
			p.Signals, p.Alone = kinds(identity.Email, identity.Phone), kinds(identity.IP)
		}, []Fault{{"alone", RuleNotOn}}},
		{"no threshold", func(p *Policy) { p.Threshold = 0 }, []Fault{{"threshold", RuleRange}}},
		{"a high threshold", func(p *Policy) { p.Threshold = 6 }, []Fault{{"threshold", RuleRange}}},
		{"more than is on", func(p *Policy) { p.Signals = kinds(identity.Email) },
			[]Fault{{"threshold", RuleThreshold}}},
		{"uses below nothing", func(p *Policy) { p.UsesPerPerson = -1 }, []Fault{{"uses_per_person", RuleRange}}},
		{"more uses than are kept", func(p *Policy) { p.UsesPerPerson = MaxUsesPerPerson + 1 },
			[]Fault{{"uses_per_person", RuleRange}}},
		{"a currency's name", func(p *Policy) { p.Currencies = []string{"yen"} }, []Fault{{"currencies", RuleForm}}},
		{"a currency twice", func(p *Policy) { p.Currencies = []string{"JPY", "JPY"} },
			[]Fault{{"currencies", RuleTwice}}},
		{"weak out of range", func(p *Policy) { p.Weak.WithinMinutes, p.Weak.EmailsPerIP = 1441, -1 },
			[]Fault{{"weak.within_minutes", RuleRange}, {"weak.emails_per_ip", RuleRange}}},
		{"messages", func(p *Policy) {
			p.Messages = []Message{{"because", "fr", " "}, {ReasonAlreadyUsed, "ja", strings.Repeat("あ", 301)},
				{ReasonAlreadyUsed, "ja", "a\nb"}}
		}, []Fault{{"messages.reason", RuleUnknown}, {"messages.language", RuleUnknown},
			{"messages.text", RuleNeeded}, {"messages.text", RuleTooLong}, {"messages.text", RuleForm},
			{"messages", RuleTwice}}},
	} {
		p := exact()
		c.change(&p)
		expect.Equal(t, "cmp.Diff(c.want, p.Faults())", cmp.Diff(c.want, p.Faults()), "", c.name)
	}
}

// TestMessagesOfACampaign: its own text where it has one.
// covers: 003-09
func TestMessagesOfACampaign(t *testing.T) {
	t.Parallel()
	p := exact()
	p.Messages = []Message{{ReasonAlreadyUsed, "en", "Once is enough."}}
	expect.Equal(t, `p.MessageFor(ReasonAlreadyUsed, "en")`, p.MessageFor(ReasonAlreadyUsed, "en"), "Once is enough.")
	got := p.MessageFor(ReasonAlreadyUsed, "ja") + p.MessageFor(ReasonNotEligible, "en")
	expect.Equal(t, "got", got, "")
}

func TestAConditionNamesAMetafield(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 256)
	for key, good := range map[string]bool{"custom.rank": true, "$app:loyalty.rank": true, long[:255] + "." + long[:64]: true,
		long + ".rank": false, "custom." + long[:65]: false, "custom": false, ".rank": false, "custom.": false, "a.b.c": false} {
		p := NewPolicy(Basic)
		p.Conditions = []Condition{{Need: NeedMetafield, Key: key, Values: []string{"gold"}}}
		expect.Equal(t, "it is one", len(p.Faults()) == 0, good, key, p.Faults())
	}
}
