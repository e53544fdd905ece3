package console

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/api/sheet"
	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/domain/reports"
)

const refundsPath = consolePath + "/refunds"

// refundsBy are the lines that the report can have.
var refundsBy = []reports.By{reports.ByPerson, reports.ByReason, reports.ByDay}

// refundsPage is the refund report.
type refundsPage struct {
	Report reports.RefundReport
	// Before is what was refunded in the time before, which began on BeforeFirst.
	Before                  reports.Count
	BeforeFirst, BeforeLast time.Time
	Period                  period
	Wrong                   map[string]bool
	Bys, Ranges             []listChoice
	Repeated                []hiddenField
	Lines                   []refundLine
	// All is the address of all the coupons that the report counts; CSV and Workbook are those of its files.
	All, CSV, Workbook string
}

// refundLine is a line with the way down to its coupons; the address is empty where there are none, or nobody is known
// to have done it.
type refundLine struct {
	Name    string
	Count   reports.Count
	Width   string
	Address string
	Day     time.Time
}

func (con reportHandlers) reportRoutes() []route {
	read := access.To("refund_reports", "read")
	return []route{
		pages.Get(refundsPath, read, con.refunds),
		pages.Get(refundsPath+exportEnd, read, con.exportRefunds),
	}
}

// refundsAsked is what the address of the report asks for.
type refundsAsked struct {
	by     reports.By
	period period
}

func (con reportHandlers) refundsAsked(values url.Values) (refundsAsked, map[string]bool) {
	a := refundsAsked{by: reports.By(values.Get("by"))}
	var wrong map[string]bool
	a.period, wrong = readPeriod(values, con.deps.Reports.Today(), reports.RangeYesterday)
	if a.by == "" {
		a.by = refundsBy[0]
	}
	if !slices.Contains(refundsBy, a.by) {
		a.by, wrong["by"] = refundsBy[0], true
	}
	if !a.period.Any() { // a report has days
		wrong["range"] = true
	}
	return a, wrong
}

func (a refundsAsked) values() url.Values {
	values := url.Values{}
	if a.by != refundsBy[0] {
		values.Set("by", string(a.by))
	}
	a.period.set(values)
	return values
}

func (con reportHandlers) refunds(req *request) error {
	a, wrong := con.refundsAsked(req.Gin.Request.URL.Query())
	page := refundsPage{Period: a.period, Wrong: wrong, Ranges: a.period.ranged(refundsPath, a.values(), false),
		Repeated: hidden(a.values(), "from", "to", "range")}
	for _, by := range refundsBy {
		to := a
		to.by = by
		page.Bys = append(page.Bys, listChoice{Key: "refunds.by." + string(by), Address: addressOf(refundsPath, to.values()),
			Here: by == a.by})
	}
	if len(wrong) > 0 {
		req.showStatus(http.StatusUnprocessableEntity, "refunds", req.T("refunds.title"), page)
		return nil
	}
	if err := con.fillRefunds(req, a, &page); err != nil {
		return err
	}
	req.show("refunds", req.T("refunds.title"), page)
	return nil
}

func (con reportHandlers) fillRefunds(req *request, a refundsAsked, page *refundsPage) (err error) {
	if page.Report, err = con.deps.Reports.RefundsBy(req.Ctx(), a.by, a.period.First, a.period.Last); err != nil {
		return err
	}
	page.BeforeFirst, page.BeforeLast = reports.Before(a.period.First, a.period.Last)
	before, err := con.deps.Reports.RefundsBy(req.Ctx(), reports.ByReason, page.BeforeFirst, page.BeforeLast)
	if err != nil {
		return err
	}
	page.Before = before.Total
	for _, l := range page.Report.Lines {
		page.Lines = append(page.Lines, req.refundLine(a, l, page.Report.Total))
	}
	page.All = couponQuery{On: listing.Cancelled, Period: a.period, Sort: couponSorts[0].name}.address()
	values := a.values()
	values.Set("format", "csv")
	page.CSV = addressOf(refundsPath+exportEnd, values)
	values.Set("format", "xlsx")
	page.Workbook = addressOf(refundsPath+exportEnd, values)
	return nil
}

// refundLine words a line, and leads to the coupons that it counts.
func (req *request) refundLine(a refundsAsked, l reports.RefundLine, total reports.Count) refundLine {
	line := refundLine{Name: req.refundName(a.by, l), Count: l.Count, Width: share(l.Points, total.Points)}
	down := couponQuery{On: listing.Cancelled, Period: a.period, Sort: couponSorts[0].name}
	switch a.by {
	case reports.ByPerson:
		down.By = l.Key
	case reports.ByReason:
		down.Reason = l.Key
	case reports.ByDay:
		line.Day, _ = time.Parse(time.DateOnly, l.Key)
		down.Period = period{Range: reports.RangeCustom, FromText: l.Key, ToText: l.Key}
	}
	if l.Coupons > 0 && l.Key != "" {
		line.Address = down.address()
	}
	return line
}

// refundName is what a line is called.
func (req *request) refundName(by reports.By, l reports.RefundLine) string {
	switch {
	case by == reports.ByReason && l.Key == "":
		return req.T("dashboard.no_reason")
	case by == reports.ByReason:
		return req.known("reason.", l.Key)
	case by == reports.ByPerson && l.Name != "":
		return l.Name
	case l.Key == "":
		return req.T("refunds.nobody")
	}
	return l.Key
}

// exportRefunds gives the report out as a file, with what is shown and its sum.
func (con reportHandlers) exportRefunds(req *request) error {
	values := req.Gin.Request.URL.Query()
	a, wrong := con.refundsAsked(values)
	format := values.Get("format")
	if len(wrong) > 0 || format != "csv" && format != "xlsx" {
		return domain.Refuse(domain.CodeValidation)
	}
	page := refundsPage{}
	if err := con.fillRefunds(req, a, &page); err != nil {
		return err
	}
	table := &sheet.Table{Name: req.T("refunds.title"), Zone: con.deps.Zone, Columns: []sheet.Column{
		{Name: req.T("refunds.by." + string(a.by)), Width: 28}, {Name: req.T("dashboard.coupons"), Width: 10},
		{Name: req.T("review.points"), Width: 12}}}
	for _, l := range page.Lines {
		name := sheet.Text(l.Name)
		if a.by == reports.ByDay {
			name = sheet.Date(l.Day)
		}
		table.Add(name, sheet.Number(l.Count.Coupons), sheet.Number(l.Count.Points))
	}
	table.Add(sheet.Text(req.T("dashboard.total")), sheet.Number(page.Report.Total.Coupons),
		sheet.Number(page.Report.Total.Points))
	return req.giveOut(table, "refunds", format, "")
}
