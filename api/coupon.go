package api

import (
	"context"
	"time"

	"pointbridge/domain"
)

type couponInput struct {
	Code string `path:"code" maxLength:"64" doc:"The code, in either case"`
}

type couponOutput struct {
	Body couponDetail
}

type couponDetail struct {
	CouponBody
	Movements []movementBody `json:"movements" nullable:"false" doc:"Points taken and given back in the POS"`
	History   []historyBody  `json:"history" nullable:"false" doc:"Who did what, oldest first"`
}

type movementBody struct {
	Kind             string     `json:"kind" enum:"take,give_back,grant,take_back"`
	State            string     `json:"state" enum:"open,applied,refused,parked" doc:"open: intended, perhaps sent; parked: a person has to find out"`
	Points           int64      `json:"points"`
	Reference        string     `json:"reference" doc:"Its name in the POS"`
	RelatedReference *string    `json:"related_reference" doc:"The movement this one gives back"`
	Reason           string     `json:"reason"`
	BalanceBefore    *int64     `json:"balance_before" doc:"The POS's own figure"`
	BalanceAfter     *int64     `json:"balance_after" doc:"The POS's own figure"`
	Odd              bool       `json:"odd" doc:"The POS's figures do not add up"`
	CreatedAt        time.Time  `json:"created_at"`
	SettledAt        *time.Time `json:"settled_at"`
}

type historyBody struct {
	At        time.Time      `json:"at"`
	Actor     string         `json:"actor"`
	ActorName string         `json:"actor_name"`
	Action    string         `json:"action" example:"points.taken"`
	From      *string        `json:"from" doc:"The status before; null when it did not move"`
	To        *string        `json:"to" doc:"The status after; null when it did not move"`
	Outcome   string         `json:"outcome" enum:"done,refused,unknown"`
	Detail    map[string]any `json:"detail"`
}

func (a *API) coupon(ctx context.Context, in *couponInput) (*couponOutput, error) {
	st, err := a.deps.Coupons.ByCode(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	history, err := a.deps.Coupons.History(ctx, st.Coupon.ID)
	if err != nil {
		return nil, err
	}
	if err := a.read(ctx, domain.ActionCouponRead, st.Coupon.CustomerID, nil); err != nil {
		return nil, err
	}
	now, caller := a.deps.Now(), exchangeOf(ctx).caller
	return &couponOutput{couponDetail{CouponBody: CouponBody{a.show(st.Coupon, current(st.Coupon, now, caller), caller),
		now.UTC()},
		Movements: movementsOf(st.Movements), History: historyOf(history)}}, nil
}

func movementsOf(list []domain.Movement) []movementBody {
	bodies := make([]movementBody, 0, len(list))
	for _, m := range list {
		bodies = append(bodies, movementBody{Kind: string(m.Kind), State: string(m.State), Points: m.Points,
			Reference: m.Reference, RelatedReference: given(m.RelatedReference), Reason: m.Reason,
			BalanceBefore: m.PreviousBalance, BalanceAfter: m.Balance, Odd: m.Odd, CreatedAt: m.CreatedAt.UTC(),
			SettledAt: utc(m.SettledAt)})
	}
	return bodies
}

func historyOf(list []domain.AuditEntry) []historyBody {
	bodies := make([]historyBody, 0, len(list))
	for _, e := range list {
		b := historyBody{At: e.At.UTC(), Actor: e.Actor, ActorName: e.ActorName, Action: e.Action, Outcome: e.Outcome,
			Detail: e.Detail}
		if e.From != e.To {
			b.From, b.To = given(string(e.From)), given(string(e.To))
		}
		if b.Detail == nil {
			b.Detail = map[string]any{}
		}
		bodies = append(bodies, b)
	}
	return bodies
}
