package web

import "net/http"

const couponsPath = consolePath + "/coupons"

// couponRoutes are the coupon list, a coupon, and ending one.
func (w *Web) couponRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	const one = couponsPath + "/:code"
	read := permission{"coupons", "read"}
	list := []route{
		{get, couponsPath, read, w.coupons},
		{get, one, read, w.coupon},
		{get, one + "/progress", read, w.progress},
		{get, customersPath + "/:id", permission{"customers", "read"}, w.customer},
		{post, customersPath + "/:id/unlock", permission{"customers", "unlock"}, w.unlock},
	}
	for _, e := range w.endings() {
		list = append(list,
			route{get, one + "/" + e.name, e.right, e.form},
			route{post, one + "/" + e.name + "/confirm", e.right, e.confirm},
			route{post, one + "/" + e.name, e.right, e.run})
	}
	return list
}
