package commands

import (
	"encoding/json"
	"fmt"
	"io"

	"pointbridge/app"
	"pointbridge/domain/books"
)

// booksPrinter writes what is found as it is found.
type booksPrinter interface {
	difference(d books.Difference)
	gap(g books.Gap)
	end(s books.Summary)
}

// booksText is for people: a line per difference and one for what to do about it.
type booksText struct{ w io.Writer }

func (p *booksText) difference(d books.Difference) {
	_, _ = fmt.Fprintf(p.w, "%s customer=%s%s%s: %s%s\n", d.Kind, d.CustomerID, named(" code=", d.Code),
		named(" reference=", d.Reference), d.Kind.Sentence(), named(" In figures: ", d.Detail))
	done := ""
	switch {
	case d.Repaired:
		done = " DONE"
	case d.Fault != nil:
		done = " FAILED: " + d.Fault.Error()
	}
	_, _ = fmt.Fprintf(p.w, "  repair: %s%s\n", d.Repair(), done)
}

func (p *booksText) gap(g books.Gap) {
	_, _ = fmt.Fprintf(p.w, "NOT COMPARED customer=%s: %s could not be asked: %s\n", g.CustomerID, g.Upstream, g.Cause)
}

func (p *booksText) end(s books.Summary) {
	_, _ = fmt.Fprintf(p.w, "Compared %d customers and %d coupons: %d differences, %d repaired; %d left out because they are moving.\n",
		s.Customers, s.Coupons, s.Differences(), s.Repaired, s.Moving)
	switch {
	case s.Incomplete() && s.Gaps == 0:
		_, _ = fmt.Fprintln(p.w, "INCOMPLETE: it did not come to its end.")
	case s.Incomplete():
		_, _ = fmt.Fprintf(p.w, "INCOMPLETE: %d things could not be compared.\n", s.Gaps)
	case s.Differences() == 0:
		_, _ = fmt.Fprintln(p.w, "The books agree.")
	}
}

func named(name, value string) string {
	if value == "" {
		return ""
	}
	return name + value
}

// booksJSON writes one document piece by piece.
type booksJSON struct {
	w     io.Writer
	begun bool
	gaps  []books.Gap
}

func (p *booksJSON) difference(d books.Difference) {
	line := struct {
		books.Difference
		Sentence string `json:"sentence"`
		Repair   string `json:"repair"`
		Safe     bool   `json:"safe"`
		Fault    string `json:"fault,omitempty"`
	}{Difference: d, Sentence: d.Kind.Sentence(), Repair: d.Repair(), Safe: d.Safe()}
	if d.Fault != nil {
		line.Fault = d.Fault.Error()
	}
	p.write(line)
}

func (p *booksJSON) write(value any) {
	lead := ",\n"
	if !p.begun {
		lead, p.begun = `{"differences": [`+"\n", true
	}
	raw, err := json.Marshal(value)
	if err != nil {
		raw = []byte("null")
	}
	_, _ = fmt.Fprintf(p.w, "%s%s", lead, raw)
}

func (p *booksJSON) gap(g books.Gap) {
	if len(p.gaps) < app.MostGaps {
		p.gaps = append(p.gaps, g)
	}
}

func (p *booksJSON) end(s books.Summary) {
	if !p.begun {
		_, _ = fmt.Fprint(p.w, `{"differences": [`)
	}
	gaps := p.gaps
	if gaps == nil {
		gaps = []books.Gap{}
	}
	rest, err := json.Marshal(struct {
		Gaps       []books.Gap   `json:"not_compared"`
		Summary    books.Summary `json:"summary"`
		Incomplete bool          `json:"incomplete"`
	}{gaps, s, s.Incomplete()})
	if err != nil {
		return
	}
	_, _ = fmt.Fprintf(p.w, "],\n%s\n", rest[1:])
}
