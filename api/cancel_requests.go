package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/requests"
)

const cancelRequestsPath = "/v1/cancel-requests"

var (
	mayAskCancel = access.To("coupons", "ask")
	mayCancel    = access.To("coupons", "cancel")
	mayApprove   = access.To("approvals", "decide")
)

// cancelRequestRoutes let those who may not cancel ask for it, and those who may decide.
func (a *API) cancelRequestRoutes() {
	const get, post = http.MethodGet, http.MethodPost
	unknown := []domain.Code{domain.CodeRequestNotFound}
	asks := append(ends[:len(ends)-1:len(ends)-1], domain.CodeRequestOpen) // a cap is the decider's
	decided := append(ends[:len(ends):len(ends)], domain.CodeRequestNotFound, domain.CodeRequestDecided,
		domain.CodeOwnRequest)
	add(a, route{post, "/v1/coupons/{code}/cancel-requests", mayAskCancel,
		"Ask that a coupon be cancelled; somebody who may cancel decides", true, asks}, http.StatusCreated,
		a.askCancel)
	add(a, route{get, cancelRequestsPath, mayAskCancel,
		"Requests to cancel, newest first: all for those who may decide, one's own for the others", false, nil},
		http.StatusOK, a.cancelRequests)
	add(a, route{get, cancelRequestsPath + "/{id}", mayAskCancel, "A request to cancel", false, unknown}, http.StatusOK,
		a.cancelRequest)
	add(a, route{post, cancelRequestsPath + "/{id}/decision", mayApprove,
		"Approve or refuse a request; an approval cancels the coupon within the caps of whoever approves", false, decided},
		http.StatusOK, a.decideCancelRequest)
	add(a, route{post, cancelRequestsPath + "/{id}/withdrawal", mayAskCancel, "Take one's own request back", false,
		[]domain.Code{domain.CodeRequestNotFound, domain.CodeRequestDecided}}, http.StatusOK, a.withdrawCancelRequest)
}

// CancelRequestBody is somebody asking for a coupon to be cancelled.
type CancelRequestBody struct {
	ID           int64      `json:"id"`
	State        string     `json:"state" enum:"open,approved,done,refused,withdrawn,lapsed" doc:"approved: it is being carried out. done: the cancellation began. lapsed: the coupon changed meanwhile, and nothing was done"`
	CouponCode   string     `json:"coupon_code"`
	CouponStatus string     `json:"coupon_status" doc:"As it is now"`
	CustomerID   string     `json:"customer_id"`
	Points       int64      `json:"points"`
	Reason       string     `json:"reason" enum:"customer_request,order_cancelled,issued_in_error,other"`
	Note         *string    `json:"note"`
	AskedBy      string     `json:"asked_by"`
	AskedAt      time.Time  `json:"asked_at"`
	DecidedBy    *string    `json:"decided_by"`
	DecidedAt    *time.Time `json:"decided_at"`
	Answer       *string    `json:"answer" doc:"What whoever decided says of it"`
	Problem      *string    `json:"problem" doc:"Why it lapsed, or why an approval could not be carried out: a problem's code"`
}

func (a *API) showCancelRequest(r requests.Request) CancelRequestBody {
	return CancelRequestBody{ID: r.ID, State: string(r.State), CouponCode: r.Code,
		CouponStatus: string(r.Coupon.StatusAt(a.deps.Now())), CustomerID: r.Coupon.CustomerID, Points: r.Coupon.Points,
		Reason: r.Reason, Note: given(r.Note), AskedBy: r.Asker.Name, AskedAt: r.AskedAt.UTC(),
		DecidedBy: given(r.Decider.Name), DecidedAt: utc(r.DecidedAt), Answer: given(r.Answer),
		Problem: given(string(r.Problem))}
}

type askCancelInput struct {
	KeyHeader
	Code string `path:"code" maxLength:"64" doc:"The code, in either case"`
	Body struct {
		Reason string `json:"reason" enum:"customer_request,order_cancelled,issued_in_error,other" doc:"Why"`
		Note   string `json:"note,omitempty" maxLength:"2000" doc:"Anything worth knowing for whoever decides, in any script; other asks for it"`
	} `nameHint:"NewCancelRequest"`
}

type askedCancelOutput struct {
	Location string `header:"Location" doc:"Where the request is"`
	Replayed string `header:"Idempotent-Replayed" doc:"true on the repeated answer to a repeated request"`
	Body     CancelRequestBody
}

func (a *API) askCancel(ctx context.Context, in *askCancelInput) (*askedCancelOutput, error) {
	r, replayed, err := a.deps.Requests.Ask(ctx, requests.Asked{Caller: exchangeOf(ctx).caller, Code: in.Code,
		Reason: in.Body.Reason, Note: in.Body.Note, Key: in.Key})
	if err != nil {
		return nil, err
	}
	return &askedCancelOutput{cancelRequestsPath + "/" + strconv.FormatInt(r.ID, 10), yes(replayed),
		a.showCancelRequest(r)}, nil
}

type cancelRequestsInput struct {
	Page
	State string `query:"state" enum:"open,approved,done,refused,withdrawn,lapsed" doc:"Only requests in this state"`
}

type cancelRequestsOutput struct {
	Body struct {
		Items      []CancelRequestBody `json:"items" nullable:"false"`
		NextCursor *string             `json:"next_cursor" doc:"Asks for the next page; null on the last one"`
	} `nameHint:"CancelRequestList"`
}

func (a *API) cancelRequests(ctx context.Context, in *cancelRequestsInput) (*cancelRequestsOutput, error) {
	before, err := readCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	f := requests.Filter{Before: before, Limit: in.Limit + 1}
	if in.State != "" {
		f.States = []requests.State{requests.State(in.State)}
	}
	if who := exchangeOf(ctx).caller; !a.access.May(who, mayApprove) {
		f.AskedBy = who.ID
	}
	list, err := a.deps.RequestBook.Requests(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &cancelRequestsOutput{}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		next := writeCursor(list[in.Limit-1].ID)
		out.Body.NextCursor = &next
	}
	out.Body.Items = make([]CancelRequestBody, 0, len(list))
	for _, r := range list {
		out.Body.Items = append(out.Body.Items, a.showCancelRequest(r))
	}
	return out, a.read(ctx, domain.ActionRequestsFound, "", found(len(list)))
}

type cancelRequestPath struct {
	ID int64 `path:"id" minimum:"1" doc:"The request's number"`
}

type cancelRequestOutput struct{ Body CancelRequestBody }

// cancelRequest shows one: to whoever asked, and to those who may decide.
func (a *API) cancelRequest(ctx context.Context, in *cancelRequestPath) (*cancelRequestOutput, error) {
	r, err := a.deps.RequestBook.Request(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if who := exchangeOf(ctx).caller; !r.By(who) && !a.access.May(who, mayApprove) {
		return nil, domain.Refuse(domain.CodeRequestNotFound)
	}
	return &cancelRequestOutput{a.showCancelRequest(r)},
		a.read(ctx, domain.ActionRequestsFound, r.Coupon.CustomerID, found(1))
}

type decideCancelInput struct {
	ID   int64 `path:"id" minimum:"1" doc:"The request's number"`
	Body struct {
		Decision string `json:"decision" enum:"approve,refuse"`
		Note     string `json:"note,omitempty" maxLength:"2000" doc:"What to tell whoever asked, in any script; refuse asks for it"`
	} `nameHint:"CancelRequestDecision"`
}

// decideCancelRequest is answered as it stands where the same person made the same decision before.
func (a *API) decideCancelRequest(ctx context.Context, in *decideCancelInput) (*cancelRequestOutput, error) {
	r, err := a.deps.Requests.Decide(ctx, requests.Decision{Caller: exchangeOf(ctx).caller, ID: in.ID,
		Approve: in.Body.Decision == "approve", Note: in.Body.Note})
	if err != nil {
		return nil, err
	}
	return &cancelRequestOutput{a.showCancelRequest(r)}, nil
}

func (a *API) withdrawCancelRequest(ctx context.Context, in *cancelRequestPath) (*cancelRequestOutput, error) {
	r, err := a.deps.Requests.Withdraw(ctx, exchangeOf(ctx).caller, in.ID)
	if err != nil {
		return nil, err
	}
	return &cancelRequestOutput{a.showCancelRequest(r)}, nil
}
