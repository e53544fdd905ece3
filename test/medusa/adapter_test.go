//go:build medusa

package medusa

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/upstream"
)

const (
	answerLimit = 1 << 20
	// page is how many transactions are asked for at once, mostPages how many pages are read before a person has to.
	page      = 100
	mostPages = 50
	currency  = "jpy"
)

// ledger takes the store credit of Medusa's loyalty plugin for points: one account per customer. An entry bears a note
// and no reference that could be given or asked for, a repetition is booked again, and the answer to a movement is the
// account.
type ledger struct {
	base, token string
	http        *upstream.Client
	mu          sync.Mutex
	accounts    map[string]string // by customer; an account stays its customer's
}

func newLedger(base, token string, client *http.Client) *ledger {
	return &ledger{base: base, token: token, http: upstream.New(client, answerLimit), accounts: map[string]string{}}
}

func (l *ledger) Capabilities() coupons.Capabilities {
	return coupons.Capabilities{Lookup: coupons.LookupScan, GuardsBelowZero: true, ReasonLimit: reasonLimit}
}

// reasonLimit is what the test of long notes shows to be kept, and more than anybody reads.
const reasonLimit = 2000

type account struct {
	ID         string `json:"id"`
	CustomerID string `json:"customer_id"`
	Balance    *int64 `json:"balance"`
}

// Balance implements coupons.Ledger.
func (l *ledger) Balance(ctx context.Context, customerID string) (coupons.Balance, error) {
	_, points, err := l.account(ctx, "balance", customerID)
	return coupons.Balance{Points: points, AsOf: time.Now().UTC()}, err
}

// account finds a customer's account. An account of somebody else says that the filter was not heeded.
func (l *ledger) account(ctx context.Context, act, customerID string) (id string, points int64, err error) {
	var got struct {
		Accounts []account `json:"store_credit_accounts"`
		Count    *int      `json:"count"`
	}
	where := url.Values{"customer_id": {customerID}, "currency_code": {currency}}
	if err = l.do(ctx, act, http.MethodGet, "?"+where.Encode(), nil, &got); err != nil {
		return "", 0, err
	}
	switch {
	case got.Count == nil || *got.Count != len(got.Accounts):
		return "", 0, failed(act, domain.KindUnknown, "nonsense")
	case len(got.Accounts) == 0:
		return "", 0, failed(act, domain.KindRefused, domain.ReasonCustomerNotFound)
	}
	points, ok := got.Accounts[0].points(customerID, "")
	if !ok || len(got.Accounts) > 1 {
		return "", 0, failed(act, domain.KindUnknown, "another_account")
	}
	return got.Accounts[0].ID, points, nil
}

// points is the balance, when the account is the one that was meant.
func (a account) points(customerID, id string) (int64, bool) {
	if a.Balance == nil || a.ID == "" || a.CustomerID != customerID || id != "" && a.ID != id {
		return 0, false
	}
	return *a.Balance, true
}

// idOf is the id of a customer's account.
func (l *ledger) idOf(ctx context.Context, act, customerID string) (string, error) {
	l.mu.Lock()
	id, known := l.accounts[customerID]
	l.mu.Unlock()
	if known {
		return id, nil
	}
	id, _, err := l.account(ctx, act, customerID)
	if err != nil && domain.KindOf(err) == domain.KindUnknown {
		return "", failed(act, domain.KindUnavailable, "") // of the act itself not a byte was sent
	}
	if err == nil {
		l.mu.Lock()
		l.accounts[customerID] = id
		l.mu.Unlock()
	}
	return id, err
}

// Deduct implements coupons.Ledger.
func (l *ledger) Deduct(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return l.move(ctx, "debit", m, -m.Points)
}

// Add implements coupons.Ledger.
func (l *ledger) Add(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return l.move(ctx, "credit", m, m.Points)
}

// noteOf is what an entry bears: the reason for people, and the references in brackets.
func noteOf(m domain.Movement) string {
	note := m.Reason + " [" + m.Reference + "]"
	if m.RelatedReference != "" {
		note += " for " + m.RelatedReference
	}
	return note
}

func (l *ledger) move(ctx context.Context, act string, m domain.Movement, points int64) (coupons.Entry, error) {
	id, err := l.idOf(ctx, act, m.CustomerID)
	if err != nil {
		return coupons.Entry{}, err
	}
	var got struct {
		Account account `json:"store_credit_account"`
	}
	body := map[string]any{"amount": m.Points, "note": noteOf(m)}
	err = l.do(ctx, act, http.MethodPost, "/"+id+"/"+act, body, &got)
	if domain.ReasonOf(err) == invalid && act == "debit" {
		return coupons.Entry{}, l.whyRefused(ctx, m, err)
	}
	if err != nil {
		return coupons.Entry{}, err
	}
	balance, ok := got.Account.points(m.CustomerID, id)
	if !ok {
		return coupons.Entry{}, failed(act, domain.KindUnknown, "another_account")
	}
	return coupons.Entry{Points: points, Balance: &balance, At: time.Now().UTC()}, nil
}

// whyRefused reads the balance, because "too few points" has no code of its own.
func (l *ledger) whyRefused(ctx context.Context, m domain.Movement, refusal error) error {
	_, balance, err := l.account(ctx, "balance", m.CustomerID)
	if err != nil || balance >= m.Points {
		return refusal
	}
	return &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "medusa", Act: "debit",
		Reason: domain.ReasonInsufficientPoints, Balance: &balance}
}

type transaction struct {
	ID     string    `json:"id"`
	Amount float64   `json:"amount"` // an entry of somebody else may have a fraction
	Type   string    `json:"type"`
	Note   string    `json:"note"`
	At     time.Time `json:"created_at"`
}

// Find implements coupons.Ledger: the account's transactions are read to their end, and exactly one may bear the
// reference. A count that changes on the way says that a page may have slipped.
func (l *ledger) Find(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	const act = "find"
	id, err := l.idOf(ctx, act, m.CustomerID)
	if err != nil {
		return coupons.Entry{}, err
	}
	var found *coupons.Entry
	for n, seen, total := 0, 0, 0; n < mostPages; n++ {
		list, count, err := l.transactions(ctx, act, id, seen)
		if err != nil {
			return coupons.Entry{}, err
		}
		if seen += len(list); n > 0 && count != total || seen > count || len(list) == 0 && seen < count {
			return coupons.Entry{}, failed(act, domain.KindUnknown, "moving")
		}
		total = count
		for _, t := range list {
			if !strings.Contains(t.Note, "["+m.Reference+"]") {
				continue
			}
			e, ok := t.entry(m)
			if !ok || found != nil {
				return coupons.Entry{}, failed(act, domain.KindUnknown, domain.ReasonAmbiguous)
			}
			found = &e
		}
		switch {
		case seen < total:
			continue
		case found == nil:
			return coupons.Entry{}, failed(act, domain.KindNotFound, "")
		}
		return *found, nil
	}
	return coupons.Entry{}, failed(act, domain.KindUnknown, domain.ReasonAmbiguous)
}

// transactions reads one page, in the order in which they were booked.
func (l *ledger) transactions(ctx context.Context, act, id string, offset int) (list []transaction, count int,
	err error) {
	var got struct {
		Transactions []transaction `json:"transactions"`
		Count        *int          `json:"count"`
		Offset       int           `json:"offset"`
	}
	where := url.Values{"limit": {strconv.Itoa(page)}, "offset": {strconv.Itoa(offset)}, "order": {"id"}}
	if err = l.do(ctx, act, http.MethodGet, "/"+id+"/transactions?"+where.Encode(), nil, &got); err != nil {
		return nil, 0, err
	}
	if got.Count == nil || got.Offset != offset {
		return nil, 0, failed(act, domain.KindUnknown, "nonsense")
	}
	return got.Transactions, *got.Count, nil
}

// entry is a transaction that bears the movement's reference; false when it says something else of it.
func (t transaction) entry(m domain.Movement) (coupons.Entry, bool) {
	points, kind := m.Points, "credit"
	if m.Kind == domain.Take || m.Kind == domain.TakeBack {
		points, kind = -m.Points, "debit"
	}
	return coupons.Entry{ID: t.ID, Points: points, At: t.At.UTC(), Replayed: true},
		t.Amount == float64(m.Points) && t.Type == kind && t.ID != "" && !t.At.IsZero()
}

const invalid = "invalid_data"

// do makes one request. Everything but 200 with a document is one of the outcomes.
func (l *ledger) do(ctx context.Context, act, method, path string, body, into any) error {
	var payload []byte
	if body != nil {
		payload, _ = json.Marshal(body) // numbers and texts
	}
	req, err := http.NewRequestWithContext(ctx, method, l.base+"/admin/store-credit-accounts"+path,
		bytes.NewReader(payload))
	if err != nil {
		return failed(act, domain.KindUnavailable, "")
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+l.token)
	got, err := l.http.Do(req)
	if err != nil {
		return failed(act, upstream.Outcome(err), "")
	}
	if got.Status != http.StatusOK {
		return classify(act, got)
	}
	if err := json.Unmarshal(got.Body, into); err != nil {
		return failed(act, domain.KindUnknown, "nonsense")
	}
	return nil
}

// classify turns a status that is no success into an outcome. A refusal counts only in Medusa's own words.
func classify(act string, got upstream.Answer) error {
	var said struct {
		Type string `json:"type"`
	}
	_ = json.Unmarshal(got.Body, &said) // a page of somebody on the way has no type
	e := failed(act, domain.KindUnknown, fmt.Sprintf("http_%d", got.Status))
	e.RetryAfter = got.RetryAfter(time.Now())
	switch {
	case got.Status == http.StatusUnauthorized || got.Status == http.StatusForbidden:
		e.Kind = domain.KindAuth
	case got.Status == http.StatusTooManyRequests:
		e.Kind = domain.KindThrottled
	case got.Status == http.StatusBadRequest && said.Type == invalid:
		e.Kind, e.Reason = domain.KindRefused, invalid
	case got.Status == http.StatusNotFound && said.Type == "not_found":
		e.Kind, e.Reason = domain.KindRefused, domain.ReasonCustomerNotFound
	}
	return e
}

func failed(act string, kind domain.Kind, reason string) *domain.UpstreamError {
	return &domain.UpstreamError{Kind: kind, Upstream: "medusa", Act: act, Reason: reason}
}
