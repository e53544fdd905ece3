package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"pointbridge/domain"
)

// guard lets a request through to its handler once it is known who asks, that they may, and that they do not ask too
// often. It stands before the input is parsed: a stranger learns nothing from what a request is checked for.
func (a *API) guard(r route) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if err := a.admit(ctx, r); err != nil {
			a.denied(ctx.Context(), r, exchangeOf(ctx.Context()), err)
			_ = huma.WriteErr(a.huma, ctx, http.StatusInternalServerError, "", err)
			return
		}
		next(ctx)
		a.after(ctx.Context(), r, exchangeOf(ctx.Context()))
	}
}

// door lets everybody through who sends a request that can be read: it is for the one operation by which people get in.
func (a *API) door(r route) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		c := humagin.Unwrap(ctx)
		x := exchangeOf(ctx.Context())
		x.address, x.agent = c.ClientIP(), c.Request.UserAgent()
		if err := intake(c.Writer, c.Request, r); err != nil {
			_ = huma.WriteErr(a.huma, ctx, http.StatusInternalServerError, "", err)
			return
		}
		next(ctx)
	}
}

func (a *API) admit(ctx huma.Context, r route) error {
	x, c := exchangeOf(ctx.Context()), humagin.Unwrap(ctx)
	err := a.identify(c, x, r)
	if err != nil {
		return err
	}
	if err := a.gate(x, r); err != nil {
		return err
	}
	caller := x.caller
	if err := a.access.Demand(caller, r.may); err != nil {
		return err
	}
	if r.fresh() {
		if err := a.fresh(x); err != nil {
			return err
		}
	}
	if r.ofCustomer() {
		if x.customerID, err = reach(caller, c.Param("id")); err != nil {
			return err
		}
		if err := a.count(x); err != nil {
			return err
		}
	}
	if r.asksCode() && caller.Role == domain.RoleCustomer {
		if err := a.count(x); err != nil {
			return err
		}
	}
	if r.proxied() {
		if err := a.fromStorefront(c.Request); err != nil {
			return err
		}
	}
	return intake(c.Writer, c.Request, r)
}

// identify finds out who asks, by the one credential that the address takes.
func (a *API) identify(c *gin.Context, x *exchange, r route) error {
	if r.proxied() {
		proxied, err := a.arriveByProxy(c)
		if err != nil {
			return err
		}
		return a.recognise(c.Request.Context(), x, proxied.CustomerGID, a.forShoppers(r))
	}
	header := c.Request.Header.Values("Authorization")
	if len(header) > 1 {
		// Two credentials could be two people, and who reads the first is not who reads the last.
		return domain.Refuse(domain.CodeUnauthenticated)
	}
	if token := bearer(c.GetHeader("Authorization")); looksLikeSessionToken(token) {
		return a.sessionCaller(c, x, r, token)
	}
	signed, err := a.signIn.caller(c.Request.Context(), c.GetHeader("Authorization"), x.address)
	if err != nil {
		return err
	}
	x.caller, x.staffID, x.session, x.stage = signed.caller, signed.staffID, signed.session, signed.stage
	return nil
}

// count holds one caller to so many requests about one customer.
func (a *API) count(x *exchange) error {
	if x.counted {
		return nil
	}
	if wait, ok := a.requests.take(x.caller.ID+" "+x.customerID, a.deps.Now()); !ok {
		return &domain.Error{Code: domain.CodeRateLimited, RetryAfter: wait}
	}
	return nil
}

// reach gives the customer that the path means, if this caller reaches that one. A customer reaches nobody else,
// whether the other exists or not; "me" is only somebody when the caller is a customer.
func reach(caller domain.Caller, id string) (string, error) {
	if caller.Role == domain.RoleCustomer {
		if id == "me" {
			id = caller.CustomerID
		}
		if id == "" || id != caller.CustomerID {
			return "", domain.Refuse(domain.CodePermissionDenied)
		}
		return id, nil
	}
	if id == "me" || !domain.KnownCustomerID(id) {
		return "", wrong("path.id", "customer_id")
	}
	return id, nil
}

// seesAll reports whether the caller works with coupons of everybody: such callers see codes that are not usable yet,
// and are pointed at a coupon's own address.
func (a *API) seesAll(caller domain.Caller) bool {
	return a.access.May(caller, mayReadCoupons)
}
