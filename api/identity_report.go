package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
)

const identityReportPath = "/v1/reports/identity"

// longestReport is how many days a report has at most.
const longestReport = 366

var identityReportType = reflect.TypeFor[identityReportBody]()

type identityReportInput struct {
	From     string `query:"from" maxLength:"10" pattern:"^\\d{4}-\\d{2}-\\d{2}$" doc:"The first day, a date of the shop's time zone; 29 days before the last one unless given"`
	To       string `query:"to" maxLength:"10" pattern:"^\\d{4}-\\d{2}-\\d{2}$" doc:"The last day, which is included; today unless given. At most 366 days"`
	Format   string `query:"format" enum:"json,csv" default:"json" doc:"csv answers a table, one line per day and one for the total"`
	Campaign string `query:"campaign" maxLength:"40" pattern:"^[a-z0-9-]{2,40}$" doc:"One campaign's decisions; all where it is missing"`
}

type decidedBody struct {
	Decided  int64            `json:"decided"`
	Refused  int64            `json:"refused" doc:"What decisions came to, acted on or not"`
	Enforced int64            `json:"enforced" doc:"Those of them that were acted on; the others were made in shadow"`
	Shadow   int64            `json:"shadow"`
	Flagged  int64            `json:"flagged"`
	ByReason map[string]int64 `json:"by_reason" nullable:"false"`
}

type decidedDayBody struct {
	Date string `json:"date" format:"date"`
	decidedBody
}

type verdictsBody struct {
	Right     int64    `json:"right" doc:"Refused, and a person called it abuse"`
	Wrong     int64    `json:"wrong" doc:"Refused, and a person called it none"`
	Missed    int64    `json:"missed" doc:"Not refused, and a person called it abuse"`
	Precision *float64 `json:"precision" doc:"right of right and wrong, 0 to 1; null where nothing was judged"`
	Recall    *float64 `json:"recall" doc:"right of right and missed, 0 to 1; null where nobody called anything abuse"`
}

type repeatBody struct {
	Uses  int64    `json:"uses"`
	Again int64    `json:"again" doc:"Those of them that were a person's second or later one"`
	Rate  *float64 `json:"rate" doc:"repeat_redemption_rate: again of uses, 0 to 1; null without any use"`
	Cut   bool     `json:"cut" doc:"true: there were more uses than are looked at, and only the newest were"`
}

type identityReportBody struct {
	From     string           `json:"from" format:"date"`
	To       string           `json:"to" format:"date"`
	TimeZone string           `json:"time_zone" example:"Asia/Tokyo" doc:"Days are those of this zone"`
	Campaign *string          `json:"campaign"`
	Total    decidedBody      `json:"total"`
	Verdicts verdictsBody     `json:"verdicts"`
	Repeat   repeatBody       `json:"repeat_redemption"`
	Days     []decidedDayBody `json:"days" nullable:"false"`
}

func (a *API) identityReportRoutes() {
	add(a, route{http.MethodGet, identityReportPath, mayReadReports,
		"What decisions came to on each day, how right they were, and how many people came again", false,
		[]domain.Code{domain.CodeCampaignNotFound}}, http.StatusOK, a.identityReport)
	a.answersTable(identityReportPath, identityReportType, "IdentityReport",
		"A line of names, one per day, and one for the total")
}

func (a *API) identityReport(ctx context.Context, in *identityReportInput) (*summaryOutput, error) {
	from, to, err := a.reportDays(in.From, in.To)
	if err != nil {
		return nil, err
	}
	f, err := a.deps.Identity.DecisionBook.Report(ctx, in.Campaign, from, to)
	if err != nil {
		return nil, err
	}
	if in.Format != "csv" {
		return &summaryOutput{Body: a.identityFigures(in.Campaign, from, to, f)}, nil
	}
	return a.asTable(ctx, "identity", from, to, len(f.Days), func() ([]byte, error) { return identityTable(f) })
}

func (a *API) identityFigures(campaign string, from, to time.Time, f decisions.Report) identityReportBody {
	b := identityReportBody{From: dateText(from), To: dateText(to), TimeZone: a.deps.Zone.String(),
		Campaign: given(campaign), Total: decidedOf(f.Total), Days: make([]decidedDayBody, 0, len(f.Days)),
		Verdicts: verdictsBody{Right: f.Total.Right, Wrong: f.Total.Wrong, Missed: f.Total.Missed,
			Precision: f.Total.Verdicts().Precision, Recall: f.Total.Verdicts().Recall},
		Repeat: repeatBody{Uses: f.Repeat.Uses, Again: f.Repeat.Again, Rate: f.Repeat.Rate(),
			Cut: f.Repeat.Cut}}
	for _, d := range f.Days {
		b.Days = append(b.Days, decidedDayBody{dateText(d.Date), decidedOf(d)})
	}
	return b
}

func decidedOf(d decisions.DayFigures) decidedBody {
	b := decidedBody{Decided: d.Decided, Refused: d.Refused, Enforced: d.Enforced, Shadow: d.Refused - d.Enforced,
		Flagged: d.Flagged, ByReason: map[string]int64{}}
	for reason, n := range d.ByReason {
		b.ByReason[string(reason)] = n
	}
	return b
}

// identityTable writes the figures as the other reports are written. What is about the whole time stands beside the
// total alone.
func identityTable(f decisions.Report) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	names := []string{"date", "decided", "refused", "enforced", "shadow", "flagged"}
	for _, reason := range decisions.Reasons() {
		names = append(names, "refused_"+string(reason))
	}
	lines := [][]string{append(names, "right", "wrong", "missed", "precision", "recall", "repeat_redemption_rate")}
	for _, d := range f.Days {
		lines = append(lines, append(identityLine(dateText(d.Date), d), "", "", ""))
	}
	lines = append(lines, append(identityLine("total", f.Total), decimal(f.Total.Verdicts().Precision),
		decimal(f.Total.Verdicts().Recall),
		decimal(f.Repeat.Rate())))
	err := w.WriteAll(lines) // flushes
	return out.Bytes(), err
}

func identityLine(name string, d decisions.DayFigures) []string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	line := []string{name, number(d.Decided), number(d.Refused), number(d.Enforced), number(d.Refused - d.Enforced),
		number(d.Flagged)}
	for _, reason := range decisions.Reasons() {
		line = append(line, number(d.ByReason[reason]))
	}
	return append(line, number(d.Right), number(d.Wrong), number(d.Missed))
}

func decimal(share *float64) string {
	if share == nil {
		return ""
	}
	return strconv.FormatFloat(*share, 'f', 3, 64)
}
