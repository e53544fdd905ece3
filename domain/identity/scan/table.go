package scan

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain/decisions"
	"pointbridge/domain/spreadsheet"
)

// WriteTable writes the clusters as RFC 4180 wants it: a line of names, and one for each use of each person who was
// found more than once.
func (r Report) WriteTable(out io.Writer) error {
	w := csv.NewWriter(out)
	w.UseCRLF = true
	lines := [][]string{{"cluster", "family", "found_by", "order", "order_id", "at", "code", "discount", "currency",
		"refused_basic", "refused_medium", "refused_high"}}
	for i, c := range r.Clusters {
		kinds := make([]string, 0, len(c.Kinds))
		for _, k := range c.Kinds {
			kinds = append(kinds, string(k))
		}
		for _, u := range c.Uses {
			amount := ""
			if u.Discount.Currency != "" {
				amount = u.Discount.Decimal()
			}
			lines = append(lines, []string{strconv.Itoa(i + 1), spreadsheet.Text(c.Family), strings.Join(kinds, " "),
				spreadsheet.Text(u.Order), spreadsheet.Text(u.OrderID), u.At.Format(time.RFC3339), spreadsheet.Text(u.Code), amount,
				u.Discount.Currency, u.refused(decisions.Basic), u.refused(decisions.Medium), u.refused(decisions.High)})
		}
	}
	return w.WriteAll(lines) // flushes
}

func (u Use) refused(by decisions.Preset) string {
	return strconv.FormatBool(slices.Contains(u.RefusedBy, by))
}
