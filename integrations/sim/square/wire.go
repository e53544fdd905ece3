package square

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
	"unicode/utf8"
)

const (
	mostBody   = 1 << 16
	mostPoints = 1<<31 - 1
	mostReason = 3500
	mostKey    = 128
)

type accountBody struct {
	ID             string       `json:"id"`
	ProgramID      string       `json:"program_id"`
	Balance        int64        `json:"balance"`
	LifetimePoints int64        `json:"lifetime_points"`
	CustomerID     *string      `json:"customer_id,omitempty"`
	Mapping        *mappingBody `json:"mapping,omitempty"`
	CreatedAt      string       `json:"created_at"`
	UpdatedAt      string       `json:"updated_at"`
}

type mappingBody struct {
	ID          string `json:"id"`
	CreatedAt   string `json:"created_at"`
	PhoneNumber string `json:"phone_number"`
}

type accountAnswer struct {
	Account accountBody `json:"loyalty_account"`
}

type adjustRequest struct {
	Key          string `json:"idempotency_key"`
	AdjustPoints struct {
		Points int64  `json:"points"`
		Reason string `json:"reason"`
	} `json:"adjust_points"`
	Negative *bool `json:"allow_negative_balance"`
}

func (a adjustRequest) check() *refusal {
	switch points := a.AdjustPoints.Points; {
	case a.Key == "":
		return &refusal{code: "MISSING_REQUIRED_PARAMETER", field: "idempotency_key"}
	case len(a.Key) > mostKey:
		return &refusal{code: "VALUE_TOO_LONG", field: "idempotency_key"}
	case utf8.RuneCountInString(a.AdjustPoints.Reason) > mostReason:
		return &refusal{code: "VALUE_TOO_LONG", field: "adjust_points.reason"}
	case points == 0 || points > mostPoints || points < -mostPoints:
		return &refusal{code: "INVALID_VALUE", field: "adjust_points.points"}
	}
	return nil
}

type eventBody struct {
	ID         string      `json:"id"`
	Type       string      `json:"type"`
	CreatedAt  string      `json:"created_at"`
	AccountID  string      `json:"loyalty_account_id"`
	Source     string      `json:"source"`
	Adjusted   *pointsBody `json:"adjust_points,omitempty"`
	Earned     *pointsBody `json:"accumulate_points,omitempty"`
	Redeemed   *pointsBody `json:"create_reward,omitempty"`
	LocationID string      `json:"location_id,omitempty"`
}

type pointsBody struct {
	ProgramID string  `json:"loyalty_program_id"`
	Points    int64   `json:"points"`
	Reason    *string `json:"reason,omitempty"`
}

type adjustAnswer struct {
	Event eventBody `json:"event"`
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999Z07:00") }

func (a *account) answer() accountBody {
	body := accountBody{ID: a.ID, ProgramID: program, Balance: a.Points, LifetimePoints: max(0, a.Points),
		CreatedAt: moment(a.CreatedAt), UpdatedAt: moment(a.UpdatedAt)}
	if a.CustomerID != "" {
		body.CustomerID = &a.CustomerID
	}
	if a.Phone != "" {
		body.Mapping = &mappingBody{ID: madeID(0xb, 1), CreatedAt: moment(a.CreatedAt), PhoneNumber: a.Phone}
	}
	return body
}

func (e Event) answer() eventBody {
	body := eventBody{ID: e.ID, Type: e.Type, CreatedAt: moment(e.CreatedAt), AccountID: e.AccountID, Source: e.Source}
	moved := &pointsBody{ProgramID: program, Points: e.Points}
	switch e.Type {
	case accumulated:
		body.Earned, body.LocationID = moved, "P034NEENMD09F"
	case redeemed:
		body.Redeemed = moved
	default:
		if body.Adjusted = moved; e.Reason != "" {
			moved.Reason = &e.Reason
		}
	}
	return body
}

// decode reads a request strictly: a till that shrugs at a misspelt field would hide the client's mistake.
func decode(w http.ResponseWriter, r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBody))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}

// refusal is an error of Square's.
type refusal struct{ code, field, detail string }

type errorBody struct {
	Category string `json:"category"`
	Code     string `json:"code"`
	Detail   string `json:"detail,omitempty"`
	Field    string `json:"field,omitempty"`
}

// sorted returns the status and the category of a code. An unknown code is a refusal all the same.
func sorted(code string) (status int, category string) {
	switch code {
	case "UNAUTHORIZED", "ACCESS_TOKEN_EXPIRED", "ACCESS_TOKEN_REVOKED":
		return http.StatusUnauthorized, "AUTHENTICATION_ERROR"
	case "FORBIDDEN", "INSUFFICIENT_SCOPES":
		return http.StatusForbidden, "AUTHENTICATION_ERROR"
	case "NOT_FOUND":
		return http.StatusNotFound, "INVALID_REQUEST_ERROR"
	case "RATE_LIMITED":
		return http.StatusTooManyRequests, "RATE_LIMIT_ERROR"
	case "INTERNAL_SERVER_ERROR":
		return http.StatusInternalServerError, "API_ERROR"
	default:
		return http.StatusBadRequest, "INVALID_REQUEST_ERROR"
	}
}

func (s *Server) refuse(w http.ResponseWriter, no refusal) {
	s.count(s.refused, no.code)
	status, category := sorted(no.code)
	answer(w, status, map[string][]errorBody{"errors": {{Category: category, Code: no.code,
		Detail: cmp.Or(no.detail, "The request was not carried out."), Field: no.field}}})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a caller who has gone away hears nothing
}
