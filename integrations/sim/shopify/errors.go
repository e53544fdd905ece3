package shopify

// userError is a refusal that stands in the payload of a mutation: nothing was applied.
type userError struct {
	Field     *[]string
	Message   string
	Code      *string
	ExtraInfo *string
	// ElementIndex is null even where the vendor's schema has it; the index is the second part of Field.
	ElementIndex *int32
}

func refusal(code, message string, field ...string) userError {
	e := userError{Message: message}
	if code != "" {
		e.Code = &code
	}
	if len(field) > 0 {
		e.Field = &field
	}
	return e
}

// queryError is an error at the top of an answer, with the vendor's code for it.
type queryError struct {
	code     string
	message  string
	required string // the access that was missing
}

func (e *queryError) Error() string { return e.message }

// Extensions is what the engine puts beside the message.
func (e *queryError) Extensions() map[string]any {
	extensions := map[string]any{"code": e.code}
	if e.code == codeAccessDenied {
		extensions["documentation"] = "https://shopify.dev/api/usage/access-scopes"
		extensions["requiredAccess"] = e.required
	}
	return extensions
}

// accessDenied names the scope that a root field needs, by the access notes of the schema.
func accessDenied(field string) *queryError {
	scope := "read_discounts"
	switch field {
	case "discountCodeBasicCreate", "discountCodeBasicUpdate", "discountCodeActivate", "discountCodeDeactivate",
		"discountCodeDelete", "discountAutomaticAppCreate", "discountAutomaticDelete":
		scope = "write_discounts"
	case "metafieldsSet", "metafieldDefinitionCreate", "metafieldDefinitionUpdate", "metafieldDefinitionDelete":
		scope = "write_customers"
	case "tagsAdd", "orderRiskAssessmentCreate":
		scope = "write_orders"
	case "fulfillmentOrders", "fulfillmentOrderHold", "fulfillmentOrderReleaseHold":
		return holdsDenied(field)
	case "customer", "metafieldDefinitions":
		scope = "read_customers"
	case "order", "orders", "webhookSubscriptionCreate", "webhookSubscriptionUpdate", "webhookSubscriptionDelete",
		"webhookSubscriptions":
		scope = "read_orders"
	}
	required := "`" + scope + "` access scope."
	return &queryError{codeAccessDenied, "Access denied for " + field + " field. Required access: " + required,
		required}
}

// holdsDenied names the scopes of which one is needed to see and change what holds an order.
func holdsDenied(field string) *queryError {
	kind := "write"
	if field == "fulfillmentOrders" {
		kind = "read"
	}
	required := "`" + kind + "_merchant_managed_fulfillment_orders` access scope or " +
		"`" + kind + "_third_party_fulfillment_orders` access scope. " +
		"Also: The user must have fulfill_and_ship_orders permission."
	return &queryError{codeAccessDenied, "Access denied for " + field + " field. Required access: " + required,
		required}
}

// somethingWrong is the vendor's message for an internal error of one field.
const somethingWrong = "Something went wrong"

// Codes of top-level errors, as the vendor spells them.
const (
	codeAccessDenied    = "ACCESS_DENIED"
	codeBadRequest      = "BAD_REQUEST"
	codeInternal        = "INTERNAL_SERVER_ERROR"
	codeThrottled       = "THROTTLED"
	codeTooExpensive    = "MAX_COST_EXCEEDED"
	codeInvalidVariable = "INVALID_VARIABLE"
	codeParseError      = "PARSE_ERROR"
	codeUndefinedField  = "undefinedField"
	codeLiterals        = "argumentLiteralsIncompatible"
	codeNotAccepted     = "argumentNotAccepted"
	codeNotFound        = "RESOURCE_NOT_FOUND"
)

func badRequest(message string) error { return &queryError{code: codeBadRequest, message: message} }

// invalidID is what an id of another kind, or none at all, is answered with.
func invalidID() error { return &queryError{code: codeNotFound, message: "invalid id"} }
