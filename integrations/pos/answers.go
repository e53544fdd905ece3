package pos

import (
	"encoding/json"
	"net/http"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/httpx"
)

type moveRequest struct {
	Amount           int64  `json:"amount"`
	Reason           string `json:"reason"`
	Reference        string `json:"reference"`
	RelatedReference string `json:"related_reference,omitempty"`
}

// moveAnswer reads both shapes of the contract: the entry, and the plain figures (success, previous_balance,
// deducted_amount or added_amount, new_balance).
type moveAnswer struct {
	Success         *bool     `json:"success"`
	EntryID         string    `json:"entry_id"`
	CustomerID      string    `json:"customer_id"`
	Amount          *int64    `json:"amount"`
	DeductedAmount  *int64    `json:"deducted_amount"`
	AddedAmount     *int64    `json:"added_amount"`
	PreviousBalance *int64    `json:"previous_balance"`
	NewBalance      *int64    `json:"new_balance"`
	Balance         *int64    `json:"balance"`
	Reference       string    `json:"reference"`
	Code            string    `json:"code"`
	CreatedAt       time.Time `json:"created_at"`
}

// readMove believes an answer only if it speaks of this movement: an answer about another amount, reference or customer
// proves nothing.
func readMove(a call, body []byte, m domain.Movement, points int64) (coupons.Entry, error) {
	var got moveAnswer
	if err := json.Unmarshal(body, &got); err != nil {
		return coupons.Entry{}, a.failed(domain.KindUnknown, "nonsense", nil)
	}
	if got.Success != nil && !*got.Success {
		return coupons.Entry{}, refusal(a, got.Code, got.Balance)
	}
	if !got.speaksOf(m, points) {
		return coupons.Entry{}, a.failed(domain.KindUnknown, "another_movement", nil)
	}
	return got.entry(points), nil
}

func (g moveAnswer) speaksOf(m domain.Movement, points int64) bool {
	if (g.Reference != "" && g.Reference != m.Reference) || (g.CustomerID != "" && g.CustomerID != m.CustomerID) {
		return false
	}
	switch {
	case g.Amount != nil:
		return *g.Amount == points
	case g.DeductedAmount != nil:
		return points < 0 && abs(*g.DeductedAmount) == -points
	case g.AddedAmount != nil:
		return points > 0 && *g.AddedAmount == points
	default:
		return false
	}
}

func (g moveAnswer) entry(points int64) coupons.Entry {
	e := coupons.Entry{ID: g.EntryID, Points: points, PreviousBalance: g.PreviousBalance, Balance: g.NewBalance, At: g.CreatedAt.UTC()}
	if e.Balance == nil {
		e.Balance = g.Balance
	}
	return e
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// readHistory finds the one entry with the movement's reference. Several, or one of another amount, are for a person.
func readHistory(a call, body []byte, m domain.Movement) (coupons.Entry, error) {
	var got struct {
		Entries *[]moveAnswer `json:"entries"`
	}
	if err := json.Unmarshal(body, &got); err != nil || got.Entries == nil {
		return coupons.Entry{}, a.failed(domain.KindUnknown, "nonsense", nil)
	}
	points := m.Points
	if m.Kind == domain.Take {
		points = -points
	}
	var found *moveAnswer
	for i, e := range *got.Entries {
		if e.Reference != m.Reference {
			continue
		}
		if found != nil || !e.speaksOf(m, points) {
			return coupons.Entry{}, a.failed(domain.KindUnknown, "ambiguous", nil)
		}
		found = &(*got.Entries)[i]
	}
	if found == nil {
		return coupons.Entry{}, a.failed(domain.KindNotFound, "", nil)
	}
	return found.entry(points), nil
}

// problem is the contract's error body (RFC 9457 with a code).
type problem struct {
	Code    string `json:"code"`
	Balance *int64 `json:"balance"`
}

// classify turns a status into an outcome: 409 means "ask again", 422 means no, 5xx means nobody knows.
func (c *Client) classify(a call, res *http.Response, body []byte) error {
	var p problem
	_ = json.Unmarshal(body, &p) // a body that is no problem document has no code
	switch status := res.StatusCode; {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return a.failed(domain.KindAuth, "", nil)
	case status == http.StatusTooManyRequests:
		return c.wait(a, domain.KindThrottled, p.Code, res)
	case status == http.StatusRequestTimeout, status == http.StatusConflict, status >= 500, status < 300:
		return c.wait(a, domain.KindUnknown, p.Code, res)
	case status == http.StatusNotFound && p.Code == "":
		return a.failed(domain.KindRefused, "route_missing", nil)
	default:
		return refusal(a, p.Code, p.Balance)
	}
}

func (c *Client) wait(a call, kind domain.Kind, code string, res *http.Response) error {
	e := a.failed(kind, word(code), nil)
	e.RetryAfter = httpx.RetryAfter(res.Header.Get("Retry-After"), c.cfg.Clock())
	return e
}

func refusal(a call, code string, balance *int64) error {
	e := a.failed(domain.KindRefused, word(code), nil)
	e.Balance = balance
	return e
}

// word keeps only what looks like a machine word: the reason is logged and stored, and a till's free text may name people.
func word(code string) string {
	for _, r := range code {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			return "other"
		}
	}
	if len(code) > 64 {
		return "other"
	}
	return code
}
