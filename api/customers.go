package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"pointbridge/domain"
	"pointbridge/domain/members"
)

// CustomerPath documents the customer in the path. The guard has resolved it by the time a handler runs.
type CustomerPath struct {
	ID string `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"The member's id in the POS; me is the customer whose key it is"`
}

// rate is how many currency units a point is worth, written as the exact decimal number it is.
type rate domain.Rate

// MarshalJSON writes the number; its digits are the rate's own, so nothing is rounded.
func (r rate) MarshalJSON() ([]byte, error) {
	return json.Marshal(json.Number(domain.Rate(r).String()))
}

// Schema tells huma that it is a number.
func (rate) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber}
}

type pointsOutput struct {
	Body pointsBody
}

type pointsBody struct {
	CustomerID     string    `json:"customer_id"`
	Balance        int64     `json:"balance" doc:"The POS's own figure, read now"`
	AsOf           time.Time `json:"as_of" doc:"When it was read"`
	Unit           int64     `json:"unit" doc:"Points are converted in multiples of this"`
	Minimum        int64     `json:"minimum"`
	DailyLimit     int64     `json:"daily_limit"`
	DailyRemaining int64     `json:"daily_remaining" doc:"What is left of the limit today"`
	Rate           rate      `json:"rate" doc:"What one point is worth in the currency's main unit"`
	Currency       string    `json:"currency" doc:"ISO 4217"`
}

func (a *API) points(ctx context.Context, _ *CustomerPath) (*pointsOutput, error) {
	p, err := a.deps.Service.Points(ctx, exchangeOf(ctx).customerID)
	if err != nil {
		return nil, err
	}
	if err := a.read(ctx, domain.ActionCustomerRead, p.CustomerID, nil); err != nil {
		return nil, err
	}
	return &pointsOutput{pointsBody{CustomerID: p.CustomerID, Balance: p.Balance, AsOf: p.AsOf.UTC(), Unit: p.Unit,
		Minimum: p.Minimum, DailyLimit: p.DailyLimit, DailyRemaining: p.DailyRemaining, Rate: rate(p.Rate), Currency: p.Currency}}, nil
}

type quoteInput struct {
	CustomerPath
	Points int64 `query:"points" required:"true" minimum:"1" maximum:"1000000000000" example:"500" doc:"How many points it would be"`
}

type quoteOutput struct {
	Body quoteBody
}

type quoteBody struct {
	CustomerID string    `json:"customer_id"`
	Points     int64     `json:"points"`
	Amount     int64     `json:"amount" doc:"What the coupon would be worth, in the currency's smallest unit"`
	Currency   string    `json:"currency" doc:"ISO 4217"`
	Rate       rate      `json:"rate" doc:"What one point is worth in the currency's main unit"`
	ExpiresAt  time.Time `json:"expires_at" doc:"When it would end"`
	Balance    int64     `json:"balance" doc:"The POS's own figure, read now"`
	AsOf       time.Time `json:"as_of" doc:"When it was read"`
	ServerNow  time.Time `json:"server_now" doc:"The server's time of this answer"`
}

func (a *API) quote(ctx context.Context, in *quoteInput) (*quoteOutput, error) {
	id := exchangeOf(ctx).customerID
	q, err := a.deps.Service.Quote(ctx, exchangeOf(ctx).caller, id, in.Points)
	if err != nil {
		return nil, err
	}
	if err := a.read(ctx, domain.ActionCustomerRead, id, nil); err != nil {
		return nil, err
	}
	return &quoteOutput{quoteBody{CustomerID: id, Points: q.Points, Amount: q.Amount.Minor, Currency: q.Amount.Currency,
		Rate: rate(q.Rate), ExpiresAt: q.ExpiresAt.UTC(), Balance: q.Balance, AsOf: q.AsOf.UTC(), ServerNow: a.deps.Now().UTC()}}, nil
}

type linkOutput struct {
	Status int
	Body   customerBody
}

func (a *API) link(ctx context.Context, in *linkInput) (*linkOutput, error) {
	x := exchangeOf(ctx)
	refused := in.refused()
	c, created, err := a.deps.Linking.Link(ctx, members.Link{Caller: x.caller, CustomerID: x.customerID,
		ShopifyCustomerGID: in.Body.ShopifyCustomerID.text(), Name: in.Body.Name,
		NameKana: in.Body.NameKana, Email: in.Body.Email,
		Phone: in.Body.Phone, Locale: in.Body.Locale, Rank: in.Body.Rank})
	if err != nil {
		return nil, err
	}
	out := &linkOutput{Status: http.StatusOK, Body: customerOf(c)}
	for _, f := range refused {
		out.Body.Refused = append(out.Body.Refused, x.worded(f))
	}
	if created {
		out.Status = http.StatusCreated
	}
	return out, nil
}
