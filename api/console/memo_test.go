package console

import (
	"strings"
	"testing"
	"unicode/utf8"
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
		if err != nil || got.Text != c.text || got.Begin != c.begin || !utf8.ValidString(got.Begin) ||
			(got.All == "Show all") != (c.begin != "") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
