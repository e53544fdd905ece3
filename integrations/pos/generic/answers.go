package generic

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/upstream"
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
// proves nothing. Nor does a failure that names a figure as moved.
func (c *Client) readMove(a call, res upstream.Answer, m domain.Movement, points int64) (coupons.Entry, error) {
	var got moveAnswer
	if err := json.Unmarshal(res.Body, &got); err != nil {
		return coupons.Entry{}, a.failed(domain.KindUnknown, "nonsense", nil)
	}
	if got.Success != nil && !*got.Success {
		if !got.names(m) || got.moved() {
			return coupons.Entry{}, a.failed(domain.KindUnknown, "contradiction", nil)
		}
		return coupons.Entry{}, c.refusal(a, res, got.Code, got.entry(0).Balance)
	}
	if !got.speaksOf(m, points) {
		return coupons.Entry{}, a.failed(domain.KindUnknown, "another_movement", nil)
	}
	e := got.entry(points)
	e.Replayed = res.Header.Get("Idempotent-Replayed") == "true"
	if got.yesterdays(m) && !e.Replayed {
		return coupons.Entry{}, a.failed(domain.KindUnknown, "another_time", nil)
	}
	return e, nil
}

// names reports whether the answer's reference and customer, where it has them, are the movement's.
func (g moveAnswer) names(m domain.Movement) bool {
	return (g.Reference == "" || g.Reference == m.Reference) && (g.CustomerID == "" || g.CustomerID == m.CustomerID)
}

// yesterdays reports whether the entry is from a day before the movement was made, or more. Less can be a clock that is
// off, a zone that was mistaken, or a POS that writes the day alone.
func (g moveAnswer) yesterdays(m domain.Movement) bool {
	return !g.CreatedAt.IsZero() && !m.CreatedAt.IsZero() && m.CreatedAt.Sub(g.CreatedAt) >= 24*time.Hour
}

// moved reports whether any figure says that points were moved.
func (g moveAnswer) moved() bool {
	for _, figure := range []*int64{g.Amount, g.DeductedAmount, g.AddedAmount} {
		if figure != nil && *figure != 0 {
			return true
		}
	}
	after := g.entry(0).Balance
	return g.PreviousBalance != nil && after != nil && *g.PreviousBalance != *after
}

// speaksOf wants at least one amount, and every amount there is must be the movement's.
func (g moveAnswer) speaksOf(m domain.Movement, points int64) bool {
	said := false
	for _, figure := range []struct {
		is   *int64
		want int64
	}{{g.Amount, points}, {g.DeductedAmount, -points}, {g.AddedAmount, points}} {
		if figure.is == nil {
			continue
		}
		if *figure.is != figure.want {
			return false
		}
		said = true
	}
	wrongWay := (points < 0 && g.AddedAmount != nil) || (points > 0 && g.DeductedAmount != nil)
	return said && !wrongWay && g.names(m)
}

func (g moveAnswer) entry(points int64) coupons.Entry {
	e := coupons.Entry{ID: g.EntryID, Points: points, PreviousBalance: g.PreviousBalance, Balance: g.NewBalance,
		At: g.CreatedAt.UTC()}
	if e.Balance == nil {
		e.Balance = g.Balance
	}
	return e
}

// readHistory finds the one entry with the movement's reference. Several, or one of another amount, are for a person.
// The entry is absent only from a list that is whole and was filtered: a POS that ignores the filter proves nothing.
func readHistory(a call, body []byte, m domain.Movement) (coupons.Entry, error) {
	var got struct {
		Entries    *[]moveAnswer `json:"entries"`
		NextCursor *string       `json:"next_cursor"`
	}
	if err := json.Unmarshal(body, &got); err != nil || got.Entries == nil {
		return coupons.Entry{}, a.failed(domain.KindUnknown, "nonsense", nil)
	}
	points := m.Points
	if m.Kind == domain.Take || m.Kind == domain.TakeBack {
		points = -points
	}
	var found *moveAnswer
	for i, e := range *got.Entries {
		if e.Reference != m.Reference {
			continue
		}
		if found != nil || !e.speaksOf(m, points) || e.yesterdays(m) {
			return coupons.Entry{}, a.failed(domain.KindUnknown, domain.ReasonAmbiguous, nil)
		}
		found = &(*got.Entries)[i]
	}
	if found == nil && (len(*got.Entries) > 0 || got.NextCursor != nil) {
		return coupons.Entry{}, a.failed(domain.KindUnknown, "not_filtered", nil)
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

// classify turns a status that is no success into an outcome: 409 means "ask again", 422 means no, 3xx and 5xx mean
// nobody knows. Where the code disagrees with the status, the more careful of the two counts.
func (c *Client) classify(a call, res upstream.Answer) error {
	var p problem
	_ = json.Unmarshal(res.Body, &p) // a body that is no problem document has no code
	switch status := res.Status; {
	case status == http.StatusRequestTimeout, status == http.StatusConflict, status >= 500, status < 400,
		doubtful(p.Code):
		return c.wait(a, domain.KindUnknown, p.Code, res)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return a.failed(domain.KindAuth, "", nil)
	case status == http.StatusTooManyRequests:
		return c.wait(a, domain.KindThrottled, p.Code, res)
	case status == http.StatusNotFound && p.Code == "":
		return a.failed(domain.KindRefused, "route_missing", nil)
	default:
		return c.refusal(a, res, p.Code, p.Balance)
	}
}

// doubtful tells the codes that never prove that nothing was booked, whatever they came with.
func doubtful(code string) bool { return code == "request_in_progress" || code == "internal_error" }

// refusal reads the code of an answer that says no.
func (c *Client) refusal(a call, res upstream.Answer, code string, balance *int64) error {
	switch {
	case doubtful(code):
		return c.wait(a, domain.KindUnknown, code, res)
	case code == "rate_limited":
		return c.wait(a, domain.KindThrottled, code, res)
	}
	reason := word(code)
	if code == "" && res.Status != http.StatusOK {
		reason = fmt.Sprintf("http_%d", res.Status) // the status of whoever is on the way there, for all we know
	}
	e := a.failed(domain.KindRefused, reason, nil)
	e.Balance = balance
	return e
}

func (c *Client) wait(a call, kind domain.Kind, code string, res upstream.Answer) error {
	e := a.failed(kind, word(code), nil)
	e.RetryAfter = res.RetryAfter(c.cfg.Clock())
	return e
}

// word keeps only what looks like a machine word: the reason is logged and stored, and a POS's free text may name
// people.
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
