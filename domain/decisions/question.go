package decisions

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"pointbridge/domain/identity"
)

// Question is what somebody asks, with the person as they were shown. It stays in memory.
type Question struct {
	// Campaign is a key; it, or Code, or both are needed.
	Campaign, Code string
	Stage          Stage
	Shown          identity.Shown
	Currency       string
	OrdersBefore   *int
	// ByShopper tells that the shopper asks by themselves, so that nobody vouches for more than the customer.
	ByShopper bool
	// Cart is what the code is to be used on, and Tags are the customer's, nil where the caller does not say. Only a
	// caller that is believed gives Tags and OrdersBefore: the shop is not asked for them then.
	Cart Cart
	Tags []string
	// Worth is what the code takes off, in the unit of the campaign's values; nil for what the code or campaign says.
	Worth *int64
	// OrderID and At are those of an order; At is now where it is zero. CustomerWithheld tells that the shop does not say
	// whether a customer placed it.
	OrderID          string
	At               time.Time
	CustomerWithheld bool
	// TriedStatus is how the campaign is to stand in a trial; as it does where it is empty. Nothing but a trial reads it.
	TriedStatus CampaignStatus
}

// Bounds of a question, of texts in characters. Nobody has five e-mails in one checkout; what is longer is no address.
const (
	MaxValues = 5
	MaxValue  = 512
	MaxCode   = 255
	MaxTags   = 250
	maxOrders = 1_000_000
)

var keyForm = regexp.MustCompile(`^[a-z0-9-]{2,40}$`)

// faults names what is wrong with a question that comes from outside. Signals may all be missing.
func (q Question) faults() []Fault {
	var faults []Fault
	add := func(wrong bool, field, rule string) {
		if wrong {
			faults = append(faults, Fault{Field: field, Rule: rule})
		}
	}
	add(!slices.Contains([]Stage{StageIssue, StageCart, StageCheckout}, q.Stage), "stage", RuleUnknown)
	add(q.Campaign == "" && q.Code == "", "campaign", RuleNeeded)
	add(q.Campaign != "" && !keyForm.MatchString(q.Campaign), "campaign", RuleForm)
	add(utf8.RuneCountInString(q.Code) > MaxCode, "code", RuleTooLong)
	add(!utf8.ValidString(q.Code) || strings.ContainsRune(q.Code, 0), "code", RuleForm)
	add(q.Currency != "" && !IsCurrency(q.Currency), "cart.currency", RuleForm)
	add(q.OrdersBefore != nil && (*q.OrdersBefore < 0 || *q.OrdersBefore > maxOrders), "customer.orders", RuleRange)
	add(len(q.Shown.CustomerID) > MaxValue, "customer.id", RuleTooLong)
	for _, list := range []struct {
		field  string
		values []string
	}{{"customer.email", q.Shown.Emails}, {"customer.phone", q.Shown.Phones}, {"ip", q.Shown.IPs},
		{"device", q.Shown.Devices}, {"customer.name", q.Shown.Names}} {
		add(len(list.values) > MaxValues, list.field, RuleTooMany)
		add(slices.ContainsFunc(list.values, tooLong), list.field, RuleTooLong)
	}
	add(len(q.Shown.Addresses) > MaxValues, "address", RuleTooMany)
	add(slices.ContainsFunc(q.Shown.Addresses, tooLongAddress), "address", RuleTooLong)
	add(len(q.Tags) > MaxTags, "customer.tags", RuleTooMany)
	add(slices.ContainsFunc(q.Tags, tooLong), "customer.tags", RuleTooLong)
	q.Cart.faults(add)
	return faults
}

func tooLongAddress(a identity.PostalAddress) bool {
	return slices.ContainsFunc([]string{a.Company, a.Line1, a.Line2, a.City, a.Province, a.Zip, a.Country}, tooLong)
}

func tooLong(value string) bool { return utf8.RuneCountInString(value) > MaxValue }

// request keeps of a question what names nobody.
func (q Question) request(campaign string, at time.Time, print identity.Print, throwAway bool) Request {
	r := Request{Format: Format, Campaign: campaign, Code: CodeKey(q.Code), Stage: q.Stage,
		At: at.UTC().Truncate(time.Microsecond), OrderID: q.OrderID, Shown: []ShownKind{}, Currency: q.Currency,
		OrdersBefore: q.OrdersBefore, DisposableDomain: throwAway, ByShopper: q.ByShopper}
	for _, kind := range reported() {
		if n := len(print[kind]); n > 0 {
			r.Shown = append(r.Shown, ShownKind{Kind: kind, Count: n})
		}
	}
	return r
}

// CodeKey is the one form in which codes are stored and compared: Shopify's codes know no small letters.
func CodeKey(code string) string { return strings.ToUpper(strings.TrimSpace(code)) }
