package decisions

import (
	"slices"

	"pointbridge/domain/identity"
)

// Preset names a choice of signals. Each switches on more than the one before it.
type Preset string

// The presets.
const (
	Basic  Preset = "basic"
	Medium Preset = "medium"
	High   Preset = "high"
	Custom Preset = "custom"
)

// Presets lists them from the mildest.
func Presets() []Preset { return []Preset{Basic, Medium, High, Custom} }

// Policy is what a decision reads of a campaign's rules, in one version.
type Policy struct {
	Version int    `json:"version"`
	Preset  Preset `json:"preset"`
	Mode    Mode   `json:"mode"`
	// Signals are the kinds that are counted, and Alone those of them of which one is enough. Threshold is how many
	// others must be the same for two appearances to be one person's.
	Signals   []identity.Kind `json:"signals"`
	Alone     []identity.Kind `json:"alone"`
	Threshold int             `json:"threshold"`
	// UsesPerPerson is how often one person may use codes of the campaign; 0 for no limit.
	UsesPerPerson int `json:"uses_per_person"`
	// UsesInAll and UsesPerCode bound the uses of the whole family and of one code of it; 0 for no limit.
	UsesInAll   int `json:"uses_in_all,omitempty"`
	UsesPerCode int `json:"uses_per_code,omitempty"`
	// Conditions must all hold; Unanswered says what is done where that cannot be told.
	Conditions []Condition `json:"conditions,omitempty"`
	Unanswered Unanswered  `json:"unanswered,omitempty"`
	// Currencies are those of carts that may use a code; none for all.
	Currencies       []string     `json:"currencies"`
	NewCustomersOnly bool         `json:"new_customers_only"`
	Weak             WeakSettings `json:"weak"`
	// Messages replace the standard text of a reason.
	Messages []Message `json:"messages"`
}

// WeakSettings say which weak signals are looked at.
type WeakSettings struct {
	DisposableDomain bool `json:"disposable_domain"`
	// SimilarName counts a name beside a kind that is the same, never by itself: many people share theirs.
	SimilarName bool `json:"similar_name"`
	// WithinMinutes is how close an earlier use must be that shares a signal; 0 for never.
	WithinMinutes int `json:"within_minutes"`
	// EmailsPerIP is how many other e-mails of a day make an IP conspicuous; 0 for never.
	EmailsPerIP int `json:"emails_per_ip"`
}

// Message is the text that a campaign has for a reason, instead of the standard one.
type Message struct {
	Reason   Reason `json:"reason"`
	Language string `json:"language"`
	Text     string `json:"text"`
}

// Bounds of a policy. MaxUsesPerPerson also bounds how many uses of one likeness the facts keep, so that a policy of
// another version finds enough of them.
const (
	MaxUsesPerPerson = 50
	MaxMessage       = 300
	MaxUses          = 100_000_000
	maxCurrencies    = 50
	maxMinutes       = 1440
	maxEmails        = 100
)

// NewPolicy is what a campaign starts with under a preset, in shadow: it says what it would refuse, and refuses
// nothing.
func NewPolicy(preset Preset) Policy {
	return Policy{
		Version: 1, Preset: preset, Mode: Shadow, UsesPerPerson: 1, Currencies: []string{}, Messages: []Message{},
		Weak: WeakSettings{DisposableDomain: true, SimilarName: true, WithinMinutes: 10},
	}.Settled()
}

// Settled has the signals of its preset, every list sorted and none missing, so that equal policies are equal bytes.
func (p Policy) Settled() Policy {
	switch p.Preset {
	case Basic:
		p.Signals, p.Alone, p.Threshold = []identity.Kind{identity.Email}, nil, 1
	case Medium:
		p.Signals = []identity.Kind{identity.Email, identity.Phone, identity.Address}
		p.Alone, p.Threshold = []identity.Kind{identity.Email}, 2
	case High:
		p.Signals, p.Alone, p.Threshold = identity.Counted(), []identity.Kind{identity.Email}, 2
	case Custom:
	}
	p.Signals, p.Alone = inOrder(p.Signals), inOrder(p.Alone)
	p.Currencies = append([]string{}, p.Currencies...)
	slices.Sort(p.Currencies)
	p.Conditions = settledConditions(p.Conditions)
	p.Messages = append([]Message{}, p.Messages...)
	slices.SortStableFunc(p.Messages, func(a, b Message) int {
		if a.Reason != b.Reason {
			return slices.Index(Reasons(), a.Reason) - slices.Index(Reasons(), b.Reason)
		}
		if a.Language < b.Language {
			return -1
		}
		return 1
	})
	return p
}

// inOrder keeps every entry, also one that is there twice or is no kind: Faults names those.
func inOrder(kinds []identity.Kind) []identity.Kind {
	sorted := append([]identity.Kind{}, kinds...)
	slices.SortStableFunc(sorted, func(a, b identity.Kind) int {
		return slices.Index(reported(), a) - slices.Index(reported(), b)
	})
	return sorted
}

// MessageFor is the campaign's own text for a reason, in a language; empty where the standard text is said.
func (p Policy) MessageFor(reason Reason, language string) string {
	for _, m := range p.Messages {
		if m.Reason == reason && m.Language == language {
			return m.Text
		}
	}
	return ""
}

func (p Policy) counts(k identity.Kind) bool { return slices.Contains(p.Signals, k) }

// alone tells of a kind that is counted at all whether it is enough by itself.
func (p Policy) alone(k identity.Kind) bool { return p.counts(k) && slices.Contains(p.Alone, k) }
