package api

import (
	"net/http"
	"reflect"

	"pointbridge/domain"
)

var (
	problemType    = reflect.TypeFor[Problem]()
	mayReadCoupons = permission{"coupons", "read"}
)

// How each operation can refuse, beside what every operation can.
var (
	unknownCustomer = []domain.Code{domain.CodeCustomerNotFound}
	readsBalance    = []domain.Code{domain.CodeCustomerNotFound, domain.CodeUpstreamUnavailable}
	quotes          = []domain.Code{domain.CodeCustomerNotFound, domain.CodeUpstreamUnavailable, domain.CodeInsufficientPoints,
		domain.CodePointsNotInUnits, domain.CodeDailyLimit, domain.CodeTooManyCoupons, domain.CodeCustomerNotLinked,
		domain.CodeConversionsLocked}
	converts = append(quotes[:len(quotes):len(quotes)], domain.CodeConversionInProgress, domain.CodeConversionFailed)
	polls    = append(converts[:len(converts):len(converts)], domain.CodeNotFound)
	links    = []domain.Code{domain.CodeCustomerAlreadyLinked}
	reads    = []domain.Code{domain.CodeCouponNotFound}
)

// routes is the whole surface for callers with a key: each operation on one line, with the right it needs.
func (a *API) routes() {
	const get, post, put = http.MethodGet, http.MethodPost, http.MethodPut
	const customer = "/v1/customers/{id}"

	add(a, route{get, customer + "/points", permission{"points", "read"}, "What a customer can spend, and the rules", false, readsBalance}, http.StatusOK, a.points)
	add(a, route{get, customer + "/quote", permission{"points", "read"}, "The coupon a conversion would make now", false, quotes}, http.StatusOK, a.quote)
	add(a, route{post, customer + "/conversions", permission{"conversions", "create"}, "Turn points into a coupon", true, converts}, http.StatusCreated, a.convert)
	add(a, route{get, customer + "/conversions/{key}", permission{"conversions", "read"}, "How a conversion stands", false, polls}, http.StatusOK, a.conversion)
	add(a, route{get, customer + "/coupons", permission{"customer_coupons", "read"}, "A customer's coupons, newest first", false, unknownCustomer}, http.StatusOK, a.customerCoupons)
	add(a, route{put, customer, permission{"customers", "link"}, "Link a member to a Shopify customer, or change what is known", false, links}, http.StatusOK, a.link)
	add(a, route{get, "/v1/coupons", mayReadCoupons, "Find coupons, newest first", false, nil}, http.StatusOK, a.coupons)
	add(a, route{get, "/v1/coupons/{code}", mayReadCoupons, "A coupon with its movements and history", false, reads}, http.StatusOK, a.coupon)

	a.staffRoutes()
	a.documentAccepted()
}
