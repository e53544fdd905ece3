package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"pointbridge/api/access"
	"pointbridge/api/sheet"
	"pointbridge/domain/reports"
)

const refundReportPath = "/v1/reports/refunds"

var refundReportType = reflect.TypeFor[refundReportBody]()

type refundReportInput struct {
	By     string `query:"by" enum:"day,person,reason" default:"day" doc:"What a line is. person: who ended the coupon, a program included"`
	From   string `query:"from" maxLength:"10" pattern:"^\\d{4}-\\d{2}-\\d{2}$" doc:"The first day on which points were back, a date of the shop's time zone; 29 days before the last one unless given"`
	To     string `query:"to" maxLength:"10" pattern:"^\\d{4}-\\d{2}-\\d{2}$" doc:"The last day, which is included; today unless given. At most 366 days"`
	Format string `query:"format" enum:"json,csv" default:"json" doc:"csv answers a table that spreadsheets open, in UTF-8 with a byte order mark"`
}

type refundReportLine struct {
	Key  string  `json:"key" doc:"The date, who it was as the audit names them, or the reason; empty where nobody knows"`
	Name *string `json:"name" doc:"What the person or program is called; null for days and reasons"`
	countBody
}

type refundReportBody struct {
	By       string             `json:"by"`
	From     string             `json:"from" format:"date"`
	To       string             `json:"to" format:"date"`
	TimeZone string             `json:"time_zone" example:"Asia/Tokyo" doc:"Days are those of this zone"`
	Lines    []refundReportLine `json:"lines" nullable:"false" doc:"Every day in order; persons and reasons with the most points first"`
	Total    countBody          `json:"total"`
}

func (a *API) refundReportRoutes() {
	add(a, route{http.MethodGet, refundReportPath, access.To("refund_reports", "read"),
		"Refunds: whose points went back, by day, person or reason", false, nil}, http.StatusOK, a.refundReport)
	a.answersTable(refundReportPath, refundReportType, "RefundReport",
		"A line of names, one for each line of the report, and one for the total")
}

func (a *API) refundReport(ctx context.Context, in *refundReportInput) (*summaryOutput, error) {
	from, to, err := a.reportDays(in.From, in.To)
	if err != nil {
		return nil, err
	}
	r, err := a.deps.Reports.RefundsBy(ctx, reports.By(in.By), from, to)
	if err != nil {
		return nil, err
	}
	if in.Format != "csv" {
		return &summaryOutput{Body: refundReportOf(r)}, nil
	}
	return a.asTable(ctx, "refunds-by-"+in.By, from, to, len(r.Lines), func() ([]byte, error) { return refundTable(r) })
}

func refundReportOf(r reports.RefundReport) refundReportBody {
	b := refundReportBody{By: string(r.By), From: dateText(r.From), To: dateText(r.To), TimeZone: r.Zone.String(),
		Total: countBody(r.Total), Lines: make([]refundReportLine, 0, len(r.Lines))}
	for _, l := range r.Lines {
		b.Lines = append(b.Lines, refundReportLine{l.Key, given(l.Name), countBody(l.Count)})
	}
	return b
}

func refundTable(r reports.RefundReport) ([]byte, error) {
	t := sheet.Table{Zone: time.UTC, Columns: []sheet.Column{{Name: string(r.By)}, {Name: "name"}, {Name: "coupons"},
		{Name: "points"}}}
	for _, l := range append(r.Lines[:len(r.Lines):len(r.Lines)], reports.RefundLine{Key: "total", Count: r.Total}) {
		t.Add(sheet.Text(l.Key), sheet.Text(l.Name), sheet.Number(l.Coupons), sheet.Number(l.Points))
	}
	return t.CSV()
}
