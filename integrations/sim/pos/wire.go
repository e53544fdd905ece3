package pos

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"
)

const (
	mostBody      = 1 << 16
	mostPoints    = 1_000_000_000
	mostReference = 40
	mostReason    = 200
	mostKey       = 255
)

type moveRequest struct {
	Amount           int64  `json:"amount"`
	Reason           string `json:"reason"`
	Reference        string `json:"reference"`
	RelatedReference string `json:"related_reference"`
}

// readMove takes a request apart, strictly: a POS that shrugs at a misspelt field would hide the client's mistake.
func (s *Server) readMove(w http.ResponseWriter, r *http.Request, sign int64) (move, *refusal) {
	var req moveRequest
	if err := decode(http.MaxBytesReader(w, r.Body, mostBody), &req); err != nil || !req.valid() {
		return move{}, &refusal{code: "invalid_request"}
	}
	m := move{customer: r.PathValue("id"), points: sign * req.Amount, reason: req.Reason, reference: req.Reference,
		related: req.RelatedReference}
	if s.cfg.IgnoreKeys {
		return m, nil
	}
	m.key = r.Header.Get("Idempotency-Key")
	if m.key == "" {
		return move{}, &refusal{code: "idempotency_key_missing"}
	}
	if len(m.key) > mostKey {
		return move{}, &refusal{code: "invalid_request"}
	}
	return m, nil
}

func (r moveRequest) valid() bool {
	return r.Amount > 0 && r.Amount <= mostPoints && r.Reason != "" && utf8.RuneCountInString(r.Reason) <= mostReason &&
		r.Reference != "" && isReference(r.Reference) && isReference(r.RelatedReference)
}

func isReference(text string) bool {
	for _, c := range []byte(text) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return len(text) <= mostReference
}

func decode(body io.Reader, into any) error {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}

// refusal is an error of the contract.
type refusal struct {
	code    string
	detail  string
	figures map[string]any
}

func insufficient(balance, required int64, reference string) *refusal {
	return &refusal{
		code:    "insufficient_points",
		detail:  fmt.Sprintf("Balance %d, required %d", balance, required),
		figures: map[string]any{"balance": balance, "required": required, "reference": reference},
	}
}

// words returns the status and the title of a code of the contract. An unknown code is a refusal all the same.
func words(code string) (status int, title string) {
	switch code {
	case "invalid_request":
		return http.StatusBadRequest, "Invalid request"
	case "idempotency_key_missing":
		return http.StatusBadRequest, "Idempotency-Key is missing"
	case "unauthorized":
		return http.StatusUnauthorized, "Unauthorized"
	case "forbidden":
		return http.StatusForbidden, "Forbidden"
	case "customer_not_found":
		return http.StatusNotFound, "Customer not found"
	case "request_in_progress":
		return http.StatusConflict, "Request in progress"
	case "insufficient_points":
		return http.StatusUnprocessableEntity, "Insufficient points"
	case "idempotency_key_reused":
		return http.StatusUnprocessableEntity, "Idempotency-Key was used for another request"
	case "reference_reused":
		return http.StatusUnprocessableEntity, "Reference was used for another request"
	case "rate_limited":
		return http.StatusTooManyRequests, "Too many requests"
	case "internal_error":
		return http.StatusInternalServerError, "Internal error"
	default:
		return http.StatusUnprocessableEntity, "Refused"
	}
}

// refuse answers with a problem document (RFC 9457) that carries the contract's code.
func (s *Server) refuse(w http.ResponseWriter, no refusal) {
	no.code = cmp.Or(no.code, "request_refused")
	s.count(s.refused, no.code)
	status, title := words(no.code)
	body := map[string]any{"type": "about:blank", "title": title, "status": status, "code": no.code}
	if no.detail != "" {
		body["detail"] = no.detail
	}
	for name, value := range no.figures {
		body[name] = value
	}
	write(w, status, "application/problem+json", body)
}

func answer(w http.ResponseWriter, status int, body any) {
	write(w, status, "application/json", body)
}

func write(w http.ResponseWriter, status int, kind string, body any) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a caller who has gone away hears nothing
}
