package shopify

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"

	"github.com/graph-gophers/graphql-go/errors"

	"pointbridge/integrations/sim"
)

// begin counts the root fields, lets their delays pass and says what is to go wrong. Of several root fields the first
// with a rule decides for the whole request.
func (s *Server) begin(ctx context.Context, op *operation, variables map[string]any) (rule sim.Rule, faulty bool) {
	for _, root := range op.roots {
		s.count(root.field)
		s.cfg.Faults.Begin(ctx, root.act())
		if !faulty {
			rule, faulty = s.cfg.Faults.Take(root.act(), root.subject(variables))
		}
	}
	return rule, faulty
}

// answerFault returns the answer a rule asks for. Throttling that was ordered reports an empty bucket.
func (s *Server) answerFault(w http.ResponseWriter, r *http.Request, rule sim.Rule, requested int) {
	switch rule.Mode {
	case sim.Status, sim.StatusAfter:
		if rule.RetryAfter != "" {
			w.Header().Set("Retry-After", rule.RetryAfter)
		}
		writeStatus(w, cmp.Or(rule.Code, http.StatusServiceUnavailable))
	case sim.Throttle:
		status := s.bucket.status()
		status.CurrentlyAvailable = 0
		s.throttled(w, requested, status)
	case sim.Internal, sim.InternalAfter:
		internalError(w)
	default:
		rule.Answer(w, r)
	}
}

func internalError(w http.ResponseWriter) {
	id := w.Header().Get("X-Request-Id")
	writeJSON(w, http.StatusOK, answer{Data: json.RawMessage("null"), Errors: []*errors.QueryError{{
		Message: "Internal error. Looks like something went wrong on our end.\nRequest ID: " + id +
			" (include this in support requests).",
		Extensions: map[string]any{"code": codeInternal, "requestId": id},
	}}})
}

// writeStatus answers with a bare status and the sentence the vendor has for it.
func writeStatus(w http.ResponseWriter, status int) {
	sentence := http.StatusText(status)
	switch status {
	case http.StatusUnauthorized:
		sentence = "[API] Invalid API key or access token (unrecognized login or wrong password)"
	case http.StatusPaymentRequired:
		sentence = "Unavailable Shop"
	case http.StatusNotFound:
		sentence = "Not Found"
	case statusSecurity:
		sentence = "Shopify Security Rejection"
	case http.StatusLocked:
		sentence = "This shop is unavailable"
	case http.StatusTooManyRequests:
		sentence = "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service."
	}
	writeJSON(w, status, map[string]string{"errors": sentence})
}

func (s *Server) throttled(w http.ResponseWriter, requested int, status throttleStatus) {
	writeJSON(w, http.StatusOK, answer{
		Errors: []*errors.QueryError{{Message: "Throttled",
			Extensions: map[string]any{"code": codeThrottled, "documentation": costDocs}}},
		Extensions: &extensions{costReport{Requested: requested, Throttle: status}},
	})
}

// orderedRefusal is a refusal that a test ordered: user errors in the payload, or an error at the top.
type orderedRefusal struct {
	user []userError
	top  *errors.QueryError
}

// refuseRoot words a refusal. Reasons that the vendor only gives at the top of an answer stand there (ACCESS_DENIED,
// RESOURCE_NOT_FOUND, INTERNAL_SERVER_ERROR with a path), and so do all refusals of a query, which has no user errors.
func refuseRoot(op *operation, reason string) orderedRefusal {
	field := op.roots[0].field
	switch reason {
	case codeAccessDenied, codeNotFound, codeInternal:
		return orderedRefusal{top: topRefusal(reason, field)}
	}
	if !op.mutation {
		return orderedRefusal{top: topRefusal(codeAccessDenied, field)}
	}
	if reason == "TAKEN" {
		return orderedRefusal{user: []userError{codeTaken()}}
	}
	return orderedRefusal{user: []userError{refusal(cmp.Or(reason, "INVALID"), "Refused on request.",
		refusedField(field)...)}}
}

func topRefusal(code, field string) *errors.QueryError {
	e := &queryError{code: code, message: "invalid id"}
	switch code {
	case codeAccessDenied:
		e = accessDenied(field)
	case codeInternal:
		e.message = somethingWrong
	}
	return &errors.QueryError{Message: e.message, Path: []any{field}, Extensions: e.Extensions()}
}

// refuseAtTop answers with an error for the root field, which is null then, and the price paid all the same.
func (s *Server) refuseAtTop(w http.ResponseWriter, p priced, e *errors.QueryError) {
	root := p.op.roots[0]
	e.Path, e.Locations = []any{root.alias}, []errors.Location{root.at}
	data, _ := json.Marshal(map[string]any{root.alias: nil})
	writeJSON(w, http.StatusOK, answer{Data: data, Errors: []*errors.QueryError{e},
		Extensions: &extensions{costReport{p.requested, &p.requested, s.bucket.status()}}})
}

func refusedField(root string) []string {
	switch root {
	case "discountCodeBasicCreate", "discountCodeBasicUpdate":
		return basicField("code")
	case "metafieldsSet":
		return []string{"metafields", "0"}
	}
	return []string{"id"}
}
