package console

import (
	"net/http"
	"strconv"
	"strings"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
)

// mayConvert is the right to turn a member's points into a coupon for them.
var mayConvert = access.To("conversions", "create")

// memberConvertPage is the form, and once there is a quote what it will do.
type memberConvertPage struct {
	members.Member
	// Points is what was typed.
	Points string
	Quote  *coupons.Quote
	// Left is the balance afterwards.
	Left int64
	// Key is drawn when the second page is made, so that sending that page twice makes one coupon.
	Key   string
	Wrong bool
	Told  *pages.Told
}

// Title is what the member is called.
func (p memberConvertPage) Title() string {
	if p.Name == "" {
		return p.ID
	}
	return p.Name
}

func (con couponHandlers) convertForm(req *request) error {
	return con.showConvert(req, http.StatusOK, memberConvertPage{})
}

func (con couponHandlers) showConvert(req *request, status int, page memberConvertPage) error {
	var err error
	if page.Member, err = con.deps.Directory.Member(req.Ctx(), req.Gin.Param("id")); err != nil {
		return err
	}
	req.showStatus(status, "member-convert", req.T("convert_for.title"), page)
	return nil
}

// typedPoints reads a figure as people type it: full width, with commas.
func typedPoints(text string) (int64, bool) {
	n, err := strconv.ParseInt(strings.ReplaceAll(domain.FoldTyped(text), ",", ""), 10, 64)
	return n, err == nil && n > 0
}

// convertConfirm says what the coupon would be, and asks once more.
func (con couponHandlers) convertConfirm(req *request) error {
	page := memberConvertPage{Points: strings.TrimSpace(req.Field("points"))}
	points, ok := typedPoints(page.Points)
	switch {
	case !ok:
		page.Wrong = true
		return con.showConvert(req, http.StatusUnprocessableEntity, page)
	case req.Field("change") != "":
		return con.showConvert(req, http.StatusOK, page)
	}
	quote, err := con.deps.Service.Quote(req.Ctx(), req.Who, req.Gin.Param("id"), points)
	if err != nil {
		return con.stayWithConvert(req, err, page)
	}
	if err := req.read(domain.ActionCustomerRead, req.Gin.Param("id"), nil); err != nil {
		return err
	}
	page.Quote, page.Left, page.Key = &quote, quote.Balance-quote.Points, pages.NewKey()
	return con.showConvert(req, http.StatusOK, page)
}

// convertFor turns points into a coupon as any other conversion is made, and leads to the coupon, which says how far it
// is.
func (con couponHandlers) convertFor(req *request) error {
	page := memberConvertPage{Points: req.Field("points")}
	points, ok := typedPoints(page.Points)
	if !ok {
		return con.convertConfirm(req)
	}
	key, err := req.formKey()
	if err != nil {
		return con.convertConfirm(req) // the page before it makes a new one
	}
	made, err := con.deps.Service.Convert(req.Ctx(), coupons.Conversion{Caller: req.Who,
		CustomerID: req.Gin.Param("id"), Points: points, Key: key})
	if err != nil {
		return con.stayWithConvert(req, err, page)
	}
	if !req.may("coupons", "read") {
		req.redirect(customerAddress(made.Coupon.CustomerID))
		return nil
	}
	req.redirect(couponAddress(made.Coupon.Code))
	return nil
}

func (con couponHandlers) stayWithConvert(req *request, err error, page memberConvertPage) error {
	if domain.CodeOf(err) == domain.CodeCustomerNotFound {
		if _, missing := con.deps.Directory.Customer(req.Ctx(), req.Gin.Param("id")); missing != nil {
			return missing
		}
	}
	return req.stayFor(err, func(status int, told *pages.Told) error {
		page.Told = told
		return con.showConvert(req, status, page)
	})
}
