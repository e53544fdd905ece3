package api

import (
	"context"
	"net/http"

	"pointbridge/domain/coupons"
)

type undoInput struct {
	CustomerPath
	KeyHeader
	Body struct {
		Code string `json:"code" minLength:"1" maxLength:"64" example:"70934-AB72CD-500" doc:"The code of the unused coupon, in either case"`
	} `nameHint:"Undo"`
}

// undo lets a customer take an unused coupon of theirs back: 202, and the list of their coupons tells how it ends.
func (a *API) undo(ctx context.Context, in *undoInput) (*acceptedOutput, error) {
	x := exchangeOf(ctx)
	got, err := a.deps.Service.Undo(ctx, coupons.Undo{Caller: x.caller, Code: in.Body.Code, Key: in.Key})
	if err != nil {
		return nil, err
	}
	list := "/v1/customers/" + x.customerID + "/coupons"
	if x.base != "" {
		list = x.base + "/v1/customers/me/coupons"
	}
	now := a.deps.Now()
	return &acceptedOutput{Status: http.StatusAccepted, Location: list, RetryAfter: "1", Replayed: yes(got.Replayed),
		Body: CouponBody{a.show(got.Coupon, current(got.Coupon, now, x.caller), x.caller), now.UTC()}}, nil
}
