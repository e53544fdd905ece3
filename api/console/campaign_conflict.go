package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// The fields of a form that say which campaign it was made from, and that it is to be saved over another one.
const (
	seenField = "seen"
	overField = "over"
)

// stateOf is what two editors of a campaign have to agree on: the version of its rules, and its names, which have none.
func stateOf(c campaigns.Campaign) string {
	parts := []string{strconv.Itoa(c.Policy.Version)}
	for _, n := range c.Names {
		parts = append(parts, n.Language+"="+n.Text)
	}
	slices.Sort(parts[1:])
	return strings.Join(parts, "|")
}

// unseen refuses a form that was made from another campaign than the one that there is, unless it says that it saw this
// one and is to be saved all the same; having said so it is as good as made from it.
func unseen(form url.Values, c campaigns.Campaign) error {
	now := stateOf(c)
	if form.Get(overField) == now {
		form.Set(seenField, now)
	}
	if form.Get(seenField) != now {
		return domain.Refuse(domain.CodeCampaignChanged)
	}
	return nil
}

// otherwise is a field that is another one in a form than in what is stored.
type otherwise struct{ Name, Label, Form, Stored string }

// Otherwise are the fields of the form that differ from what is stored, where somebody else was first; nothing is lost of
// either.
func (p campaignForm) Otherwise() (list []otherwise) {
	if p.Stored == nil {
		return nil
	}
	names := []string{}
	for _, form := range []url.Values{p.Form, p.Stored} {
		for name := range form {
			if label := p.labelOf(name); label != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.SortFunc(names, byPlace)
	for _, name := range names {
		mine, stored := linesOf(p.Form.Get(name)), linesOf(p.Stored.Get(name))
		if mine != stored && p.has(name) {
			list = append(list, otherwise{name, p.labelOf(name), p.wordsOf(name, mine), p.wordsOf(name, stored)})
		}
	}
	return list
}

// Now is what is stored, as a form says that it saw it.
func (p campaignForm) Now() string { return stateOf(p.Campaign) }

// has tells whether the form has a field. It has those of conditions that are in it or stored: one that was removed leaves
// fields behind. Of the others a browser sends each, but for boxes that are not ticked.
func (p campaignForm) has(name string) bool {
	if row, _, is := rowOf(name); is {
		return row < max(rows(p.Form), rows(p.Stored))
	}
	return p.Form.Has(name) || p.ticks(name)
}

// linesOf is a text with the ends of lines that are stored, whatever a browser sends.
func linesOf(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }

// labelOf names a field as the form does; empty for what is no field of the campaign.
func (p campaignForm) labelOf(name string) string {
	say := p.req.T
	if row, part, is := rowOf(name); is {
		return say("campaign_form.condition_n", row+1) + ", " + say("campaign_form.condition."+part)
	}
	if limit, is := strings.CutPrefix(name, "no_limit_"); is {
		return say("campaign_form.no_limit." + limit)
	}
	if class, is := strings.CutPrefix(name, "combines_"); is {
		return say("campaign_form.combines") + " " + say("rules.class."+class)
	}
	for begin, key := range map[string]string{"signal_": "policy.on_of", "alone_": "policy.alone_of"} {
		if kind, is := strings.CutPrefix(name, begin); is && slices.Contains(identity.Counted(), identity.Kind(kind)) {
			return say(key, say("decision.signal."+kind))
		}
	}
	for _, reason := range decisions.Reasons() {
		for _, lang := range []string{"ja", "en"} {
			if name == messageField(reason, lang) {
				return say("decision.why."+string(reason)) + " (" + lang + ")"
			}
		}
	}
	if slices.Contains(fieldOrder, name) || slices.Contains(unlistedFields, name) {
		return p.req.formLabel(name)
	}
	return ""
}

// unlistedFields are those of the form that no fault is ever about.
var unlistedFields = []string{"validity_unit", "self_service", "new_customers_only", "weak_disposable_domain",
	"weak_similar_name"}

// choices are where the words for a field's values stand.
var choices = map[string]string{"codes": "campaign_form.codes.", "value_kind": "campaign_form.",
	"validity_unit": "campaign_form.unit.", "unanswered": "rules.unanswered.", "mode": "policy.mode.",
	"preset": "policy.preset."}

// wordsOf says a field's value as the form does.
func (p campaignForm) wordsOf(name, value string) string {
	begin := choices[name]
	if _, part, is := rowOf(name); is && part == "rule" {
		begin = "campaign_form.rule."
	}
	switch {
	case value == on:
		return p.req.T("policy.is.true")
	case p.ticks(name):
		return p.req.T("policy.is.false")
	case value == "":
		return "—"
	case begin != "":
		return p.req.known(begin, value)
	}
	return value
}

// ticks tells whether a field is a box: it has no value where it is not ticked.
func (p campaignForm) ticks(name string) bool {
	return slices.Contains([]string{p.Form.Get(name), p.Stored.Get(name)}, on)
}
