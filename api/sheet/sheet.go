// Package sheet writes tables that spreadsheets open: CSV, and Excel's own workbooks. Both say the same: a cell is a
// text, a number or a moment, and a text is never taken for a formula.
package sheet

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"pointbridge/api/pages"
	"pointbridge/domain/spreadsheet"
)

// Table is what is written. Times are those of the zone, because spreadsheets know none.
type Table struct {
	// Name is the sheet's, of 31 characters at most.
	Name    string
	Zone    *time.Location
	Columns []Column
	rows    [][]Cell
}

// Column is a name, and how wide the cells are in characters.
type Column struct {
	Name  string
	Width float64
}

// kind is what a cell holds.
type kind int

const (
	text kind = iota
	number
	moment
	date
	money
	percent
)

// Cell is one value of a row; the zero one is empty.
type Cell struct {
	kind   kind
	text   string
	number int64
	digits int
	at     time.Time
}

// Text is a text, whatever it begins with.
func Text(s string) Cell { return Cell{text: s} }

// Number is a whole number.
func Number(n int64) Cell { return Cell{kind: number, number: n} }

// Money is an amount in the currency's smallest unit, of which there are so many digits behind the point.
func Money(minor int64, digits int) Cell { return Cell{kind: money, number: minor, digits: digits} }

// Percent is a part in basis points.
func Percent(basisPoints int64) Cell { return Cell{kind: percent, number: basisPoints} }

// Moment is a time; a zero one is an empty cell.
func Moment(at time.Time) Cell {
	if at.IsZero() {
		return Cell{}
	}
	return Cell{kind: moment, at: at}
}

// Date is a day that already is one of the shop's.
func Date(day time.Time) Cell { return Cell{kind: date, at: day} }

// Add adds a row, which has a cell for each column.
func (t *Table) Add(cells ...Cell) { t.rows = append(t.rows, cells) }

// Len is how many rows there are.
func (t *Table) Len() int { return len(t.rows) }

// CSV writes it as RFC 4180 wants it, in UTF-8 with a byte order mark.
func (t *Table) CSV() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(pages.ByteOrderMark)
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	line := make([]string, 0, len(t.Columns))
	for _, c := range t.Columns {
		line = append(line, spreadsheet.Text(c.Name))
	}
	if err := w.Write(line); err != nil {
		return nil, err
	}
	for _, row := range t.rows {
		line = line[:0]
		for _, c := range row {
			line = append(line, t.words(c))
		}
		if err := w.Write(line); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// words writes a cell as a spreadsheet reads it back.
func (t *Table) words(c Cell) string {
	switch c.kind {
	case number:
		return strconv.FormatInt(c.number, 10)
	case money:
		return strconv.FormatFloat(c.major(), 'f', c.digits, 64)
	case percent:
		return strconv.FormatFloat(float64(c.number)/100, 'f', -1, 64) + "%"
	case moment:
		return c.at.In(t.Zone).Format("2006-01-02 15:04")
	case date:
		return c.at.Format(time.DateOnly)
	case text:
	}
	return spreadsheet.Text(c.text)
}

func (c Cell) major() float64 {
	value := float64(c.number)
	for range c.digits {
		value /= 10
	}
	return value
}

// The formats of numbers in a workbook.
const (
	wholeFormat   = "#,##0"
	momentFormat  = "yyyy-mm-dd hh:mm"
	dateFormat    = "yyyy-mm-dd"
	percentFormat = "0.00%" // 0.##% leaves the point of 10%
)

// Workbook writes it as Excel's .xlsx. A moment is a date of the shop's clocks there, and a text is stored as one: no
// cell of it is ever a formula.
func (t *Table) Workbook() (body []byte, err error) {
	book := excelize.NewFile()
	defer func() {
		if fault := book.Close(); err == nil {
			err = fault
		}
	}()
	if err := book.SetSheetName("Sheet1", t.Name); err != nil {
		return nil, err
	}
	w, err := book.NewStreamWriter(t.Name)
	if err != nil {
		return nil, err
	}
	if err := t.fill(book, w); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = book.Write(&out)
	return out.Bytes(), err
}

func (t *Table) fill(book *excelize.File, w *excelize.StreamWriter) error {
	s := styles{book: book, ids: map[string]int{}}
	head, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	for i, c := range t.Columns {
		if err := w.SetColWidth(i+1, i+1, max(c.Width, 8)); err != nil {
			return err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	names := make([]any, 0, len(t.Columns))
	for _, c := range t.Columns {
		names = append(names, excelize.Cell{StyleID: head, Value: c.Name})
	}
	if err := w.SetRow("A1", names); err != nil {
		return err
	}
	for i, row := range t.rows {
		cells := make([]any, 0, len(row))
		for _, c := range row {
			cell, err := t.stored(&s, c)
			if err != nil {
				return err
			}
			cells = append(cells, cell)
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+2), cells); err != nil {
			return err
		}
	}
	return w.Flush()
}

// stored is a cell as the workbook keeps it.
func (t *Table) stored(s *styles, c Cell) (cell excelize.Cell, err error) {
	switch c.kind {
	case number:
		cell.Value = c.number
		cell.StyleID, err = s.of(wholeFormat)
	case money:
		format := wholeFormat
		if c.digits > 0 {
			format += "." + strings.Repeat("0", c.digits)
		}
		cell.Value = c.major()
		cell.StyleID, err = s.of(format)
	case percent:
		cell.Value = float64(c.number) / 10_000
		cell.StyleID, err = s.of(percentFormat)
	case moment:
		cell.Value = clockOf(c.at.In(t.Zone))
		cell.StyleID, err = s.of(momentFormat)
	case date:
		cell.Value = clockOf(c.at)
		cell.StyleID, err = s.of(dateFormat)
	case text:
		if c.text != "" {
			cell.Value = c.text
		}
	}
	return cell, err
}

// clockOf is what the clocks show, as a time without a zone.
func clockOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// styles makes each format once.
type styles struct {
	book *excelize.File
	ids  map[string]int
}

func (s *styles) of(format string) (int, error) {
	if id, ok := s.ids[format]; ok {
		return id, nil
	}
	id, err := s.book.NewStyle(&excelize.Style{CustomNumFmt: &format})
	s.ids[format] = id
	return id, err
}
