package console

import (
	"errors"
	"net/http"
	"net/url"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/members"
)

// mayRenumber is the right to move a member to the number that the POS has given them.
var mayRenumber = access.To("customers", "renumber")

// numberPage is the form of a member's new number, as somebody left it.
type numberPage struct {
	members.Member
	Number string
	// Wrong says that it is no number.
	Wrong bool
	Told  *pages.Told
}

func customerAddress(id string) string { return customersPath + "/" + url.PathEscape(id) }

func (con couponHandlers) numberForm(req *request) error {
	return con.showNumber(req, http.StatusOK, numberPage{})
}

func (con couponHandlers) showNumber(req *request, status int, page numberPage) error {
	id := req.Gin.Param("id")
	var err error
	if page.Member, err = con.deps.Directory.Member(req.Ctx(), id); err != nil {
		return err
	}
	req.showStatus(status, "number", req.T("customer.renumber_title"), page)
	return nil
}

// renumber moves the member and leads to them under the new number. What forbids it is told above the form.
func (con couponHandlers) renumber(req *request) error {
	page := numberPage{Number: domain.FoldTyped(req.Field("number"))}
	moved, err := con.deps.Members.Renumber(req.Ctx(), members.Renumbering{Caller: req.Who, From: req.Gin.Param("id"),
		To: page.Number})
	switch domain.CodeOf(err) {
	case domain.CodeCustomerNotFound:
		return err
	case domain.CodeValidation:
		con.deps.Hooks.Refused(req.Gin, err)
		page.Wrong = true
		return con.showNumber(req, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return req.stayFor(err, func(status int, told *pages.Told) error {
			page.Told = told
			return con.showNumber(req, status, page)
		})
	}
	req.redirect(customerAddress(moved.ID))
	return nil
}

// earlier leads from a number that a member had before to who they are now.
func (con couponHandlers) earlier(req *request, id string, missing error) error {
	if !errors.Is(missing, &domain.Error{Code: domain.CodeCustomerNotFound}) {
		return missing
	}
	holder, err := con.deps.Members.HolderOf(req.Ctx(), id)
	if err != nil {
		return err
	}
	req.redirect(customerAddress(holder.ID))
	return nil
}
