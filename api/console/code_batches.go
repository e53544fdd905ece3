package console

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
)

// uploads are the forms that carry a list of recipients.
var uploads = []string{batchesPath, batchesPath + "/new"}

// rowFaultsShown is how many wrong rows of a list are named.
const rowFaultsShown = 10

// batchForm is the form of a batch, and what is shown once more before it is made.
type batchForm struct {
	campaigns.Campaign
	Form   url.Values
	Faults fieldFaults
	// RowFaults are sentences about wrong rows of the list; MoreFaults is how many are left out.
	RowFaults  []string
	MoreFaults int
	// Says is what will happen.
	Says []string
	Shut bool
	Told *pages.Told
	// Key is drawn when the second page is made, so that sending that page twice makes one batch.
	Key string
}

// Val is what stands in a field.
func (p batchForm) Val(field string) string { return p.Form.Get(field) }

// List tells that it is made of a list of recipients.
func (p batchForm) List() bool { return p.Offer.Codes == campaigns.Personal }

// Chosen tells that there is a value to be chosen.
func (p batchForm) Chosen() bool { return p.Offer.Value.Range.Min != p.Offer.Value.Range.Max }

// ofBatch reads the campaign of the address for whoever makes a batch. Each row of a list is a personal code, so that it
// takes the right to give one.
func (con codeHandlers) ofBatch(req *request) (campaigns.Campaign, error) {
	c, err := con.ofKind(req, campaigns.Batch, campaigns.Personal)
	if err == nil && c.Offer.Codes == campaigns.Personal {
		err = con.deps.Access.Demand(req.Who, givesCode)
	}
	return c, err
}

func (con codeHandlers) batchForm(req *request) error {
	c, err := con.ofBatch(req)
	if err != nil {
		return err
	}
	return con.showBatchForm(req, http.StatusOK, batchForm{Campaign: c})
}

func (con codeHandlers) showBatchForm(req *request, status int, page batchForm) error {
	page.Shut = !con.givesCodes(page.Campaign)
	page.Says = req.batchSentences(page.Campaign)
	req.showStatus(status, "batch-form", req.T("batches.make"), page)
	return nil
}

// batchSentences says what a batch of a campaign does, before anything is asked for.
func (req *request) batchSentences(c campaigns.Campaign) []string {
	o := c.Offer
	least, most := req.ValueText(o.Value, o.Value.Range.Min), req.ValueText(o.Value, o.Value.Range.Max)
	if o.Codes == campaigns.Batch {
		return []string{req.T("batches.says.unbound", c.Prefix, least),
			req.T("batches.says.most", req.quantity(codes.MaxCount)), req.T("batches.says.ends", req.Time(o.EndsAt))}
	}
	list := []string{req.T("batches.says.bound", c.Prefix)}
	if least == most {
		list = append(list, req.T("rules.value.one", least))
	} else {
		list = append(list, req.T("batches.says.range", least, most))
	}
	if o.Points > 0 {
		list = append(list, req.T("batches.says.points", req.Points(o.Points)))
	}
	return append(list, req.T("batches.says.told"), req.T("batches.says.rows", req.quantity(codes.MaxRows)))
}

// asked reads the form.
func (p *batchForm) asked(req *request) codes.Asked {
	p.Form, p.Faults = req.Gin.Request.PostForm, fieldFaults{}
	reader := campaignReader{req, p.Form, p.Faults}
	a := codes.Asked{Caller: req.Who, Key: req.Field("key"), Campaign: p.Campaign.Key}
	if p.List() {
		a.CSV = req.Field("csv")
		if strings.TrimSpace(a.CSV) == "" {
			p.Faults.add("csv", req.T("rule.required"))
		}
	} else {
		a.Count = int(min(reader.needed("count"), codes.MaxCount+1))
	}
	if p.Chosen() {
		a.Value = reader.value("value", p.Offer.Value)
	}
	return a
}

// confirmBatch shows what would be made. Whoever wants to change something gets the form again as they left it.
func (con codeHandlers) confirmBatch(req *request) error {
	c, err := con.ofBatch(req)
	if err != nil {
		return err
	}
	page := batchForm{Campaign: c}
	asked := page.asked(req)
	if req.Field("change") != "" {
		page.Faults = nil
		return con.showBatchForm(req, http.StatusOK, page)
	}
	if len(page.Faults) > 0 {
		return con.stayWithBatch(req, domain.Refuse(domain.CodeValidation), page)
	}
	o, err := con.deps.Identity.Codes.Plan(req.Ctx(), asked)
	if err != nil {
		return con.stayWithBatch(req, err, page)
	}
	page.Key, page.Says = pages.NewKey(), req.planSentences(c, o)
	req.showStatus(http.StatusOK, "batch-confirm", req.T("batches.make"), page)
	return nil
}

// planSentences says what a batch would be.
func (req *request) planSentences(c campaigns.Campaign, o codes.Opening) []string {
	value := func(n int64) string { return req.ValueText(c.Offer.Value, n) }
	if o.Batch.Kind == codes.Unbound {
		return []string{req.T("batches.plan.unbound", req.quantity(int64(o.Batch.Wanted)), value(o.Batch.Value)),
			req.T("batches.plan.anybody"), req.T("batches.says.ends", req.Time(c.Offer.EndsAt)), req.T("batches.plan.stop")}
	}
	getting, twice := int64(0), int64(0)
	for _, r := range o.Rows {
		if r.State == codes.RowRefused {
			twice++
		} else {
			getting++
		}
	}
	list := []string{req.T("batches.plan.bound", req.quantity(getting))}
	if o.Batch.Value > 0 {
		list = append(list, req.T("rules.value.one", value(o.Batch.Value)))
	}
	if twice > 0 {
		list = append(list, req.T("batches.plan.twice", req.quantity(twice)))
	}
	if c.Offer.Points > 0 {
		list = append(list, req.T("batches.plan.points", req.Points(c.Offer.Points), req.Points(c.Offer.Points*getting)))
	}
	return append(list, req.T("batches.says.told"), req.T("batches.plan.stop_bound"))
}

// makeBatch begins it, and leads to its page. What forbids it meanwhile is told on the form.
func (con codeHandlers) makeBatch(req *request) error {
	c, err := con.ofBatch(req)
	if err != nil {
		return err
	}
	page := batchForm{Campaign: c}
	asked := page.asked(req)
	if _, err = req.formKey(); err == nil && len(page.Faults) > 0 {
		err = domain.Refuse(domain.CodeValidation)
	}
	var b codes.Batch
	if err == nil {
		b, _, err = con.deps.Identity.Codes.Make(req.Ctx(), asked)
	}
	if err != nil {
		return con.stayWithBatch(req, err, page)
	}
	req.redirect(campaignAddress(c.Key, "batches", b.PublicID))
	return nil
}

// stayWithBatch shows the form again with what is wrong at its field, and with the rows that are wrong.
func (con codeHandlers) stayWithBatch(req *request, err error, page batchForm) error {
	var refused *domain.Error
	if errors.As(err, &refused) && refused.Code == domain.CodeValidation {
		field, _ := refused.Params["field"].(string)
		rule, _ := refused.Params["rule"].(string)
		rows, _ := refused.Params["rows"].([]codes.RowFault)
		for i, f := range rows {
			if i == rowFaultsShown {
				page.MoreFaults = len(rows) - i
				break
			}
			page.RowFaults = append(page.RowFaults, req.T("batches.row", f.Row, req.known("batches.field.", f.Field),
				req.faultText(f.Rule)))
		}
		switch own := "batches.wrong." + field + "." + rule; {
		case field == "" || len(rows) > 0:
		case req.Base.Words.Knows(own):
			page.Faults.add(field, req.T(own))
		default:
			page.Faults.add(field, req.faultText(cmp.Or(rule, "invalid")))
		}
	}
	return req.stay(err, func(status int, told *pages.Told) error {
		if told.Code == domain.CodeValidation {
			told.Title, told.Detail = req.T("batches.wrong"), ""
		}
		page.Told = told
		return con.showBatchForm(req, status, page)
	})
}
