package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/decisions"
)

const blockedPath = "/v1/reports/blocked-value"

var blockedType = reflect.TypeFor[blockedBody]()

// blockedSums are what the discounts come to that were refused. Known and estimated amounts are never added up.
type blockedSums struct {
	People          int64 `json:"people" doc:"Everybody counts once for a campaign and day, however often they were refused"`
	EstimatedPeople int64 `json:"estimated_people" doc:"Those of them whose part is estimated"`
	Known           int64 `json:"known" doc:"In the currency's smallest unit: a fixed amount, or a part of the cart that the request named"`
	Estimated       int64 `json:"estimated" doc:"At most so much: the campaign's largest value, or a part of goods of which perhaps not all are discounted"`
}

type blockedTotal struct {
	Currency *string     `json:"currency" doc:"null: nobody can tell what the discounts would have come to"`
	Enforced blockedSums `json:"enforced" doc:"Refused"`
	Shadow   blockedSums `json:"shadow" doc:"Would have been refused: the campaign only watched"`
}

type blockedLine struct {
	Date     string `json:"date" format:"date"`
	Campaign string `json:"campaign"`
	Reason   string `json:"reason"`
	blockedTotal
}

type blockedBody struct {
	From      string         `json:"from" format:"date"`
	To        string         `json:"to" format:"date"`
	TimeZone  string         `json:"time_zone" example:"Asia/Tokyo" doc:"Days are those of this zone"`
	Campaign  *string        `json:"campaign"`
	Lines     []blockedLine  `json:"lines" nullable:"false"`
	Totals    []blockedTotal `json:"totals" nullable:"false" doc:"One for each currency"`
	Refused   int64          `json:"refused" doc:"Refusals that were looked at, before an order was placed"`
	Forgotten int64          `json:"forgotten" doc:"Those of them of which is no longer known whom they were about; they are in no line"`
	UsedAfter int64          `json:"used_after" doc:"People who were refused and used a code of the campaign later that day; they are in no line"`
	Cut       bool           `json:"cut" doc:"true: there were more refusals than are looked at, or more lines than are given. The newest were"`
}

type blockedInput struct {
	From     string `query:"from" maxLength:"10" pattern:"^\\d{4}-\\d{2}-\\d{2}$" doc:"The first day, a date of the shop's time zone; 29 days before the last one unless given"`
	To       string `query:"to" maxLength:"10" pattern:"^\\d{4}-\\d{2}-\\d{2}$" doc:"The last day, which is included; today unless given. At most 366 days"`
	Campaign string `query:"campaign" maxLength:"40" pattern:"^[a-z0-9-]{2,40}$" doc:"One campaign's decisions; all where it is missing"`
	Format   string `query:"format" enum:"json,csv" default:"json" doc:"csv answers a table that spreadsheets open, in UTF-8 with a byte order mark"`
}

func (a *API) blockedRoutes() {
	add(a, route{http.MethodGet, blockedPath, mayReadReports,
		"Blocked value: what the discounts come to that decisions refused", false,
		[]domain.Code{domain.CodeCampaignNotFound}}, http.StatusOK, a.blocked)
	a.answersTable(blockedPath, blockedType, "BlockedValue",
		"A line of names, one for each line of the report, and one for each currency's total")
}

func (a *API) blocked(ctx context.Context, in *blockedInput) (*summaryOutput, error) {
	from, to, err := a.reportDays(in.From, in.To)
	if err != nil {
		return nil, err
	}
	b, err := a.deps.Identity.DecisionBook.Blocked(ctx, in.Campaign, from, to)
	if err != nil {
		return nil, err
	}
	if in.Format != "csv" {
		return &summaryOutput{Body: a.blockedFigures(in.Campaign, from, to, b)}, nil
	}
	return a.asTable(ctx, "blocked-value", from, to, len(b.Lines), func() ([]byte, error) { return blockedTable(b) })
}

func (a *API) blockedFigures(campaign string, from, to time.Time, b decisions.Blocked) blockedBody {
	body := blockedBody{From: dateText(from), To: dateText(to), TimeZone: a.deps.Zone.String(), Campaign: given(campaign),
		Refused: b.Refused, Forgotten: b.Forgotten, UsedAfter: b.UsedAfter, Cut: b.Cut,
		Lines: make([]blockedLine, 0, len(b.Lines)), Totals: make([]blockedTotal, 0, len(b.Totals))}
	for _, l := range b.Lines {
		body.Lines = append(body.Lines, blockedLine{l.Date, l.Campaign, string(l.Reason), blockedTotalOf(l)})
	}
	for _, l := range b.Totals {
		body.Totals = append(body.Totals, blockedTotalOf(l))
	}
	return body
}

func blockedTotalOf(l decisions.BlockedLine) blockedTotal {
	return blockedTotal{given(l.Currency), blockedSums(l.Enforced), blockedSums(l.Shadow)}
}

// blockedTable writes amounts in the currency's own units, as people read them.
func blockedTable(b decisions.Blocked) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(pages.ByteOrderMark)
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	lines := [][]string{{"date", "campaign", "reason", "currency", "people", "estimated_people", "known", "estimated",
		"shadow_people", "shadow_estimated_people", "shadow_known", "shadow_estimated"}}
	for _, l := range b.Lines {
		lines = append(lines, blockedCells(l.Date, l))
	}
	for _, l := range b.Totals {
		lines = append(lines, blockedCells("total", l))
	}
	err := w.WriteAll(lines) // flushes
	return out.Bytes(), err
}

func blockedCells(date string, l decisions.BlockedLine) []string {
	cells := []string{date, l.Campaign, string(l.Reason), l.Currency}
	amount := func(minor int64) string {
		if l.Currency == "" {
			return ""
		}
		return domain.Money{Minor: minor, Currency: l.Currency}.Decimal()
	}
	for _, s := range []decisions.BlockedSums{l.Enforced, l.Shadow} {
		cells = append(cells, strconv.FormatInt(s.People, 10), strconv.FormatInt(s.EstimatedPeople, 10), amount(s.Known),
			amount(s.Estimated))
	}
	return cells
}
