package api

import (
	"context"
	"net/http"
	"net/url"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// KeyHeader is what every operation that moves something asks for.
type KeyHeader struct {
	Key string `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"128" doc:"New for each new request: the same request sent again has one effect and gets the first answer"`
}

type endingInput struct {
	KeyHeader
	Code string `path:"code" maxLength:"64" doc:"The code, in either case"`
	Body EndingBody
}

type suspensionInput struct {
	KeyHeader
	Code string `path:"code" maxLength:"64" doc:"The code, in either case"`
	Body SuspensionBody
}

// SuspensionBody says why a coupon is suspended.
type SuspensionBody struct {
	Reason string `json:"reason" enum:"suspected_fraud,customer_request,order_cancelled,issued_in_error,other" doc:"Why"`
	Note   string `json:"note,omitempty" maxLength:"2000" doc:"Anything worth remembering, in any script; other asks for it"`
}

// EndingBody says why a coupon is ended.
type EndingBody struct {
	Reason string `json:"reason" enum:"customer_request,order_cancelled,issued_in_error,other" doc:"Why"`
	Note   string `json:"note,omitempty" maxLength:"2000" doc:"Anything worth remembering, in any script; other asks for it"`
}

type acceptedOutput struct {
	Status     int
	Location   string `header:"Location" doc:"Where the result is, or will be"`
	RetryAfter string `header:"Retry-After" hidden:"true"`
	Replayed   string `header:"Idempotent-Replayed" doc:"true on the repeated answer to a repeated request"`
	Body       CouponBody
}

func (in *endingInput) cancellation(x *exchange) coupons.Cancellation {
	return coupons.Cancellation{Caller: x.caller, Code: in.Code, Reason: in.Body.Reason, Note: in.Body.Note,
		Key: in.Key}
}

// cancel ends a coupon and gives its points back: 202, and the coupon's own address tells how it ends.
func (a *API) cancel(ctx context.Context, in *endingInput) (*acceptedOutput, error) {
	x := exchangeOf(ctx)
	got, err := a.deps.Service.Cancel(ctx, in.cancellation(x))
	return a.ending(x, got), err
}

// suspend suspends a coupon while a review is looked into; no points move.
func (a *API) suspend(ctx context.Context, in *suspensionInput) (*acceptedOutput, error) {
	x := exchangeOf(ctx)
	got, err := a.deps.Service.Suspend(ctx, coupons.Suspension{Caller: x.caller, Code: in.Code,
		Reason: in.Body.Reason, Note: in.Body.Note, Key: in.Key})
	return a.ending(x, got), err
}

func (a *API) ending(x *exchange, e coupons.Ending) *acceptedOutput {
	return &acceptedOutput{Status: http.StatusAccepted, Location: couponAddress(e.Coupon.Code), RetryAfter: "1",
		Replayed: yes(e.Replayed), Body: CouponBody{a.show(e.Coupon, e.Coupon.Status, x.caller), a.deps.Now().UTC()}}
}

func couponAddress(code string) string { return "/v1/coupons/" + url.PathEscape(code) }

// yes is the value of a header that is there or not.
func yes(b bool) string {
	if b {
		return "true"
	}
	return ""
}

// endedBy reports whether cancelled_by, reason and note say something about the coupon as it stands.
func endedBy(status domain.Status) bool {
	switch status {
	case domain.Cancelling, domain.Cancelled, domain.Suspended, domain.Forfeited:
		return true
	case domain.Pending, domain.Active, domain.Used, domain.Expired, domain.Failed:
	}
	return false
}
