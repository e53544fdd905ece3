package campaigns

import (
	"time"

	"pointbridge/domain/decisions"
)

// TemplateKey names a template. The strings stand in addresses and never change.
type TemplateKey string

// The templates: an hour's or a weekend's offer to everybody, a first order's, one for good customers, and codes that
// other people spread.
const (
	Flash      TemplateKey = "flash"
	Welcome    TemplateKey = "welcome"
	VIP        TemplateKey = "vip"
	Influencer TemplateKey = "influencer"
)

// TemplateKeys lists them.
func TemplateKeys() []TemplateKey { return []TemplateKey{Flash, Welcome, VIP, Influencer} }

// Template is a whole campaign but for its key, its names and its prefix. Every limit in it is a number, and it has an
// end: whoever takes it as it is makes no code that is good for ever or for everybody.
type Template struct {
	Key    TemplateKey
	Offer  Offer
	Policy decisions.Policy
}

const (
	day = 24 * time.Hour
	// percent is one in a hundred, in the basis points that a percentage is counted in.
	percent = BasisPoints / 100
)

// recommended are the limits that are recommended for a kind of campaign: the requirements ask for them, and
// docs/campaigns-desk.md says why each is what it is. They are a starting point, small enough that a leaked code costs
// little, and meant to be changed by who knows the shop.
type recommended struct {
	codes    Codes
	value    int64 // basis points
	runs     time.Duration
	validity time.Duration // of a personal code
	live     int           // personal codes of one person at once
	inAll    int
	perCode  int
	preset   decisions.Preset
	self     bool
	needs    []decisions.Condition
	messages []decisions.Message
}

var recommendations = map[TemplateKey]recommended{
	Flash: {codes: Shared, value: 10 * percent, runs: 2 * day, inAll: 500, perCode: 500, preset: decisions.Medium},
	Welcome: {codes: Personal, value: 10 * percent, runs: 365 * day, validity: 14 * day, live: 1, inAll: 10_000,
		perCode: 1, preset: decisions.High, self: true,
		needs: []decisions.Condition{{Need: decisions.NeedAccount}, {Need: decisions.NeedOrdersAtMost}}},
	VIP: {codes: Personal, value: 15 * percent, runs: 90 * day, validity: 30 * day, live: 1, inAll: 1_000, perCode: 1,
		preset: decisions.Basic, self: true,
		needs: []decisions.Condition{{Need: decisions.NeedAccount},
			{Need: decisions.NeedTagsAny, Values: []string{"VIP"}}}},
	Influencer: {codes: Shared, value: 10 * percent, runs: 30 * day, inAll: 1_000, perCode: 200,
		preset: decisions.Medium, messages: []decisions.Message{
			{Reason: decisions.ReasonAlreadyUsed, Language: "ja",
				Text: "インフルエンサーの特典は、すでにご利用いただいています。割引なしでご注文いただけます。"},
			{Reason: decisions.ReasonAlreadyUsed, Language: "en",
				Text: "You have already used an influencer promotion. You can complete your order without the discount."}}},
}

// TemplateOf gives a template that begins at a moment; ok is false for a key that there is not. It watches and refuses
// nothing until somebody says otherwise, like every new campaign.
func TemplateOf(key TemplateKey, startsAt time.Time) (t Template, ok bool) {
	r, ok := recommendations[key]
	if !ok {
		return Template{}, false
	}
	p := decisions.NewPolicy(r.preset)
	p.UsesInAll, p.UsesPerCode, p.UsesPerPerson = r.inAll, r.perCode, 1
	p.Unanswered = decisions.UnansweredRefuse
	p.Conditions = append([]decisions.Condition{}, r.needs...)
	p.Messages = append([]decisions.Message{}, r.messages...)
	o := Offer{Codes: r.codes, Value: Value{Kind: Percentage, Range: One(r.value)}, StartsAt: startsAt,
		EndsAt: startsAt.Add(r.runs), SweepAfter: 30}
	if r.codes == Personal {
		o.Validity, o.LivePerPerson, o.SelfService = One(int64(r.validity/time.Second)), r.live, r.self
	}
	return Template{Key: key, Offer: o.Settled(), Policy: p.Settled()}, true
}

// Templates gives all of them.
func Templates(startsAt time.Time) []Template {
	list := make([]Template, 0, len(recommendations))
	for _, key := range TemplateKeys() {
		t, _ := TemplateOf(key, startsAt)
		list = append(list, t)
	}
	return list
}
