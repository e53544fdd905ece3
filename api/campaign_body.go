package api

import (
	"cmp"
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
	Status     string         `json:"status" enum:"draft,live,paused,ended" doc:"How it stands now: a live campaign is paused before its start, and one whose end has passed has ended"`
	StatusSet  string         `json:"status_set" enum:"draft,live,paused,ended" doc:"What it was moved to, whatever its window makes of that"`
	BuiltIn    bool           `json:"built_in" doc:"true: always there, and nobody pauses or ends it here"`
	Offer      OfferBody      `json:"offer"`
	Protection ProtectionBody `json:"protection"`
	Points     *PointsTerms   `json:"points_terms,omitempty" doc:"What coupons for points give; only of the campaign of points, and set by the settings"`
	MadeAt     time.Time      `json:"made_at"`
}

// ProtectionBody is the newest version of a campaign's rules.
type ProtectionBody struct {
	Version int `json:"version"`
	ProtectionRules
}

// ProtectionRules are rules without their version: what a new campaign can be made with.
type ProtectionRules struct {
	Preset           string          `json:"preset" enum:"basic,medium,high,custom"`
	Mode             string          `json:"mode" enum:"off,shadow,enforce" doc:"off: nothing is decided. shadow: decided and kept, nothing is refused. enforce: refusals count"`
	Signals          []string        `json:"signals" nullable:"false" doc:"The kinds that are counted"`
	Alone            []string        `json:"alone" nullable:"false" doc:"Those of them of which one is enough"`
	Threshold        int             `json:"threshold" doc:"How many of the others must be the same"`
	UsesPerPerson    int             `json:"uses_per_person" doc:"How often one person may use codes of the campaign; 0 for no limit"`
	UsesInAll        int             `json:"uses_in_all" doc:"How often its codes may be used in all; 0 for no limit"`
	UsesPerCode      int             `json:"uses_per_code" doc:"How often one code may be used; 0 for no limit"`
	Conditions       []ConditionBody `json:"conditions" nullable:"false" doc:"What a buyer and a cart must be like; all must hold"`
	Unanswered       string          `json:"unanswered" enum:"refuse,allow" doc:"What is done where nobody can tell whether a condition holds"`
	Currencies       []string        `json:"currencies" nullable:"false" doc:"Those of carts that may use a code; none for all"`
	NewCustomersOnly bool            `json:"new_customers_only"`
	Weak             WeakBody        `json:"weak"`
	Messages         []MessageBody   `json:"messages" nullable:"false" doc:"The campaign's own texts for customers, instead of the standard ones"`
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
	Reason   string `json:"reason" enum:"already_used,new_customers_only,wrong_currency,not_your_code,code_not_valid,campaign_paused,campaign_ended,not_eligible,not_started,account_required,audience_not_met,bought_recently,minimum_not_met,wrong_market,cart_not_eligible,usage_limit_reached,code_limit_reached,could_not_check"`
	Language string `json:"language" enum:"ja,en"`
	Text     string `json:"text" minLength:"1" maxLength:"300"`
}

func (a *API) campaignOf(c campaigns.Campaign) CampaignBody {
	b := CampaignBody{Key: c.Key, Prefix: given(c.Prefix), Status: string(c.StatusAt(a.deps.Now())),
		StatusSet: string(c.Status), BuiltIn: c.BuiltIn(), Offer: offerOf(c.Offer), Protection: protectionOf(c.Policy),
		MadeAt: c.MadeAt.UTC()}
	if c.BuiltIn() {
		b.Points = pointsTermsOf(a.deps.Identity.Points)
	}
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
	b := ProtectionBody{Version: p.Version, ProtectionRules: ProtectionRules{Preset: string(p.Preset),
		Mode: string(p.Mode), Signals: words(p.Signals), Alone: words(p.Alone), Threshold: p.Threshold,
		UsesPerPerson: p.UsesPerPerson, UsesInAll: p.UsesInAll, UsesPerCode: p.UsesPerCode,
		Conditions: conditionsOf(p.Conditions), Unanswered: string(cmp.Or(p.Unanswered, decisions.UnansweredRefuse)),
		Currencies: append([]string{}, p.Currencies...), NewCustomersOnly: p.NewCustomersOnly, Weak: WeakBody(p.Weak),
		Messages: make([]MessageBody, 0, len(p.Messages))}}
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
	Preset           *string         `json:"preset,omitempty" enum:"basic,medium,high,custom" doc:"basic, medium and high bring their own signals; custom keeps those that there are, or takes the ones given"`
	Mode             *string         `json:"mode,omitempty" enum:"off,shadow,enforce"`
	Signals          []string        `json:"signals,omitempty" maxItems:"5" enum:"email,phone,address,ip,device"`
	Alone            []string        `json:"alone,omitempty" maxItems:"5" enum:"email,phone,address,ip,device"`
	Threshold        *int            `json:"threshold,omitempty" minimum:"1" maximum:"5"`
	UsesPerPerson    *int            `json:"uses_per_person,omitempty" minimum:"0" maximum:"50"`
	UsesInAll        *int            `json:"uses_in_all,omitempty" minimum:"0" maximum:"100000000"`
	UsesPerCode      *int            `json:"uses_per_code,omitempty" minimum:"0" maximum:"100000000"`
	Conditions       []ConditionBody `json:"conditions,omitempty" maxItems:"20" doc:"All of them"`
	Unanswered       *string         `json:"unanswered,omitempty" enum:"refuse,allow"`
	Currencies       []string        `json:"currencies,omitempty" maxItems:"50"`
	NewCustomersOnly *bool           `json:"new_customers_only,omitempty"`
	Weak             *WeakChange     `json:"weak,omitempty"`
	Messages         []MessageBody   `json:"messages,omitempty" maxItems:"64" doc:"All of them: what is left out falls back to the standard text"`
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
	set(&p.UsesInAll, c.UsesInAll)
	set(&p.UsesPerCode, c.UsesPerCode)
	if c.Conditions != nil {
		p.Conditions = c.conditions()
	}
	set(&p.Unanswered, (*decisions.Unanswered)(c.Unanswered))
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
