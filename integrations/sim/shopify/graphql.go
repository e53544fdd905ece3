package shopify

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/graph-gophers/graphql-go/errors"

	"pointbridge/integrations/sim"
)

const (
	mostBody = 4 << 20
	costDocs = "https://shopify.dev/api/usage/rate-limits"
)

type graphQLRequest struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

type answer struct {
	Data       json.RawMessage      `json:"data,omitempty"`
	Errors     []*errors.QueryError `json:"errors,omitempty"`
	Extensions *extensions          `json:"extensions,omitempty"`
}

type extensions struct {
	Cost costReport `json:"cost"`
}

type costReport struct {
	Requested int            `json:"requestedQueryCost"`
	Actual    *int           `json:"actualQueryCost"`
	Throttle  throttleStatus `json:"throttleStatus"`
}

// graphQL serves one request: credentials, validity, price, ordered faults, execution, refund.
func (s *Server) graphQL(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Shopify-API-Version", s.cfg.APIVersion)
	if status := s.closed(); status != 0 {
		writeStatus(w, status)
		return
	}
	if s.uninstalled.Load() || !s.authorised(r) {
		w.Header().Set("Www-Authenticate", `Basic Realm="Shopify API Authentication"`)
		writeStatus(w, http.StatusUnauthorized)
		return
	}
	var request graphQLRequest
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if err != nil || json.Unmarshal(body, &request) != nil || request.Query == "" {
		writeJSON(w, http.StatusBadRequest, map[string]any{
			"errors": map[string]string{"query": "Required parameter missing or invalid"}})
		return
	}
	plan := s.plans.of(request.Query)
	if len(plan.invalid) > 0 {
		writeJSON(w, http.StatusOK, answer{Errors: vendorErrors(plan.invalid)})
		return
	}
	op, err := plan.pick(request.OperationName)
	if err != nil {
		writeJSON(w, http.StatusOK, answer{Errors: []*errors.QueryError{{Message: err.Error()}}})
		return
	}
	s.runPriced(w, r, request, op)
}

// runPriced takes the price out of the bucket and runs the operation.
func (s *Server) runPriced(w http.ResponseWriter, r *http.Request, request graphQLRequest, op *operation) {
	s.runDue()
	requested := op.cost.requested(request.Variables)
	if most := s.cfg.Bucket.SingleQuery; requested > most {
		writeJSON(w, http.StatusOK, answer{Errors: []*errors.QueryError{tooExpensive(requested, most)}})
		return
	}
	if !s.bucket.take(requested) {
		s.throttled(w, requested, s.bucket.status())
		return
	}
	rule, faulty := s.begin(r.Context(), op, request.Variables)
	if faulty && rule.Mode != sim.Refuse && !rule.Applied() {
		s.bucket.giveBack(requested)
		s.answerFault(w, r, rule, requested)
		return
	}
	s.execute(w, r, request, priced{op, requested, rule})
}

// priced is an operation that was paid for, with what is to go wrong.
type priced struct {
	op        *operation
	requested int
	rule      sim.Rule
}

// execute runs the operation and answers, unless the rule says otherwise. A caller that has gone away does not stop it:
// what arrived takes effect.
func (s *Server) execute(w http.ResponseWriter, r *http.Request, request graphQLRequest, p priced) {
	ctx := context.WithoutCancel(r.Context())
	if p.rule.Mode == sim.Refuse {
		refused := refuseRoot(p.op, p.rule.Reason)
		if refused.top != nil {
			s.refuseAtTop(w, p, refused.top)
			return
		}
		ctx = context.WithValue(ctx, refusalKey{}, refused.user)
	}
	result := s.schema.Exec(ctx, request.Query, request.OperationName, request.Variables)
	if refusedVariables(result.Errors) {
		s.bucket.giveBack(p.requested)
		writeJSON(w, http.StatusOK, answer{Errors: vendorErrors(result.Errors)})
		return
	}
	actual := s.returnUnused(p.op, p.requested, result.Data)
	if p.rule.Mode != sim.Refuse {
		for _, root := range p.op.roots {
			s.cfg.Faults.End(root.act())
		}
	}
	if p.rule.Applied() {
		s.answerFault(w, r, p.rule, p.requested)
		return
	}
	writeJSON(w, http.StatusOK, answer{
		Data: result.Data, Errors: limited(located(vendorErrors(result.Errors), p.op)),
		Extensions: &extensions{costReport{p.requested, &actual, s.bucket.status()}},
	})
}

// cheap is a price below which the actual one is not worked out: the difference would be a few points.
const cheap = 10

// returnUnused gives back what a query did not use. A mutation costs what was asked.
func (s *Server) returnUnused(op *operation, requested int, data json.RawMessage) int {
	if op.mutation || requested <= cheap {
		return requested
	}
	var value any
	if json.Unmarshal(data, &value) != nil {
		return requested
	}
	actual := min(op.cost.actual(value), requested)
	s.bucket.giveBack(requested - actual)
	return actual
}
