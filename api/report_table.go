package api

import (
	"context"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"pointbridge/domain"
)

// reportDays reads the days of a report, which are at most a year.
func (a *API) reportDays(first, last string) (from, to time.Time, err error) {
	from, to, err = (&summaryInput{From: first, To: last}).period(a.deps.Reports.Today())
	if err == nil && (from.After(to) || to.Sub(from) >= longestReport*24*time.Hour) {
		err = wrong("query.to", "invalid")
	}
	return from, to, err
}

// answersTable documents that a report is answered as a table too, which huma cannot read from a body of any type.
func (a *API) answersTable(path string, body reflect.Type, name, rows string) {
	answer := a.huma.OpenAPI().Paths[path].Get.Responses[strconv.Itoa(http.StatusOK)]
	answer.Content = map[string]*huma.MediaType{
		"application/json": {Schema: a.huma.OpenAPI().Components.Schemas.Schema(body, true, name)},
		"text/csv":         {Schema: &huma.Schema{Type: huma.TypeString, Description: rows}},
	}
	answer.Headers = map[string]*huma.Param{"Content-Disposition": text("The name of the file, for csv")}
}

// asTable gives a report out as a file, once it is on record that it was taken along.
func (a *API) asTable(ctx context.Context, name string, from, to time.Time, found int,
	table func() ([]byte, error)) (*summaryOutput, error) {
	if err := a.read(ctx, domain.ActionReportExported, "", map[string]any{"found": found,
		"from": dateText(from), "to": dateText(to)}); err != nil {
		return nil, err
	}
	body, err := table()
	return &summaryOutput{ContentType: "text/csv; charset=utf-8; header=present", Body: body,
		Disposition: `attachment; filename="` + name + "-" + dateText(from) + "-" + dateText(to) + `.csv"`}, err
}
