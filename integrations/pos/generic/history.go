package generic

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
)

// History implements books.POS: one page of everything that moved a customer's points, newest first.
func (c *Client) History(ctx context.Context, q books.HistoryQuery) (books.HistoryPage, error) {
	a := call{act: "history", method: http.MethodGet, customer: q.CustomerID, path: "points/history",
		query: url.Values{}}
	for name, value := range map[string]string{"from": timeText(q.From), "to": timeText(q.To), "cursor": q.Cursor} {
		if value != "" {
			a.query.Set(name, value)
		}
	}
	if q.Limit > 0 {
		a.query.Set("limit", strconv.Itoa(q.Limit))
	}
	got, err := c.do(ctx, a)
	if err != nil {
		return books.HistoryPage{}, err
	}
	page, word := readPage(got.Body, q)
	if word != "" {
		return books.HistoryPage{}, a.failed(domain.KindUnknown, word, nil)
	}
	return page, nil
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

type historyEntry struct {
	moveAnswer
	RelatedReference string `json:"related_reference"`
}

// readPage reads a page; word says what makes no sense in it. A page with one line that cannot be read proves nothing.
func readPage(body []byte, q books.HistoryQuery) (page books.HistoryPage, word string) {
	var got struct {
		Entries    *[]historyEntry `json:"entries"`
		NextCursor *string         `json:"next_cursor"`
	}
	if err := json.Unmarshal(body, &got); err != nil || got.Entries == nil {
		return page, "nonsense"
	}
	for _, e := range *got.Entries {
		points, ok := e.points()
		switch {
		case !ok:
			return page, "nonsense"
		case e.CustomerID != "" && e.CustomerID != q.CustomerID:
			return page, "another_customer"
		}
		page.Entries = append(page.Entries, books.Entry{ID: e.EntryID, Points: points, Reference: e.Reference,
			RelatedReference: e.RelatedReference, At: e.CreatedAt.UTC()})
	}
	if got.NextCursor != nil {
		page.Next = *got.NextCursor
	}
	if page.Next != "" && (page.Next == q.Cursor || len(page.Entries) == 0) {
		return books.HistoryPage{}, "endless"
	}
	return page, ""
}

// points reads the signed figure of an entry, in either shape of the contract.
func (g moveAnswer) points() (int64, bool) {
	switch {
	case g.Amount != nil:
		return *g.Amount, true
	case g.DeductedAmount != nil && g.AddedAmount == nil:
		return -*g.DeductedAmount, true
	case g.AddedAmount != nil && g.DeductedAmount == nil:
		return *g.AddedAmount, true
	default:
		return 0, false
	}
}
