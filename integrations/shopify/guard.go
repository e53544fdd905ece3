package shopify

import (
	"context"
	"errors"
	"strings"
	"time"

	"pointbridge/domain"
)

const (
	// The Function asks for these names, whatever those of the coupons' metafield are.
	guardNamespace = "$app"
	guardKey       = "guard"
	guardName      = "Promotions at the checkout"
	// automaticGID is how the ids of automatic discounts begin.
	automaticGID = "gid://shopify/DiscountAutomaticNode/"
	// guardPages bounds a look through the shop's automatic discounts, of which 25 can be active.
	guardPages = 20
)

// ReasonNoFunction is a Function that the shop does not know, or may not have.
const ReasonNoFunction = "no_function"

// ReadPlus tells whether the shop's plan is Plus: only there may an app of the merchant's own have a Function. Errors
// as CreateDiscount.
func (c *Client) ReadPlus(ctx context.Context) (bool, error) {
	act := c.act("read_plan", "shop")
	resp, err := guardPlan(ctx, act)
	if err != nil {
		return false, err
	}
	return resp.Shop.Plan.ShopifyPlus, nil
}

// FindGuards lists our automatic discounts, the oldest first. Errors as CreateDiscount.
func (c *Client) FindGuards(ctx context.Context) ([]string, error) {
	act := c.act("find_guard", "discountNodes")
	var found []string
	var after *string
	for range guardPages {
		resp, err := guardFind(ctx, act, guardNamespace, guardKey, after)
		if err != nil {
			return nil, err
		}
		for _, n := range resp.DiscountNodes.Nodes {
			if n.Metafield != nil && strings.HasPrefix(n.Id, automaticGID) {
				found = append(found, n.Id)
			}
		}
		page := resp.DiscountNodes.PageInfo
		if !page.HasNextPage || page.EndCursor == nil {
			return found, nil
		}
		after = page.EndCursor
	}
	return nil, act.fail(&domain.UpstreamError{Kind: domain.KindRefused, Reason: "too_many_discounts",
		Err: errors.New("the shop does not narrow its list of discounts down to automatic ones")})
}

// CreateGuard makes the automatic discount that a Function stands behind, with what the Function is told, and gives its
// id. It is not idempotent: after an unknown outcome FindGuards says what there is. Errors: KindRefused with
// ReasonNoFunction; else as CreateDiscount.
func (c *Client) CreateGuard(ctx context.Context, function, title string, value []byte, from time.Time) (id string,
	err error) {
	act := c.act("create_guard", "discountAutomaticAppCreate")
	resp, err := guardCreate(ctx, act, DiscountAutomaticAppInput{Title: &title, FunctionHandle: &function,
		StartsAt: &from, DiscountClasses: []DiscountClass{DiscountClassOrder},
		Context: &DiscountContextInput{All: new(DiscountBuyerSelectionAll)},
		CombinesWith: &DiscountCombinesWithInput{OrderDiscounts: new(true), ProductDiscounts: new(true),
			ShippingDiscounts: new(true)},
		Metafields: []MetafieldInput{{Namespace: new(guardNamespace), Key: new(guardKey), Type: new(jsonType),
			Value: new(string(value))}}})
	if err != nil {
		return "", err
	}
	payload := resp.DiscountAutomaticAppCreate
	switch {
	case payload == nil:
		return "", act.nonsense("no payload")
	case len(payload.UserErrors) > 0:
		return "", act.withoutFunction(problemsOf(payload.UserErrors))
	case payload.AutomaticAppDiscount == nil || payload.AutomaticAppDiscount.DiscountId == "":
		return "", act.nonsense("no discount and no error")
	}
	return payload.AutomaticAppDiscount.DiscountId, nil
}

// withoutFunction names the one refusal that an operator can do something about.
func (c *call) withoutFunction(problems []userError) error {
	for _, p := range problems {
		at := strings.Join(p.GetField(), ".")
		if strings.HasSuffix(at, "functionHandle") || strings.HasSuffix(at, "functionId") {
			return c.fail(&domain.UpstreamError{Kind: domain.KindRefused, Reason: ReasonNoFunction,
				Err: errors.New("the shop knows no such Function: deploy it first")})
		}
	}
	return c.refused(problems)
}

// DeleteGuard removes the automatic discount. One that is gone is no error. Errors as CreateDiscount.
func (c *Client) DeleteGuard(ctx context.Context, id string) error {
	act := c.act("delete_guard", "discountAutomaticDelete")
	resp, err := guardDelete(ctx, act, id)
	if err != nil {
		return err
	}
	payload := resp.DiscountAutomaticDelete
	if payload == nil {
		return act.nonsense("no payload")
	}
	problems := problemsOf(payload.UserErrors)
	if gone(problems) {
		return nil
	}
	return act.refused(problems)
}

// ReadGuard reads what a customer's metafield, or the automatic discount's, says, and its digest; both are empty where
// there is none. Errors: KindNotFound where its owner is gone; else as CreateDiscount.
func (c *Client) ReadGuard(ctx context.Context, owner string) (value []byte, digest string, err error) {
	if !strings.HasPrefix(owner, automaticGID) {
		resp, err := couponsRead(ctx, c.act("read_guard", "customer"), owner, guardNamespace, guardKey)
		if err != nil || resp.Customer == nil {
			return nil, "", guardOwner(c.act("read_guard"), err)
		}
		if field := resp.Customer.Metafield; field != nil {
			return []byte(field.Value), field.CompareDigest, nil
		}
		return nil, "", nil
	}
	resp, err := guardRead(ctx, c.act("read_guard", "discountNode"), owner, guardNamespace, guardKey)
	if err != nil || resp.DiscountNode == nil {
		return nil, "", guardOwner(c.act("read_guard"), err)
	}
	if field := resp.DiscountNode.Metafield; field != nil {
		return []byte(field.Value), field.CompareDigest, nil
	}
	return nil, "", nil
}

// guardOwner is the error of a read, or that there is nobody to read from.
func guardOwner(act *call, err error) error {
	if err != nil {
		return err
	}
	return act.fail(&domain.UpstreamError{Kind: domain.KindNotFound, Err: errors.New("no such owner")})
}

// WriteGuard replaces either if its digest is still the given one ("": there must be none yet) and gives the new
// digest. Errors: KindRefused with ReasonStale when somebody else wrote; KindNotFound when its owner is gone; else as
// CreateDiscount.
func (c *Client) WriteGuard(ctx context.Context, owner string, value []byte, digest string) (newDigest string,
	err error) {
	act := c.act("write_guard", "metafieldsSet")
	newDigest, err = act.setMetafield(ctx, MetafieldsSetInput{OwnerId: owner, Namespace: new(guardNamespace),
		Key: guardKey, Value: string(value), CompareDigest: optional(digest)})
	if domain.ReasonOf(err) == domain.ReasonCustomerNotFound {
		err = act.fail(&domain.UpstreamError{Kind: domain.KindNotFound, Reason: domain.ReasonCustomerNotFound, Err: err})
	}
	return newDigest, err
}

// DefineGuard makes the definition of the customer's metafield: the shop's staff see it, customers and the storefront
// do not. The automatic discount's has none, so that nobody but the app reads it: it holds a key. It may be repeated.
// Errors as Setup.
func (c *Client) DefineGuard(ctx context.Context) error {
	act := c.act("define_guard", "metafieldDefinitionCreate")
	resp, err := couponsDefine(ctx, act, MetafieldDefinitionInput{Name: guardName, Namespace: new(guardNamespace),
		Key: guardKey, OwnerType: MetafieldOwnerTypeCustomer, Type: jsonType,
		Access: &MetafieldAccessInput{CustomerAccount: new(MetafieldCustomerAccountAccessInputNone),
			Storefront: new(MetafieldStorefrontAccessInputNone)}})
	if err != nil {
		return err
	}
	payload := resp.MetafieldDefinitionCreate
	if payload == nil {
		return act.nonsense("no payload")
	}
	problems := problemsOf(payload.UserErrors)
	if len(problems) == 1 && codeOf(problems[0]) == "TAKEN" {
		return nil
	}
	return act.defined(payload.CreatedDefinition != nil, problems)
}

// UndefineGuard removes the definition, and with it every customer's value. One that is gone is no error. Errors as
// Setup.
func (c *Client) UndefineGuard(ctx context.Context) error {
	act := c.act("undefine_guard", "metafieldDefinitionDelete")
	resp, err := guardUndefine(ctx, act, MetafieldDefinitionIdentifierInput{OwnerType: MetafieldOwnerTypeCustomer,
		Namespace: new(guardNamespace), Key: guardKey})
	if err != nil {
		return err
	}
	payload := resp.MetafieldDefinitionDelete
	if payload == nil {
		return act.nonsense("no payload")
	}
	problems := problemsOf(payload.UserErrors)
	if len(problems) == 1 && codeOf(problems[0]) == "NOT_FOUND" {
		return nil
	}
	return act.refused(problems)
}
