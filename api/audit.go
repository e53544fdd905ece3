package api

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
)

type auditInput struct {
	Page
	Coupon string    `query:"coupon" maxLength:"64" doc:"One coupon's lines: its whole code, in either case"`
	Actor  string    `query:"actor" maxLength:"200" doc:"The lines of one actor, by the id that stands in them"`
	Action string    `query:"action" maxLength:"64" pattern:"^[a-z_.]+$" doc:"The lines of one action"`
	From   time.Time `query:"from" doc:"Not before this moment"`
	To     time.Time `query:"to" doc:"Before this moment"`
}

type auditOutput struct {
	Body auditList
}

type auditList struct {
	Items      []auditBody `json:"items" nullable:"false"`
	NextCursor *string     `json:"next_cursor" doc:"Asks for the next page; null on the last one"`
}

type auditBody struct {
	ID         int64          `json:"id"`
	At         time.Time      `json:"at"`
	Actor      string         `json:"actor" doc:"system for what the service did by itself"`
	ActorName  string         `json:"actor_name"`
	Action     string         `json:"action" example:"points.taken"`
	CouponCode *string        `json:"coupon_code" doc:"null when it is about no coupon"`
	CustomerID *string        `json:"customer_id" doc:"null when it is about no customer"`
	FromStatus *string        `json:"from_status" doc:"The coupon's status before; null when there was none"`
	ToStatus   *string        `json:"to_status" doc:"The coupon's status after it"`
	Outcome    string         `json:"outcome" enum:"done,refused,unknown"`
	Detail     map[string]any `json:"detail" nullable:"false"`
	Seq        *int64         `json:"seq" doc:"Its number in the chain; null as long as it is not sealed, which takes seconds"`
	Hash       *string        `json:"hash" doc:"The chain's hash at this line, in hexadecimal digits; null as long as it is not sealed"`
}

// audit lists its entries, newest first.
func (a *API) audit(ctx context.Context, in *auditInput) (*auditOutput, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	found, err := a.deps.Audit.Audit(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &auditOutput{auditList{Items: make([]auditBody, 0, len(found))}}
	if len(found) > in.Limit {
		found = found[:in.Limit]
		next := writeCursor(found[len(found)-1].ID)
		out.Body.NextCursor = &next
	}
	for _, e := range found {
		out.Body.Items = append(out.Body.Items, lineOf(e))
	}
	return out, nil
}

// filter asks for one more than a page, which tells whether there is a next one.
func (in *auditInput) filter() (audit.Filter, error) {
	f := audit.Filter{Actor: in.Actor, Action: in.Action, From: in.From, To: in.To, Limit: in.Limit + 1}
	var err error
	if f.Before, err = readCursor(in.Cursor); err != nil {
		return f, err
	}
	if in.Coupon != "" {
		code, whole := domain.NormalizeCode(domain.FoldTyped(in.Coupon))
		if !whole {
			return f, wrong("query.coupon", "invalid")
		}
		f.Code = code
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		return f, wrong("query.to", "invalid")
	}
	return f, nil
}

func lineOf(e audit.Entry) auditBody {
	b := auditBody{ID: e.ID, At: e.At.UTC(), Actor: e.Actor, ActorName: e.ActorName, Action: e.Action,
		CouponCode: given(e.Code), CustomerID: given(e.CustomerID), FromStatus: given(string(e.From)),
		ToStatus: given(string(e.To)), Outcome: e.Outcome, Detail: e.Detail}
	if b.Detail == nil {
		b.Detail = map[string]any{}
	}
	if e.Seq != 0 {
		hash := e.Hash.String()
		b.Seq, b.Hash = &e.Seq, &hash
	}
	return b
}
