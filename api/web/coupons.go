package web

// couponRoutes are the coupon list, a coupon, and ending one.
func (w *Web) couponRoutes() []route { return nil }
