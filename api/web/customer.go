package web

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
	// MayUnlock tells that the lock can be lifted by the visitor.
	MayUnlock bool
	Rows      []couponRow
	// All is the address of all the customer's coupons; empty when these are all.
	All             string
	CustomerAddress string
}

func (w *Web) customer(v *visit) error {
	id := v.c.Param("id")
	if !domain.ValidCustomerID(id) {
		return domain.Refuse(domain.CodeCustomerNotFound)
	}
	m, err := w.deps.Directory.Member(v.ctx(), id)
	if err != nil {
		return err
	}
	if err := v.read(domain.ActionCustomerRead, m.ID, nil); err != nil {
		return err
	}
	now := w.deps.Now()
	listed, err := w.deps.Listing.Page(v.ctx(), listing.Filter{CustomerID: id, Now: now, Limit: pageLength})
	if err != nil {
		return err
	}
	found := couponsFound{list: listed.Coupons, names: map[string]string{id: m.Name}}
	page := customerPage{Member: m, Locked: m.LockedUntil != nil && now.Before(*m.LockedUntil), Rows: v.rows(found),
		CustomerAddress: w.adminAddress("customers", m.ShopifyCustomerGID)}
	page.MayUnlock = page.Locked && v.may("customers", "unlock")
	if listed.More {
		page.All = couponsPath + "?" + url.Values{"q": {id}}.Encode()
	}
	name := m.Name
	if name == "" {
		name = m.ID
	}
	v.showStatus(http.StatusOK, "customer", v.t("customer.title")+" · "+name, page)
	return nil
}

// unlock lets a locked customer convert again; one who is not locked is as they should be already.
func (w *Web) unlock(v *visit) error {
	id := v.c.Param("id")
	if err := w.deps.Members.Unlock(v.ctx(), v.who, id); err != nil {
		return err
	}
	v.redirect(customersPath + "/" + url.PathEscape(id))
	return nil
}
