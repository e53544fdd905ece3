package cursor_test

import (
	"encoding/base64"
	"errors"
	"math"
	"strings"
	"testing"

	"pointbridge/domain/cursor"
	"pointbridge/test/expect"
)

func TestACursorNamesThePlaceThatItWasWrittenFor(t *testing.T) {
	t.Parallel()
	for _, l := range []cursor.List{cursor.ByNumber(""), cursor.ByNumber("samount:")} {
		for _, p := range []cursor.Place{{ID: 1}, {Number: 7, ID: 9}, {Number: cursor.LastNumber, ID: math.MaxInt64}} {
			text := l.Write(p)
			if got, err := l.Read(text); err != nil || got != p || len(text) > cursor.MaxLength {
				t.Errorf("%v becomes %q and %v, %v", p, text, got, err)
			}
		}
	}
	got, err := cursor.ByID("c").Read(cursor.ByID("c").Write(cursor.Place{ID: 12}))
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "got.ID", got.ID, 12)
}

// The cursors that were handed out by earlier versions, letter by letter.
func TestACursorOfAnEarlierVersionStillWorks(t *testing.T) {
	t.Parallel()
	for text, of := range map[string]struct {
		list cursor.List
		want cursor.Place
	}{
		"YzQ0": {cursor.ByID("c"), cursor.Place{ID: 44}},
		"dzQ0": {cursor.ByID("w"), cursor.Place{ID: 44}},
		"c2VuZDoxNzAwMDAwMDAwMDAwMDAwOjU": {cursor.ByNumber("send:"), cursor.Place{Number: 1_700_000_000_000_000,
			ID: 5}},
		"NTAwOjc": {cursor.ByNumber(""), cursor.Place{Number: 500, ID: 7}},
	} {
		if got, err := of.list.Read(text); err != nil || got != of.want || of.list.Write(of.want) != text {
			t.Errorf("%s is read as %v, %v, and written as %s", text, got, err, of.list.Write(of.want))
		}
	}
}

func TestWhatIsNoCursorOfTheListIsRefused(t *testing.T) {
	t.Parallel()
	plain := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	list := cursor.ByNumber("send:")
	for name, text := range map[string]string{
		"nothing":                   "",
		"no base64":                 "%",
		"another list's":            cursor.ByNumber("samount:").Write(cursor.Place{Number: 1, ID: 5}),
		"a list's that goes by id":  cursor.ByID("c").Write(cursor.Place{ID: 5}),
		"no number":                 plain("send:5"),
		"no id":                     plain("send:1:"),
		"an id of nothing":          plain("send:1:0"),
		"a negative id":             plain("send:1:-5"),
		"a negative number":         plain("send:-1:5"),
		"a number without a date":   plain("send:253402300800000000:5"),
		"more than a place":         plain("send:1:2:3"),
		"words":                     plain("send:x:5"),
		"another spelling":          plain("send:1:05"),
		"a sign":                    plain("send:+1:5"),
		"an id that overflows":      plain("send:1:9223372036854775808"),
		"padding":                   list.Write(cursor.Place{Number: 1, ID: 15}) + "=",
		"a line's end":              list.Write(cursor.Place{Number: 1, ID: 5}) + "\n",
		"more than a cursor can be": plain("send:1:" + strings.Repeat("1", 60)),
		"a megabyte":                strings.Repeat("A", 1<<20),
	} {
		if p, err := list.Read(text); !errors.Is(err, cursor.ErrInvalid) || p != (cursor.Place{}) {
			t.Errorf("%s is read as %v, %v", name, p, err)
		}
	}
}

func FuzzACursorHasOneSpelling(f *testing.F) {
	list := cursor.ByNumber("send:")
	f.Add(list.Write(cursor.Place{Number: 1, ID: 5}))
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := list.Read(text); err == nil && list.Write(p) != text {
			t.Errorf("%q and %q name the same place", text, list.Write(p))
		}
	})
}
