package pages

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"

	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/spreadsheet"
)

const (
	// ByteOrderMark tells Japanese spreadsheets that a table is UTF-8.
	ByteOrderMark = "\ufeff"
	// tablePage is how many codes are read at once for a table.
	tablePage = 5000
)

// CodeTable writes the codes of a batch that were made, with what they were used for.
type CodeTable struct {
	library  codes.Library
	campaign string
	batch    codes.Batch
	words    TableWords
	after    int64
	first    [][]string
}

// TableWords say what a table's columns are called, and what stands in those that are no plain text.
type TableWords struct {
	Column func(name string) string
	Status func(codes.CodeStatus) string
	Value  func(n int64) string
}

// ForPrograms are the names of the API's fields, and its values.
func ForPrograms() TableWords {
	return TableWords{Column: func(name string) string { return name },
		Status: func(s codes.CodeStatus) string { return string(s) }, Value: Number}
}

// NewCodeTable reads the beginning of a table, so that what cannot be read is refused before a byte is sent.
func NewCodeTable(ctx context.Context, from codes.Library, campaign string, b codes.Batch,
	words TableWords) (*CodeTable, error) {
	t := &CodeTable{library: from, campaign: campaign, batch: b, words: words}
	var err error
	t.first, err = t.next(ctx)
	return t, err
}

// Name is that of the file.
func (t *CodeTable) Name() string { return t.campaign + "-" + t.batch.PublicID + ".csv" }

// Write writes all of it.
func (t *CodeTable) Write(ctx context.Context, to io.Writer) error {
	if _, err := io.WriteString(to, ByteOrderMark); err != nil {
		return err
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true
	names := []string{"code", "status", "uses"}
	if t.batch.Kind == codes.Bound {
		names = []string{"row", "code", "value"}
	}
	for i, name := range names {
		names[i] = t.words.Column(name)
	}
	if err := w.Write(names); err != nil {
		return err
	}
	for page := t.first; len(page) > 0; {
		for _, line := range page {
			for i := range line {
				line[i] = spreadsheet.Cell(line[i])
			}
		}
		if err := w.WriteAll(page); err != nil {
			return err
		}
		var err error
		if page, err = t.next(ctx); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// next reads the next lines; none are the end.
func (t *CodeTable) next(ctx context.Context) (lines [][]string, err error) {
	if t.batch.Kind == codes.Bound {
		rows, err := t.library.RowsOf(ctx, codes.RowQuery{BatchID: t.batch.ID, State: codes.RowIssued,
			After: int(t.after), Limit: tablePage})
		for _, r := range rows {
			t.after = int64(r.Row)
			lines = append(lines, []string{strconv.Itoa(r.Row), r.Code, t.words.Value(r.Value)})
		}
		return lines, err
	}
	list, err := t.library.CodesOf(ctx, codes.Query{Campaign: t.campaign, BatchID: t.batch.ID, State: codes.CodeMade,
		After: t.after, Limit: tablePage})
	for _, c := range list {
		t.after = c.ID
		lines = append(lines, []string{c.Code, t.words.Status(c.Status()), strconv.Itoa(c.Uses)})
	}
	return lines, err
}
