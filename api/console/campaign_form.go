package console

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

const templatesPath = consolePath + "/campaign-templates"

// campaignForm is the form of a campaign, as it is or as somebody wanted it to be.
type campaignForm struct {
	// Campaign is the one that there is; of a new one there is only its template.
	Campaign campaigns.Campaign
	Template string
	Action   string
	Form     url.Values
	Faults   fieldFaults
	Told     *pages.Told
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
		return cmp.Or(cmp.Compare(slices.Index(fieldOrder, a.Name), slices.Index(fieldOrder, b.Name)),
			cmp.Compare(a.Name, b.Name))
	})
	return list
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

// faultText says what is asked of a field that breaks a rule.
func (req *request) faultText(rule string) string {
	if word, ok := ruleWords[rule]; ok {
		rule = word
	}
	return req.known("rule.", rule)
}

// place puts faults to the fields that they are about.
func (req *request) place(faults []decisions.Fault, into fieldFaults) {
	for _, f := range faults {
		field := formFieldOf(f.Field)
		if field == "conditions" && strings.HasPrefix(f.Field, "protection.conditions.") {
			continue // said at its row
		}
		sentence := req.faultText(f.Rule)
		if own := "campaign_form.wrong." + field + "." + f.Rule; req.Base.Words.Knows(own) {
			sentence = req.T(own)
		}
		into.add(field, sentence)
	}
}

// formFieldOf is where a member of a campaign is written in the form.
func formFieldOf(field string) string {
	field = strings.TrimPrefix(strings.TrimPrefix(field, "protection."), "offer.")
	switch {
	case field == "value.range":
		return "value_min"
	case field == "value.kind":
		return "value_kind"
	case field == "value.currency":
		return "currency"
	case field == "validity":
		return "validity_min"
	case field == "alone":
		return "signals"
	case strings.HasPrefix(field, "names"):
		return "name_ja"
	case strings.HasPrefix(field, "weak."):
		return strings.Replace(field, ".", "_", 1)
	}
	field, _, _ = strings.Cut(field, ".")
	return field
}

// newCampaign shows a template, to be changed and made.
func (con campaignHandlers) newCampaign(req *request) error {
	// The next day of the shop: nobody wants what begins before it was looked through.
	now := con.deps.Now().In(con.deps.Zone)
	starts := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, con.deps.Zone)
	t, ok := campaigns.TemplateOf(campaigns.TemplateKey(req.Gin.Param("template")), starts)
	if !ok {
		return domain.Refuse(domain.CodeNotFound)
	}
	form := req.campaignFields(campaigns.Campaign{Offer: t.Offer, Policy: t.Policy})
	return con.showForm(req, http.StatusOK, campaignForm{Template: string(t.Key), Form: form})
}

func (con campaignHandlers) editCampaign(req *request) error {
	c, err := con.deps.Identity.CampaignBook.ByKey(req.Ctx(), req.Gin.Param("key"))
	if err != nil {
		return err
	}
	return con.showForm(req, http.StatusOK, campaignForm{Campaign: c, Form: req.campaignFields(c)})
}

func (con campaignHandlers) showForm(req *request, status int, page campaignForm) error {
	page.req = req
	title := req.T("campaigns.make")
	if page.New() {
		page.Action = templatesPath + "/" + page.Template
	} else {
		page.Action = campaignsPath + "/" + page.Campaign.Key
		page.Settled = page.Campaign.Status != campaigns.Draft
		title = page.Campaign.NameIn(req.Lang)
	}
	for _, reason := range decisions.Reasons() {
		for _, lang := range []string{"ja", "en"} {
			standard, err := con.deps.Words.Say(lang, "decision.reason."+string(reason))
			if err != nil {
				return err
			}
			name := messageField(reason, lang)
			page.Messages = append(page.Messages, campaignMessage{Reason: reason, Language: lang, Standard: standard,
				Name: name, Text: page.Form.Get(name)})
		}
	}
	req.showStatus(status, "campaign-form", title, page)
	return nil
}

// reshaped gives the form with a condition more or less, where a button for that was pressed; ok tells so.
func reshaped(form url.Values) (url.Values, bool) {
	n := rows(form)
	act := form.Get("act")
	if act == "add" {
		form.Set("conditions", strconv.Itoa(min(n+1, decisions.MaxConditions)))
		return form, true
	}
	gone, err := strconv.Atoi(strings.TrimPrefix(act, "remove_"))
	if act == "look" || err != nil || gone < 0 || gone >= n {
		return form, act != ""
	}
	for row := gone; row < n; row++ {
		for _, part := range []string{"rule", "key", "values", "number"} {
			form.Set(rowField(row, part), form.Get(rowField(row+1, part)))
		}
	}
	form.Set("conditions", strconv.Itoa(n-1))
	return form, true
}

// makeFromTemplate makes a campaign of what the form says.
func (con campaignHandlers) makeFromTemplate(req *request) error {
	page := campaignForm{Template: req.Gin.Param("template"), Form: req.Gin.Request.PostForm}
	if !slices.Contains(campaigns.TemplateKeys(), campaigns.TemplateKey(page.Template)) {
		return domain.Refuse(domain.CodeNotFound)
	}
	if _, only := reshaped(page.Form); only {
		return con.showForm(req, http.StatusOK, page)
	}
	reader := campaignReader{req, page.Form, fieldFaults{}}
	wanted := reader.read(campaigns.Campaign{Key: reader.text("key"), Prefix: strings.ToUpper(reader.text("prefix")),
		Status: campaigns.Draft})
	err := con.readable(reader, wanted)
	if err == nil {
		_, err = con.deps.Identity.Campaigns.Make(req.Ctx(), req.Who, wanted)
	}
	if err != nil {
		return con.stayInForm(req, err, page, reader.faults)
	}
	req.redirect(campaignsPath + "/" + url.PathEscape(wanted.Key))
	return nil
}

// readable refuses what could not be read, and whatever else is wrong with it.
func (con campaignHandlers) readable(reader campaignReader, wanted campaigns.Campaign) error {
	wanted.Offer, wanted.Policy = wanted.Offer.Settled(), wanted.Policy.Settled()
	faults := wanted.Faults()
	reader.req.place(faults, reader.faults)
	if len(reader.faults) == 0 {
		return nil
	}
	return domain.Refuse(domain.CodeValidation)
}

func (con campaignHandlers) stayInForm(req *request, err error, page campaignForm, faults fieldFaults) error {
	var refused *domain.Error
	if errors.As(err, &refused) {
		list, _ := refused.Params["faults"].([]decisions.Fault)
		req.place(list, faults)
	}
	return req.stay(err, func(status int, told *pages.Told) error {
		page.Faults, page.Told = faults, told
		if told.Code == domain.CodeValidation {
			told.Title, told.Detail = req.T("campaigns.wrong"), ""
		}
		return con.showForm(req, status, page)
	})
}

// changeCampaign gives a campaign other rules, made from the version that the form was made from, and other names.
func (con campaignHandlers) changeCampaign(req *request) error {
	c, err := con.deps.Identity.CampaignBook.ByKey(req.Ctx(), req.Gin.Param("key"))
	if err != nil {
		return err
	}
	page := campaignForm{Campaign: c, Form: req.Gin.Request.PostForm}
	if _, only := reshaped(page.Form); only {
		return con.showForm(req, http.StatusOK, page)
	}
	reader := campaignReader{req, page.Form, fieldFaults{}}
	wanted := reader.read(c)
	if err = con.readable(reader, wanted); err == nil {
		err = con.saveCampaign(req, c, wanted)
	}
	if domain.CodeOf(err) == domain.CodeCampaignChanged {
		// What somebody else made of it is shown: saving the form as it was would undo that unseen.
		if page.Campaign, err = con.deps.Identity.CampaignBook.ByKey(req.Ctx(), c.Key); err != nil {
			return err
		}
		page.Form = req.campaignFields(page.Campaign)
		err = domain.Refuse(domain.CodeCampaignChanged)
	}
	if err != nil {
		return con.stayInForm(req, err, page, reader.faults)
	}
	req.redirect(campaignsPath + "/" + url.PathEscape(c.Key))
	return nil
}

func (con campaignHandlers) saveCampaign(req *request, was, wanted campaigns.Campaign) error {
	c, err := con.deps.Identity.Campaigns.Revise(req.Ctx(), req.Who, was.Key, wanted.Policy.Version, wanted.Offer,
		wanted.Policy)
	if err == nil && !slices.Equal(c.Names, wanted.Names) {
		_, err = con.deps.Identity.Campaigns.Rename(req.Ctx(), req.Who, was.Key, wanted.Names)
	}
	return err
}
