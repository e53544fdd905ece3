package console

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// on is what a ticked box sends.
const on = "on"

// campaignFields fills the form of a campaign: what a browser would send of it untouched is the campaign as it is.
func (req *request) campaignFields(c campaigns.Campaign) url.Values {
	f := url.Values{seenField: {stateOf(c)}, "key": {c.Key}, "prefix": {c.Prefix}}
	for _, n := range c.Names {
		f.Set("name_"+n.Language, n.Text)
	}
	req.fillOffer(f, c.Offer, req.console.deps.Identity.Points.Currency)
	fillPolicy(f, c.Policy)
	for i, condition := range c.Policy.Conditions {
		req.fillCondition(f, i, condition, req.valueOf(c))
	}
	f.Set("conditions", strconv.Itoa(len(c.Policy.Conditions)))
	return f
}

func tick(f url.Values, name string, ticked bool) {
	if ticked {
		f.Set(name, on)
	}
}

func (req *request) fillOffer(f url.Values, o campaigns.Offer, currency string) {
	f.Set("codes", string(cmp.Or(o.Codes, campaigns.Found)))
	f.Set("sweep_after", strconv.Itoa(o.SweepAfter))
	f.Set("value_kind", string(cmp.Or(o.Value.Kind, campaigns.Percentage)))
	f.Set("currency", cmp.Or(o.Value.Currency, currency))
	f.Set("validity_unit", "days")
	if o.Found() {
		return
	}
	f.Set("value_min", numberText(o.Value, o.Value.Range.Min))
	if o.Value.Range.Max != o.Value.Range.Min {
		f.Set("value_max", numberText(o.Value, o.Value.Range.Max))
	}
	f.Set("starts_at", req.fieldTime(o.StartsAt))
	f.Set("ends_at", req.fieldTime(o.EndsAt))
	tick(f, "combines_order", o.Combines.Order)
	tick(f, "combines_product", o.Combines.Product)
	tick(f, "combines_shipping", o.Combines.Shipping)
	if o.Codes != campaigns.Personal {
		return
	}
	name, unit := unitOf(o.Validity)
	f.Set("validity_unit", name)
	f.Set("validity_min", strconv.FormatInt(o.Validity.Min/unit, 10))
	if o.Validity.Max != o.Validity.Min {
		f.Set("validity_max", strconv.FormatInt(o.Validity.Max/unit, 10))
	}
	f.Set("live_per_person", strconv.Itoa(o.LivePerPerson))
	f.Set("points", strconv.FormatInt(o.Points, 10))
	tick(f, "self_service", o.SelfService)
}

// numberText writes a value as it is typed.
func numberText(v campaigns.Value, n int64) string {
	if v.Kind == campaigns.Amount {
		return domain.Money{Minor: n, Currency: v.Currency}.Decimal()
	}
	return pages.PercentText(n)
}

// limitFields are the limits, each with the box that says that none is meant.
var limitFields = []string{"uses_in_all", "uses_per_code", "uses_per_person"}

func fillPolicy(f url.Values, p decisions.Policy) {
	for i, n := range []int{p.UsesInAll, p.UsesPerCode, p.UsesPerPerson} {
		f.Set(limitFields[i], strconv.Itoa(n))
		tick(f, "no_limit_"+limitFields[i], n == 0)
	}
	f.Set("mode", string(p.Mode))
	f.Set("preset", string(p.Preset))
	f.Set("threshold", strconv.Itoa(p.Threshold))
	for _, k := range p.Signals {
		f.Set("signal_"+string(k), on)
	}
	for _, k := range p.Alone {
		f.Set("alone_"+string(k), on)
	}
	f.Set("currencies", strings.Join(p.Currencies, " "))
	f.Set("unanswered", string(unanswered(p)))
	tick(f, "new_customers_only", p.NewCustomersOnly)
	tick(f, "weak_disposable_domain", p.Weak.DisposableDomain)
	tick(f, "weak_similar_name", p.Weak.SimilarName)
	f.Set("weak_within_minutes", strconv.Itoa(p.Weak.WithinMinutes))
	f.Set("weak_emails_per_ip", strconv.Itoa(p.Weak.EmailsPerIP))
	for _, m := range p.Messages {
		f.Set(messageField(m.Reason, m.Language), m.Text)
	}
}

func messageField(reason decisions.Reason, language string) string {
	return "message_" + string(reason) + "_" + language
}

// rowField is a field of one condition.
func rowField(row int, name string) string { return "condition_" + strconv.Itoa(row) + "_" + name }

func (req *request) fillCondition(f url.Values, row int, c decisions.Condition, v campaigns.Value) {
	f.Set(rowField(row, "rule"), string(c.Need))
	f.Set(rowField(row, "key"), c.Key)
	f.Set(rowField(row, "values"), strings.Join(c.Values, "\n"))
	number := strconv.FormatInt(c.Number, 10)
	switch c.Need {
	case decisions.NeedMinimum:
		number = domain.Money{Minor: c.Number, Currency: c.Key}.Decimal()
	case decisions.NeedAccount:
		if number = ""; c.Number > 0 {
			number = numberText(v, c.Number)
		}
	case decisions.NeedOrdersAtLeast, decisions.NeedOrdersAtMost, decisions.NeedNotBought:
	default:
		number = ""
	}
	f.Set(rowField(row, "number"), number)
}

// signals are the kinds that are ticked in a form.
func ticked(f url.Values, begin string) (kinds []identity.Kind) {
	for _, k := range identity.Counted() {
		if f.Get(begin+string(k)) != "" {
			kinds = append(kinds, k)
		}
	}
	return kinds
}
