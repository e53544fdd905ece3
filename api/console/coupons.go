package console

import (
	"pointbridge/api/access"
	"pointbridge/api/pages"
)

const (
	couponsPath = consolePath + "/coupons"
	// refusedPath is the list of conversions that came to nothing, which are no coupons.
	refusedPath = consolePath + "/refused-conversions"
	viewsPath   = consolePath + "/views"
)

// couponRoutes are the coupon list, a coupon, and ending one.
func (con couponHandlers) couponRoutes() []route {
	const one = couponsPath + "/:code"
	read := access.To("coupons", "read")
	list := []route{
		pages.Get(couponsPath, read, con.coupons),
		pages.Get(refusedPath, read, con.refusedConversions),
		pages.Get(couponsPath+exportEnd, read, con.exportCoupons),
		pages.Get(refusedPath+exportEnd, read, con.exportCoupons),
		pages.Post(viewsPath, read, con.saveView),
		pages.Post(viewsPath+"/:id/remove", read, con.removeView),
		pages.Get(one, read, con.coupon),
		pages.Get(one+"/progress", read, con.progress),
		pages.Get(searchPath, access.To("customers", "read"), con.search),
		pages.Get(customersPath, access.To("customers", "read"), con.members),
		pages.Post(one+"/mail", access.To("mails", "resend"), con.sendAgain),
		pages.Get(customersPath+"/:id", access.To("customers", "read"), con.customer),
		pages.Post(customersPath+"/:id/notes", access.To("customers", "note"), con.addNote),
		pages.Get(customersPath+"/:id/convert", mayConvert, con.convertForm),
		pages.Post(customersPath+"/:id/convert/confirm", mayConvert, con.convertConfirm),
		pages.Post(customersPath+"/:id/convert", mayConvert, con.convertFor),
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
