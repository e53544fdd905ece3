package shopify

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// longestCode is Shopify's limit, in characters.
const longestCode = 255

var customerGID = regexp.MustCompile(`^gid://shopify/Customer/[0-9]+$`)

// CreateDiscount makes the code: a fixed amount off the whole order, usable once, by one customer. It is one round
// trip. Errors: KindRefused, with ReasonCodeTaken when the text is in use; KindAuth, KindThrottled, KindUnavailable;
// KindUnknown.
func (c *Client) CreateDiscount(ctx context.Context, d coupons.Discount) (id string, err error) {
	act := c.act("create_discount", "discountCodeBasicCreate")
	if err := checkDiscount(d); err != nil {
		return "", act.fail(&domain.UpstreamError{Kind: domain.KindRefused, Reason: "invalid_discount", Err: err})
	}
	resp, err := couponCreate(ctx, act, discountInput(d))
	if err != nil {
		return "", err
	}
	payload := resp.DiscountCodeBasicCreate
	if payload == nil {
		return "", act.nonsense("no payload")
	}
	made := payload.CodeDiscountNode != nil && payload.CodeDiscountNode.Id != ""
	switch {
	case made && len(payload.UserErrors) == 0:
		return payload.CodeDiscountNode.Id, nil
	case made, len(payload.UserErrors) == 0:
		return "", act.nonsense("neither a discount nor an error, or both")
	}
	return "", act.refused(problemsOf(payload.UserErrors))
}

// checkDiscount keeps back what Shopify would accept and must never see: a code without a value, an end or an owner.
func checkDiscount(d coupons.Discount) error {
	switch {
	case d.Code == "" || len(d.Code) > longestCode || strings.ContainsAny(d.Code, "\r\n"):
		return errors.New("the code is empty, too long or has line breaks")
	case d.Amount.Minor <= 0 || d.Amount.Currency == "":
		return errors.New("the amount is not positive")
	case !customerGID.MatchString(d.CustomerGID):
		return errors.New("the customer is not a Shopify customer id")
	case d.StartsAt.IsZero() || !d.EndsAt.After(d.StartsAt):
		return errors.New("the end is not after the start")
	}
	return nil
}

func discountInput(d coupons.Discount) DiscountCodeBasicInput {
	startsAt, endsAt := wholeSecond(d.StartsAt), wholeSecond(d.EndsAt)
	amount := d.Amount.Decimal()
	in := DiscountCodeBasicInput{
		Title:                  &d.Title,
		Code:                   &d.Code,
		StartsAt:               &startsAt,
		EndsAt:                 &endsAt,
		UsageLimit:             new(1),
		AppliesOncePerCustomer: new(true),
		Context:                &DiscountContextInput{Customers: &DiscountCustomersInput{Add: []string{d.CustomerGID}}},
		CustomerGets: &DiscountCustomerGetsInput{
			Items: &DiscountItemsInput{All: new(true)},
			Value: &DiscountCustomerGetsValueInput{
				DiscountAmount: &DiscountAmountInput{Amount: &amount, AppliesOnEachItem: new(false)},
			},
		},
		CombinesWith: &DiscountCombinesWithInput{
			OrderDiscounts:    &d.CombinesWith.Order,
			ProductDiscounts:  &d.CombinesWith.Product,
			ShippingDiscounts: &d.CombinesWith.Shipping,
		},
		Tags: d.Tags,
	}
	if d.MinimumSubtotal.Minor > 0 {
		subtotal := d.MinimumSubtotal.Decimal()
		in.MinimumRequirement = &DiscountMinimumRequirementInput{
			Subtotal: &DiscountMinimumSubtotalInput{GreaterThanOrEqualToSubtotal: &subtotal},
		}
	}
	return in
}

// wholeSecond is how Shopify keeps times.
func wholeSecond(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// FindDiscount reads a code without regard to case; it sees a code as soon as it was made. A discount of another kind
// comes back with its id only. Errors: KindNotFound when no discount has the code, else as CreateDiscount.
func (c *Client) FindDiscount(ctx context.Context, code string) (coupons.FoundDiscount, error) {
	act := c.act("find_discount", "codeDiscountNodeByCode")
	resp, err := couponByCode(ctx, act, code)
	if err != nil {
		return coupons.FoundDiscount{}, err
	}
	node := resp.CodeDiscountNodeByCode
	if node == nil {
		return coupons.FoundDiscount{}, act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	}
	if node.Id == "" || node.CodeDiscount == nil {
		return coupons.FoundDiscount{}, act.nonsense("a discount without id or kind")
	}
	found, err := foundDiscount(node)
	if err != nil {
		return coupons.FoundDiscount{}, act.fail(broken(err))
	}
	return found, nil
}

func foundDiscount(node *codeNode) (coupons.FoundDiscount, error) {
	found := coupons.FoundDiscount{ID: node.Id}
	basic, ok := node.CodeDiscount.(*codeDiscountDiscountCodeBasic)
	if !ok {
		return found, nil
	}
	found.Title, found.Status, found.Usage = basic.Title, string(basic.Status), basic.AsyncUsageCount
	if len(basic.Codes.Nodes) > 0 {
		found.Code = basic.Codes.Nodes[0].Code
	}
	if basic.EndsAt != nil {
		found.EndsAt = *basic.EndsAt
	}
	if basic.UsageLimit != nil {
		found.UsageLimit = *basic.UsageLimit
	}
	if bound, ok := basic.Context.(*codeContextDiscountCustomers); ok {
		found.CustomerCount = len(bound.Customers)
		if len(bound.Customers) > 0 {
			found.CustomerGID = bound.Customers[0].Id
		}
	}
	if fixed, ok := basic.CustomerGets.Value.(*codeValueDiscountAmount); ok {
		amount, err := domain.ParseMoney(fixed.Amount.Amount, fixed.Amount.CurrencyCode)
		if err != nil {
			return found, errors.New("the amount cannot be read")
		}
		found.Amount = amount
	}
	return found, nil
}

// DeactivateDiscount ends a code now; its text stays taken. Repeating it changes nothing. Errors: KindNotFound when
// somebody deleted the discount, else as CreateDiscount.
func (c *Client) DeactivateDiscount(ctx context.Context, id string) error {
	act := c.act("deactivate_discount", "discountCodeDeactivate")
	resp, err := couponDeactivate(ctx, act, id)
	if err != nil {
		return err
	}
	payload := resp.DiscountCodeDeactivate
	if payload == nil {
		return act.nonsense("no payload")
	}
	problems := problemsOf(payload.UserErrors)
	if gone(problems) {
		return act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	}
	return act.ended(payload.CodeDiscountNode != nil, problems)
}

// DeleteDiscount removes a code for good; one that is gone already counts as removed. Errors as CreateDiscount.
func (c *Client) DeleteDiscount(ctx context.Context, id string) error {
	act := c.act("delete_discount", "discountCodeDelete")
	resp, err := couponDelete(ctx, act, id)
	if err != nil {
		return err
	}
	payload := resp.DiscountCodeDelete
	if payload == nil {
		return act.nonsense("no payload")
	}
	return act.ended(payload.DeletedCodeDiscountId != nil, problemsOf(payload.UserErrors))
}

// ended judges the answer to an act that takes a code out of use.
func (c *call) ended(done bool, problems []userError) error {
	switch {
	case gone(problems), done && len(problems) == 0:
		return nil
	case done, len(problems) == 0:
		return c.nonsense("neither a result nor an error, or both")
	}
	return c.refused(problems)
}
