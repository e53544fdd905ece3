package api

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

type refundInput struct {
	KeyHeader
	Body struct {
		CouponCode string `json:"coupon_code" minLength:"1" maxLength:"64" doc:"The code, in either case"`
		Reference  string `json:"reference" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9][A-Za-z0-9._:/-]*$" doc:"The POS's own name for this refund; not one that begins with CANCEL-"`
		EndingBody
	} `nameHint:"RefundRequest"`
}

type refundPath struct {
	Reference string `path:"reference" maxLength:"64" doc:"The POS's own name for the refund, or CANCEL- and the code"`
}

type refundOutput struct {
	Status     int
	Location   string `header:"Location" doc:"Where the refund is"`
	RetryAfter string `header:"Retry-After" hidden:"true"`
	Replayed   string `header:"Idempotent-Replayed" doc:"true on the repeated answer to a repeated request"`
	Body       RefundBody
}

// RefundBody is a refund as the POS sees it.
type RefundBody struct {
	Reference    string     `json:"reference"`
	CouponCode   string     `json:"coupon_code"`
	Status       string     `json:"status" enum:"accepted,done,refused" doc:"accepted: on its way; refused: an order came first, and no points moved"`
	Points       int64      `json:"points"`
	POSReference string     `json:"pos_reference" doc:"The name of the entry that gives the points back"`
	Balance      *int64     `json:"balance" doc:"The POS's own figure after the entry; null before it"`
	CreatedAt    time.Time  `json:"created_at"`
	CompletedAt  *time.Time `json:"completed_at"`
	Problem      *string    `json:"problem" doc:"The code of the problem that a refused refund ended with"`
}

// refund gives the points of a coupon back for the POS. There is one refund per coupon: a POS that asks again, with
// whatever key and reference, is told of that one.
func (a *API) refund(ctx context.Context, in *refundInput) (*refundOutput, error) {
	x := exchangeOf(ctx)
	r, err := a.deps.Refunds.Refund(ctx, coupons.RefundRequest{Reference: in.Body.Reference,
		Cancellation: coupons.Cancellation{
			Caller: x.caller, Code: in.Body.CouponCode, Reason: in.Body.Reason, Note: in.Body.Note, Key: in.Key}})
	if err != nil {
		return nil, err
	}
	out := showRefund(r, http.StatusAccepted)
	out.RetryAfter, out.Replayed = "1", yes(r.Replayed)
	return out, nil
}

func (a *API) findRefund(ctx context.Context, in *refundPath) (*refundOutput, error) {
	if !domain.PlainText(in.Reference) {
		return nil, domain.Refuse(domain.CodeRefundNotFound)
	}
	r, err := a.deps.Refunds.FindRefund(ctx, in.Reference)
	if err != nil {
		return nil, err
	}
	return showRefund(r, http.StatusOK), nil
}

func showRefund(r coupons.Refund, status int) *refundOutput {
	return &refundOutput{Status: status, Location: "/v1/refunds/" + url.PathEscape(r.Reference),
		Body: RefundBody{Reference: r.Reference,
			CouponCode: r.Code, Status: string(r.Status), Points: r.Points, POSReference: r.POSReference,
			Balance: r.Balance, CreatedAt: r.CreatedAt.UTC(), CompletedAt: utc(r.CompletedAt),
			Problem: given(string(r.Problem))}}
}
