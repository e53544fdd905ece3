package console

import (
	"net/http"
	"net/url"
	"strings"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
)

// issueForm is the form by which somebody is given a personal code.
type issueForm struct {
	campaigns.Campaign
	Form   url.Values
	Faults fieldFaults
	Says   []string
	Shut   bool
	Told   *pages.Told
	// Key is drawn when the page is made, so that sending its form twice gives one code.
	Key string
}

// Val is what stands in a field; Is tells whether it is this.
func (p issueForm) Val(field string) string { return p.Form.Get(field) }

// Is tells whether a field has a value.
func (p issueForm) Is(field, value string) bool { return p.Form.Get(field) == value }

// Kinds are the ways in which a recipient can be named.
func (p issueForm) Kinds() []string { return recipientKinds }

// Chosen tells that there is a value to be chosen.
func (p issueForm) Chosen() bool { return p.Offer.Value.Range.Min != p.Offer.Value.Range.Max }

var recipientKinds = []string{"email", "shopify_customer_id", "customer_id"}

func (con codeHandlers) issueForm(req *request) error {
	c, err := con.ofKind(req, campaigns.Personal)
	if err != nil {
		return err
	}
	return con.showIssue(req, http.StatusOK, issueForm{Campaign: c, Key: pages.NewKey()})
}

func (con codeHandlers) showIssue(req *request, status int, page issueForm) error {
	page.Shut = !con.givesCodes(page.Campaign)
	o := page.Offer
	least, most := req.ValueText(o.Value, o.Value.Range.Min), req.ValueText(o.Value, o.Value.Range.Max)
	page.Says = []string{req.T("rules.value.one", least)}
	if least != most {
		page.Says[0] = req.T("batches.says.range", least, most)
	}
	if o.Points > 0 {
		page.Says = append(page.Says, req.T("issue.says.points", req.Points(o.Points)))
	} else {
		page.Says = append(page.Says, req.T("issue.says.free"))
	}
	page.Says = append(page.Says, req.T("issue.says.end", req.Time(o.CodeEnd(con.deps.Now()))),
		req.T("rules.live", req.quantity(int64(o.LivePerPerson))), req.T("issue.says.told"))
	req.showStatus(status, "issue-form", req.T("issue.title"), page)
	return nil
}

// recipient reads whom a code is for.
func (p issueForm) recipient(req *request) (to coupons.Recipient) {
	text := strings.TrimSpace(req.Field("to"))
	if text == "" {
		p.Faults.add("to", req.T("rule.required"))
	}
	switch req.Field("to_kind") {
	case "email":
		to.Email = text
	case "shopify_customer_id":
		to.ShopifyCustomerGID = domain.ShopCustomerPrefix + strings.TrimPrefix(text, domain.ShopCustomerPrefix)
	case "customer_id":
		to.CustomerID = text
	default:
		p.Faults.add("to", req.T("rule.invalid"))
	}
	return to
}

// issue gives the code out, and leads to its page.
func (con codeHandlers) issue(req *request) error {
	c, err := con.ofKind(req, campaigns.Personal)
	if err != nil {
		return err
	}
	page := issueForm{Campaign: c, Form: req.Gin.Request.PostForm, Faults: fieldFaults{}}
	wanted := coupons.Issue{Caller: req.Who, Campaign: c.Key, To: page.recipient(req), Points: req.Shown("points")}
	if page.Chosen() {
		wanted.Value = campaignReader{req, page.Form, page.Faults}.value("value", c.Offer.Value)
	}
	var result coupons.Result
	if wanted.Key, err = req.formKey(); err == nil && len(page.Faults) > 0 {
		err = domain.Refuse(domain.CodeValidation)
	}
	if err == nil {
		result, err = con.deps.Codes.Issue(req.Ctx(), wanted)
	}
	if err != nil {
		return con.stayWithIssue(req, err, page)
	}
	if req.may("coupons", "read") {
		req.redirect(couponAddress(result.Coupon.Code))
		return nil
	}
	req.redirect(campaignAddress(c.Key))
	return nil
}

// stayWithIssue shows the form again. The next try is another request, but where this one is still at work.
func (con codeHandlers) stayWithIssue(req *request, err error, page issueForm) error {
	field := fieldOf(err)
	switch code := domain.CodeOf(err); {
	case code == domain.CodeRecipientNotFound, code == domain.CodeCustomerNotFound:
		page.Faults.add("to", req.Base.Hooks.Say(req.Lang, err).Title)
	case code == domain.CodeValidation && field == "value", code == domain.CodeValueNotOffered:
		page.Faults.add("value", req.T("rule.range"))
	case code == domain.CodeValidation && field != "":
		page.Faults.add("to", req.T("rule.invalid"))
	}
	return req.stay(err, func(status int, told *pages.Told) error {
		if told.Code == domain.CodeValidation {
			told.Title, told.Detail = req.T("issue.wrong"), ""
		}
		page.Told, page.Key = told, pages.NewKey()
		if told.Code == domain.CodeRequestInProgress {
			page.Key = req.Field("key")
		}
		return con.showIssue(req, status, page)
	})
}
