package api

import (
	"context"
	"time"

	"pointbridge/domain"
)

type memberOutput struct {
	Body memberBody
}

// memberBody is a member as staff see one. Mail address and phone are not among it: nobody needs them to help somebody
// whose coupon cannot be made.
type memberBody struct {
	CustomerID        string     `json:"customer_id" doc:"The member's id in the till"`
	Name              string     `json:"name"`
	ShopifyCustomerID *string    `json:"shopify_customer_id" doc:"The gid; null as long as the member is not linked"`
	Locale            string     `json:"locale" doc:"Empty means the shop's"`
	Rank              string     `json:"rank"`
	Linked            bool       `json:"linked" doc:"Whether coupons can be made for the member at all"`
	LockedUntil       *time.Time `json:"locked_until" doc:"Until when conversions are locked after too many refused ones; null when they are not"`
	CreatedAt         time.Time  `json:"created_at"`
	UpdatedAt         time.Time  `json:"updated_at"`
}

func (a *API) member(ctx context.Context, _ *CustomerPath) (*memberOutput, error) {
	c, err := a.deps.Directory.Customer(ctx, exchangeOf(ctx).customerID)
	if err != nil {
		return nil, err
	}
	return &memberOutput{memberOf(c, a.deps.Now())}, a.read(ctx, domain.ActionCustomerRead, c.ID, nil)
}

func memberOf(c domain.Customer, now time.Time) memberBody {
	b := memberBody{CustomerID: c.ID, Name: c.Name, ShopifyCustomerID: given(c.ShopifyCustomerGID), Locale: c.Locale,
		Rank: c.Rank, Linked: c.Linked(), CreatedAt: c.CreatedAt.UTC(), UpdatedAt: c.UpdatedAt.UTC()}
	if c.LockedUntil != nil && now.Before(*c.LockedUntil) {
		b.LockedUntil = utc(c.LockedUntil)
	}
	return b
}

// unlock lets a locked customer convert again. One who is not locked is as they should be already.
func (a *API) unlock(ctx context.Context, _ *CustomerPath) (*struct{}, error) {
	x := exchangeOf(ctx)
	return nil, a.deps.Members.Unlock(ctx, x.caller, x.customerID)
}
