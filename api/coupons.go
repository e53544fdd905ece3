package api

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/listing"
)

// Page is how lists are asked for.
type Page struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most"`
	Cursor string `query:"cursor" maxLength:"64" doc:"next_cursor of the page before"`
}

type couponsInput struct {
	Page
	Status        string    `query:"status" enum:"pending,active,used,expired,cancelling,cancelled,suspended,forfeited,failed" doc:"The status now: a coupon whose end has passed is expired"`
	CustomerID    string    `query:"customer_id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"One customer's coupons"`
	Code          string    `query:"code" maxLength:"64" pattern:"^[A-Za-z0-9-]+$" doc:"A whole code, the beginning of one, or the six drawn characters in its middle or the beginning of these, in either case"`
	Text          string    `query:"q" maxLength:"64" doc:"What somebody typed: a code or a part of it, as above (of the drawn characters at least two), a member number, its beginning, or its end of more than five characters"`
	Sort          string    `query:"sort" enum:"newest,oldest,end,end_last,amount,amount_largest,points,points_most" default:"newest" doc:"The order: by issue, by end, by amount or by points"`
	ExpiresBefore time.Time `query:"expires_before" doc:"Only coupons that end before this moment"`
}

type customerCouponsInput struct {
	CustomerPath
	Page
}

type couponsOutput struct {
	Body couponList
}

type couponList struct {
	Items      []ListedCoupon `json:"items" nullable:"false"`
	NextCursor *string        `json:"next_cursor" doc:"Asks for the next page; null on the last one"`
	ServerNow  time.Time      `json:"server_now" doc:"The server's time of this answer"`
}

// coupons finds coupons for those who work with everybody's.
func (a *API) coupons(ctx context.Context, in *couponsInput) (*couponsOutput, error) {
	out, err := a.list(ctx, in.Page, listing.Filter{Status: domain.Status(in.Status), CustomerID: in.CustomerID,
		Code: in.Code, Text: in.Text, Sort: sortOf(in.Sort), ExpiresBefore: in.ExpiresBefore})
	if err != nil {
		return nil, err
	}
	return out, a.read(ctx, domain.ActionCouponsFound, in.CustomerID, found(len(out.Body.Items)))
}

// customerCoupons lists one customer's. An empty list of somebody unknown is told from one of a customer without
// coupons.
func (a *API) customerCoupons(ctx context.Context, in *customerCouponsInput) (*couponsOutput, error) {
	x := exchangeOf(ctx)
	out, err := a.list(ctx, in.Page, listing.Filter{CustomerID: x.customerID,
		Visible: x.caller.Role == domain.RoleCustomer})
	if err == nil && len(out.Body.Items) == 0 {
		_, err = a.deps.Directory.Customer(ctx, x.customerID)
	}
	if err != nil {
		return nil, err
	}
	return out, a.read(ctx, domain.ActionCouponsOfRead, x.customerID, found(len(out.Body.Items)))
}

func (a *API) list(ctx context.Context, p Page, f listing.Filter) (*couponsOutput, error) {
	var err error
	if f.After, err = readPlace(p.Cursor, f.Sort); err != nil {
		return nil, err
	}
	f.Now, f.Limit = a.deps.Now(), p.Limit
	page, err := a.deps.Listing.Page(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &couponsOutput{couponList{Items: make([]ListedCoupon, 0, len(page.Coupons)), ServerNow: f.Now.UTC()}}
	if page.More {
		next := writePlace(f.Sort, page.Coupons[len(page.Coupons)-1])
		out.Body.NextCursor = &next
	}
	caller := exchangeOf(ctx).caller
	for _, c := range page.Coupons {
		out.Body.Items = append(out.Body.Items, a.show(c, current(c, f.Now, caller), caller))
	}
	return out, nil
}
