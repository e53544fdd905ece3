package memberfile_test

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/integrations/memberfile"
	"pointbridge/test/expect"
)

const head = "member_number,name,phone\n"

func encoded(t *testing.T, text string, as interface {
	Bytes([]byte) ([]byte, error)
}) []byte {
	t.Helper()
	raw, err := as.Bytes([]byte(text))
	expect.MustEqual(t, "err", err, nil)
	return raw
}

// TestATableIsReadInEveryEncodingThatCanBeTold: with a mark and without, with each end of a line, and quoted.
func TestATableIsReadInEveryEncodingThatCanBeTold(t *testing.T) {
	t.Parallel()
	const table = head + "1001,山田 太郎,090-1111-2222\n\"1002\",\"佐藤, \"\"花\"\"子\n(旧姓)\",\n"
	for name, raw := range map[string][]byte{
		"UTF-8":                []byte(table),
		"a byte order mark":    []byte("\ufeff" + table),
		"Shift_JIS":            encoded(t, table, japanese.ShiftJIS.NewEncoder()),
		"lines of Windows":     []byte(strings.ReplaceAll(table, "\n", "\r\n")),
		"a heading of keys":    []byte(strings.Replace(table, "member_number", " ＭＥＭＢＥＲ＿ＮＵＭＢＥＲ ", 1)),
		"no end of last line":  []byte(strings.TrimSuffix(table, "\n")),
		"Shift_JIS of Windows": encoded(t, strings.ReplaceAll(table, "\n", "\r\n"), japanese.ShiftJIS.NewEncoder()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := memberfile.Read(bytes.NewReader(raw), "", "")
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "rows", len(rows), 2)
			expect.Equal(t, "the first name", rows[0].Name, "山田 太郎")
			expect.Equal(t, "the first line", rows[0].Line, 2)
			expect.Equal(t, "the second number", rows[1].Number, "1002")
			expect.Equal(t, "the second name", rows[1].Name, "佐藤, \"花\"子\n(旧姓)")
			expect.Equal(t, "the second line", rows[1].Line, 3)
		})
	}
}

// TestWhatIsNoTableIsRefusedAsAWhole and nothing of it is guessed.
func TestWhatIsNoTableIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw            []byte
		encoding, part string
	}{
		"nothing":               {nil, "", "no rows"},
		"a heading alone":       {[]byte(head), "", "no rows"},
		"no number":             {[]byte("name\n山田\n"), "", "no column member_number"},
		"a column too much":     {[]byte("member_number,points\n1,2\n"), "", `"points"`},
		"a column twice":        {[]byte("member_number,name,name\n1,2,3\n"), "", "two columns"},
		"an open quotation":     {[]byte(head + "1,\"山田,3\n2,b,c\n"), "", "line 3"},
		"UTF-16":                {[]byte("\xff\xfem\x00"), "", "UTF-16"},
		"a NUL":                 {[]byte(head + "1,\x00,\n"), "", "NUL"},
		"lines of Macintosh":    {[]byte("member_number\r1\r2\r"), "", "CR alone"},
		"bytes of neither":      {[]byte(head + "1,\xff\xff,\n"), "", "neither"},
		"EUC-JP":                {encoded(t, head+"1,山田,\n", japanese.EUCJP.NewEncoder()), "", "EUC-JP"},
		"said to be UTF-8":      {encoded(t, head+"1,山田,\n", japanese.ShiftJIS.NewEncoder()), "utf-8", "not UTF-8"},
		"marked, and not UTF-8": {[]byte("\ufeff" + head + "1,\x8eR,\n"), "", "not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := memberfile.Read(bytes.NewReader(c.raw), c.encoding, "")
			expect.MustThat(t, "it is refused", err != nil && rows == nil, err)
			expect.That(t, "the reason says "+c.part, strings.Contains(err.Error(), c.part), err)
		})
	}
	t.Run("more rows than are taken", func(t *testing.T) {
		t.Parallel()
		_, err := memberfile.Read(strings.NewReader("member_number\n"+strings.Repeat("1\n", members.MostRows+1)), "", "")
		expect.That(t, "it is refused", err != nil && strings.Contains(err.Error(), "rows"), err)
	})
}

// TestAFileThatWouldFillTheMemoryIsRefused before its cells are taken apart: each of them costs many times its byte.
func TestAFileThatWouldFillTheMemoryIsRefused(t *testing.T) {
	t.Parallel()
	commas := strings.Repeat(",", 1000)
	for name, c := range map[string]struct{ file, said string }{
		"a heading of commas":             {commas, "the row at line 1 has more than 1000 columns"},
		"a row of commas":                 {head + "1,a,\n2" + commas + "\n3,c,\n", "the row at line 3 has more than 1000 columns"},
		"a row that goes over many lines": {head + "1,a,\n" + strings.Repeat("\"\n\",", 1000), "the row at line 3 has more than 1000 columns"},
	} {
		rows, err := memberfile.Read(strings.NewReader(c.file), "", "")
		expect.MustThat(t, name+" is refused", err != nil && rows == nil, len(rows))
		expect.Equal(t, name, err.Error(), c.said)
	}
	for name, file := range map[string]string{
		"commas of many rows":     head + strings.Repeat("1,a,\n", 1000),
		"commas of a name":        head + "1,\"" + commas + "\",\n",
		"commas of another shape": head + "1" + commas[:500] + "\n",
	} {
		_, err := memberfile.Read(strings.NewReader(file), "", "")
		expect.Equal(t, name, err, nil)
	}
	_, err := memberfile.Read(strings.NewReader(strings.Repeat("x", 1<<20)), "", "")
	expect.MustThat(t, "a text without a row is refused", err != nil, err)
	expect.That(t, "what is said of it is short", len(err.Error()) < 300, len(err.Error()))
}

func TestARowOfAnotherShapeIsRefusedAlone(t *testing.T) {
	t.Parallel()
	rows, err := memberfile.Read(strings.NewReader(head+"1,a\n2,b,c\n3,"+strings.Repeat("x", 9000)+",\n"), "", "")
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "rows", len(rows), 3)
	for i, want := range []members.Reason{members.BadShape, "", members.BadShape} {
		expect.Equal(t, "the fault", rows[i].Fault, want)
	}
}

// TestWhatIsWrittenIsReadAgain: no cell is a formula, and each is what it was.
func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w, err := memberfile.NewWriter(&out, memberfile.Columns())
	expect.MustEqual(t, "err", err, nil)
	c := domain.Customer{ID: "-1001", ShopifyCustomerGID: domain.ShopCustomerPrefix + "7", Name: `=HYPERLINK("x")`,
		Email: "@a@example.com", Phone: "+819011112222", Locale: "ja", Rank: "ゴールド"}
	expect.MustEqual(t, "err", w.Member(c), nil)
	expect.MustEqual(t, "err", w.Flush(), nil)
	expect.That(t, "the mark comes first", strings.HasPrefix(out.String(), "\ufeffmember_number,"), out.String())
	for _, cell := range []string{",=", ",+", ",@", "\n-"} {
		expect.That(t, "no cell begins as a formula", !strings.Contains(out.String(), cell), out.String())
	}
	rows, err := memberfile.Read(&out, "", "")
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "rows", len(rows), 1)
	got := rows[0]
	expect.Equal(t, "all of it", strings.Join([]string{got.Number, got.ShopID, got.Name, got.Email, got.Phone, got.Locale,
		got.MemberRank}, "|"), `-1001|7|=HYPERLINK("x")|@a@example.com|+819011112222|ja|ゴールド`)
}
