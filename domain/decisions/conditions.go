package decisions

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Need is what a condition asks. The strings are stored and never change.
type Need string

// Needs about the buyer (the audience), and needs about the cart. All conditions of a campaign must hold.
const (
	NeedAccount       Need = "account"         // signed in; where Number is set, only for codes worth more than it
	NeedTagsAny       Need = "tags_any"        // at least one of Values among the customer's tags
	NeedTagsNone      Need = "tags_none"       // none of Values among them
	NeedSegment       Need = "segment"         // member of the segment whose gid is the one of Values
	NeedMetafield     Need = "metafield"       // the customer's metafield Key (namespace.key) has one of Values
	NeedOrdersAtLeast Need = "orders_at_least" // Number orders or more so far
	NeedOrdersAtMost  Need = "orders_at_most"  // Number orders or fewer so far
	NeedNotBought     Need = "not_bought"      // none of the products of Values within Number days
	NeedMinimum       Need = "minimum"         // a subtotal of Number minor units of the currency Key or more
	NeedMarkets       Need = "markets"         // a buyer in one of the countries of Values (ISO 3166-1)
	NeedProducts      Need = "products"        // one of the products of Values in the cart
	NeedCollections   Need = "collections"     // a product of one of the collections of Values in the cart
	NeedCompanion     Need = "companion"       // each of the products of Values in the cart
	NeedAttribute     Need = "attribute"       // the cart's attribute Key has one of Values
)

// AudienceNeeds are those about the buyer; CartNeeds are not asked before there is a cart.
func AudienceNeeds() []Need {
	return []Need{NeedAccount, NeedTagsAny, NeedTagsNone, NeedSegment, NeedMetafield, NeedOrdersAtLeast,
		NeedOrdersAtMost, NeedNotBought}
}

// CartNeeds are those about the cart.
func CartNeeds() []Need {
	return []Need{NeedMinimum, NeedMarkets, NeedProducts, NeedCollections, NeedCompanion, NeedAttribute}
}

// Needs lists all, in the order in which they are looked at.
func Needs() []Need { return append(AudienceNeeds(), CartNeeds()...) }

// OfCart tells whether it is about the cart.
func (n Need) OfCart() bool { return slices.Contains(CartNeeds(), n) }

// Condition is one thing that must hold for a code to be good. What Values, Key and Number are, Need says.
type Condition struct {
	Need   Need     `json:"rule"`
	Key    string   `json:"key,omitempty"`
	Values []string `json:"values,omitempty"`
	Number int64    `json:"number,omitempty"`
}

// ID is the one text of a condition, by which facts are kept: conditions of two policies that ask the same have the
// same.
func (c Condition) ID() string {
	text, _ := json.Marshal(c.settled())
	return string(text)
}

func (c Condition) settled() Condition {
	c.Values = slices.Clone(c.Values)
	for i, v := range c.Values {
		if c.Need == NeedMarkets {
			v = strings.ToUpper(v)
		}
		c.Values[i] = strings.TrimSpace(v)
	}
	slices.Sort(c.Values)
	if len(c.Values) == 0 {
		c.Values = nil
	}
	return c
}

func settledConditions(list []Condition) []Condition {
	if len(list) == 0 {
		return nil
	}
	sorted := make([]Condition, len(list))
	for i, c := range list {
		sorted[i] = c.settled()
	}
	slices.SortStableFunc(sorted, func(a, b Condition) int {
		return cmp.Or(slices.Index(Needs(), a.Need)-slices.Index(Needs(), b.Need), cmp.Compare(a.ID(), b.ID()))
	})
	return sorted
}

// Bounds of conditions.
const (
	MaxConditions     = 20
	MaxConditionTexts = 50
	MaxConditionText  = 255
	MaxLookBack       = 400
)

var (
	metafieldKey = regexp.MustCompile(`^[A-Za-z0-9_$:-]+\.[A-Za-z0-9_-]+$`)
	productGID   = regexp.MustCompile(`^gid://shopify/Product/[0-9]{1,20}$`)
	collection   = regexp.MustCompile(`^gid://shopify/Collection/[0-9]{1,20}$`)
	segmentGID   = regexp.MustCompile(`^gid://shopify/Segment/[0-9]{1,20}$`)
	countryCode  = regexp.MustCompile(`^[A-Z]{2}$`)
)

func (p Policy) conditionFaults(add func(wrong bool, field, rule string)) {
	add(len(p.Conditions) > MaxConditions, "conditions", RuleTooMany)
	ids := make([]string, 0, len(p.Conditions))
	for _, c := range p.Conditions {
		ids = append(ids, c.ID())
		c.faults(add)
	}
	add(twice(ids), "conditions", RuleTwice)
}

// namesMetafield tells a namespace and a key of Shopify's. Their lengths are no part of the pattern: one that counts to 255 is
// kept as 255 patterns.
func namesMetafield(text string) bool {
	space, name, _ := strings.Cut(text, ".")
	return len(space) <= 255 && len(name) <= 64 && metafieldKey.MatchString(text)
}

func (c Condition) faults(add func(wrong bool, field, rule string)) {
	add(!slices.Contains(Needs(), c.Need), "conditions.rule", RuleUnknown)
	add(len(c.Values) > MaxConditionTexts, "conditions.values", RuleTooMany)
	add(slices.ContainsFunc(c.Values, badText), "conditions.values", RuleForm)
	add(twice(c.Values), "conditions.values", RuleTwice)
	form := func(form *regexp.Regexp) bool {
		return slices.ContainsFunc(c.Values, func(v string) bool { return !form.MatchString(v) })
	}
	listed := func() { add(len(c.Values) == 0, "conditions.values", RuleNeeded) }
	switch c.Need {
	case NeedAccount:
		add(c.Number < 0, "conditions.number", RuleRange)
		add(len(c.Values) > 0 || c.Key != "", "conditions.values", RuleUnknown)
	case NeedTagsAny, NeedTagsNone:
		listed()
	case NeedSegment:
		add(len(c.Values) != 1 || form(segmentGID), "conditions.values", RuleForm)
	case NeedMetafield:
		listed()
		add(!namesMetafield(c.Key), "conditions.key", RuleForm)
	case NeedOrdersAtLeast, NeedOrdersAtMost:
		add(c.Number < 0 || c.Number > maxOrders, "conditions.number", RuleRange)
	case NeedNotBought:
		listed()
		add(form(productGID), "conditions.values", RuleForm)
		add(c.Number < 1 || c.Number > MaxLookBack, "conditions.number", RuleRange)
	case NeedMinimum:
		add(c.Number < 1, "conditions.number", RuleRange)
		add(!IsCurrency(c.Key), "conditions.key", RuleForm)
	case NeedMarkets:
		listed()
		add(form(countryCode), "conditions.values", RuleForm)
	case NeedProducts, NeedCompanion:
		listed()
		add(form(productGID), "conditions.values", RuleForm)
	case NeedCollections:
		listed()
		add(form(collection), "conditions.values", RuleForm)
	case NeedAttribute:
		listed()
		add(badText(c.Key), "conditions.key", RuleForm)
	}
}

func badText(text string) bool {
	return strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > MaxConditionText ||
		!utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl)
}

// Unanswered says what becomes of a condition of which nobody can tell whether it holds: the shop did not answer in
// time, or the request shows nothing of it.
type Unanswered string

// The two defaults. A campaign that says nothing refuses.
const (
	UnansweredRefuse Unanswered = "refuse"
	UnansweredAllow  Unanswered = "allow"
)
