package commands

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/rivo/uniseg"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

const (
	// quietFor is how long a command says nothing of how far it is: most are over by then.
	quietFor = 2 * time.Second
	// lineEvery is the time between two lines where nobody looks at a terminal, such as in a log.
	lineEvery = 10 * time.Second
	// drawEvery is the time between two looks of a bar.
	drawEvery = 100 * time.Millisecond
	barWidth  = 30
	// besideBar is the room that the share and the times beside a bar take, besideSpinner that of what only moves.
	besideBar, besideSpinner = 32, 16
	// usualColumns is how wide a terminal is taken to be that does not say.
	usualColumns = 80
)

// progress tells how far a command has come: as a bar on a terminal, else as a line now and then. It belongs on the error
// output, so that the output holds what was asked for and nothing else.
type progress struct {
	out      io.Writer
	terminal bool
	// columns is how wide the terminal is.
	columns func() int
	now     func() time.Time
	began   time.Time
	told    time.Time
	bar     *progressbar.ProgressBar
	of      int64
}

func newProgress(out io.Writer) *progress {
	file, is := out.(*os.File)
	columns := func() int {
		if is {
			if wide, _, err := term.GetSize(int(file.Fd())); err == nil && wide > 0 {
				return wide
			}
		}
		return usualColumns
	}
	return &progress{out: out, terminal: is && term.IsTerminal(int(file.Fd())), columns: columns, now: time.Now,
		began: time.Now()}
}

// at tells that so many of so many are done, and what that is in words. of is zero where nobody knows how many there are.
func (p *progress) at(done, of int64, text string) {
	now, every := p.now(), lineEvery
	if p.terminal {
		every = drawEvery
	}
	if now.Sub(p.began) < quietFor || now.Sub(p.told) < every {
		return
	}
	p.told = now
	if p.terminal {
		p.draw(done, of, text)
		return
	}
	_, _ = fmt.Fprintln(p.out, text)
}

func (p *progress) draw(done, of int64, text string) {
	if of <= 0 {
		of = -1 // a bar without an end, which only shows that something moves
	}
	if p.bar == nil || of != p.of {
		p.end()
		p.of = of
		p.bar = progressbar.NewOptions64(of, progressbar.OptionSetWriter(p.out), progressbar.OptionSetWidth(barWidth),
			progressbar.OptionSetSpinnerChangeInterval(0), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetElapsedTime(true), progressbar.OptionSetPredictTime(of > 0))
	}
	room := p.columns() - besideSpinner
	if of > 0 {
		room = p.columns() - barWidth - besideBar
	}
	p.bar.Describe(fit(text, room))
	_ = p.bar.Set64(done) // a bar that cannot be drawn is no reason to stop
}

// fit shortens a text to so many columns: a bar that is wider than the terminal goes on in the next line, and leaves one
// behind each time it is drawn.
func fit(text string, columns int) string {
	rest, state := text, -1
	for rest != "" {
		var width int
		next := ""
		if _, next, width, state = uniseg.FirstGraphemeClusterInString(rest, state); width > columns {
			return text[:len(text)-len(rest)]
		}
		rest, columns = next, columns-width
	}
	return text
}

// passing tells how much of something has gone by, to whatever writes it; of is zero where nobody knows how much there is.
func (p *progress) passing(of int64, what string) io.Writer {
	return &passed{bar: p, of: of, what: what}
}

// reading tells how much of a file is read.
func (p *progress) reading(f *os.File, what string) io.Reader {
	of := int64(0)
	if info, err := f.Stat(); err == nil {
		of = info.Size()
	}
	return io.TeeReader(f, p.passing(of, what))
}

type passed struct {
	bar      *progress
	done, of int64
	what     string
}

// Write implements io.Writer.
func (p *passed) Write(b []byte) (int, error) {
	p.done += int64(len(b))
	p.bar.at(p.done, p.of, fmt.Sprintf("%d MiB %s", p.done>>20, p.what))
	return len(b), nil
}

// beside prints something else: the bar makes room for it, and stands below it when it is drawn again.
func (p *progress) beside(print func()) {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	print()
}

// end takes the bar away: what follows is what the command has found.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
