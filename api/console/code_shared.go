package console

import (
	"errors"
	"net/http"
	"net/url"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/decisions"
)

// shareForm is the form of a code that anybody may type.
type shareForm struct {
	campaigns.Campaign
	Form   url.Values
	Faults fieldFaults
	Says   []string
	Shut   bool
	Told   *pages.Told
	// Key is drawn when the page is made, so that sending its form twice makes one code.
	Key string
}

// Val is what stands in a field.
func (p shareForm) Val(field string) string { return p.Form.Get(field) }

func (con codeHandlers) shareForm(req *request) error {
	c, err := con.ofKind(req, campaigns.Shared)
	if err != nil {
		return err
	}
	return con.showShare(req, http.StatusOK, shareForm{Campaign: c, Form: url.Values{"code": {c.Prefix}},
		Key: pages.NewKey()})
}

func (con codeHandlers) showShare(req *request, status int, page shareForm) error {
	page.Shut = !con.givesCodes(page.Campaign)
	o := page.Offer
	page.Says = []string{req.T("shared.says.anybody", req.ValueText(o.Value, o.Value.Range.Min)),
		req.T("batches.says.ends", req.Time(o.EndsAt)), req.T("shared.says.stays")}
	req.showStatus(status, "shared-form", req.T("shared.make"), page)
	return nil
}

// share makes the code, and leads to the list in which it stands.
func (con codeHandlers) share(req *request) error {
	c, err := con.ofKind(req, campaigns.Shared)
	if err != nil {
		return err
	}
	page := shareForm{Campaign: c, Form: req.Gin.Request.PostForm, Faults: fieldFaults{}}
	key, err := req.formKey()
	if err == nil {
		_, _, err = con.deps.Identity.Codes.Share(req.Ctx(), codes.SharedCode{Caller: req.Who, Key: key,
			Campaign: c.Key, Code: req.Field("code"), Owner: req.Field("owner")})
	}
	if err != nil {
		var refused *domain.Error
		if errors.As(err, &refused) {
			list, _ := refused.Params["faults"].([]decisions.Fault)
			for _, f := range list {
				page.Faults.add(f.Field, req.faultText(f.Rule))
			}
		}
		return req.stay(err, func(status int, told *pages.Told) error {
			if told.Code == domain.CodeValidation {
				told.Title, told.Detail = req.T("shared.wrong"), ""
			}
			page.Told, page.Key = told, pages.NewKey()
			return con.showShare(req, status, page)
		})
	}
	con.toCodes(req, c)
	return nil
}

// toCodes leads to the list of a campaign's codes, or to the campaign for who may not read it.
func (con codeHandlers) toCodes(req *request, c campaigns.Campaign) {
	if req.may("campaign_codes", "read") {
		req.redirect(campaignAddress(c.Key, "codes"))
		return
	}
	req.redirect(campaignAddress(c.Key))
}

// endPage asks once more before a shared code is ended.
type endPage struct {
	codes.Code
	Of campaigns.Campaign
}

func (con codeHandlers) confirmEnd(req *request) error {
	c, err := con.ofKind(req, campaigns.Shared)
	if err != nil {
		return err
	}
	list, err := con.deps.Identity.CodeBook.CodesOf(req.Ctx(), codes.Query{Campaign: c.Key, Kind: codes.Shared,
		Code: decisions.CodeKey(req.Gin.Param("code")), Limit: 1})
	if err != nil {
		return err
	}
	switch {
	case len(list) == 0:
		return domain.Refuse(domain.CodeCodeNotFound)
	case !canEnd(list[0]):
		con.toCodes(req, c)
		return nil
	}
	req.showStatus(http.StatusOK, "shared-end", req.T("shared.end.title", list[0].Code), endPage{list[0], c})
	return nil
}

// canEnd tells that ending a code changes anything.
func canEnd(c codes.Code) bool {
	return c.DeactivatedAt == nil && (c.Status() == codes.CodeActive || c.Status() == codes.CodeOff ||
		c.Status() == codes.CodeOnTheWay)
}

// endShared ends it; one that has ended is left alone.
func (con codeHandlers) endShared(req *request) error {
	c, err := con.ofKind(req, campaigns.Shared)
	if err != nil {
		return err
	}
	if _, err := con.deps.Identity.Codes.Deactivate(req.Ctx(), req.Who, c.Key, req.Gin.Param("code")); err != nil {
		return err
	}
	con.toCodes(req, c)
	return nil
}

// CanEnd tells that ending a code changes anything.
func (d *view) CanEnd(c codes.Code) bool { return canEnd(c) }
