package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

type convertInput struct {
	CustomerPath
	Key  string `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"128" doc:"New for each new request: the same request sent again has one effect and gets the first answer"`
	Body struct {
		Points int64 `json:"points" minimum:"1" maximum:"1000000000000" example:"500" doc:"How many points to convert"`
	} `nameHint:"Conversion"`
}

type conversionInput struct {
	CustomerPath
	Key string `path:"key" minLength:"1" maxLength:"128" doc:"The Idempotency-Key the conversion was asked for with"`
}

type conversionOutput struct {
	Status     int
	Location   string `header:"Location" doc:"Where the result is, or will be"`
	RetryAfter string `header:"Retry-After" hidden:"true"`
	Replayed   string `header:"Idempotent-Replayed" doc:"true on the repeated answer to a repeated request"`
	Body       CouponBody
}

// convert asks for points to become a coupon: 201 with the coupon, or 202 while it is on its way.
func (a *API) convert(ctx context.Context, in *convertInput) (*conversionOutput, error) {
	x := exchangeOf(ctx)
	result, err := a.deps.Service.Convert(ctx, coupons.Conversion{Caller: x.caller, CustomerID: x.customerID,
		Points: in.Body.Points, Key: in.Key, Proof: x.proof})
	if err != nil {
		return nil, err
	}
	return a.converted(x, result, in.Key, http.StatusCreated), nil
}

// conversion is what to poll after a 202: 202 again, the finished coupon, or the problem it failed with. It also finds
// the conversion for somebody who reloaded the page, without starting a second one.
func (a *API) conversion(ctx context.Context, in *conversionInput) (*conversionOutput, error) {
	x := exchangeOf(ctx)
	if !visibleASCII(in.Key) {
		return nil, wrong("path.key", "visible_ascii")
	}
	result, err := a.deps.Service.Conversion(ctx, x.caller.ID, in.Key)
	if err != nil {
		return nil, err
	}
	if result.Coupon.CustomerID != x.customerID {
		return nil, domain.Refuse(domain.CodeNotFound)
	}
	return a.converted(x, result, in.Key, http.StatusOK), nil
}

func (a *API) converted(x *exchange, r coupons.Result, key string, done int) *conversionOutput {
	out := &conversionOutput{Status: done, Location: a.locate(x, r.Coupon, key),
		Body: CouponBody{a.show(r.Coupon, r.Coupon.Status, x.caller), a.deps.Now().UTC()}}
	if !r.Done {
		out.Status, out.RetryAfter = http.StatusAccepted, "1"
	}
	if r.Replayed {
		out.Replayed = "true"
	}
	return out
}

// locate is the coupon's own address for callers who may read it there. Others get the conversion's address, which
// names the request and not the code: nobody learns a code from an address before it can be used.
func (a *API) locate(x *exchange, c domain.Coupon, key string) string {
	if a.seesAll(x.caller) {
		return "/v1/coupons/" + url.PathEscape(c.Code)
	}
	customer := "/v1/customers/" + x.customerID
	if x.base != "" {
		customer = x.base + "/v1/customers/me"
	}
	return customer + "/conversions/" + escapedKey(key)
}

// escapedKey is an idempotency key within an address. A plus is escaped as well, because some clients and proxies read it
// as a space.
func escapedKey(key string) string { return strings.ReplaceAll(url.PathEscape(key), "+", "%2B") }
