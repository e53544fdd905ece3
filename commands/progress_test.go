package commands

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"pointbridge/test/expect"
)

// wide is how many columns a text takes.
func wide(text string) (columns int) {
	for _, r := range text {
		if columns++; r >= '\u2e80' {
			columns++
		}
	}
	return columns
}

// TestProgressIsToldOfWhatTakesLong: nothing of a command that is over at once, a line now and then where nobody looks at
// a terminal, and on one a bar that leaves nothing behind.
func TestProgressIsToldOfWhatTakesLong(t *testing.T) {
	t.Parallel()
	slow := func(terminal bool) (*progress, *bytes.Buffer, func(time.Duration)) {
		var out bytes.Buffer
		now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
		p := newProgress(&out)
		p.terminal, p.began, p.now = terminal, now, func() time.Time { return now }
		return p, &out, func(d time.Duration) { now = now.Add(d) }
	}
	t.Run("a buffer or a file is no terminal", func(t *testing.T) {
		t.Parallel()
		expect.Equal(t, "terminal", newProgress(&bytes.Buffer{}).terminal, false)
	})
	t.Run("lines", func(t *testing.T) {
		t.Parallel()
		p, out, pass := slow(false)
		for done := range 25 {
			p.at(int64(done), 25, fmt.Sprintf("%d of 25", done))
			pass(time.Second)
		}
		p.beside(func() { _, _ = fmt.Fprintln(out, "found") })
		p.end()
		expect.Equal(t, "lines", strings.Split(out.String(), "\n"), []string{"2 of 25", "12 of 25", "22 of 25", "found", ""})
	})
	for name, of := range map[string]int64{"a bar to an end that is known": 4, "and to one that nobody knows": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, out, pass := slow(true)
			p.at(1, of, "one")
			expect.Equal(t, "of the first moment", out.String(), "")
			pass(quietFor)
			p.at(2, of, "two")
			expect.That(t, "it says how far", strings.Contains(out.String(), "two"), out.String())
			expect.Equal(t, "it names a share", strings.Contains(out.String(), "50%"), of > 0)
			expect.That(t, "it stays on its line", !strings.Contains(out.String(), "\n"), out.String())
			p.end()
			before, after, _ := strings.Cut(out.String()[strings.LastIndex(strings.TrimRight(out.String(), "\r "), "\r")+1:],
				"\r")
			expect.Equal(t, "what it drew is wiped", len(strings.TrimSpace(after)), 0)
			expect.That(t, "after it was drawn", strings.Contains(before, "two") || before == "", out.String())
		})
	}
	for _, of := range []int64{0, 2_000_000} {
		t.Run(fmt.Sprint("what is drawn fits into a line, to an end of ", of), func(t *testing.T) {
			t.Parallel()
			p, out, pass := slow(true)
			for done := range int64(40) {
				pass(17 * time.Minute)
				p.at(done*50_000, of, "2000000 discounts, 1000000 members, 会員を確認しています, 123456 restored, 7 right already")
			}
			for _, drawn := range strings.Split(out.String(), "\r") {
				expect.That(t, "no wider than a terminal", wide(strings.TrimRight(drawn, " ")) < usualColumns, drawn)
			}
			p.end()
		})
	}
	expect.Equal(t, "what fits", fit("あいう", 5)+fit("abc", 3)+fit("abc", 2)+fit("abc", -1), "あい"+"abc"+"ab")
}
