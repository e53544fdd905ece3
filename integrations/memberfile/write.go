package memberfile

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/domain/spreadsheet"
)

// mark tells spreadsheets that a table is UTF-8; without it Japanese ones take it for Shift_JIS.
const mark = "\ufeff"

// Writer writes a table that a spreadsheet opens as it is. Errors are kept until Flush.
type Writer struct{ table *csv.Writer }

// NewWriter begins a table with its heading.
func NewWriter(out io.Writer, heading []string) (*Writer, error) {
	if _, err := io.WriteString(out, mark); err != nil {
		return nil, err
	}
	w := &Writer{csv.NewWriter(out)}
	w.table.UseCRLF = true
	return w, w.table.Write(heading)
}

// Write adds a row.
func (w *Writer) Write(cells ...string) error {
	for i, cell := range cells {
		cells[i] = spreadsheet.Text(cell)
	}
	return w.table.Write(cells)
}

// Flush sends what was written on its way.
func (w *Writer) Flush() error {
	w.table.Flush()
	return w.table.Error()
}

// Member adds a member's row, in the order of Columns.
func (w *Writer) Member(c domain.Customer) error {
	return w.Write(c.ID, strings.TrimPrefix(c.ShopifyCustomerGID, domain.ShopCustomerPrefix), c.Name, c.NameKana,
		c.Email, c.Phone, c.Locale, c.Rank)
}

// Finding adds a row about one that was not taken, with what is said of it.
func (w *Writer) Finding(f members.Finding, said string) error {
	return w.Write(strconv.Itoa(f.Line), f.Number, string(f.Reason), said)
}
