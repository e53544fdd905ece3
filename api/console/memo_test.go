package console

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pointbridge/test/expect"
)

func TestMemo(t *testing.T) {
	t.Parallel()
	req := asking(newConsole(t), nil)
	d := &view{req.View("", "", nil), req}
	for name, c := range map[string]struct{ text, begin string }{
		"short":         {"お得意様です", ""},
		"as it is":      {strings.Repeat("字", memoLong), ""},
		"one word":      {strings.Repeat("W", 2000), strings.Repeat("W", memoBegin)},
		"not in pieces": {strings.Repeat("字", memoLong+1), strings.Repeat("字", memoBegin)},
		"many lines":    {"a\nb\n\nc\nd\ne", "a b c d e"},
	} {
		got, err := d.Memo(c.text)
		expect.MustEqual(t, "err", err, nil, name)
		expect.Equal(t, "got.Text", got.Text, c.text, name)
		expect.Equal(t, "got.Begin", got.Begin, c.begin, name)
		expect.That(t, "utf8.ValidString(got.Begin)", utf8.ValidString(got.Begin), name, got.Begin)
		expect.Equal(t, `got.All == "Show all"`, got.All == "Show all", c.begin != "", name)
	}
}
