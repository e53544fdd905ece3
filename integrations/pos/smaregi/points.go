package smaregi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

var errNonsense = errors.New("nonsense")

// slack is how far Smaregi's clock and ours may be apart.
const slack = 5 * time.Minute

// holding is what a member has: points, and the one day on which all of them expire; empty where there is none.
type holding struct {
	points   int64
	expireOn string
}

// held reads a member's points. An answer about somebody else, or about more than one, means that the filter was
// ignored.
func (c *Client) held(ctx context.Context, act, member string) (holding, error) {
	body, err := c.do(ctx, call{act: act, method: http.MethodGet, path: []string{"customers", "point"},
		query: url.Values{"customer_id": {member}}})
	if err != nil {
		return holding{}, err
	}
	var rows *[]struct {
		CustomerID      string  `json:"customerId"`
		Point           figure  `json:"point"`
		PointExpireDate *string `json:"pointExpireDate"`
	}
	if json.Unmarshal(body, &rows) != nil || rows == nil {
		return holding{}, failed(act, domain.KindUnknown, "nonsense", nil)
	}
	if len(*rows) == 0 {
		return holding{}, nobody(act)
	}
	row := (*rows)[0]
	switch {
	case len(*rows) > 1 || row.CustomerID != member:
		return holding{}, failed(act, domain.KindUnknown, "another_member", nil)
	case !row.Point.known:
		return holding{}, failed(act, domain.KindUnknown, "nonsense", nil)
	}
	return holding{row.Point.value, date(row.PointExpireDate)}, nil
}

// Deduct implements coupons.Ledger. Smaregi has no word for too few points: after its no the balance says so.
func (c *Client) Deduct(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	const act = "deduct"
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	if !sendable(m) {
		return coupons.Entry{}, unsendable(act, m)
	}
	e, err := c.change(ctx, act, m, change{Point: strconv.FormatInt(-m.Points, 10)}, -m.Points)
	if domain.KindOf(err) != domain.KindRefused || err == nil {
		return e, err
	}
	if reason := domain.ReasonOf(err); reason != badRequest && reason != "http_400" {
		return e, err
	}
	now, lookErr := c.held(ctx, act, m.CustomerID)
	if lookErr != nil || now.points >= m.Points {
		return e, err
	}
	no := failed(act, domain.KindRefused, domain.ReasonInsufficientPoints, nil)
	no.Balance = &now.points
	return e, no
}

// Add implements coupons.Ledger. Points come back with the expiry that they were taken with, where that shortens
// nothing; points that would be gone as soon as they are back are refused, so that a person decides.
func (c *Client) Add(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	const act = "add"
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	if !sendable(m) {
		return coupons.Entry{}, unsendable(act, m)
	}
	now, err := c.held(ctx, act, m.CustomerID)
	if err != nil {
		return coupons.Entry{}, nothingSent(act, err)
	}
	expireOn, lapsed := returned(now, m.PointsExpireOn, today(c.cfg.Clock()))
	if lapsed {
		return coupons.Entry{}, failed(act, domain.KindRefused, "points_expired", nil)
	}
	return c.change(ctx, act, m, change{strconv.FormatInt(m.Points, 10), expireOn}, m.Points)
}

// returned says which expiry is sent with points that go back; empty leaves the member's as it is. Smaregi keeps one
// day for all points of a member, so what goes back and what is there share it, and the later one counts. lapsed says
// that even that one is over: Smaregi would take the points away the next time it looks.
//
//	the member has now     the points had   sent      lapsed
//	a day                  a later one      theirs    theirs is over
//	a day                  that or earlier  nothing   the member's is over
//	a day                  not known        nothing   the member's is over
//	no day, and points     anything         nothing   never: a day would shorten what is there
//	no day, and no points  a day            theirs    theirs is over
//	no day                 not known        nothing   never
func returned(now holding, had, today string) (sent string, lapsed bool) {
	latest := now.expireOn
	if now.expireOn == "" && now.points > 0 {
		return "", false
	}
	if had > latest {
		sent, latest = had, had
	}
	return sent, latest != "" && latest <= today
}

func sendable(m domain.Movement) bool {
	return isMember(m.CustomerID) && m.Points > 0 && m.Points <= mostPoints
}

func unsendable(act string, m domain.Movement) error {
	if !isMember(m.CustomerID) {
		return nobody(act)
	}
	return failed(act, domain.KindRefused, "invalid_amount", nil)
}

// change is the body of a relative change. The absolute one (PATCH) is never sent: it would undo what the till does at
// the same time.
type change struct {
	Point           string `json:"point"`
	PointExpireDate string `json:"pointExpireDate,omitempty"`
}

func (c *Client) change(ctx context.Context, act string, m domain.Movement, body change, points int64) (coupons.Entry,
	error) {
	sent := c.cfg.Clock()
	answer, err := c.do(ctx, call{act: act, method: http.MethodPost,
		path: []string{"customers", m.CustomerID, "point", "add"}, body: body})
	if err != nil {
		return coupons.Entry{}, err
	}
	e, word := readChange(answer, m.CustomerID, points, sent, c.cfg.Clock())
	if word != "" {
		return coupons.Entry{}, failed(act, domain.KindUnknown, word, nil)
	}
	return e, nil
}

// idForm is the id of a transaction.
var idForm = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)

// readChange believes an answer only if it speaks of this member and of now: the rest of it are figures that any
// earlier answer could show. word says what makes no sense in it.
func readChange(body []byte, member string, points int64, sent, heard time.Time) (e coupons.Entry, word string) {
	var got struct {
		CustomerID         string   `json:"customerId"`
		Point              figure   `json:"point"`
		PointExpireDate    *string  `json:"pointExpireDate"`
		UpdDateTime        string   `json:"updDateTime"`
		TransactionHeadIDs []string `json:"transactionHeadIds"`
	}
	if json.Unmarshal(body, &got) != nil || !got.Point.known {
		return e, "nonsense"
	}
	at, ok := moment(got.UpdDateTime)
	if !ok {
		return e, "nonsense"
	}
	id, ok := lastID(got.TransactionHeadIDs)
	switch {
	case !ok:
		return e, "nonsense"
	case got.CustomerID != member:
		return e, "another_member"
	case at.Before(sent.Add(-slack)) || at.After(heard.Add(slack)):
		return e, "another_time"
	case got.Point.value < 0 && points < 0:
		return e, "contradiction" // Smaregi does not take what is not there
	}
	balance := got.Point.value
	return coupons.Entry{ID: id, Points: points, Balance: &balance, At: at,
		PointsExpireOn: date(got.PointExpireDate)}, ""
}

// lastID picks the transaction of the change itself. Points that had expired are booked out before it, so among several
// it is the latest. Older versions of the API name none.
func lastID(ids []string) (string, bool) {
	last := ""
	for _, id := range ids {
		if !idForm.MatchString(id) {
			return "", false
		}
		if later(id, last) {
			last = id
		}
	}
	return last, true
}

// later compares two ids as numbers.
func later(a, b string) bool { return len(a) > len(b) || len(a) == len(b) && a > b }
