package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/reports"
)

const (
	summaryPath = "/v1/reports/summary"
	// usualDays is the length of a report for those who name no beginning.
	usualDays = 30
)

var mayReadReports = access.To("reports", "read")

type summaryInput struct {
	From   string `query:"from" maxLength:"10" pattern:"^\\d{4}-\\d{2}-\\d{2}$" doc:"The first day, a date of the shop's time zone; 29 days before the last one unless given"`
	To     string `query:"to" maxLength:"10" pattern:"^\\d{4}-\\d{2}-\\d{2}$" doc:"The last day, which is included; today unless given. At most 366 days"`
	Format string `query:"format" enum:"json,csv" default:"json" doc:"csv answers a table, one line per day and one for the total"`
}

// summaryOutput has a body of two kinds; answersTable says so.
type summaryOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        any
}

type countBody struct {
	Coupons int64 `json:"coupons"`
	Points  int64 `json:"points"`
}

type standingBody struct {
	All       countBody `json:"all"`
	Active    countBody `json:"active"`
	Used      countBody `json:"used"`
	Expired   countBody `json:"expired" doc:"Also those whose end has passed and was not written down yet"`
	Cancelled countBody `json:"cancelled"`
	OnTheWay  countBody `json:"on_the_way" doc:"Pending and cancelling"`
	Suspended countBody `json:"suspended"`
	Forfeited countBody `json:"forfeited"`
	Failed    countBody `json:"failed"`
}

type periodBody struct {
	Issued    countBody            `json:"issued" doc:"Became active"`
	Used      countBody            `json:"used"`
	Expired   countBody            `json:"expired" doc:"By the day on which it was written down"`
	Cancelled countBody            `json:"cancelled" doc:"Refunds: the points of these coupons are back"`
	ByReason  map[string]countBody `json:"cancelled_by_reason" nullable:"false"`
	Suspended countBody            `json:"suspended"`
	Forfeited countBody            `json:"forfeited"`
	Failed    countBody            `json:"failed" doc:"Conversions that came to nothing"`
	GivenBack countBody            `json:"given_back" doc:"Credits: of cancelled coupons, and of conversions that failed after the points were taken"`
	Granted   countBody            `json:"granted" doc:"Points given after an order was cancelled"`
	TakenBack countBody            `json:"taken_back" doc:"Points taken again for codes that were used after their refund"`
	Refused   int64                `json:"refused" doc:"Attempts that were not let through or came to nothing"`
	ByAction  map[string]int64     `json:"refused_by_action" nullable:"false" doc:"The same, by the action in the record"`
}

type dayBody struct {
	Date string `json:"date" format:"date"`
	periodBody
}

type summaryBody struct {
	From        string       `json:"from" format:"date"`
	To          string       `json:"to" format:"date"`
	TimeZone    string       `json:"time_zone" example:"Asia/Tokyo" doc:"Days are those of this zone"`
	AsOf        time.Time    `json:"as_of"`
	Outstanding int64        `json:"points_outstanding" doc:"Points in coupons that can be used now"`
	Standing    standingBody `json:"standing" doc:"Where the coupons stand now"`
	Total       periodBody   `json:"total"`
	Days        []dayBody    `json:"days" nullable:"false" doc:"Every day of the period, in order"`
}

// reportRoutes is what those who answer for the figures read.
func (a *API) reportRoutes() {
	add(a, route{http.MethodGet, summaryPath, mayReadReports,
		"What happened on each day, and where coupons and points stand now", false, nil}, http.StatusOK, a.summary)
	a.answersTable(summaryPath, summaryType, "Summary", "A line of names, one per day, and one for the total")
	a.identityReportRoutes()
	a.blockedRoutes()
	a.salesRoutes()
	a.refundReportRoutes()
	a.discountScanRoutes()
}

// summary reports a period.
func (a *API) summary(ctx context.Context, in *summaryInput) (*summaryOutput, error) {
	from, to, err := in.period(a.deps.Reports.Today())
	if err != nil {
		return nil, err
	}
	s, err := a.deps.Reports.Summary(ctx, from, to)
	if errors.Is(err, reports.ErrPeriod) {
		return nil, wrong("query.to", "invalid")
	}
	if err != nil {
		return nil, err
	}
	if in.Format != "csv" {
		return &summaryOutput{Body: summaryOf(s)}, nil
	}
	if err := a.read(ctx, domain.ActionReportExported, "", map[string]any{"found": len(s.Days),
		"from": dateText(s.From), "to": dateText(s.To)}); err != nil {
		return nil, err
	}
	table, err := summaryTable(s)
	return &summaryOutput{ContentType: "text/csv; charset=utf-8; header=present", Body: table,
		Disposition: `attachment; filename="summary-` + dateText(s.From) + "-" + dateText(s.To) + `.csv"`}, err
}

func (in *summaryInput) period(today time.Time) (from, to time.Time, err error) {
	to = today
	if in.To != "" {
		if to, err = time.Parse(time.DateOnly, in.To); err != nil {
			return from, to, wrong("query.to", "invalid")
		}
	}
	from = to.AddDate(0, 0, 1-usualDays)
	if in.From != "" {
		if from, err = time.Parse(time.DateOnly, in.From); err != nil {
			return from, to, wrong("query.from", "invalid")
		}
	}
	return from, to, nil
}

func dateText(t time.Time) string { return t.Format(time.DateOnly) }

func summaryOf(s reports.Summary) summaryBody {
	b := summaryBody{From: dateText(s.From), To: dateText(s.To), TimeZone: s.Zone.String(), AsOf: s.Standing.At.UTC(),
		Outstanding: s.Standing.Outstanding().Points, Standing: standingOf(s.Standing), Total: periodOf(s.Total),
		Days: make([]dayBody, 0, len(s.Days))}
	for _, d := range s.Days {
		b.Days = append(b.Days, dayBody{dateText(d.Date), periodOf(d.Totals)})
	}
	return b
}

func standingOf(s reports.Standing) standingBody {
	of := func(statuses ...domain.Status) countBody { return countBody(s.Of(statuses...)) }
	return standingBody{All: of(), Active: of(domain.Active), Used: of(domain.Used), Expired: of(domain.Expired),
		Cancelled: of(domain.Cancelled), OnTheWay: countBody(s.OnTheWay()), Suspended: of(domain.Suspended),
		Forfeited: of(domain.Forfeited), Failed: of(domain.Failed)}
}

func periodOf(t reports.Totals) periodBody {
	kinds := t.Kinds()
	of := func(kind reports.Kind) countBody { return countBody(kinds[kind]) }
	b := periodBody{Issued: of(reports.Issued), Used: of(reports.Used), Expired: of(reports.Expired),
		Cancelled: of(reports.Cancelled), Suspended: of(reports.Suspended), Forfeited: of(reports.Forfeited),
		Failed: of(reports.Failed), GivenBack: of(reports.GivenBack), Granted: of(reports.Granted),
		TakenBack: of(reports.TakenBack), Refused: kinds[reports.Refused].Coupons, ByReason: map[string]countBody{},
		ByAction: map[string]int64{}}
	for reason, c := range t.By(reports.Cancelled) {
		b.ByReason[reason] = countBody(c)
	}
	for action, c := range t.By(reports.Refused) {
		b.ByAction[action] = c.Coupons
	}
	return b
}
