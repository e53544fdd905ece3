package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// trialPage is a question that somebody tries on a campaign's rules, and what a decision would be.
type trialPage struct {
	Form   url.Values
	Faults fieldFaults
	// Answer is nil before anything was tried; Says is what the customer would read, in each language.
	Answer *decisions.Answer
	Says   []campaignMessage
	Told   *pages.Told
}

// Val is what stands in a field.
func (p trialPage) Val(field string) string { return p.Form.Get(field) }

// Is tells whether a field has a value.
func (p trialPage) Is(field, value string) bool { return p.Form.Get(field) == value }

// Stages are where a buyer can be.
func (p trialPage) Stages() []decisions.Stage {
	return []decisions.Stage{decisions.StageIssue, decisions.StageCart, decisions.StageCheckout}
}

// newTrial is an empty question, about the campaign as it will be when it is live.
func newTrial(c campaigns.Campaign) *trialPage {
	form := url.Values{"stage": {string(decisions.StageCheckout)}, "code": {c.Prefix}}
	tick(form, "as_live", c.Status == campaigns.Draft)
	return &trialPage{Form: form}
}

// tryCampaign decides as a request would be decided, and leaves nothing but the fact that somebody tried.
func (con campaignHandlers) tryCampaign(req *request) error {
	c, err := con.deps.Identity.CampaignBook.ByKey(req.Ctx(), req.Gin.Param("key"))
	if err != nil {
		return err
	}
	page := &trialPage{Form: req.Gin.Request.PostForm, Faults: fieldFaults{}}
	q := page.question(req, c.Key)
	if page.Form.Get("as_live") != "" {
		tried := c
		tried.Status = campaigns.Live
		if now := con.deps.Now(); !tried.Offer.Found() && now.Before(tried.Offer.StartsAt) {
			tried.Offer.StartsAt = now // as if it had begun
		}
		q.TriedStatus = tried.StatusAt(con.deps.Now())
	}
	if len(page.Faults) > 0 {
		return con.showCampaign(req, http.StatusUnprocessableEntity, page, nil)
	}
	d, err := con.deps.Identity.Decisions.Trial(req.Ctx(), q, nil)
	if err != nil {
		return req.stayWith(err, func(status int, told *pages.Told) error {
			page.Told = told
			return con.showCampaign(req, status, page, nil)
		})
	}
	if err := req.read(domain.ActionCampaignTried, "", map[string]any{"campaign": c.Key}); err != nil {
		return err
	}
	page.Answer = &d.Answer
	if d.Answer.Reason != "" {
		for _, lang := range []string{"ja", "en"} {
			text := c.Policy.MessageFor(d.Answer.Reason, lang)
			if text == "" {
				if text, err = con.deps.Words.Say(lang, "decision.reason."+string(d.Answer.Reason)); err != nil {
					return err
				}
			}
			page.Says = append(page.Says, campaignMessage{Language: lang, Text: text})
		}
	}
	return con.showCampaign(req, http.StatusOK, page, nil)
}

// question reads what is tried. Everything may be missing.
func (p *trialPage) question(req *request, key string) decisions.Question {
	text := func(field string) string { return strings.TrimSpace(p.Form.Get(field)) }
	q := decisions.Question{Campaign: key, Code: text("code"), Stage: decisions.Stage(p.Form.Get("stage")),
		Currency: strings.ToUpper(text("cart_currency"))}
	if !slices.Contains(p.Stages(), q.Stage) {
		q.Stage = decisions.StageCheckout
	}
	if q.Currency != "" && !decisions.IsCurrency(q.Currency) {
		p.Faults.add("cart_currency", req.T("rule.invalid"))
	}
	if id := text("customer"); id != "" {
		if _, err := strconv.ParseUint(id, 10, 64); err == nil {
			id = "gid://shopify/Customer/" + id
		}
		q.Shown.CustomerID = id
	}
	for field, list := range map[string]*[]string{"email": &q.Shown.Emails, "phone": &q.Shown.Phones,
		"ip": &q.Shown.IPs} {
		if value := text(field); value != "" {
			*list = []string{value}
		}
	}
	if line, zip := text("address"), text("zip"); line != "" || zip != "" {
		q.Shown.Addresses = []identity.PostalAddress{{Line1: line, Zip: zip}}
	}
	if typed := plain(text("orders")); typed != "" {
		n, err := strconv.Atoi(typed)
		if err != nil || n < 0 {
			p.Faults.add("orders", req.T("rule.integer"))
		}
		q.OrdersBefore = &n
	}
	return q
}
