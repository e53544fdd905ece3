package api

import (
	"slices"
	"strings"
	"time"

	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
)

// OfferBody is what the codes of a campaign give, and how they are given out. What codes of its kind do not have is
// left out.
type OfferBody struct {
	Codes         string       `json:"codes" enum:"found,personal,batch,shared" doc:"found: codes that others make, told by the prefix. personal: one for each recipient, good once. batch: many for nobody in particular, good once each. shared: texts that anybody may type"`
	Value         *ValueBody   `json:"value,omitempty"`
	StartsAt      *time.Time   `json:"starts_at,omitempty" doc:"When codes are given out from"`
	EndsAt        *time.Time   `json:"ends_at,omitempty" doc:"Until when; shared and batch codes end with it"`
	Validity      *RangeBody   `json:"validity,omitempty" doc:"How many seconds a personal code lives"`
	LivePerPerson int          `json:"live_per_person,omitempty" doc:"How many personal codes one person may hold at once"`
	Points        int64        `json:"points,omitempty" doc:"What a personal code costs"`
	SelfService   bool         `json:"self_service,omitempty" doc:"true: customers may ask for a personal code themselves"`
	Combines      CombinesBody `json:"combines"`
	SweepAfter    int          `json:"sweep_after" doc:"How many days after their end codes leave the shop; their figures stay"`
}

// ValueBody is what a code takes off. Where min and max differ it is chosen when a personal code is given out.
type ValueBody struct {
	Kind     string `json:"kind" enum:"amount,percentage"`
	Min      int64  `json:"min" minimum:"1" maximum:"1000000000000" doc:"The currency's smallest units, or hundredths of a percent"`
	Max      int64  `json:"max" minimum:"1" maximum:"1000000000000"`
	Currency string `json:"currency,omitempty" maxLength:"3" pattern:"^[A-Z]{3}$" doc:"ISO 4217; of an amount only"`
}

// RangeBody is from min to max, both included.
type RangeBody struct {
	Min int64 `json:"min" minimum:"0" maximum:"1000000000000"`
	Max int64 `json:"max" minimum:"0" maximum:"1000000000000"`
}

// CombinesBody says with which classes of discounts codes combine in one order.
type CombinesBody struct {
	Order    bool `json:"order"`
	Product  bool `json:"product"`
	Shipping bool `json:"shipping"`
}

// ConditionBody is one thing that must hold for a code to be good.
type ConditionBody struct {
	Rule   string   `json:"rule" enum:"account,tags_any,tags_none,segment,metafield,orders_at_least,orders_at_most,not_bought,minimum,markets,products,collections,companion,attribute"`
	Key    string   `json:"key,omitempty" maxLength:"320" doc:"metafield: namespace.key. minimum: the currency. attribute: the cart attribute's name"`
	Values []string `json:"values,omitempty" maxItems:"50" doc:"Tags, gids, countries or texts, by the rule"`
	Number int64    `json:"number,omitempty" doc:"orders_at_least, orders_at_most: how many. not_bought: within how many days. minimum: the subtotal in smallest units. account: only for codes worth more"`
}

// OfferChange is what of an offer is to be otherwise.
type OfferChange struct {
	Codes         *string         `json:"codes,omitempty" enum:"found,personal,batch,shared" doc:"Settled once the campaign has left the draft"`
	Value         *ValueBody      `json:"value,omitempty" doc:"All of it"`
	StartsAt      *time.Time      `json:"starts_at,omitempty"`
	EndsAt        *time.Time      `json:"ends_at,omitempty"`
	Validity      *RangeBody      `json:"validity,omitempty"`
	LivePerPerson *int            `json:"live_per_person,omitempty" minimum:"1" maximum:"50"`
	Points        *int64          `json:"points,omitempty" minimum:"0" maximum:"100000000"`
	SelfService   *bool           `json:"self_service,omitempty"`
	Combines      *CombinesChange `json:"combines,omitempty"`
	SweepAfter    *int            `json:"sweep_after,omitempty" minimum:"0" maximum:"400"`
}

// CombinesChange is what of the combination is to be otherwise.
type CombinesChange struct {
	Order    *bool `json:"order,omitempty"`
	Product  *bool `json:"product,omitempty"`
	Shipping *bool `json:"shipping,omitempty"`
}

func offerOf(o campaigns.Offer) OfferBody {
	o = o.Settled()
	b := OfferBody{Codes: string(o.Codes), LivePerPerson: o.LivePerPerson, Points: o.Points, SelfService: o.SelfService,
		Combines: CombinesBody(o.Combines), SweepAfter: o.SweepAfter}
	if o.Found() {
		return b
	}
	b.StartsAt, b.EndsAt = &o.StartsAt, &o.EndsAt
	b.Value = &ValueBody{Kind: string(o.Value.Kind), Min: o.Value.Range.Min, Max: o.Value.Range.Max,
		Currency: o.Value.Currency}
	if o.Codes == campaigns.Personal {
		b.Validity = &RangeBody{Min: o.Validity.Min, Max: o.Validity.Max}
	}
	return b
}

// Where nobody says otherwise one person holds one code of a new campaign at once, and codes stay in the shop for a
// month after their end.
const (
	newLivePerPerson = 1
	newSweepAfter    = 30
)

// newOffer is what the offer of a new campaign starts from; without one it knows the codes that others make.
func newOffer(c *OfferChange) campaigns.Offer {
	if c == nil {
		return campaigns.Offer{}
	}
	return campaigns.Offer{LivePerPerson: newLivePerPerson, SweepAfter: newSweepAfter}
}

// onto gives an offer with the change.
func (c *OfferChange) onto(o campaigns.Offer) campaigns.Offer {
	if c == nil {
		return o
	}
	set(&o.Codes, (*campaigns.Codes)(c.Codes))
	if v := c.Value; v != nil {
		o.Value = campaigns.Value{Kind: campaigns.ValueKind(v.Kind), Range: campaigns.Range{Min: v.Min, Max: v.Max},
			Currency: v.Currency}
	}
	set(&o.StartsAt, c.StartsAt)
	set(&o.EndsAt, c.EndsAt)
	set(&o.Validity, (*campaigns.Range)(c.Validity))
	set(&o.LivePerPerson, c.LivePerPerson)
	set(&o.Points, c.Points)
	set(&o.SelfService, c.SelfService)
	if w := c.Combines; w != nil {
		set(&o.Combines.Order, w.Order)
		set(&o.Combines.Product, w.Product)
		set(&o.Combines.Shipping, w.Shipping)
	}
	set(&o.SweepAfter, c.SweepAfter)
	return o
}

// rulesFaults refuses a campaign that is to be so, with every fault. Two kinds the campaign itself cannot tell any more
// once its rules are settled: members of an offer whose kind of codes has none, and which of the conditions is wrong.
func rulesFaults(wanted campaigns.Campaign, o *OfferChange, p *ProtectionChange) error {
	const conditions = "protection.conditions."
	var faults []decisions.Fault
	if o != nil {
		faults = o.misplaced(wanted.Offer)
	}
	if p != nil {
		for _, f := range decisions.ConditionFaults(p.conditions()) {
			faults = append(faults, decisions.Fault{Field: "protection." + f.Field, Rule: f.Rule})
		}
	}
	wanted.Offer, wanted.Policy = wanted.Offer.Settled(), wanted.Policy.Settled()
	return decisions.Refused(append(faults, slices.DeleteFunc(wanted.Faults(), func(f decisions.Fault) bool {
		return strings.HasPrefix(f.Field, conditions)
	})...))
}

// misplaced names what is said of codes of a kind that has nothing of the sort.
func (c *OfferChange) misplaced(o campaigns.Offer) (faults []decisions.Fault) {
	add := func(given bool, field string) {
		if given {
			faults = append(faults, decisions.Fault{Field: "offer." + field, Rule: campaigns.RuleNotForCodes})
		}
	}
	if o.Found() {
		add(c.Value != nil, "value")
		add(c.StartsAt != nil, "starts_at")
		add(c.EndsAt != nil, "ends_at")
		add(c.Combines != nil, "combines")
	}
	if o.Codes != campaigns.Personal {
		add(c.Validity != nil, "validity")
		add(c.LivePerPerson != nil, "live_per_person")
		add(c.Points != nil && *c.Points != 0, "points")
		add(c.SelfService != nil && *c.SelfService, "self_service")
	}
	return faults
}

func (c *ProtectionChange) conditions() []decisions.Condition {
	list := make([]decisions.Condition, 0, len(c.Conditions))
	for _, one := range c.Conditions {
		list = append(list, decisions.Condition{Need: decisions.Need(one.Rule), Key: one.Key, Values: one.Values,
			Number: one.Number})
	}
	return list
}

func conditionsOf(list []decisions.Condition) []ConditionBody {
	bodies := make([]ConditionBody, 0, len(list))
	for _, c := range list {
		bodies = append(bodies, ConditionBody{Rule: string(c.Need), Key: c.Key, Values: c.Values, Number: c.Number})
	}
	return bodies
}
