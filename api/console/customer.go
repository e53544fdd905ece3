package console

import (
	"net/http"
	"net/url"

	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/domain/members"
)

const customersPath = consolePath + "/customers"

// customerPage is a member as staff see one. Mail address and phone are not on it: nobody needs them here.
type customerPage struct {
	members.Member
	Locked bool
	// MayUnlock says that the lock can be lifted by the visitor.
	MayUnlock bool
	// Former are the numbers that the member had before.
	Former []string
	Rows   []couponRow
	// All is the address of all the customer's coupons; empty when these are all.
	All             string
	CustomerAddress string
}

func (con couponHandlers) customer(req *request) error {
	id := req.Gin.Param("id")
	if !domain.KnownCustomerID(id) {
		return domain.Refuse(domain.CodeCustomerNotFound)
	}
	m, err := con.deps.Directory.Member(req.Ctx(), id)
	if err != nil {
		return con.earlier(req, id, err)
	}
	if err := req.read(domain.ActionCustomerRead, m.ID, nil); err != nil {
		return err
	}
	now := con.deps.Now()
	listed, err := con.deps.Listing.Page(req.Ctx(), listing.Filter{CustomerID: id, Now: now, Limit: pageLength})
	if err != nil {
		return err
	}
	found := couponsFound{list: listed.Coupons, names: map[string]string{id: m.Name}}
	page := customerPage{Member: m, Locked: m.LockedUntil != nil && now.Before(*m.LockedUntil), Rows: req.rows(found),
		CustomerAddress: con.adminAddress("customers", m.ShopifyCustomerGID)}
	if page.Former, err = con.deps.Members.FormerNumbers(req.Ctx(), id); err != nil {
		return err
	}
	page.MayUnlock = page.Locked && req.may("customers", "unlock")
	if listed.More {
		page.All = couponsPath + "?" + url.Values{"q": {id}}.Encode()
	}
	name := m.Name
	if name == "" {
		name = m.ID
	}
	req.showStatus(http.StatusOK, "customer", req.T("customer.title")+" · "+name, page)
	return nil
}

// unlock lets a locked customer convert again; one who is not locked is as they should be already.
func (con couponHandlers) unlock(req *request) error {
	id := req.Gin.Param("id")
	if err := con.deps.Members.Unlock(req.Ctx(), req.Who, id); err != nil {
		return err
	}
	req.redirect(customersPath + "/" + url.PathEscape(id))
	return nil
}
