package api

import (
	"context"
	"time"

	"pointbridge/domain/coupons"
)

type reviewsInput struct {
	Page
	Status string `query:"status" enum:"open,closed" doc:"Only cases in this status"`
}

type reviewPath struct {
	ID int64 `path:"id" minimum:"1" doc:"The case's number"`
}

type decisionInput struct {
	KeyHeader
	ID   int64 `path:"id" minimum:"1" doc:"The case's number"`
	Body struct {
		Outcome string `json:"outcome" enum:"return_points,forfeit,take_back,accept_loss,applied,not_applied" doc:"One of the case's outcomes"`
		Note    string `json:"note,omitempty" maxLength:"2000" doc:"Why, in any script"`
	} `nameHint:"DecisionRequest"`
}

type reviewsOutput struct {
	Body struct {
		Items      []ReviewBody `json:"items" nullable:"false"`
		NextCursor *string      `json:"next_cursor" doc:"Asks for the next page; null on the last one"`
	} `nameHint:"ReviewList"`
}

type reviewOutput struct {
	Replayed string `header:"Idempotent-Replayed" doc:"true on the repeated answer to a repeated request"`
	Body     ReviewBody
}

// ReviewBody is a case that a person decides.
type ReviewBody struct {
	ID         int64     `json:"id"`
	Kind       string    `json:"kind" enum:"suspected_fraud,used_after_refund,unsettled"`
	Status     string    `json:"status" enum:"open,closed"`
	CouponCode string    `json:"coupon_code"`
	Order      *string   `json:"order" doc:"The order it is about"`
	OpenedAt   time.Time `json:"opened_at"`
	Outcomes   []string  `json:"outcomes" nullable:"false" doc:"What can be decided; empty once it is"`
	Decision   *Decision `json:"decision" doc:"null while the case is open"`
}

// Decision is what a person decided.
type Decision struct {
	Outcome   string    `json:"outcome"`
	Note      *string   `json:"note"`
	DecidedBy string    `json:"decided_by"`
	DecidedAt time.Time `json:"decided_at"`
}

func (a *API) reviews(ctx context.Context, in *reviewsInput) (*reviewsOutput, error) {
	before, err := readCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := a.deps.Coupons.Reviews(ctx, coupons.ReviewFilter{Status: in.Status, Before: before, Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	out := &reviewsOutput{}
	if len(found) > in.Limit {
		found = found[:in.Limit]
		next := writeCursor(found[len(found)-1].ID)
		out.Body.NextCursor = &next
	}
	out.Body.Items = make([]ReviewBody, 0, len(found))
	for _, r := range found {
		out.Body.Items = append(out.Body.Items, showReview(r))
	}
	return out, nil
}

func (a *API) review(ctx context.Context, in *reviewPath) (*reviewOutput, error) {
	r, err := a.deps.Coupons.Review(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &reviewOutput{Body: showReview(r)}, nil
}

// decide closes a case. What the decision asks for goes on without the request; the coupon tells how it ends.
func (a *API) decide(ctx context.Context, in *decisionInput) (*reviewOutput, error) {
	r, replayed, err := a.deps.Service.Decide(ctx, coupons.Decision{Caller: exchangeOf(ctx).caller, ReviewID: in.ID,
		Outcome: coupons.Outcome(in.Body.Outcome), Note: in.Body.Note, Key: in.Key})
	if err != nil {
		return nil, err
	}
	return &reviewOutput{Replayed: yes(replayed), Body: showReview(r)}, nil
}

func showReview(r coupons.Review) ReviewBody {
	b := ReviewBody{ID: r.ID, Kind: string(r.Kind), Status: "open", CouponCode: r.Code, Order: given(r.OrderName), OpenedAt: r.OpenedAt.UTC(),
		Outcomes: []string{}}
	if r.Open {
		for _, o := range r.Kind.Outcomes() {
			b.Outcomes = append(b.Outcomes, string(o))
		}
		return b
	}
	b.Status, b.Decision = "closed", &Decision{Outcome: string(r.Outcome), Note: given(r.Note), DecidedBy: r.DecidedBy}
	if r.DecidedAt != nil {
		b.Decision.DecidedAt = r.DecidedAt.UTC()
	}
	return b
}
