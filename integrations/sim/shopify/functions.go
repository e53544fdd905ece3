package shopify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	guardfunction "pointbridge/extensions"
	"pointbridge/integrations/sim/functions"
)

// ErrRejected is a code that a Function took away; the text of the error is what it says to the buyer.
var ErrRejected = errors.New("a Function rejects the discount code")

// rejectedError carries the Function's sentence.
type rejectedError struct{ message string }

func (e *rejectedError) Error() string { return e.message }
func (e *rejectedError) Unwrap() error { return ErrRejected }

// functionLimit bounds one run; the real store counts instructions.
const functionLimit = time.Second

// guard is the Function of the checkout. It is compiled when it is first needed.
type guardFunction struct {
	once     sync.Once
	function *functions.Function
	query    functions.Query
	err      error
}

func (g *guardFunction) load() error {
	g.once.Do(func() {
		if g.query, g.err = functions.ReadQuery(guardfunction.FunctionsSchema, guardfunction.GuardQuery); g.err == nil {
			g.function, g.err = functions.New(context.Background(), guardfunction.GuardModule, "run")
		}
	})
	return g.err
}

func (g *guardFunction) close() error {
	if g.function == nil {
		return nil
	}
	return g.function.Close(context.Background())
}

// entered are codes as a buyer typed them; those that are applied already cannot be rejected.
type enteredCodes struct {
	applied, fresh []string
	language       string
}

// rejection is why the Function takes a code away, the first of those that are entered; nil for none. A Function that
// fails has said nothing, as in the real store. The caller holds the lock.
func (s *Server) rejection(cart openCheckout, codes enteredCodes) error {
	for _, id := range s.automaticIDs() {
		a := s.state.automatics[id]
		now := s.cfg.Clock()
		if now.Before(a.StartsAt) || (a.EndsAt != nil && !now.Before(*a.EndsAt)) || s.guard.load() != nil {
			continue
		}
		answer, err := s.runGuard(a, cart, codes)
		if err != nil {
			continue
		}
		for _, op := range answer.Operations {
			for _, rejected := range op.Reject.Codes {
				if slices.Contains(codes.fresh, rejected.Code) {
					return &rejectedError{op.Reject.Message}
				}
			}
		}
	}
	return nil
}

type guardAnswer struct {
	Operations []struct {
		Reject struct {
			Codes   []struct{ Code string }
			Message string
		} `json:"enteredDiscountCodesReject"`
	}
}

func (s *Server) runGuard(a *Automatic, cart openCheckout, codes enteredCodes) (guardAnswer, error) {
	list := []any{}
	for _, code := range codes.applied {
		list = append(list, map[string]any{"code": code, "rejectable": false})
	}
	for _, code := range codes.fresh {
		list = append(list, map[string]any{"code": code, "rejectable": true})
	}
	input, err := s.guard.query.Input(map[string]any{
		"enteredDiscountCodes": list,
		"localization":         map[string]any{"language": map[string]any{"isoCode": s.languageOf(cart, codes.language)}},
		"discount":             map[string]any{"metafield": s.functionField(a.GID())},
		"cart":                 map[string]any{"buyerIdentity": s.identityOf(cart)},
	})
	if err != nil {
		return guardAnswer{}, err
	}
	text, err := json.Marshal(input)
	if err != nil {
		return guardAnswer{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), functionLimit)
	defer cancel()
	answered, err := s.guard.function.Run(ctx, text)
	if err != nil {
		return guardAnswer{}, err
	}
	var answer guardAnswer
	return answer, json.Unmarshal(answered, &answer)
}

func (s *Server) languageOf(cart openCheckout, language string) string {
	if c := s.customer(cart.customer); language == "" && c != nil {
		language = c.Locale
	}
	return strings.ToUpper(cmp.Or(language, "en"))
}

// identityOf is what a checkout knows of the buyer: what was typed, or what the customer's account has.
func (s *Server) identityOf(cart openCheckout) map[string]any {
	buyer := map[string]any{"email": textOrNil(cart.buyer.Email), "phone": textOrNil(cart.buyer.Phone)}
	if c := s.customer(cart.customer); c != nil {
		if cart.buyer.Email == "" {
			buyer["email"] = textOrNil(c.Email)
		}
		buyer["customer"] = map[string]any{"email": textOrNil(c.Email), "metafield": s.functionField(cart.customer)}
	}
	return buyer
}

// mostFieldBytes is how long a metafield may be of which a Function gets anything.
const mostFieldBytes = 10_000

// functionField answers with an owner's metafield. The caller holds the lock, also while it is called.
func (s *Server) functionField(owner string) functions.Field {
	return func(arguments map[string]any) any {
		namespace, _ := arguments["namespace"].(string)
		key, _ := arguments["key"].(string)
		m := s.metafield(owner, namespace, key)
		var value any
		if m == nil || len(m.Value) > mostFieldBytes || json.Unmarshal([]byte(m.Value), &value) != nil {
			return nil
		}
		return map[string]any{"jsonValue": value}
	}
}
