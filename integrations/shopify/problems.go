package shopify

import (
	"errors"
	"slices"
	"strings"

	"pointbridge/domain"
)

// userError is what Shopify's userErrors have in common.
type userError interface {
	GetField() []string
	GetCode() *string
}

// internalError is no refusal: nobody knows what was done.
const internalError = "INTERNAL_ERROR"

// refused turns userErrors into the error of an act; nil when there are none. Only codes and field names are kept:
// the messages can repeat what was sent.
func (c *call) refused(problems []userError) error {
	if len(problems) == 0 {
		return nil
	}
	up := &domain.UpstreamError{Kind: domain.KindRefused}
	var all []string
	for _, p := range problems {
		code := codeOf(p)
		if code == internalError {
			up.Kind = domain.KindUnknown
		}
		if up.Reason == "" {
			up.Reason = word(code, p.GetField())
		}
		all = append(all, strings.Join(p.GetField(), ".")+" "+code)
	}
	up.Err = errors.New(clip(strings.Join(all, ", "), 300))
	return c.fail(up)
}

// word returns the machine word that the flows look at, and for all others Shopify's code in lower case.
func word(code string, field []string) string {
	switch {
	case code == "TAKEN" && slices.Contains(field, "code"):
		return domain.ReasonCodeTaken
	case code == "STALE_OBJECT" || code == "INVALID_COMPARE_DIGEST":
		return domain.ReasonStale
	case code == "INVALID" && slices.Contains(field, "customers"):
		return "invalid_customer"
	case code == "INVALID_VALUE" && slices.Contains(field, "ownerId"):
		return domain.ReasonCustomerNotFound
	}
	return reason(code)
}

// gone says that the only problem is an id that does not exist: Shopify answers INVALID on the field "id".
func gone(problems []userError) bool {
	return len(problems) == 1 && codeOf(problems[0]) == "INVALID" && slices.Equal(problems[0].GetField(),
		[]string{"id"})
}

// nonsense is an answer that is neither a result nor a refusal.
func (c *call) nonsense(what string) error {
	return c.fail(broken(errors.New(what)))
}

func codeOf(p userError) string {
	if code := p.GetCode(); code != nil {
		return *code
	}
	return ""
}

// problemsOf makes the generated lists alike.
func problemsOf[T any, P interface {
	*T
	userError
}](list []T) []userError {
	if len(list) == 0 {
		return nil
	}
	out := make([]userError, len(list))
	for i := range list {
		out[i] = P(&list[i])
	}
	return out
}
