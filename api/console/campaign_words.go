package console

import (
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/templates"
)

// ruleGroup is a part of a campaign's rules, in sentences.
type ruleGroup struct {
	Title     string
	Sentences []string
}

// ruleGroups says everything that a campaign's rules say: one sentence for each limit and each condition.
func (req *request) ruleGroups(c campaigns.Campaign) (groups []ruleGroup) {
	add := func(title string, sentences []string) {
		if len(sentences) > 0 {
			groups = append(groups, ruleGroup{title, sentences})
		}
	}
	if !c.BuiltIn() {
		add(req.T("rules.offer"), req.offerSentences(c.Offer, c.Prefix))
	}
	add(req.T("rules.limits"), req.limitSentences(c.Policy))
	conditions := req.conditionSentences(c.Policy.Conditions, req.valueOf(c))
	if len(conditions) > 0 {
		conditions = append(conditions, req.T("rules.unanswered."+string(unanswered(c.Policy))))
	}
	add(req.T("rules.conditions"), conditions)
	add(req.T("rules.protection"), []string{
		req.T("policy.preset."+string(c.Policy.Preset)) + ": " + req.T("policy.preset."+string(c.Policy.Preset)+".what"),
		req.T("policy.mode."+string(c.Policy.Mode)) + ": " + req.T("policy.mode."+string(c.Policy.Mode)+".what")})
	return groups
}

func unanswered(p decisions.Policy) decisions.Unanswered {
	if p.Unanswered == "" {
		return decisions.UnansweredRefuse
	}
	return p.Unanswered
}

// offerSentences says what codes give and how they are given out.
func (req *request) offerSentences(o campaigns.Offer, prefix string) []string {
	if o.Found() {
		if prefix == "" {
			return []string{req.T("rules.codes.elsewhere")}
		}
		return []string{req.T("rules.codes.found", prefix)}
	}
	list := []string{req.T("rules.codes." + string(o.Codes))}
	least, most := req.ValueText(o.Value, o.Value.Range.Min), req.ValueText(o.Value, o.Value.Range.Max)
	if least == most {
		list = append(list, req.T("rules.value.one", least))
	} else {
		list = append(list, req.T("rules.value.range", least, most))
	}
	if o.Codes == campaigns.Personal {
		list = append(list, req.T("rules.window.given", req.Time(o.StartsAt), req.Time(o.EndsAt)))
		list = append(list, req.personalSentences(o)...)
	} else {
		list = append(list, req.T("rules.window.good", req.Time(o.StartsAt), req.Time(o.EndsAt)))
	}
	if classes := req.classes(o.Combines); classes == "" {
		list = append(list, req.T("rules.combines.none"))
	} else {
		list = append(list, req.T("rules.combines.some", classes))
	}
	return append(list, req.T("rules.sweep", req.quantity(int64(o.SweepAfter))))
}

// classes names the classes of discounts that codes combine with.
func (req *request) classes(c campaigns.Combines) string {
	var names []string
	for _, class := range []struct {
		on  bool
		key string
	}{{c.Order, "rules.class.order"}, {c.Product, "rules.class.product"}, {c.Shipping, "rules.class.shipping"}} {
		if class.on {
			names = append(names, req.T(class.key))
		}
	}
	return strings.Join(names, req.T("review.comma"))
}

func (req *request) personalSentences(o campaigns.Offer) (list []string) {
	least, most := req.duration(o.Validity.Min), req.duration(o.Validity.Max)
	if least == most {
		list = append(list, req.T("rules.validity.one", least))
	} else {
		list = append(list, req.T("rules.validity.range", least, most))
	}
	list = append(list, req.T("rules.live", req.quantity(int64(o.LivePerPerson))))
	if o.Points > 0 {
		list = append(list, req.T("rules.points", req.Points(o.Points)))
	}
	return append(list, req.T("rules.self."+strconv.FormatBool(o.SelfService)))
}

func (req *request) limitSentences(p decisions.Policy) (list []string) {
	for _, limit := range []struct {
		n           int
		some, never string
	}{{p.UsesInAll, "rules.in_all", "rules.in_all.none"}, {p.UsesPerCode, "rules.per_code", "rules.per_code.none"},
		{p.UsesPerPerson, "rules.per_person", "rules.per_person.none"}} {
		if limit.n == 0 {
			list = append(list, req.T(limit.never))
		} else {
			list = append(list, req.T(limit.some, req.quantity(int64(limit.n))))
		}
	}
	if len(p.Currencies) > 0 {
		list = append(list, req.T("rules.currencies", strings.Join(p.Currencies, req.T("review.comma"))))
	}
	if p.NewCustomersOnly {
		list = append(list, req.T("rules.new_only"))
	}
	return list
}

func (req *request) conditionSentences(list []decisions.Condition, v campaigns.Value) (sentences []string) {
	for _, c := range list {
		sentences = append(sentences, req.conditionSentence(c, v))
	}
	return sentences
}

// conditionSentence says a condition. One of a later version, which has no words here, stands for itself.
func (req *request) conditionSentence(c decisions.Condition, v campaigns.Value) string {
	values := strings.Join(c.Values, req.T("review.comma"))
	n := req.quantity(c.Number)
	switch c.Need {
	case decisions.NeedAccount:
		if c.Number > 0 {
			return req.T("rules.need.account_above", req.ValueText(v, c.Number))
		}
		return req.T("rules.need.account")
	case decisions.NeedTagsAny, decisions.NeedTagsNone, decisions.NeedSegment, decisions.NeedMarkets,
		decisions.NeedProducts, decisions.NeedCollections, decisions.NeedCompanion:
		return req.T("rules.need."+string(c.Need), values)
	case decisions.NeedMetafield, decisions.NeedAttribute:
		return req.T("rules.need."+string(c.Need), c.Key, values)
	case decisions.NeedOrdersAtMost:
		if c.Number == 0 {
			return req.T("rules.need.orders_none")
		}
		return req.T("rules.need.orders_at_most", n)
	case decisions.NeedOrdersAtLeast:
		return req.T("rules.need.orders_at_least", n)
	case decisions.NeedNotBought:
		return req.T("rules.need.not_bought", values, n)
	case decisions.NeedMinimum:
		return req.T("rules.need.minimum", req.money(domain.Money{Minor: c.Number, Currency: c.Key}))
	default:
		return string(c.Need)
	}
}

// quantity is a number that a sentence counts, in the reader's figures.
func (req *request) quantity(n int64) templates.Quantity {
	return templates.Quantity{Count: n, Words: templates.Number(req.Lang, n)}
}

func (req *request) money(m domain.Money) string { return templates.Money(req.Lang, m) }

// durations are the units in which a time is written, the largest first.
var durations = []struct {
	name    string
	seconds int64
}{{"days", 86400}, {"hours", 3600}, {"minutes", 60}, {"seconds", 1}}

// unitOf is the largest unit that both times are a whole number of.
func unitOf(r campaigns.Range) (name string, seconds int64) {
	for _, u := range durations {
		if r.Min%u.seconds == 0 && r.Max%u.seconds == 0 {
			return u.name, u.seconds
		}
	}
	return "seconds", 1
}

func (req *request) duration(seconds int64) string {
	name, unit := unitOf(campaigns.One(seconds))
	return req.T("duration."+name, req.quantity(seconds/unit))
}

// fieldTime writes a moment as a field for date and time has it, in the shop's zone; with seconds only where there are
// some, so that looking at a campaign changes nothing of it.
func (req *request) fieldTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	form := minuteForm
	if t.Second() != 0 {
		form = secondForm
	}
	return t.In(req.Base.Zone).Format(form)
}

const (
	minuteForm = "2006-01-02T15:04"
	secondForm = "2006-01-02T15:04:05"
)

// typedTime reads such a field. A time that the zone's clocks leave out is none.
func (req *request) typedTime(text string) (time.Time, bool) {
	for _, form := range []string{minuteForm, secondForm} {
		if t, err := time.ParseInLocation(form, text, req.Base.Zone); err == nil && t.Format(form) == text {
			return t, true
		}
	}
	return time.Time{}, false
}
