package shopify

import (
	"context"
	"errors"
	"math"
	"regexp"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// longestCode is Shopify's limit, in characters.
const longestCode = 255

var customerGID = regexp.MustCompile(`^gid://shopify/Customer/[0-9]+$`)

// CreateDiscount makes the code: an amount or a part off the order or some of its items, usable once, by one customer.
// It is one round trip. Errors: KindRefused, with ReasonCodeTaken when the text is in use; KindAuth, KindThrottled, KindUnavailable;
// KindUnknown.
func (c *Client) CreateDiscount(ctx context.Context, d coupons.Discount) (id string, err error) {
	act := c.act("create_discount", "discountCodeBasicCreate")
	if err := checkDiscount(d); err != nil {
		return "", act.fail(&domain.UpstreamError{Kind: domain.KindRefused, Reason: "invalid_discount", Err: err})
	}
	return createDiscount(ctx, act, discountInput(d))
}

// createDiscount is the call, and what its answer says.
func createDiscount(ctx context.Context, act *call, d DiscountCodeBasicInput) (id string, err error) {
	resp, err := couponCreate(ctx, act, d)
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
	case d.Percent == 0 && (d.Amount.Minor <= 0 || d.Amount.Currency == ""):
		return errors.New("the amount is not positive")
	case d.Percent < 0 || d.Percent > wholeOrder || d.Percent > 0 && d.Amount.Minor != 0:
		return errors.New("the part is none of an order, or stands beside an amount")
	case len(d.Products) > 0 && len(d.Collections) > 0:
		return errors.New("the code is for products and for collections")
	case !customerGID.MatchString(d.CustomerGID):
		return errors.New("the customer is not a Shopify customer id")
	case d.StartsAt.IsZero() || !d.EndsAt.After(d.StartsAt):
		return errors.New("the end is not after the start")
	}
	return nil
}

func discountInput(d coupons.Discount) DiscountCodeBasicInput {
	startsAt, endsAt := wholeSecond(d.StartsAt), wholeSecond(d.EndsAt)
	in := DiscountCodeBasicInput{
		Title:                  &d.Title,
		Code:                   &d.Code,
		StartsAt:               &startsAt,
		EndsAt:                 &endsAt,
		UsageLimit:             new(1),
		AppliesOncePerCustomer: new(true),
		Context:                &DiscountContextInput{Customers: &DiscountCustomersInput{Add: []string{d.CustomerGID}}},
		CustomerGets:           &DiscountCustomerGetsInput{Items: itemsInput(d.Products, d.Collections), Value: valueInput(d)},
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

// wholeOrder is all of an order in basis points, which is 1 to Shopify.
const wholeOrder = 10_000

func valueInput(d coupons.Discount) *DiscountCustomerGetsValueInput {
	if d.Percent > 0 {
		return &DiscountCustomerGetsValueInput{Percentage: new(float64(d.Percent) / wholeOrder)}
	}
	amount := d.Amount.Decimal()
	return &DiscountCustomerGetsValueInput{
		DiscountAmount: &DiscountAmountInput{Amount: &amount, AppliesOnEachItem: new(false)}}
}

// itemsInput is what a code takes its value off. An amount off some items is taken once, not off each of them.
func itemsInput(products, collections []string) *DiscountItemsInput {
	switch {
	case len(products) > 0:
		return &DiscountItemsInput{Products: &DiscountProductsInput{ProductsToAdd: products}}
	case len(collections) > 0:
		return &DiscountItemsInput{Collections: &DiscountCollectionsInput{Add: collections}}
	default:
		return &DiscountItemsInput{All: new(true)}
	}
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

// DiscountOf returns the id of the discount that can be entered by a text, whosever it is. Errors: KindNotFound when
// there is none, else as CreateDiscount.
func (c *Client) DiscountOf(ctx context.Context, code string) (id string, err error) {
	act := c.act("find_discount_id", "codeDiscountNodeByCode")
	resp, err := discountOf(ctx, act, code)
	if err != nil {
		return "", err
	}
	node := resp.CodeDiscountNodeByCode
	switch {
	case node == nil:
		return "", act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	case node.Id == "":
		return "", act.nonsense("a discount without id")
	}
	return node.Id, nil
}

func foundDiscount(node *codeNode) (coupons.FoundDiscount, error) {
	if one, ok := node.CodeDiscount.(*codeDiscountDiscountCodeBasic); ok {
		return readBasic(node.Id, &one.basic)
	}
	return coupons.FoundDiscount{ID: node.Id}, nil
}

// ReadDiscount reads a discount by its id, whatever its code is called by now. A discount of another kind comes back
// with its id only. Errors: KindNotFound when there is none with the id, else as CreateDiscount.
func (c *Client) ReadDiscount(ctx context.Context, id string) (coupons.FoundDiscount, error) {
	act := c.act("read_discount", "discountNode")
	resp, err := couponByID(ctx, act, id)
	if err != nil {
		return coupons.FoundDiscount{}, err
	}
	node := resp.DiscountNode
	if node == nil {
		return coupons.FoundDiscount{}, act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	}
	if node.Id == "" || node.Discount == nil {
		return coupons.FoundDiscount{}, act.nonsense("a discount without id or kind")
	}
	one, ok := node.Discount.(*idDiscountDiscountCodeBasic)
	if !ok {
		return coupons.FoundDiscount{ID: node.Id}, nil
	}
	found, err := readBasic(node.Id, &one.basic)
	if err != nil {
		return coupons.FoundDiscount{}, act.fail(broken(err))
	}
	return found, nil
}

func readBasic(id string, b *basic) (coupons.FoundDiscount, error) {
	found := coupons.FoundDiscount{ID: id, Title: b.Title, Tags: b.Tags, Status: string(b.Status),
		Usage: b.AsyncUsageCount, UpdatedAt: b.UpdatedAt, StartsAt: b.StartsAt,
		CombinesWith: coupons.Combines{Order: b.CombinesWith.OrderDiscounts,
			Product: b.CombinesWith.ProductDiscounts, Shipping: b.CombinesWith.ShippingDiscounts}}
	for _, node := range b.Codes.Nodes {
		found.Codes = append(found.Codes, node.Code)
	}
	if b.EndsAt != nil {
		found.EndsAt = *b.EndsAt
	}
	if b.UsageLimit != nil {
		found.UsageLimit = *b.UsageLimit
	}
	if bound, ok := b.Context.(*codeContextDiscountCustomers); ok {
		found.CustomerCount = len(bound.Customers)
		if len(bound.Customers) > 0 {
			found.CustomerGID = bound.Customers[0].Id
		}
	}
	if b.CustomerGets.Items != nil {
		switch (b.CustomerGets.Items).(type) {
		case *codeItemsDiscountProducts:
			found.OnlyItems = coupons.OnlyProducts
		case *codeItemsDiscountCollections:
			found.OnlyItems = coupons.OnlyCollections
		}
	}
	return found, readMoney(b, &found)
}

// readMoney reads what a discount is worth and from which subtotal on it holds.
func readMoney(b *basic, into *coupons.FoundDiscount) (err error) {
	if part, ok := b.CustomerGets.Value.(*codeValueDiscountPercentage); ok {
		into.Percent = int64(math.Round(part.Percentage * wholeOrder))
	}
	if fixed, ok := b.CustomerGets.Value.(*codeValueDiscountAmount); ok {
		into.OnEachItem = fixed.AppliesOnEachItem
		if into.Amount, err = domain.ParseMoney(fixed.Amount.Amount, fixed.Amount.CurrencyCode); err != nil {
			return errors.New("the amount cannot be read")
		}
	}
	if b.MinimumRequirement == nil {
		return nil
	}
	switch least := (*b.MinimumRequirement).(type) {
	case *codeMinimumDiscountMinimumQuantity:
		into.MinimumQuantity = least.GreaterThanOrEqualToQuantity
	case *codeMinimumDiscountMinimumSubtotal:
		money := least.GreaterThanOrEqualToSubtotal
		if into.MinimumSubtotal, err = domain.ParseMoney(money.Amount, money.CurrencyCode); err != nil {
			return errors.New("the minimum cannot be read")
		}
	}
	return nil
}

// SetDiscountEnd gives a discount its end, and changes nothing else of it. Repeating it changes nothing. Errors:
// KindNotFound when somebody deleted the discount, else as CreateDiscount.
func (c *Client) SetDiscountEnd(ctx context.Context, id string, at time.Time) error {
	act := c.act("set_discount_end", "discountCodeBasicUpdate")
	resp, err := couponSetEnd(ctx, act, id, wholeSecond(at))
	if err != nil {
		return err
	}
	payload := resp.DiscountCodeBasicUpdate
	if payload == nil {
		return act.nonsense("no payload")
	}
	problems := problemsOf(payload.UserErrors)
	if gone(problems) {
		return act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	}
	return act.ended(payload.CodeDiscountNode != nil, problems)
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

// ended judges the answer to an act on a code that exists.
func (c *call) ended(done bool, problems []userError) error {
	switch {
	case gone(problems), done && len(problems) == 0:
		return nil
	case done, len(problems) == 0:
		return c.nonsense("neither a result nor an error, or both")
	}
	return c.refused(problems)
}
