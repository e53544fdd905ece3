package console

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pointbridge/api/pages"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// campaignForm is the form of a campaign, as it is or as somebody wanted it to be.
type campaignForm struct {
	// Campaign is the one that there is; of a new one there is only its template.
	Campaign campaigns.Campaign
	Template string
	Action   string
	Form     url.Values
	// Stored is what the form would be of what somebody else saved meanwhile; nil where nobody did.
	Stored url.Values
	Faults fieldFaults
	Told   *pages.Told
	// Settled tells that the kind of codes and their currency stay as they are.
	Settled  bool
	Messages []campaignMessage

	req *request
}

// New tells that the campaign is to be made.
func (p campaignForm) New() bool { return p.Template != "" }

// Val is what stands in a field; Is tells whether it is this.
func (p campaignForm) Val(field string) string { return p.Form.Get(field) }

// Is tells whether a field has a value.
func (p campaignForm) Is(field, value string) bool { return p.Form.Get(field) == value }

// Codes, Kinds, Modes, Presets and Units are what is to be chosen from.
func (p campaignForm) Codes() []campaigns.Codes { return campaigns.CodeKinds() }

// Kinds are those by which people are told.
func (p campaignForm) Kinds() []identity.Kind { return identity.Counted() }

// Modes are what becomes of decisions.
func (p campaignForm) Modes() []decisions.Mode {
	return []decisions.Mode{decisions.Off, decisions.Shadow, decisions.Enforce}
}

// Presets are the choices of signals.
func (p campaignForm) Presets() []decisions.Preset { return decisions.Presets() }

// Units are those of a time.
func (p campaignForm) Units() []string { return []string{"minutes", "hours", "days", "seconds"} }

// Limits are the limits that a campaign can have.
func (p campaignForm) Limits() []string { return limitFields }

// Unanswered is what can be done where nobody can tell.
func (p campaignForm) Unanswered() []decisions.Unanswered {
	return []decisions.Unanswered{decisions.UnansweredRefuse, decisions.UnansweredAllow}
}

// Needs are what a condition can ask.
func (p campaignForm) Needs() []decisions.Need { return decisions.Needs() }

// Rows are the conditions of the form.
func (p campaignForm) Rows() (list []conditionRow) {
	for i := range rows(p.Form) {
		list = append(list, conditionRow{Place: i, Number: i + 1, Need: p.Form.Get(rowField(i, "rule")), form: p})
	}
	return list
}

// Full tells that there can be no more conditions.
func (p campaignForm) Full() bool { return rows(p.Form) >= decisions.MaxConditions }

// conditionRow is the fields of one condition.
type conditionRow struct {
	Place, Number int
	Need          string
	form          campaignForm
}

// Rule, Key, Values and Amount are its fields.
func (r conditionRow) Rule() formField { return r.field("rule") }

// Key is the field of a name.
func (r conditionRow) Key() formField { return r.field("key") }

// Values is the field of a list.
func (r conditionRow) Values() formField { return r.field("values") }

// Amount is the field of a number.
func (r conditionRow) Amount() formField { return r.field("number") }

func (r conditionRow) field(name string) formField {
	f := r.form.F(rowField(r.Place, name))
	f.Label = r.form.req.T("campaign_form.condition." + name)
	return f
}

// formField is one field with all that stands around it.
type formField struct{ Name, Label, Hint, Value, Fault, Kind, Lang, Most, Placeholder string }

// DescribedBy names what explains the field.
func (f formField) DescribedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, "f-"+f.Name+"-hint")
	}
	if f.Fault != "" {
		ids = append(ids, "f-"+f.Name+"-wrong")
	}
	return strings.Join(ids, " ")
}

// fieldKinds are fields that are no plain text.
var fieldKinds = map[string]string{"starts_at": "datetime-local", "ends_at": "datetime-local"}

// fieldLengths bound what is typed, in characters.
var fieldLengths = map[string]int{"key": 40, "prefix": 20, "name_ja": campaigns.MaxName, "name_en": campaigns.MaxName,
	"currency": 3, "currencies": 250}

// F is a field by its name.
func (p campaignForm) F(name string) formField {
	f := formField{Name: name, Value: p.Form.Get(name), Fault: p.Faults[name], Label: p.req.formLabel(name),
		Kind: cmp.Or(fieldKinds[name], "text"), Most: strconv.Itoa(cmp.Or(fieldLengths[name], 40))}
	if strings.HasPrefix(name, "condition_") {
		f.Most = strconv.Itoa(decisions.MaxConditionText)
	}
	if p.req.Base.Words.Knows("campaign_form." + name + ".hint") {
		f.Hint = p.req.T("campaign_form." + name + ".hint")
	}
	return f
}

// formLabel names a field; the words of rules are said elsewhere already.
func (req *request) formLabel(name string) string {
	for _, key := range []string{"campaign_form." + name, "policy.field." + name, "campaigns." + name,
		"policy." + strings.Replace(name, "weak_", "weak.", 1)} {
		if req.Base.Words.Knows(key) {
			return req.T(key)
		}
	}
	return name
}

// Wrong are the faults in the order of the fields, each with where it stands.
func (p campaignForm) Wrong() (list []formField) {
	for name, sentence := range p.Faults {
		f := formField{Name: name, Label: p.req.formLabel(name), Fault: sentence}
		if row, part, ok := rowOf(name); ok {
			f.Label = p.req.T("campaign_form.condition_n", row+1) + ", " + p.req.T("campaign_form.condition."+part)
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b formField) int {
		return byPlace(a.Name, b.Name)
	})
	return list
}

// byPlace compares fields by where they stand on the page.
func byPlace(a, b string) int {
	return cmp.Or(cmp.Compare(slices.Index(fieldOrder, a), slices.Index(fieldOrder, b)), cmp.Compare(a, b))
}

// rowOf tells of a field of a condition which one it is.
func rowOf(name string) (row int, part string, ok bool) {
	rest, ok := strings.CutPrefix(name, "condition_")
	number, part, cut := strings.Cut(rest, "_")
	row, err := strconv.Atoi(number)
	return row, part, ok && cut && err == nil
}

// fieldOrder is the order of the fields on the page; those of conditions, which are not in it, come first.
var fieldOrder = []string{"key", "prefix", "name_ja", "name_en", "codes", "value_kind", "currency", "value_min",
	"value_max", "starts_at", "ends_at", "validity_min", "validity_max", "live_per_person", "points", "sweep_after",
	"uses_in_all", "uses_per_code", "uses_per_person", "currencies", "conditions", "unanswered", "mode", "preset",
	"signals", "threshold", "weak_within_minutes", "weak_emails_per_ip", "messages"}
