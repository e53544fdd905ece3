package console

import (
	"net/url"
	"strconv"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/listing"
)

// saveView keeps the list that the form stands on under a name. What is kept was read by whatever reads an address, and
// written anew: nothing that the list does not understand is kept. Days that a word says stay that word.
func (con couponHandlers) saveView(req *request) error {
	values, err := url.ParseQuery(req.Field("query"))
	if err != nil {
		return domain.Refuse(domain.CodeValidation, "field", "query")
	}
	q, wrong := parseCouponQuery(values, req.Field("list") == "refused", con.deps.Reports.Today())
	if len(wrong) > 0 {
		return con.showCoupons(req, couponsPage{Query: q, Wrong: wrong})
	}
	name := strings.TrimSpace(req.Field("name"))
	fault := ""
	if name == "" || !domain.PlainText(name) || len([]rune(name)) > listing.LongestViewName {
		fault = req.T("views.name_wrong", listing.LongestViewName)
	}
	if fault == "" {
		saved, err := con.deps.Views.SaveView(req.Ctx(), listing.View{StaffID: req.person.ID, Name: name,
			Query: q.address()[len(consolePath):]})
		if err != nil {
			return err
		}
		if !saved {
			fault = req.T("views.too_many", listing.MostViews)
		}
	}
	if fault == "" {
		req.redirect(q.address())
		return nil
	}
	page, err := con.couponsPage(req, q)
	if err != nil {
		return err
	}
	page.Problem = fault
	return con.showCoupons(req, page)
}

// removeView forgets a view of the visitor's own.
func (con couponHandlers) removeView(req *request) error {
	id, err := strconv.ParseInt(req.Gin.Param("id"), 10, 64)
	if err != nil {
		return domain.Refuse(domain.CodeNotFound)
	}
	if err := con.deps.Views.RemoveView(req.Ctx(), req.person.ID, id); err != nil {
		return err
	}
	req.redirect(localPath(req.Field("back")))
	return nil
}

// ViewAddress is where a view leads.
func (d *view) ViewAddress(v listing.View) string { return localPath(consolePath + v.Query) }

// ViewQuery is the list that the visitor looks at, as a view keeps it.
func (d *view) ViewQuery(q couponQuery) string { return q.values().Encode() }
