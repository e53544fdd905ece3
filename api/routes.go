package api

import (
	"net/http"
	"reflect"

	"pointbridge/api/access"
	"pointbridge/domain"
)

var (
	problemType    = reflect.TypeFor[Problem]()
	summaryType    = reflect.TypeFor[summaryBody]()
	mayReadCoupons = access.To("coupons", "read")
)

// How each operation can refuse, beside what every operation can.
var (
	unknownCustomer = []domain.Code{domain.CodeCustomerNotFound}
	readsBalance    = []domain.Code{domain.CodeCustomerNotFound, domain.CodeUpstreamUnavailable}
	quotes          = []domain.Code{domain.CodeCustomerNotFound, domain.CodeUpstreamUnavailable,
		domain.CodeInsufficientPoints, domain.CodePointsNotInUnits, domain.CodeDailyLimit, domain.CodeTooManyCoupons,
		domain.CodeCustomerNotLinked, domain.CodeConversionsLocked}
	converts = append(quotes[:len(quotes):len(quotes)], domain.CodeConversionInProgress, domain.CodeConversionFailed,
		domain.CodeShopSettings)
	polls   = append(converts[:len(converts):len(converts)], domain.CodeNotFound)
	links   = []domain.Code{domain.CodeCustomerAlreadyLinked, domain.CodeRenumbered, domain.CodeOwnMembership}
	unlocks = []domain.Code{domain.CodeCustomerNotFound, domain.CodeOwnMembership}
	moves   = []domain.Code{domain.CodeCustomerNotFound, domain.CodeRenumbered, domain.CodeOwnMembership,
		domain.CodeNumberUnknown, domain.CodeOldNumberInUse, domain.CodeNumberTaken, domain.CodeMovementInProgress,
		domain.CodeUpstreamUnavailable}
	reads = []domain.Code{domain.CodeCouponNotFound}
	ends  = []domain.Code{domain.CodeCouponNotFound, domain.CodeCouponUsed, domain.CodeCouponExpired,
		domain.CodeCouponCancelled, domain.CodeCancelInProgress, domain.CodeCouponNotCancellable, domain.CodeOwnCoupon,
		domain.CodeCapExceeded}
	undoes = []domain.Code{domain.CodeCouponNotFound, domain.CodeUndoNotOffered, domain.CodeUndoOver,
		domain.CodeCouponUsed, domain.CodeCouponExpired, domain.CodeCouponCancelled, domain.CodeCancelInProgress,
		domain.CodeCouponNotCancellable}
	refunds = append(ends[:len(ends):len(ends)], domain.CodeReferenceReused)
	decides = []domain.Code{domain.CodeReviewNotFound, domain.CodeReviewDecided, domain.CodeOutcomeNotAllowed,
		domain.CodeCouponUsed, domain.CodeOwnCoupon, domain.CodeCapExceeded, domain.CodeSecondPerson,
		domain.CodeCouponExpired, domain.CodeCouponCancelled, domain.CodeCancelInProgress,
		domain.CodeCouponNotCancellable}
)

// routes is the whole surface for callers with a key: each operation on one line, with the right it needs.
func (a *API) routes() {
	const get, post, put, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	const customer = "/v1/customers/{id}"

	addShared(a, route{get, customer + "/points", access.To("points", "read"),
		"What a customer can spend, and the rules", false, readsBalance}, http.StatusOK, a.points)
	addShared(a, route{get, customer + "/quote", access.To("points", "read"), "The coupon a conversion would make now",
		false, quotes}, http.StatusOK, a.quote)
	addShared(a, route{post, customer + "/conversions", access.To("conversions", "create"), "Turn points into a coupon",
		true, converts}, http.StatusCreated, a.convert)
	addShared(a, route{get, customer + "/conversions/{key}", access.To("conversions", "read"),
		"How a conversion stands", false, polls}, http.StatusOK, a.conversion)
	addShared(a, route{get, customer + "/coupons", access.To("customer_coupons", "read"),
		"A customer's coupons, newest first", false, unknownCustomer}, http.StatusOK, a.customerCoupons)
	addShared(a, route{post, customer + "/undos", access.To("conversions", "undo"),
		"Take an unused coupon back, where the shop lets customers", true, undoes}, http.StatusAccepted, a.undo)
	addShared(a, route{get, customer + "/offers", access.To("points", "read"),
		"Campaigns of which a customer may ask for a code now", false, unknownCustomer}, http.StatusOK, a.openOffers)
	add(a, route{put, customer, access.To("customers", "link"),
		"Link a member to a Shopify customer, or change what is known", false, links}, http.StatusOK, a.link)
	add(a, route{get, customer, access.To("customers", "read"), "A member, and whether conversions are locked", false,
		unknownCustomer}, http.StatusOK, a.member)
	add(a, route{remove, customer + "/lock", access.To("customers", "unlock"),
		"Lift the lock on a customer's conversions", false, unlocks}, http.StatusNoContent, a.unlock)
	add(a, route{post, customer + "/renumbering", access.To("customers", "renumber"),
		"Move a member with everything that is theirs to the id that the POS has given them", false, moves},
		http.StatusOK, a.renumber)
	add(a, route{get, "/v1/coupons", mayReadCoupons, "Find coupons, newest first", false, nil}, http.StatusOK,
		a.coupons)
	add(a, route{get, "/v1/coupons/{code}", mayReadCoupons, "A coupon with its movements and history", false, reads},
		http.StatusOK, a.coupon)
	add(a, route{post, "/v1/coupons/{code}/cancellation", access.To("coupons", "cancel"),
		"Cancel a coupon and give its points back", true, ends}, http.StatusAccepted, a.cancel)
	add(a, route{post, "/v1/coupons/{code}/suspension", access.To("coupons", "suspend"),
		"End a coupon while a case is looked into", true, ends}, http.StatusAccepted, a.suspend)
	add(a, route{post, "/v1/refunds", access.To("refunds", "create"), "Give the points of a coupon back, for the POS",
		true, refunds}, http.StatusAccepted, a.refund)
	add(a, route{get, "/v1/refunds/{reference}", access.To("refunds", "read"), "How a refund stands", false,
		[]domain.Code{domain.CodeRefundNotFound}}, http.StatusOK, a.findRefund)
	add(a, route{get, "/v1/reviews", access.To("reviews", "read"), "Cases for a person, newest first", false, nil},
		http.StatusOK, a.reviews)
	add(a, route{get, "/v1/reviews/{id}", access.To("reviews", "read"), "A case", false,
		[]domain.Code{domain.CodeReviewNotFound}}, http.StatusOK, a.review)
	add(a, route{post, "/v1/reviews/{id}/decision", access.To("reviews", "decide"), "Decide a case", true, decides},
		http.StatusOK, a.decide)
	add(a, route{get, "/v1/audit", access.To("audit", "read"),
		"What happened, newest first, with the seals of the chain", false, nil}, http.StatusOK, a.audit)

	a.cancelRequestRoutes()
	a.bulkRoutes()
	a.preflights()
	a.decisionRoutes()
	a.campaignRoutes()
	a.campaignUsesRoutes()
	a.personalRoutes()
	a.campaignCodeRoutes()
	a.batchRoutes()
	a.eventRoutes()
	a.reportRoutes()
	a.staffRoutes()
	a.documentAccepted()
}
