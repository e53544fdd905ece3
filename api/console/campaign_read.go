package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
)

// campaignReader reads the form of a campaign. Whatever it cannot read is a fault at its field.
type campaignReader struct {
	req    *request
	form   url.Values
	faults fieldFaults
}

// fieldFaults are sentences by the field that they are about. The first of a field is kept.
type fieldFaults map[string]string

func (f fieldFaults) add(field, sentence string) {
	if _, ok := f[field]; !ok {
		f[field] = sentence
	}
}

// read gives the campaign that the form describes, on top of the one that there is: what the form does not show stays.
func (r campaignReader) read(c campaigns.Campaign) campaigns.Campaign {
	c.Names = nil
	for _, lang := range []string{"ja", "en"} {
		if name := r.text("name_" + lang); name != "" {
			c.Names = append(c.Names, campaigns.Name{Language: lang, Text: name})
		}
	}
	if !c.BuiltIn() {
		c.Offer = r.offer(c.Offer)
	}
	c.Policy = r.policy(c.Policy, r.req.valueOf(c))
	return c
}

// valueOf is what a code of a campaign takes off; of points it is an amount of the shop's currency.
func (req *request) valueOf(c campaigns.Campaign) campaigns.Value {
	if c.BuiltIn() {
		return campaigns.Value{Kind: campaigns.Amount, Currency: req.console.deps.Identity.Points.Currency}
	}
	return c.Offer.Value
}

func (r campaignReader) text(field string) string { return strings.TrimSpace(r.form.Get(field)) }

// plain reads figures as people type them: full-width digits, separators and spaces are fine.
func plain(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= '０' && c <= '９':
			return c - '０' + '0'
		case c == '．':
			return '.'
		case c == ',' || c == '，' || c == '、' || c == ' ' || c == '　':
			return -1
		default:
			return c
		}
	}, text)
}

// number reads a whole number; an empty field is 0.
func (r campaignReader) number(field string) int64 {
	text := plain(r.text(field))
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		r.faults.add(field, r.req.T("rule.integer"))
	}
	return n
}

func (r campaignReader) needed(field string) int64 {
	if r.text(field) == "" {
		r.faults.add(field, r.req.T("rule.required"))
	}
	return r.number(field)
}

// value reads an amount of a currency, or a part as percent.
func (r campaignReader) value(field string, v campaigns.Value) int64 {
	text := plain(strings.TrimSuffix(r.text(field), "%"))
	if text == "" {
		return 0
	}
	if v.Kind == campaigns.Amount {
		m, err := domain.ParseMoney(text, v.Currency)
		if err != nil {
			r.faults.add(field, r.req.T("campaign_form.wrong.amount"))
		}
		return m.Minor
	}
	n, ok := campaigns.ParsePercent(text)
	if !ok {
		r.faults.add(field, r.req.T("campaign_form.wrong.percent"))
	}
	return n
}

// time reads a moment. A field that says what it was shown with means the moment that is known: where clocks are put
// back the same text stands for two of them.
func (r campaignReader) time(field string, known time.Time) time.Time {
	text := r.text(field)
	switch text {
	case "":
		return time.Time{}
	case r.req.fieldTime(known):
		return known
	}
	t, ok := r.req.typedTime(text)
	if !ok {
		r.faults.add(field, r.req.T("campaign_form.wrong.date"))
	}
	return t
}

func (r campaignReader) offer(o campaigns.Offer) campaigns.Offer {
	o.Codes = campaigns.Codes(r.form.Get("codes"))
	o.SweepAfter = int(r.number("sweep_after"))
	if o.Found() {
		return o
	}
	o.Value = campaigns.Value{Kind: campaigns.ValueKind(r.form.Get("value_kind"))}
	if o.Value.Kind == campaigns.Amount {
		if o.Value.Currency = strings.ToUpper(r.text("currency")); !decisions.IsCurrency(o.Value.Currency) {
			r.faults.add("currency", r.req.T("rule.invalid"))
		}
	}
	if r.text("value_min") == "" {
		r.faults.add("value_min", r.req.T("rule.required"))
	}
	o.Value.Range = campaigns.One(r.value("value_min", o.Value))
	if o.Codes == campaigns.Personal && r.text("value_max") != "" {
		o.Value.Range.Max = r.value("value_max", o.Value)
	}
	o.StartsAt, o.EndsAt = r.time("starts_at", o.StartsAt), r.time("ends_at", o.EndsAt)
	o.Combines = campaigns.Combines{Order: r.form.Get("combines_order") != "",
		Product: r.form.Get("combines_product") != "", Shipping: r.form.Get("combines_shipping") != ""}
	if o.Codes == campaigns.Personal {
		o = r.personal(o)
	}
	return o
}

func (r campaignReader) personal(o campaigns.Offer) campaigns.Offer {
	unit := int64(0)
	for _, u := range durations {
		if u.name == r.form.Get("validity_unit") {
			unit = u.seconds
		}
	}
	o.Validity = campaigns.One(r.seconds("validity_min", unit))
	if r.text("validity_min") == "" {
		r.faults.add("validity_min", r.req.T("rule.required"))
	}
	if r.text("validity_max") != "" {
		o.Validity.Max = r.seconds("validity_max", unit)
	}
	o.LivePerPerson = int(r.needed("live_per_person"))
	o.Points = r.number("points")
	o.SelfService = r.form.Get("self_service") != ""
	return o
}

// seconds is out of every range where it is longer than anything lives.
func (r campaignReader) seconds(field string, unit int64) int64 {
	return max(min(r.number(field), campaigns.MaxValidity+1), -1) * unit
}

// limit reads a limit. That there is none has to be said: a field that was left empty is not enough.
func (r campaignReader) limit(field string) int {
	n := r.number(field)
	if n == 0 && r.form.Get("no_limit_"+field) == "" {
		r.faults.add(field, r.req.T("campaign_form.wrong.no_limit"))
	}
	return int(min(n, decisions.MaxUses+1))
}

func (r campaignReader) policy(p decisions.Policy, v campaigns.Value) decisions.Policy {
	p.Preset, p.Mode = decisions.Preset(r.form.Get("preset")), decisions.Mode(r.form.Get("mode"))
	if p.Preset == decisions.Custom {
		p.Signals, p.Alone = ticked(r.form, "signal_"), ticked(r.form, "alone_")
		p.Threshold = int(r.needed("threshold"))
	}
	p.UsesInAll, p.UsesPerCode = r.limit("uses_in_all"), r.limit("uses_per_code")
	p.UsesPerPerson = r.limit("uses_per_person")
	p.Currencies = strings.Fields(strings.ToUpper(strings.ReplaceAll(r.form.Get("currencies"), ",", " ")))
	p.NewCustomersOnly = r.form.Get("new_customers_only") != ""
	if said := decisions.Unanswered(r.form.Get("unanswered")); said != unanswered(p) {
		p.Unanswered = said
	}
	p.Weak = decisions.WeakSettings{DisposableDomain: r.form.Get("weak_disposable_domain") != "",
		SimilarName:   r.form.Get("weak_similar_name") != "",
		WithinMinutes: int(r.needed("weak_within_minutes")), EmailsPerIP: int(r.needed("weak_emails_per_ip"))}
	p.Messages = nil
	for _, reason := range decisions.Reasons() {
		for _, lang := range []string{"ja", "en"} {
			if text := r.text(messageField(reason, lang)); text != "" {
				p.Messages = append(p.Messages, decisions.Message{Reason: reason, Language: lang, Text: text})
			}
		}
	}
	p.Conditions = r.conditions(v)
	return p
}

// rows is how many conditions the form has.
func rows(f url.Values) int {
	n, _ := strconv.Atoi(f.Get("conditions"))
	return min(max(n, 0), decisions.MaxConditions)
}

// conditions reads the rows. One without a rule is no condition.
func (r campaignReader) conditions(v campaigns.Value) (list []decisions.Condition) {
	for row := range rows(r.form) {
		need := decisions.Need(r.form.Get(rowField(row, "rule")))
		if need == "" {
			continue
		}
		c := decisions.Condition{Need: need, Key: r.text(rowField(row, "key")),
			Values: r.values(need, r.form.Get(rowField(row, "values")))}
		number := rowField(row, "number")
		switch need {
		case decisions.NeedMinimum:
			c.Key = strings.ToUpper(c.Key)
			c.Number = r.value(number, campaigns.Value{Kind: campaigns.Amount, Currency: c.Key})
		case decisions.NeedAccount:
			c.Number = r.value(number, v)
		default:
			c.Number = r.number(number)
		}
		for _, f := range decisions.ConditionFaults([]decisions.Condition{c}) {
			_, part, _ := strings.Cut(f.Field, ".")
			r.faults.add(rowField(row, part), r.req.faultText(f.Rule))
		}
		list = append(list, c)
	}
	return list
}

// gids are what a bare number means in a list of the rule.
var gids = map[decisions.Need]string{decisions.NeedSegment: "gid://shopify/Segment/",
	decisions.NeedNotBought: "gid://shopify/Product/", decisions.NeedProducts: "gid://shopify/Product/",
	decisions.NeedCompanion: "gid://shopify/Product/", decisions.NeedCollections: "gid://shopify/Collection/"}

// values reads a list, one to a line.
func (r campaignReader) values(need decisions.Need, text string) (list []string) {
	for line := range strings.Lines(text) {
		value := strings.TrimSpace(line)
		if value == "" {
			continue
		}
		if _, err := strconv.ParseUint(value, 10, 64); err == nil {
			value = gids[need] + value
		}
		if need == decisions.NeedMarkets {
			value = strings.ToUpper(value)
		}
		if !slices.Contains(list, value) {
			list = append(list, value)
		}
	}
	return list
}
