package shopify

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	longestText = 255
	mostTags    = 5
)

// basicField is the path of a field of the input, as user errors name it.
func basicField(path ...string) []string { return append([]string{"basicCodeDiscount"}, path...) }

// checkDiscount holds an input against the vendor's rules. What a creation must have and an update may leave out is
// asked for when creating. Messages and codes are the ones recorded on development stores.
func checkDiscount(in discountInput, creating bool) []userError {
	var errs []userError
	errs = append(errs, checkCode(in, creating)...)
	errs = append(errs, checkTitle(in, creating)...)
	errs = append(errs, checkStart(in, creating)...)
	errs = append(errs, checkLimit(in)...)
	errs = append(errs, checkValue(in.CustomerGets, creating)...)
	errs = append(errs, checkItems(in.CustomerGets)...)
	errs = append(errs, checkMinimum(in.MinimumRequirement)...)
	errs = append(errs, checkTags(in.Tags)...)
	if creating && in.Context == nil {
		// The schema requires it on creation; which code the vendor gives for its absence is an inference.
		errs = append(errs, refusal("BLANK", "Context can't be blank", basicField("context")...))
	}
	return errs
}

func checkCode(in discountInput, creating bool) []userError {
	field := basicField("code")
	if in.Code.Value == nil {
		if creating {
			return []userError{refusal("BLANK", "Code can't be blank", field...)}
		}
		return nil
	}
	code := *in.Code.Value
	switch {
	case code == "":
		return []userError{refusal("TOO_SHORT", "Code is too short (minimum is 1 character)", field...)}
	case strings.ContainsAny(code, "\r\n"):
		return []userError{refusal("INVALID", "Code cannot contain newline characters.", field...)}
	case utf8.RuneCountInString(code) > longestText:
		return []userError{refusal("TOO_LONG", "Code is too long (maximum is 255 characters)", field...)}
	}
	return nil
}

func checkTitle(in discountInput, creating bool) []userError {
	field := basicField("title")
	if in.Title.Value == nil && !creating {
		return nil
	}
	switch {
	case in.Title.Value == nil, strings.TrimSpace(*in.Title.Value) == "":
		return []userError{refusal("BLANK", "Title can't be blank", field...)}
	case utf8.RuneCountInString(*in.Title.Value) > longestText:
		return []userError{refusal("TOO_LONG", "Title is too long (maximum is 255 characters)", field...)}
	}
	return nil
}

func checkStart(in discountInput, creating bool) []userError {
	if in.StartsAt.IsZero() && (creating || in.StartsAt.set) {
		return []userError{refusal("BLANK", "Starts at can't be blank", basicField("startsAt")...)}
	}
	return nil
}

func checkLimit(in discountInput) []userError {
	if in.UsageLimit.Value != nil && *in.UsageLimit.Value <= 0 {
		return []userError{refusal("GREATER_THAN", "Usage limit must be greater than 0", basicField("usageLimit")...)}
	}
	return nil
}

func checkValue(gets *customerGetsInput, creating bool) []userError {
	if gets == nil || gets.Value == nil {
		if creating {
			return []userError{refusal("BLANK", "Value can't be blank", basicField("customerGets", "value")...)}
		}
		return nil
	}
	value := gets.Value
	if p := value.Percentage.Value; p != nil && (*p < 0 || *p > 1) {
		return []userError{refusal("VALUE_OUTSIDE_RANGE", "Value must be between 0.0 and 1.0",
			basicField("customerGets", "value", "percentage")...)}
	}
	if a := value.DiscountAmount; a != nil && a.Amount.value.negative() {
		return []userError{refusal("LESS_THAN_OR_EQUAL_TO", "Value must be less than or equal to 0",
			basicField("customerGets", "value", "discountAmount", "amount")...)}
	}
	return nil
}

// checkItems asks for one answer to what the value is taken off. Which code the vendor gives for two is an inference.
func checkItems(gets *customerGetsInput) []userError {
	if gets == nil || gets.Items == nil {
		return nil
	}
	said := 0
	for _, is := range []bool{isTrue(gets.Items.All), gets.Items.Products != nil, gets.Items.Collections != nil} {
		if is {
			said++
		}
	}
	if said < 2 {
		return nil
	}
	return []userError{refusal("CONFLICT", "Only one of all, products and collections can be set",
		basicField("customerGets", "items")...)}
}

func checkMinimum(minimum *minimumInput) []userError {
	if minimum == nil || minimum.Subtotal == nil || minimum.Quantity == nil {
		return nil
	}
	return []userError{
		refusal("CONFLICT", "Minimum subtotal cannot be defined when minimum quantity is.",
			basicField("minimumRequirement", "subtotal", "greaterThanOrEqualToSubtotal")...),
		refusal("CONFLICT", "Minimum quantity cannot be defined when minimum subtotal is.",
			basicField("minimumRequirement", "quantity", "greaterThanOrEqualToQuantity")...),
	}
}

func checkTags(tags *[]string) []userError {
	if tags == nil {
		return nil
	}
	if len(*tags) > mostTags {
		return []userError{refusal("TOO_MANY_TAGS", "A discount can have 5 tags at most", basicField("tags")...)}
	}
	if slices.ContainsFunc(*tags, func(tag string) bool { return utf8.RuneCountInString(tag) > longestText }) {
		return []userError{refusal("INVALID_TAG_LENGTH", "A tag can have 255 characters at most",
			basicField("tags")...)}
	}
	return nil
}

// checkCustomers asks that every customer to be bound exists. The caller holds the lock.
func (s *Server) checkCustomers(in discountInput) ([]userError, error) {
	if in.Context == nil || in.Context.Customers == nil {
		return nil, nil
	}
	add, remove := idTexts(in.Context.Customers.Add), idTexts(in.Context.Customers.Remove)
	var errs []userError
	for _, id := range add {
		if slices.Contains(remove, id) {
			return nil, badRequest("A customer id is present in `add` and `remove` fields")
		}
		n, ok := parseGID("Customer", id)
		if _, known := s.state.customers[n]; !ok || !known {
			errs = append(errs, refusal("INVALID", fmt.Sprintf("Customer with id: %d is invalid", n),
				basicField("context", "customers", "add")...))
		}
	}
	return errs, nil
}

// checkUnique asks that no other discount has the code, without regard to case. The caller holds the lock.
func (s *Server) checkUnique(in discountInput, self int64) []userError {
	if in.Code.Value == nil {
		return nil
	}
	if owner, taken := s.state.byCode[foldCode(*in.Code.Value)]; taken && owner != self {
		return []userError{codeTaken()}
	}
	return nil
}

func codeTaken() userError {
	return refusal("TAKEN", "Code must be unique. Please try a different code.", basicField("code")...)
}
