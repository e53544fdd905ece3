package api

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
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
		Outcome string `json:"outcome" enum:"reissue,grant_points,refuse,return_points,forfeit,take_back,accept_loss,applied,not_applied" doc:"One of the case's outcomes"`
		Note    string `json:"note,omitempty" maxLength:"2000" doc:"Why, in any script; refuse and forfeit ask for it"`
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

// ReviewBody is a review that a person decides.
type ReviewBody struct {
	ID            int64     `json:"id"`
	Kind          string    `json:"kind" enum:"order_cancelled,order_refunded,order_unpaid,code_elsewhere,too_many_in_order,suspected_fraud,used_after_refund,unsettled,restored"`
	Status        string    `json:"status" enum:"open,closed"`
	CouponCode    string    `json:"coupon_code"`
	CouponStatus  string    `json:"coupon_status"`
	CustomerID    string    `json:"customer_id"`
	Points        int64     `json:"points"`
	Order         *string   `json:"order" doc:"The order it is about"`
	OrderID       *string   `json:"order_id" doc:"Shopify's id of the order"`
	Reason        *string   `json:"reason" enum:"customer,declined,fraud,inventory,staff,other,refunded,partially_refunded,unreadable,payment_expired,payment_voided,second_order,other_customer,no_customer,too_many_coupons" doc:"Why it was opened. A cancelled order: Shopify's reason. unreadable: it is too old for the app to read. payment_expired, payment_voided: it stands unpaid. second_order: another order used the coupon; other_customer, no_customer: the order that carries the code is not the member's. too_many_coupons: more coupons stand in the order than COUPONS_PER_ORDER allows"`
	Payment       *string   `json:"payment" enum:"authorized,expired,paid,partially_paid,partially_refunded,pending,refunded,voided" doc:"How the order's money stood when the order was last seen while the case was open; null where that is not known"`
	Refund        *Refunded `json:"refund" doc:"The refund of a part of the order that the case is about; null in other cases"`
	Chain         []string  `json:"chain" nullable:"false" doc:"The codes of the coupon's reissues, the first one first"`
	RecentReviews int       `json:"recent_cases" doc:"The person's cases about orders in the last thirty days: the customer's, and those of members with the same mail address or phone number"`
	Evidence      *Evidence `json:"evidence" doc:"What the POS showed of a movement that is unsettled, where its entries bear no reference; null in other cases"`
	OpenedAt      time.Time `json:"opened_at"`
	Outcomes      []string  `json:"outcomes" nullable:"false" doc:"What can be decided; empty once it is"`
	Proposed      *Proposal `json:"proposed" doc:"What a first person decided where it takes two; null for nothing"`
	Problem       *string   `json:"problem" doc:"Why the last decision could not be carried out, so that the case is open again"`
	Decision      *Decision `json:"decision" doc:"null while the case is open"`
	Risk          *RiskBody `json:"risk" doc:"Context for whoever decides, which decides nothing; only where one case is read, null in a list and after a decision"`
}

// Refunded is one refund of a part of an order.
type Refunded struct {
	ID       string `json:"id" doc:"Shopify's id of the refund"`
	Amount   int64  `json:"amount" doc:"In the currency's smallest unit"`
	Currency string `json:"currency"`
}

// Proposal is what the first of two people decided.
type Proposal struct {
	Outcome string    `json:"outcome"`
	Note    *string   `json:"note"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
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
	found, err := a.deps.Reviews.Reviews(ctx, reviews.Filter{Status: in.Status, Before: before, Limit: in.Limit +
		1})
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
		out.Body.Items = append(out.Body.Items, a.showReview(r))
	}
	return out, a.read(ctx, domain.ActionReviewsFound, "", map[string]any{"found": len(found)})
}

func (a *API) review(ctx context.Context, in *reviewPath) (*reviewOutput, error) {
	r, err := a.deps.Reviews.Review(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	facts, err := a.deps.Reviews.Circumstances(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := a.read(ctx, domain.ActionReviewRead, r.Coupon.CustomerID, nil); err != nil {
		return nil, err
	}
	out := &reviewOutput{Body: a.showReview(r)}
	out.Body.Risk = showRisk(r.Risk(facts))
	return out, nil
}

// decide closes a review. What the decision asks for goes on without the request; the coupon tells how it ends.
func (a *API) decide(ctx context.Context, in *decisionInput) (*reviewOutput, error) {
	r, replayed, err := a.deps.Service.Decide(ctx, coupons.Decision{Caller: exchangeOf(ctx).caller, ReviewID: in.ID,
		Outcome: reviews.Outcome(in.Body.Outcome), Note: in.Body.Note, Key: in.Key})
	if err != nil {
		return nil, err
	}
	return &reviewOutput{Replayed: yes(replayed), Body: a.showReview(r)}, nil
}

func (a *API) showReview(r reviews.Review) ReviewBody {
	now := a.deps.Now()
	b := ReviewBody{ID: r.ID, Kind: string(r.Kind), Status: "open", CouponCode: r.Code, CustomerID: r.Coupon.CustomerID,
		Points: r.Coupon.Points, CouponStatus: string(domain.Coupon{Status: r.Coupon.Status,
			ExpiresAt: r.Coupon.ExpiresAt}.StatusAt(now)),
		Order: given(r.OrderName), OrderID: given(r.OrderID), Reason: given(r.Reason),
		Payment: given(string(r.Payment)), Chain: append([]string{}, r.Coupon.Chain...), RecentReviews: r.RecentReviews,
		OpenedAt: r.OpenedAt.UTC(), Problem: given(r.Problem), Outcomes: []string{}}
	if r.Evidence != nil {
		b.Evidence = showEvidence(*r.Evidence)
	}
	if r.RefundID != "" {
		b.Refund = &Refunded{ID: r.RefundID, Amount: r.Refunded.Minor, Currency: r.Refunded.Currency}
	}
	if p := r.Proposal; p != nil {
		b.Proposed = &Proposal{Outcome: string(p.Outcome), Note: given(p.Note), By: p.By, At: p.At.UTC()}
	}
	if r.Open {
		for _, o := range r.Outcomes(now) {
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
