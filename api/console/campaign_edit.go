package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
)

const templatesPath = consolePath + "/campaign-templates"

// newCampaign shows a template, to be changed and made.
func (con campaignHandlers) newCampaign(req *request) error {
	// The next day of the shop: nobody wants what begins before it was looked through.
	starts := domain.StartOfDay(con.deps.Reports.Today().AddDate(0, 0, 1), con.deps.Zone)
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
		if page.Stored != nil {
			told.Title, told.Detail = req.T("campaign_form.two"), ""
		}
		return con.showForm(req, status, page)
	})
}

// changeCampaign gives a campaign other rules and names, where it is still the one that the form was made from.
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
	if err = unseen(page.Form, c); err == nil {
		err = con.readable(reader, wanted)
	}
	if err == nil {
		err = con.saveCampaign(req, c, wanted)
	}
	if domain.CodeOf(err) == domain.CodeCampaignChanged {
		// What was typed stays, and stands beside what somebody else made of it: saving it undoes that, which has to be meant.
		if page.Campaign, err = con.deps.Identity.CampaignBook.ByKey(req.Ctx(), c.Key); err != nil {
			return err
		}
		page.Stored = req.campaignFields(page.Campaign)
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
