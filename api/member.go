package api

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/members"
)

type memberOutput struct {
	Body memberBody
}

// memberBody is a member as staff see one. Mail address and phone are not among it: nobody needs them to help somebody
// whose coupon cannot be made.
type memberBody struct {
	CustomerID        string     `json:"customer_id" doc:"The member's id in the POS"`
	Name              string     `json:"name"`
	NameKana          string     `json:"name_kana" doc:"How the name is read, in kana"`
	ShopifyCustomerID *string    `json:"shopify_customer_id" doc:"The gid; null as long as the member is not linked"`
	Locale            string     `json:"locale" doc:"Empty means the shop's"`
	Rank              string     `json:"rank"`
	Linked            bool       `json:"linked" doc:"Whether coupons can be made for the member at all"`
	FormerIDs         []string   `json:"former_ids" nullable:"false" doc:"The ids that the member had before, the latest first"`
	LockedUntil       *time.Time `json:"locked_until" doc:"Until when conversions are locked after too many refused ones; null when they are not"`
	CreatedAt         time.Time  `json:"created_at"`
	UpdatedAt         time.Time  `json:"updated_at"`
}

func (a *API) member(ctx context.Context, _ *CustomerPath) (*memberOutput, error) {
	c, err := a.deps.Directory.Customer(ctx, exchangeOf(ctx).customerID)
	if err != nil {
		return nil, err
	}
	out, err := a.memberWith(ctx, c)
	if err != nil {
		return nil, err
	}
	return out, a.read(ctx, domain.ActionCustomerRead, c.ID, nil)
}

// memberWith is the answer about a member, with the ids of before.
func (a *API) memberWith(ctx context.Context, c domain.Customer) (*memberOutput, error) {
	out := &memberOutput{memberOf(c, a.deps.Now())}
	former, err := a.deps.Members.FormerNumbers(ctx, c.ID)
	out.Body.FormerIDs = append([]string{}, former...)
	return out, err
}

func memberOf(c domain.Customer, now time.Time) memberBody {
	b := memberBody{CustomerID: c.ID, Name: c.Name, NameKana: c.NameKana, ShopifyCustomerID: given(c.ShopifyCustomerGID), Locale: c.Locale,
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

type renumberInput struct {
	CustomerPath
	Body struct {
		CustomerID string `json:"customer_id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"The id that the POS has given the member"`
	} `nameHint:"CustomerRenumbering"`
}

// renumber moves a member to another id, with everything that is theirs. The same request again finds it done.
func (a *API) renumber(ctx context.Context, in *renumberInput) (*memberOutput, error) {
	x := exchangeOf(ctx)
	c, err := a.deps.Members.Renumber(ctx, members.Renumbering{Caller: x.caller, From: x.customerID,
		To: in.Body.CustomerID})
	if err != nil {
		return nil, err
	}
	return a.memberWith(ctx, c)
}
