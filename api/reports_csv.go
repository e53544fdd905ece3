package api

import (
	"bytes"
	"encoding/csv"
	"maps"
	"slices"
	"strconv"

	"pointbridge/domain"
	"pointbridge/domain/reports"
	"pointbridge/domain/spreadsheet"
)

// countedKinds are the columns with a number of coupons and one of points.
var countedKinds = []reports.Kind{reports.Issued, reports.Used, reports.Expired, reports.Cancelled, reports.Suspended,
	reports.Forfeited, reports.Failed, reports.GivenBack, reports.Granted, reports.TakenBack}

// summaryTable writes a report as RFC 4180 wants it: a line of names, one per day, one for the total. Points
// outstanding are those of now, so they stand beside the total only.
func summaryTable(s reports.Summary) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	actions := slices.Sorted(maps.Keys(s.Total.By(reports.Refused)))
	lines := [][]string{summaryNames(actions)}
	for _, d := range s.Days {
		lines = append(lines, summaryLine(dateText(d.Date), d.Totals, actions, ""))
	}
	lines = append(lines, summaryLine("total", s.Total, actions, strconv.FormatInt(s.Standing.Outstanding().Points,
		10)))
	for _, line := range lines {
		for i := range line {
			line[i] = spreadsheet.Cell(line[i])
		}
	}
	err := w.WriteAll(lines) // flushes
	return out.Bytes(), err
}

func summaryNames(actions []string) []string {
	names := []string{"date"}
	for _, kind := range countedKinds {
		names = append(names, string(kind), string(kind)+"_points")
	}
	for _, reason := range domain.EndingReasons() {
		names = append(names, "cancelled_"+reason, "cancelled_"+reason+"_points")
	}
	names = append(names, "refused")
	names = append(names, actions...)
	return append(names, "points_outstanding")
}

func summaryLine(name string, t reports.Totals, actions []string, outstanding string) []string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	line, kinds := []string{name}, t.Kinds()
	for _, kind := range countedKinds {
		line = append(line, number(kinds[kind].Coupons), number(kinds[kind].Points))
	}
	for _, reason := range domain.EndingReasons() {
		c := t[reports.Key{Kind: reports.Cancelled, Detail: reason}]
		line = append(line, number(c.Coupons), number(c.Points))
	}
	line = append(line, number(kinds[reports.Refused].Coupons))
	for _, action := range actions {
		line = append(line, number(t[reports.Key{Kind: reports.Refused, Detail: action}].Coupons))
	}
	return append(line, outstanding)
}
