package console

import (
	"pointbridge/api/access"
	"pointbridge/api/pages"
)

const couponsPath = consolePath + "/coupons"

// couponRoutes are the coupon list, a coupon, and ending one.
func (con couponHandlers) couponRoutes() []route {
	const one = couponsPath + "/:code"
	read := access.To("coupons", "read")
	list := []route{
		pages.Get(couponsPath, read, con.coupons),
		pages.Get(one, read, con.coupon),
		pages.Get(one+"/progress", read, con.progress),
		pages.Get(customersPath+"/:id", access.To("customers", "read"), con.customer),
		pages.Post(customersPath+"/:id/unlock", access.To("customers", "unlock"), con.unlock),
		pages.Get(customersPath+"/:id/number", mayRenumber, con.numberForm),
		pages.Post(customersPath+"/:id/number", mayRenumber, con.renumber),
	}
	for _, e := range con.endings() {
		list = append(list,
			pages.Get(one+"/"+e.name, e.right, e.form),
			pages.Post(one+"/"+e.name+"/confirm", e.right, e.confirm),
			pages.Post(one+"/"+e.name, e.right, e.run))
	}
	return list
}
