package api

import (
	"time"

	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// NamesBody is what a campaign is called in each language; one is enough.
type NamesBody struct {
	JA string `json:"ja,omitempty" maxLength:"80"`
	EN string `json:"en,omitempty" maxLength:"80"`
}

// CampaignBody is a family of codes under one set of rules.
type CampaignBody struct {
	Key        string         `json:"key"`
	Names      NamesBody      `json:"names"`
	Prefix     *string        `json:"prefix" doc:"What its codes begin with; null for the campaign of points"`
	Status     string         `json:"status" enum:"draft,live,paused,ended"`
	BuiltIn    bool           `json:"built_in" doc:"true: always there, and nobody pauses or ends it here"`
	Protection ProtectionBody `json:"protection"`
	MadeAt     time.Time      `json:"made_at"`
	// Points is set where one campaign is asked for.
	Points *PointsTermsBody `json:"points,omitempty" doc:"The rules of the campaign of points, which are the configuration's; only of that one, asked for by itself"`
}

// ProtectionBody is the newest version of a campaign's rules.
type ProtectionBody struct {
	Version          int           `json:"version"`
	Preset           string        `json:"preset" enum:"basic,medium,high,custom"`
	Mode             string        `json:"mode" enum:"off,shadow,enforce" doc:"off: nothing is decided. shadow: decided and kept, nothing is refused. enforce: refusals count"`
	Signals          []string      `json:"signals" nullable:"false" doc:"The kinds that are counted"`
	Alone            []string      `json:"alone" nullable:"false" doc:"Those of them of which one is enough"`
	Threshold        int           `json:"threshold" doc:"How many of the others must be the same"`
	UsesPerPerson    int           `json:"uses_per_person" doc:"How often one person may use codes of the campaign; 0 for no limit"`
	Currencies       []string      `json:"currencies" nullable:"false" doc:"Those of carts that may use a code; none for all"`
	NewCustomersOnly bool          `json:"new_customers_only"`
	Weak             WeakBody      `json:"weak"`
	Messages         []MessageBody `json:"messages" nullable:"false" doc:"The campaign's own texts for customers, instead of the standard ones"`
}

// WeakBody says which weak signals are looked at. They raise the score and flag at most.
type WeakBody struct {
	DisposableDomain bool `json:"disposable_domain" doc:"An e-mail of a domain for throw-away mailboxes"`
	SimilarName      bool `json:"similar_name" doc:"The same name beside a signal that is the same"`
	WithinMinutes    int  `json:"within_minutes" minimum:"0" maximum:"1440" doc:"An earlier use so close that shares a signal; 0 for never"`
	EmailsPerIP      int  `json:"emails_per_ip" minimum:"0" maximum:"100" doc:"So many other e-mails of a day from one network address; 0 for never"`
}

// MessageBody is a text for customers.
type MessageBody struct {
	Reason   string `json:"reason" enum:"already_used,new_customers_only,wrong_currency,not_your_code,code_not_valid,campaign_paused,campaign_ended,not_eligible"`
	Language string `json:"language" enum:"ja,en"`
	Text     string `json:"text" minLength:"1" maxLength:"300"`
}

func campaignOf(c campaigns.Campaign) CampaignBody {
	b := CampaignBody{Key: c.Key, Prefix: given(c.Prefix), Status: string(c.Status), BuiltIn: c.BuiltIn(),
		Protection: protectionOf(c.Policy), MadeAt: c.MadeAt.UTC()}
	for _, n := range c.Names {
		if n.Language == "ja" {
			b.Names.JA = n.Text
		} else {
			b.Names.EN = n.Text
		}
	}
	return b
}

func (b NamesBody) names() (list []campaigns.Name) {
	if b.JA != "" {
		list = append(list, campaigns.Name{Language: "ja", Text: b.JA})
	}
	if b.EN != "" {
		list = append(list, campaigns.Name{Language: "en", Text: b.EN})
	}
	return list
}

func protectionOf(p decisions.Policy) ProtectionBody {
	b := ProtectionBody{Version: p.Version, Preset: string(p.Preset), Mode: string(p.Mode), Signals: words(p.Signals),
		Alone: words(p.Alone), Threshold: p.Threshold, UsesPerPerson: p.UsesPerPerson,
		Currencies: append([]string{}, p.Currencies...), NewCustomersOnly: p.NewCustomersOnly, Weak: WeakBody(p.Weak),
		Messages: make([]MessageBody, 0, len(p.Messages))}
	for _, m := range p.Messages {
		b.Messages = append(b.Messages, MessageBody{string(m.Reason), m.Language, m.Text})
	}
	return b
}

func words(kinds []identity.Kind) []string {
	list := make([]string, 0, len(kinds))
	for _, k := range kinds {
		list = append(list, string(k))
	}
	return list
}

// ProtectionChange is what of a campaign's rules is to be otherwise.
type ProtectionChange struct {
	Preset           *string       `json:"preset,omitempty" enum:"basic,medium,high,custom" doc:"basic, medium and high bring their own signals; custom keeps those that there are, or takes the ones given"`
	Mode             *string       `json:"mode,omitempty" enum:"off,shadow,enforce"`
	Signals          []string      `json:"signals,omitempty" maxItems:"5" enum:"email,phone,address,ip,device"`
	Alone            []string      `json:"alone,omitempty" maxItems:"5" enum:"email,phone,address,ip,device"`
	Threshold        *int          `json:"threshold,omitempty" minimum:"1" maximum:"5"`
	UsesPerPerson    *int          `json:"uses_per_person,omitempty" minimum:"0" maximum:"50"`
	Currencies       []string      `json:"currencies,omitempty" maxItems:"50"`
	NewCustomersOnly *bool         `json:"new_customers_only,omitempty"`
	Weak             *WeakChange   `json:"weak,omitempty"`
	Messages         []MessageBody `json:"messages,omitempty" maxItems:"16" doc:"All of them: what is left out falls back to the standard text"`
}

// WeakChange is what of the weak signals is to be otherwise.
type WeakChange struct {
	DisposableDomain *bool `json:"disposable_domain,omitempty"`
	SimilarName      *bool `json:"similar_name,omitempty"`
	WithinMinutes    *int  `json:"within_minutes,omitempty" minimum:"0" maximum:"1440"`
	EmailsPerIP      *int  `json:"emails_per_ip,omitempty" minimum:"0" maximum:"100"`
}

// onto gives a policy with the change. Signals of one's own ask for the preset custom, unless it is said.
func (c *ProtectionChange) onto(p decisions.Policy) decisions.Policy {
	if c == nil {
		return p
	}
	set(&p.Preset, (*decisions.Preset)(c.Preset))
	if c.Preset == nil && (c.Signals != nil || c.Alone != nil || c.Threshold != nil) {
		p.Preset = decisions.Custom
	}
	set(&p.Mode, (*decisions.Mode)(c.Mode))
	setKinds(&p.Signals, c.Signals)
	setKinds(&p.Alone, c.Alone)
	set(&p.Threshold, c.Threshold)
	set(&p.UsesPerPerson, c.UsesPerPerson)
	if c.Currencies != nil {
		p.Currencies = c.Currencies
	}
	set(&p.NewCustomersOnly, c.NewCustomersOnly)
	if w := c.Weak; w != nil {
		set(&p.Weak.DisposableDomain, w.DisposableDomain)
		set(&p.Weak.SimilarName, w.SimilarName)
		set(&p.Weak.WithinMinutes, w.WithinMinutes)
		set(&p.Weak.EmailsPerIP, w.EmailsPerIP)
	}
	if c.Messages != nil {
		p.Messages = make([]decisions.Message, 0, len(c.Messages))
		for _, m := range c.Messages {
			p.Messages = append(p.Messages, decisions.Message{Reason: decisions.Reason(m.Reason), Language: m.Language,
				Text: m.Text})
		}
	}
	return p
}

func set[T any](field, to *T) {
	if to != nil {
		*field = *to
	}
}

func setKinds(field *[]identity.Kind, to []string) {
	if to == nil {
		return
	}
	*field = make([]identity.Kind, 0, len(to))
	for _, k := range to {
		*field = append(*field, identity.Kind(k))
	}
}
