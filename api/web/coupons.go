package web

import (
	"net/http"

	"pointbridge/api/access"
)

const couponsPath = consolePath + "/coupons"

// couponRoutes are the coupon list, a coupon, and ending one.
func (w *Web) couponRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	const one = couponsPath + "/:code"
	read := access.To("coupons", "read")
	list := []route{
		{get, couponsPath, read, w.coupons},
		{get, one, read, w.coupon},
		{get, one + "/progress", read, w.progress},
		{get, customersPath + "/:id", access.To("customers", "read"), w.customer},
		{post, customersPath + "/:id/unlock", access.To("customers", "unlock"), w.unlock},
	}
	for _, e := range w.endings() {
		list = append(list,
			route{get, one + "/" + e.name, e.right, e.form},
			route{post, one + "/" + e.name + "/confirm", e.right, e.confirm},
			route{post, one + "/" + e.name, e.right, e.run})
	}
	return list
}
