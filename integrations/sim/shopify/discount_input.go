package shopify

import (
	graphql "github.com/graph-gophers/graphql-go"
)

// discountInput is the vendor's DiscountCodeBasicInput. Every field may be absent; the ones that a creation needs are
// asked for by the rules, as the vendor does.
type discountInput struct {
	Title                  graphql.NullString
	Code                   graphql.NullString
	StartsAt               dateTime
	EndsAt                 dateTime
	UsageLimit             graphql.NullInt
	AppliesOncePerCustomer graphql.NullBool
	Context                *contextInput
	CustomerGets           *customerGetsInput
	MinimumRequirement     *minimumInput
	CombinesWith           *combinesInput
	Tags                   *[]string
}

type contextInput struct {
	All              enum
	CustomerSegments *customersInput
	Customers        *customersInput
}

type customersInput struct {
	Add    *[]graphql.ID
	Remove *[]graphql.ID
}

type customerGetsInput struct {
	Value                    *valueInput
	Items                    *itemsInput
	AppliesOnOneTimePurchase graphql.NullBool
	AppliesOnSubscription    graphql.NullBool
}

type valueInput struct {
	DiscountAmount *amountInput
	Percentage     graphql.NullFloat
}

type amountInput struct {
	Amount            decimalValue
	AppliesOnEachItem graphql.NullBool
}

type itemsInput struct {
	All         graphql.NullBool
	Products    *productsInput
	Collections *collectionsInput
}

type productsInput struct{ ProductsToAdd *[]graphql.ID }

type collectionsInput struct{ Add *[]graphql.ID }

type minimumInput struct {
	Subtotal *minimumSubtotalInput
	Quantity *minimumQuantityInput
}

type minimumSubtotalInput struct {
	GreaterThanOrEqualToSubtotal decimalValue
}

type minimumQuantityInput struct {
	GreaterThanOrEqualToQuantity unsigned
}

type combinesInput struct {
	OrderDiscounts    graphql.NullBool
	ProductDiscounts  graphql.NullBool
	ShippingDiscounts graphql.NullBool
}

func isTrue(b graphql.NullBool) bool { return b.Value != nil && *b.Value }

func idTexts(ids *[]graphql.ID) []string {
	if ids == nil {
		return nil
	}
	texts := make([]string, len(*ids))
	for i, id := range *ids {
		texts[i] = string(id)
	}
	return texts
}
