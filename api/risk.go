package api

import (
	"time"

	"pointbridge/domain/reviews"
)

// RiskBody is context for whoever decides a review. It decides nothing.
type RiskBody struct {
	Score   int          `json:"score" minimum:"0" maximum:"100" doc:"The signals' weights, added up and capped"`
	Signals []SignalBody `json:"signals" nullable:"false"`
	Matches []MatchBody  `json:"matches" nullable:"false" doc:"The person's cases about other orders in the thirty days before this one, newest first, at most 20"`
}

// SignalBody is something that speaks for a second look.
type SignalBody struct {
	Signal string `json:"signal" enum:"fraud,suspected,forfeited,used_after_refund,declined,earlier,reissued,same_email,same_phone,soon,refused"`
	Count  int    `json:"count" doc:"How often"`
	Weight int    `json:"weight" doc:"What it adds to the score"`
}

// MatchBody is an earlier review of the same person.
type MatchBody struct {
	ReviewID   int64     `json:"review_id"`
	Kind       string    `json:"kind" enum:"order_cancelled,order_refunded,order_unpaid,code_elsewhere,too_many_in_order,suspected_fraud,used_after_refund"`
	Order      *string   `json:"order" doc:"The order it is about"`
	OrderID    *string   `json:"order_id" doc:"Shopify's id of that order"`
	CouponCode string    `json:"coupon_code"`
	CustomerID string    `json:"customer_id"`
	MatchedBy  []string  `json:"matched_by" nullable:"false" enum:"member,email,phone" doc:"member: the same one; email, phone: another member with the same"`
	OpenedAt   time.Time `json:"opened_at"`
	Outcome    *string   `json:"outcome" doc:"What was decided; null while it is open"`
}

func showRisk(r reviews.Risk) *RiskBody {
	b := &RiskBody{Score: r.Score, Signals: []SignalBody{}, Matches: []MatchBody{}}
	for _, s := range r.Signals {
		b.Signals = append(b.Signals, SignalBody{string(s.Signal), s.Count, s.Weight})
	}
	for _, m := range r.Matches {
		match := MatchBody{ReviewID: m.ReviewID, Kind: string(m.Kind), Order: given(m.OrderName),
			OrderID: given(m.OrderID), CouponCode: m.Code, CustomerID: m.CustomerID, MatchedBy: []string{},
			OpenedAt: m.OpenedAt.UTC(), Outcome: given(string(m.Outcome))}
		for _, by := range m.By {
			match.MatchedBy = append(match.MatchedBy, string(by))
		}
		b.Matches = append(b.Matches, match)
	}
	return b
}
