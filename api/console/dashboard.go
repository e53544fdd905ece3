package console

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/decisions"
	"pointbridge/domain/reports"
	"pointbridge/templates"
)

// drawn are the kinds that have a chart, in their order on the page.
var drawn = []reports.Kind{reports.Issued, reports.Used, reports.Expired, reports.Cancelled}

type dashboardPage struct {
	Summary     reports.Summary
	Outstanding reports.Count
	OnTheWay    reports.Count
	Charts      []chart
	// Period are the days that are looked at, Before what happened in the time before, from BeforeFirst to BeforeLast.
	Period                  period
	Wrong                   map[string]bool
	Ranges                  []listChoice
	Before                  reports.Totals
	BeforeFirst, BeforeLast time.Time
	// Days is the table behind the charts, newest first.
	Days      []dayRow
	Refunds   shares
	Blocked   shares
	Condition pages.Condition
	// QueueAddress is where the queue is looked at, by whom it may be.
	QueueAddress string
	Trouble      []booksTrouble
	// Decided is what decisions about codes came to in the same time.
	Decided decisions.Report
	// BooksLate says that the last comparison is older than it should be.
	BooksLate bool
}

// dayRow is one day's counts, in the order of the charts.
type dayRow struct {
	Day    time.Time
	Counts []int64
}

// shares is how a sum is made up, the largest part first.
type shares struct {
	Total reports.Count
	Parts []sharePart
}

type sharePart struct {
	Name  string
	Count reports.Count
	// Width is the bar's, of a hundred.
	Width string
}

// booksTrouble is a kind of difference that the last comparison found.
type booksTrouble struct {
	Kind  books.Kind
	Found int
}

const dashboardPath = consolePath + "/dashboard"

// dashboardRoutes are the figures: everybody's page has the parts that their rights show.
func (con dashboardHandlers) dashboardRoutes() []route {
	return []route{pages.Get(dashboardPath, access.To("dashboard", "read"), con.dashboard)}
}

func (con dashboardHandlers) dashboard(req *request) error {
	days, wrong := readPeriod(req.Gin.Request.URL.Query(), con.deps.Reports.Today(), reports.RangeWeeks)
	if !days.Any() {
		wrong["range"] = true
	}
	status := http.StatusOK
	if len(wrong) > 0 { // the usual days are shown beside what was wrong
		status = http.StatusUnprocessableEntity
		days.First, days.Last, _ = reports.RangeWeeks.Days(con.deps.Reports.Today())
	}
	page, err := con.figures(req, days)
	if err != nil {
		return err
	}
	page.Wrong, page.Ranges = wrong, days.ranged(dashboardPath, nil, false)
	req.showStatus(status, "dashboard", req.T("dashboard.title"), page)
	return nil
}

func (con dashboardHandlers) figures(req *request, days period) (dashboardPage, error) {
	summary, before, err := con.deps.Reports.Compared(req.Ctx(), days.First, days.Last)
	if err != nil {
		return dashboardPage{}, err
	}
	page := newDashboard(req, summary)
	page.Period, page.Before = days, before
	page.BeforeFirst, page.BeforeLast = reports.Before(days.First, days.Last)
	condition, err := con.deps.Condition(req.Ctx())
	if err != nil {
		return page, err
	}
	page.setCondition(condition, con.deps.Now())
	if con.deps.QueuePages != nil && req.may("queue", "read") {
		page.QueueAddress = QueuePath + "/"
	}
	if req.may("reports", "read") {
		page.Decided, err = con.deps.Identity.DecisionBook.Report(req.Ctx(), "", days.First, days.Last)
	}
	return page, err
}

func newDashboard(req *request, s reports.Summary) dashboardPage {
	page := dashboardPage{Summary: s, Outstanding: s.Standing.Outstanding(), OnTheWay: s.Standing.OnTheWay()}
	days := make([]time.Time, len(s.Days))
	for i, d := range s.Days {
		days[i] = d.Date
		row := dayRow{Day: d.Date}
		for _, kind := range drawn {
			row.Counts = append(row.Counts, d.Totals.Of(kind).Coupons)
		}
		page.Days = append(page.Days, row)
	}
	for i, kind := range drawn {
		counts := make([]int64, len(page.Days))
		for day, row := range page.Days {
			counts[day] = row.Counts[i]
		}
		c := newChart(string(kind), days, counts)
		c.Points = s.Total.Of(kind).Points
		page.Charts = append(page.Charts, c)
	}
	slices.Reverse(page.Days)
	page.Refunds = newShares(s.Total.By(reports.Cancelled), s.Total.Of(reports.Cancelled), func(reason string) string {
		if reason == "" {
			return req.T("dashboard.no_reason")
		}
		return req.known("reason.", reason)
	})
	page.Blocked = newShares(s.Total.By(reports.Refused), s.Total.Of(reports.Refused),
		func(action string) string { return req.known("blocked.", action) })
	return page
}

func newShares(by map[string]reports.Count, total reports.Count, name func(string) string) shares {
	list := shares{Total: total}
	for detail, count := range by {
		if count.Coupons != 0 {
			list.Parts = append(list.Parts, sharePart{name(detail), count, share(count.Coupons, total.Coupons)})
		}
	}
	slices.SortFunc(list.Parts, func(a, b sharePart) int {
		return cmp.Or(cmp.Compare(b.Count.Coupons, a.Count.Coupons), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func (p *dashboardPage) setCondition(c pages.Condition, now time.Time) {
	p.Condition = c
	for _, kind := range books.Kinds() {
		if n := c.Books.Found[kind]; n > 0 {
			p.Trouble = append(p.Trouble, booksTrouble{kind, n})
		}
	}
	p.BooksLate = c.BooksEvery > 0 && !c.Books.Began.IsZero() && now.Sub(c.Books.Ended) > 2*c.BooksEvery
}

// Compared reports whether the books were ever compared.
func (p dashboardPage) Compared() bool { return !p.Condition.Books.Began.IsZero() }

// Differences is how many the last comparison found.
func (p dashboardPage) Differences() int { return p.Condition.Books.Differences() }

// Quiet says that nothing happened in the whole time.
func (p dashboardPage) Quiet() bool {
	for _, c := range p.Charts {
		if c.Total != 0 {
			return false
		}
	}
	return true
}

// Day writes a date that already is one of the shop's.
func (d *view) Day(date time.Time) string { return dayIn(d.req.Lang, date) }

// RefundsAddress is the refund report of the same days.
func (p dashboardPage) RefundsAddress() string {
	values := url.Values{}
	p.Period.set(values)
	return addressOf(refundsPath, values)
}

// FullDay is Day with its year.
func (d *view) FullDay(date time.Time) string { return templates.Date(d.req.Lang, date, time.UTC) }

// BeforeOf is how often something happened in the time before.
func (p dashboardPage) BeforeOf(kind string) int64 { return p.Before.Of(reports.Kind(kind)).Coupons }

// Change writes by how much a figure is more, or less, than one before.
func (d *view) Change(now, before int64) string {
	switch n := now - before; {
	case n > 0:
		return "+" + templates.Number(d.req.Lang, n)
	case n < 0:
		return "−" + templates.Number(d.req.Lang, -n)
	}
	return "±0"
}

// DayMachine writes it for programs.
func (d *view) DayMachine(date time.Time) string { return date.Format(time.DateOnly) }

func dayIn(lang string, date time.Time) string {
	if lang == "ja" {
		return date.Format("1月2日")
	}
	return date.Format("Jan 2")
}

// Statuses is the order in which the page tells where coupons stand. A conversion that failed is none: it counts among
// the blocked attempts.
func (p dashboardPage) Statuses() []domain.Status {
	return []domain.Status{domain.Active, domain.Used, domain.Expired, domain.Cancelled, domain.Pending,
		domain.Cancelling, domain.Suspended, domain.Forfeited}
}

// Reasons are those by which decisions refused, in their order.
func (p dashboardPage) Reasons() (list []decisions.Reason) {
	for _, reason := range decisions.Reasons() {
		if p.Decided.Total.ByReason[reason] > 0 {
			list = append(list, reason)
		}
	}
	return list
}

// Share writes a share of one as percent; a dash where there is none.
func (d *view) Share(share *float64) string {
	if share == nil {
		return "–"
	}
	return strconv.FormatFloat(*share*100, 'f', 0, 64) + "%"
}
