package smaregi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

const (
	// longestWindow is asked for at once. Smaregi takes 31 days; a day less fits however it counts them.
	longestWindow = 30 * 24 * time.Hour
	// mostWindows bounds how far back one question reaches: a year.
	mostWindows = 13
	pageSize    = 100
	// mostPages bounds a window: ten thousand transactions of one member.
	mostPages = 100
)

// fields is all that is asked for of a transaction: what was bought, and by whom, is none of our business.
const fields = "transactionHeadId,transactionDateTime,transactionHeadDivision,newPoint,spendPoint,point,totalPoint," +
	"customerId"

// Kinds of transactions (取引区分).
const (
	pointsAdded   = "6"
	pointsTaken   = "7"
	pointsExpired = "8"
)

// Entries implements coupons.History. Every transaction that moved the member's points is one: sales and what expired
// too, because the balance is the sum of all. An answer that is not whole, or does not add up, is an error.
func (c *Client) Entries(ctx context.Context, customerID string, from, to time.Time) ([]coupons.Entry, error) {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	h := &reading{c: c, member: customerID, seen: map[string]bool{}}
	if !isMember(customerID) {
		return nil, nobody(h.act())
	}
	// Smaregi tells seconds: an entry of any moment within one reads as its beginning.
	from, to = from.Truncate(time.Second), to.Add(time.Second-time.Nanosecond).Truncate(time.Second)
	if to.Before(from) || to.Sub(from) > mostWindows*longestWindow {
		return nil, failed(h.act(), domain.KindRefused, "invalid_window", nil)
	}
	var err error
	if h.code, err = c.memberCode(ctx, h.act(), customerID); err != nil {
		return nil, err
	}
	for begin := from; !begin.After(to); {
		end := begin.Add(longestWindow - time.Second)
		if end.After(to) {
			end = to
		}
		if err := h.window(ctx, begin, end); err != nil {
			return nil, err
		}
		begin = end.Add(time.Second)
	}
	slices.SortStableFunc(h.entries, inOrder)
	return h.entries, nil
}

func inOrder(a, b coupons.Entry) int {
	switch {
	case !a.At.Equal(b.At):
		return a.At.Compare(b.At)
	case later(a.ID, b.ID):
		return 1
	default:
		return -1
	}
}

// memberCode reads the code by which transactions are filtered: there is no filter by the member's id. It is asked for
// every time, because it can be changed. A member without one cannot be asked for: the filter would be none.
func (c *Client) memberCode(ctx context.Context, act, member string) (string, error) {
	body, err := c.do(ctx, call{act: act, method: http.MethodGet, path: []string{"customers", member},
		query: url.Values{"fields": {"customerId,customerCode"}}})
	if err != nil {
		return "", err
	}
	var got struct {
		CustomerID   string  `json:"customerId"`
		CustomerCode *string `json:"customerCode"`
	}
	switch {
	case json.Unmarshal(body, &got) != nil:
		return "", failed(act, domain.KindUnknown, "nonsense", nil)
	case got.CustomerID != member:
		return "", failed(act, domain.KindUnknown, "another_member", nil)
	case got.CustomerCode == nil || *got.CustomerCode == "":
		return "", failed(act, domain.KindUnknown, domain.ReasonAmbiguous, nil)
	}
	return *got.CustomerCode, nil
}

// reading is one question about a member's entries on its way through windows and pages.
type reading struct {
	c            *Client
	member, code string
	seen         map[string]bool
	entries      []coupons.Entry
}

func (h *reading) act() string { return "history" }

// window reads all pages of a window. The last one is the one that is empty: how many rows Smaregi puts on a page at
// most is not relied upon.
func (h *reading) window(ctx context.Context, from, to time.Time) error {
	q := url.Values{"customer_code": {h.code}, "fields": {fields}, "limit": {strconv.Itoa(pageSize)},
		"sort":                       {"transactionDateTime,transactionHeadId"},
		"transaction_date_time-from": {from.In(japan).Format(time.RFC3339)},
		"transaction_date_time-to":   {to.In(japan).Format(time.RFC3339)}}
	for page := 1; page <= mostPages; page++ {
		q.Set("page", strconv.Itoa(page))
		body, err := h.c.do(ctx, call{act: h.act(), method: http.MethodGet, path: []string{"transactions"}, query: q})
		if err != nil {
			return err
		}
		rows, word := readTransactions(body, h.member, from, to)
		if word != "" {
			return failed(h.act(), domain.KindUnknown, word, nil)
		}
		if len(rows) == 0 {
			return nil
		}
		for _, row := range rows {
			if h.seen[row.ID] { // a page that moved under us may have lost a row as well
				return failed(h.act(), domain.KindUnknown, "repeated", nil)
			}
			h.seen[row.ID] = true
			if row.Points != 0 {
				h.entries = append(h.entries, row)
			}
		}
	}
	return failed(h.act(), domain.KindUnknown, domain.ReasonAmbiguous, nil)
}

// transaction is one row. point is the balance before it, totalPoint the one after it.
type transaction struct {
	ID         string `json:"transactionHeadId"`
	At         string `json:"transactionDateTime"`
	Division   string `json:"transactionHeadDivision"`
	NewPoint   figure `json:"newPoint"`
	SpendPoint figure `json:"spendPoint"`
	Point      figure `json:"point"`
	TotalPoint figure `json:"totalPoint"`
	CustomerID string `json:"customerId"`
}

// readTransactions reads one page; word says what makes no sense in it. A page with one row that cannot be read, or
// that was not asked for, proves nothing.
func readTransactions(body []byte, member string, from, to time.Time) (rows []coupons.Entry, word string) {
	var got *[]transaction
	if json.Unmarshal(body, &got) != nil || got == nil {
		return nil, "nonsense"
	}
	for _, t := range *got {
		at, ok := moment(t.At)
		switch {
		case !ok || !idForm.MatchString(t.ID):
			return nil, "nonsense"
		case t.CustomerID != member:
			return nil, "another_member"
		case at.Before(from) || at.After(to):
			return nil, "another_time"
		}
		points, ok := t.points()
		if !ok {
			return nil, domain.ReasonAmbiguous // it will read the same tomorrow
		}
		rows = append(rows, coupons.Entry{ID: t.ID, Points: points, PreviousBalance: t.Point.pointer(),
			Balance: t.TotalPoint.pointer(), At: at, Foreign: t.Division != pointsAdded && t.Division != pointsTaken})
	}
	return rows, ""
}

// points is what a transaction did to the balance, signed; false where its figures contradict each other or its kind.
// How the two kinds of change write theirs (a negative newPoint, or a spendPoint) is documented nowhere, so where both
// balances are there, they say it, and the rest has to fit.
func (t transaction) points() (int64, bool) {
	moved := t.NewPoint.value - t.SpendPoint.value
	if t.Point.known && t.TotalPoint.known {
		told := t.TotalPoint.value - t.Point.value
		takes := t.Division == pointsTaken || t.Division == pointsExpired
		if told != moved && !(takes && told == -moved) {
			return 0, false
		}
		moved = told
	}
	switch t.Division {
	case pointsAdded:
		return moved, moved > 0
	case pointsTaken:
		return moved, moved < 0
	case pointsExpired:
		return moved, moved <= 0
	case "":
		return 0, false
	default:
		return moved, true
	}
}

func (f figure) pointer() *int64 {
	if !f.known {
		return nil
	}
	return &f.value
}
