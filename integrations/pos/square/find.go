package square

import (
	"context"
	"net/http"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/pos/square/wire"
)

const (
	// eventsAtOnce is the most that Square gives.
	eventsAtOnce = 30
	// mostPages bounds a scan. A member whose points were adjusted six hundred times in the window is for a person.
	mostPages = 20
	// aDay is how much further than the movement's own time is read, on both sides: more pages at most, and an event
	// with our reference at a time that cannot be is seen, instead of passing for absent.
	aDay = 24 * time.Hour
)

// Find implements coupons.Ledger: Square cannot be asked for a reference, so the adjustments of the account since the
// movement was made are read to their end.
func (c *Client) Find(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	const act = "find"
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	if !referenceForm.MatchString(m.Reference) {
		return coupons.Entry{}, failed(act, domain.KindRefused, "invalid_reference", nil)
	}
	who := whoIs(m.CustomerID)
	account, err := c.accountOf(ctx, act, m)
	if domain.ReasonOf(err) == domain.ReasonCustomerNotFound && !who.nobody() {
		// Which account it was, nobody can tell any more: a phone number and a customer can lose theirs, and what was
		// booked on it stays booked.
		return coupons.Entry{}, failed(act, domain.KindUnknown, domain.ReasonAmbiguous, nil)
	}
	if err != nil {
		return coupons.Entry{}, err
	}
	points := m.Points
	if m.Kind == domain.Take || m.Kind == domain.TakeBack {
		points = -points
	}
	return c.scan(ctx, act, account, m, points)
}

// scan finds the one event with the movement's reference. Several, one of other points or from another time, and more
// events than anybody reads, are for a person. The event is absent only from a list that was read to its end.
func (c *Client) scan(ctx context.Context, act, account string, m domain.Movement, points int64) (coupons.Entry,
	error) {
	var from time.Time
	if !m.CreatedAt.IsZero() {
		from = m.CreatedAt.Add(-aDay)
	}
	var found *coupons.Entry
	cursor, been := "", map[string]bool{}
	for range mostPages {
		page, next, err := c.adjustments(ctx, act, account, from, c.cfg.Clock().Add(aDay), eventsAtOnce, cursor)
		if err != nil {
			return coupons.Entry{}, err
		}
		for _, e := range page {
			if !strings.Contains(value(e.AdjustPoints.Reason), "["+m.Reference+"]") {
				continue
			}
			at, ok := speaksOf(e, account, m, points)
			if !ok || found != nil {
				return coupons.Entry{}, failed(act, domain.KindUnknown, domain.ReasonAmbiguous, nil)
			}
			found = &coupons.Entry{ID: *e.Id, Points: points, At: at, Replayed: true}
		}
		if been[next] { // pages that come round again may have left some out
			return coupons.Entry{}, failed(act, domain.KindUnknown, "endless", nil)
		}
		if cursor = next; cursor != "" {
			been[cursor] = true
			continue
		}
		if found == nil {
			return coupons.Entry{}, failed(act, domain.KindNotFound, "", nil)
		}
		return *found, nil
	}
	return coupons.Entry{}, failed(act, domain.KindUnknown, domain.ReasonAmbiguous, nil)
}

// adjustments reads one page of an account's adjustments, the newest first. An event of another account or kind says
// that the filter was not heeded, and then the page proves nothing.
func (c *Client) adjustments(ctx context.Context, act, account string, from, to time.Time, limit int,
	cursor string) (page []wire.LoyaltyEvent, next string, err error) {
	asked := wire.SearchLoyaltyEventsRequest{Limit: &limit, Query: &wire.LoyaltyEventQuery{
		Filter: &wire.LoyaltyEventFilter{
			LoyaltyAccountFilter: &wire.LoyaltyEventLoyaltyAccountFilter{LoyaltyAccountId: account},
			TypeFilter:           &wire.LoyaltyEventTypeFilter{Types: []wire.LoyaltyEventType{adjustment}}}}}
	if !from.IsZero() || !to.IsZero() {
		asked.Query.Filter.DateTimeFilter = &wire.LoyaltyEventDateTimeFilter{
			CreatedAt: wire.TimeRange{StartAt: timeText(from), EndAt: timeText(to)}}
	}
	if cursor != "" {
		asked.Cursor = &cursor
	}
	var got wire.SearchLoyaltyEventsResponse
	err = c.do(ctx, call{act: act, method: http.MethodPost, path: []string{"events", "search"}, body: asked}, &got)
	if err != nil {
		return nil, "", err
	}
	page, next = value(got.Events), value(got.Cursor)
	for _, e := range page {
		if e.Type != adjustment || e.AdjustPoints == nil || value(e.LoyaltyAccountId) != account {
			return nil, "", failed(act, domain.KindUnknown, "not_filtered", nil)
		}
	}
	if next != "" && next == cursor {
		return nil, "", failed(act, domain.KindUnknown, "endless", nil)
	}
	return page, next, nil
}

func timeText(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format("2006-01-02T15:04:05.000Z")
	return &text
}

// History implements books.POS: one page of an account's adjustments, newest first. Sales and rewards are left out,
// because nothing but an adjustment bears a reference.
func (c *Client) History(ctx context.Context, q books.HistoryQuery) (books.HistoryPage, error) {
	const act = "history"
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	account, err := c.account(ctx, act, whoIs(q.CustomerID))
	if err != nil {
		return books.HistoryPage{}, err
	}
	limit := eventsAtOnce
	if q.Limit > 0 {
		limit = min(q.Limit, eventsAtOnce)
	}
	events, next, err := c.adjustments(ctx, act, account, q.From, q.To, limit, q.Cursor)
	if err != nil {
		return books.HistoryPage{}, err
	}
	page := books.HistoryPage{Next: next}
	for _, e := range events {
		at, err := time.Parse(time.RFC3339, value(e.CreatedAt))
		if err != nil {
			return books.HistoryPage{}, failed(act, domain.KindUnknown, "nonsense", nil)
		}
		reason := value(e.AdjustPoints.Reason)
		page.Entries = append(page.Entries, books.Entry{ID: value(e.Id), Points: int64(e.AdjustPoints.Points),
			Reference: referenceIn(reason), RelatedReference: relatedIn(reason), At: at.UTC()})
	}
	return page, nil
}
