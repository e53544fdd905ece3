// Package memberfile reads members from a table, as point-of-sale systems and spreadsheets write them, and writes them
// to one. What cannot be read for certain is refused, never guessed.
package memberfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"

	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/domain/spreadsheet"
)

// The bounds of a file.
const (
	MostBytes  = 64 << 20
	mostOfRow  = 8 << 10
	mostCells  = 1_000
	mostOfName = 60 // of a column's name, as far as an error repeats it
)

// Encodings that a file can be said to have. Empty means that it has to tell by itself.
const (
	UTF8     = "utf-8"
	ShiftJIS = "shift_jis"
)

// Columns are the names of the columns, in the order in which they are written.
func Columns() []string {
	return []string{"member_number", "shopify_customer_id", "name", "name_kana", "email", "phone", "locale", "rank"}
}

var (
	errSize     = fmt.Errorf("the file has more than %d MiB; divide it", MostBytes>>20)
	errRows     = fmt.Errorf("the file has more than %d rows; divide it", members.MostRows)
	errEmpty    = errors.New("the file has no rows")
	errUTF16    = errors.New("the file is UTF-16; save it as CSV UTF-8 (comma delimited)")
	errEncoding = errors.New("the file is neither UTF-8 nor Shift_JIS; save it as CSV UTF-8 (comma delimited)")
	errEUC      = errors.New("the file can be Shift_JIS or EUC-JP; say --encoding shift_jis if it is the former, or save it as CSV UTF-8")
	errControl  = errors.New("the file has characters that no table has (NUL); it is not a CSV file")
	errCR       = errors.New("the lines of the file end as those of old Macintoshes did (CR alone); save it as CSV UTF-8")
)

// Read reads the rows of a file, which is a table of our own columns or another one that is known. Its first row names
// the columns. An error says what is wrong with the file as a whole.
func Read(r io.Reader, encoding, table string) ([]members.Row, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MostBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the file: %w", err)
	case len(raw) > MostBytes:
		return nil, errSize
	}
	text, err := decode(raw, encoding)
	if err != nil {
		return nil, err
	}
	return rows(text, table)
}

// decode gives the text. UTF-8 is told by its form; what is not UTF-8 is Shift_JIS if every character of it can be, and
// it cannot be EUC-JP, the third encoding of Japanese tables.
func decode(raw []byte, encoding string) ([]byte, error) {
	if bytes.HasPrefix(raw, []byte{0xff, 0xfe}) || bytes.HasPrefix(raw, []byte{0xfe, 0xff}) {
		return nil, errUTF16
	}
	if bytes.IndexByte(raw, 0) >= 0 {
		return nil, errControl
	}
	raw, marked := bytes.CutPrefix(raw, []byte("\ufeff"))
	switch {
	case encoding != ShiftJIS && utf8.Valid(raw):
		return raw, nil
	case encoding == UTF8 || marked:
		return nil, errors.New("the file is not UTF-8 throughout; save it as CSV UTF-8 (comma delimited)")
	}
	text, err := japanese.ShiftJIS.NewDecoder().Bytes(raw)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return nil, errEncoding
	}
	if encoding == "" {
		if other, err := japanese.EUCJP.NewDecoder().Bytes(raw); err == nil && !bytes.ContainsRune(other, utf8.RuneError) {
			return nil, errEUC
		}
	}
	return text, nil
}

func rows(text []byte, written string) ([]members.Row, error) {
	if bytes.IndexByte(bytes.ReplaceAll(text, []byte("\r\n"), nil), '\r') >= 0 {
		return nil, errCR
	}
	if line := tooWide(text); line > 0 {
		return nil, fmt.Errorf("the row at line %d has more than %d columns", line, mostCells)
	}
	table := csv.NewReader(bytes.NewReader(text))
	table.FieldsPerRecord = -1
	head, err := table.Read()
	if errors.Is(err, io.EOF) {
		return nil, errEmpty
	}
	if err != nil {
		return nil, explain(err)
	}
	readerOf := ownRows
	if written == Smaregi {
		readerOf = smaregiRows
	}
	rowOf, err := readerOf(head)
	if err != nil {
		return nil, err
	}
	var list []members.Row
	for {
		record, err := table.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, explain(err)
		}
		if len(list) == members.MostRows {
			return nil, errRows
		}
		line, _ := table.FieldPos(0)
		row := members.Row{Fault: members.BadShape}
		if fits(record, len(head)) {
			row = rowOf(record)
		}
		row.Line = line
		list = append(list, row)
	}
	if len(list) == 0 {
		return nil, errEmpty
	}
	return list, nil
}

// tooWide gives the line at which the first row begins that has more cells than a table of members, 0 where there is
// none. The reader of tables takes up a whole row with some forty bytes for each of its cells, so that a file of commas
// alone would fill gigabytes before anybody could look at it. Up to the first misplaced quotation mark, at which that
// reader stops, each one opens or closes a cell.
func tooWide(text []byte) (line int) {
	line, begins, cells, quoted := 1, 1, 1, false
	for _, b := range text {
		switch {
		case b == '"':
			quoted = !quoted
		case b == ',' && !quoted:
			if cells++; cells > mostCells {
				return begins
			}
		case b == '\n':
			if line++; !quoted {
				begins, cells = line, 1
			}
		}
	}
	return 0
}

// explain names the line at which a table stops to be one, and nothing of what it says.
func explain(err error) error {
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		return fmt.Errorf("line %d: a quotation mark is missing or at the wrong place; the row began at line %d", wrong.Line,
			wrong.StartLine)
	}
	return err
}

// columns finds which column is where. One that is not known is refused: somebody expects something of it.
func columns(head []string) (map[string]int, error) {
	places := map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(domain.FoldWidth(name)))
		if !slices.Contains(Columns(), name) {
			return nil, fmt.Errorf("column %d is called %.*q; the columns are %s", i+1, mostOfName, name, strings.Join(Columns(), ", "))
		}
		if _, twice := places[name]; twice {
			return nil, twoColumns(name)
		}
		places[name] = i
	}
	if _, there := places["member_number"]; !there {
		return nil, errors.New("there is no column member_number")
	}
	return places, nil
}

func twoColumns(name string) error { return fmt.Errorf("there are two columns %.*q", mostOfName, name) }

// fits reports whether a row has a cell for each column, and is not too long.
func fits(record []string, columns int) bool {
	size := 0
	for _, cell := range record {
		size += len(cell)
	}
	return len(record) == columns && size <= mostOfRow
}

func ownRows(head []string) (func(record []string) members.Row, error) {
	places, err := columns(head)
	if err != nil {
		return nil, err
	}
	return func(record []string) members.Row {
		cell := cellsOf(record, places)
		return members.Row{Number: cell("member_number"), ShopID: cell("shopify_customer_id"), Name: cell("name"),
			NameKana: cell("name_kana"), Email: cell("email"), Phone: cell("phone"), Locale: cell("locale"),
			MemberRank: cell("rank")}
	}, nil
}

// cellsOf reads the cells of a row by the names of their columns; empty for a column that there is none of.
func cellsOf(record []string, places map[string]int) func(name string) string {
	return func(name string) string {
		if i, there := places[name]; there {
			return spreadsheet.Read(strings.TrimSpace(record[i]))
		}
		return ""
	}
}
