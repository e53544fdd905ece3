package sheet_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"pointbridge/api/sheet"
	"pointbridge/test/expect"
)

func example() *sheet.Table {
	zone := time.FixedZone("Asia/Tokyo", 9*60*60)
	t := &sheet.Table{Name: "クーポン", Zone: zone, Columns: []sheet.Column{{Name: "コード", Width: 20}, {Name: "Points"},
		{Name: "Amount"}, {Name: "At"}, {Name: "Day"}, {Name: "=Name"}}}
	t.Add(sheet.Text("70934-AB72CD-500"), sheet.Number(-500), sheet.Money(1234567, 2),
		sheet.Moment(time.Date(2026, 11, 28, 23, 30, 59, 0, time.UTC)), sheet.Date(time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)),
		sheet.Text(`=HYPERLINK("http://x.example","山田")`))
	t.Add(sheet.Text("+a"), sheet.Number(0), sheet.Percent(1250), sheet.Moment(time.Time{}), sheet.Cell{}, sheet.Text("a,\"b\"\n<c>&"))
	return t
}

func TestATableIsReadBackFromCSV(t *testing.T) {
	t.Parallel()
	body, err := example().CSV()
	expect.MustEqual(t, "err", err, nil)
	rest, marked := strings.CutPrefix(string(body), "\ufeff")
	expect.That(t, "it begins with a byte order mark", marked)
	rows, err := csv.NewReader(strings.NewReader(rest)).ReadAll()
	expect.MustEqual(t, "err", err, nil)
	for i, want := range [][]string{{"コード", "Points", "Amount", "At", "Day", "'=Name"},
		{"70934-AB72CD-500", "-500", "12345.67", "2026-11-29 08:30", "2026-11-29", `'=HYPERLINK("http://x.example","山田")`},
		{"'+a", "0", "12.5%", "", "", "a,\"b\"\n<c>&"}} {
		expect.That(t, "the row is what was written", slices.Equal(rows[i], want), i, rows[i], want)
	}
}

// TestAWorkbookIsReadBack: by the library, and by nothing but zip and XML: a moment is a serial number of the shop's
// clocks under a date's format, points are numbers, and what looks like a formula is a text.
func TestAWorkbookIsReadBack(t *testing.T) {
	t.Parallel()
	body, err := example().Workbook()
	expect.MustEqual(t, "err", err, nil)
	book, err := excelize.OpenReader(bytes.NewReader(body))
	expect.MustEqual(t, "err", err, nil)
	defer func() { _ = book.Close() }()
	shown, err := book.GetRows("クーポン")
	expect.MustEqual(t, "err", err, nil)
	want := []string{"70934-AB72CD-500", "-500", "12,345.67", "2026-11-29 08:30", "2026-11-29",
		`=HYPERLINK("http://x.example","山田")`}
	expect.That(t, "the row is what was written", slices.Equal(shown[1], want), shown[1], want)
	formula, err := book.GetCellFormula("クーポン", "F2")
	expect.Equal(t, "err", err, nil)
	expect.Equal(t, "the formula of a text", formula, "")

	cells := rawCells(t, body)
	expect.Equal(t, "the points", cells["B2"], rawCell{"n", "-500"})
	expect.Equal(t, "the amount", cells["C2"], rawCell{"n", "12345.67"})
	expect.Equal(t, "the part", cells["C3"], rawCell{"n", "0.125"})
	expect.That(t, "the moment is a number", cells["D2"].kind == "n" && strings.HasPrefix(cells["D2"].value, "46355.354"), cells["D2"])
	expect.Equal(t, "the day", cells["E2"], rawCell{"n", "46355"})
	expect.Equal(t, "a text that looks like a formula", cells["F2"].kind, "inlineStr")
	expect.That(t, "no cell has a formula", !strings.Contains(rawSheet(t, body), "<f>"))
	expect.Equal(t, "a text of every sign", cells["F3"], rawCell{"inlineStr", "a,\"b\"\n<c>&"})
}

// TestAPartIsShownWithoutALonePoint: Excel and what reads its formats write the point of 0.##% also where no digit
// follows, so that 10% reads "10.%".
func TestAPartIsShownWithoutALonePoint(t *testing.T) {
	t.Parallel()
	parts := &sheet.Table{Name: "Parts", Zone: time.UTC, Columns: []sheet.Column{{Name: "Part"}}}
	for _, part := range []int64{1000, 1250, 1, 10_000} {
		parts.Add(sheet.Percent(part))
	}
	body, err := parts.Workbook()
	expect.MustEqual(t, "err", err, nil)
	book, err := excelize.OpenReader(bytes.NewReader(body))
	expect.MustEqual(t, "err", err, nil)
	defer func() { _ = book.Close() }()
	shown, err := book.GetCols("Parts")
	expect.MustEqual(t, "err", err, nil)
	want := []string{"Part", "10.00%", "12.50%", "0.01%", "100.00%"}
	expect.That(t, "each is a number with its sign", slices.Equal(shown[0], want), shown[0], want)
}

type rawCell struct{ kind, value string }

func rawSheet(t *testing.T, body []byte) string {
	t.Helper()
	files, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := files.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func rawCells(t *testing.T, body []byte) map[string]rawCell {
	t.Helper()
	var doc struct {
		Rows []struct {
			Cells []struct {
				Ref    string `xml:"r,attr"`
				Kind   string `xml:"t,attr"`
				Value  string `xml:"v"`
				Inline string `xml:"is>t"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	if err := xml.Unmarshal([]byte(rawSheet(t, body)), &doc); err != nil {
		t.Fatal(err)
	}
	cells := map[string]rawCell{}
	for _, row := range doc.Rows {
		for _, c := range row.Cells {
			if c.Kind == "" {
				c.Kind = "n"
			}
			cells[c.Ref] = rawCell{c.Kind, c.Value + c.Inline}
		}
	}
	return cells
}
