// Package doctor asks everything that a service depends on before customers do: a list of checks, each with what it
// needs, a bound of its own, and an outcome that is good only where somebody gave a good answer.
package doctor

import (
	"context"
	"errors"
	"slices"
	"time"

	"pointbridge/domain"
)

// Outcome is what a check came to.
type Outcome string

// The outcomes. Unknown means that the question was put and not answered, NotAsked that it was not put at all; neither
// is a good answer.
const (
	OK       Outcome = "ok"
	Warning  Outcome = "warning"
	Fault    Outcome = "fault"
	Unknown  Outcome = "unknown"
	NotAsked Outcome = "not_asked"
)

// Outcomes lists them all.
func Outcomes() []Outcome { return []Outcome{OK, Warning, Fault, Unknown, NotAsked} }

// Finding is the sentence that a check came to, and the figures in it. The sentence fixes the outcome.
type Finding struct {
	Sentence Sentence
	Figures  map[string]any
	// Cause is what was said by whoever was asked, for the log; it never holds a secret.
	Cause error
}

// Outcome is what the sentence means.
func (f Finding) Outcome() Outcome {
	if outcome, ok := sentences[f.Sentence]; ok {
		return outcome
	}
	return Unknown
}

// Say makes a finding; figures are names and values by turns.
func Say(s Sentence, figures ...any) Finding {
	f := Finding{Sentence: s}
	for i := 0; i+1 < len(figures); i += 2 {
		if f.Figures == nil {
			f.Figures = map[string]any{}
		}
		name, _ := figures[i].(string)
		f.Figures[name] = figures[i+1]
	}
	return f
}

// Because adds what was said by whoever was asked.
func (f Finding) Because(err error) Finding {
	f.Cause = err
	return f
}

// Check is one thing that is asked.
type Check struct {
	Name Name
	// Needs are checks before it without whose good answer this one cannot be put.
	Needs []Name
	// Ready is what /readyz calls it; empty for what is not asked there.
	Ready string
	// Limit bounds the question.
	Limit time.Duration
	// Settings are the faults of the settings that it takes; with any of them it is not asked.
	Settings []string
	Ask      func(ctx context.Context) Finding
}

// Line is what a check came to.
type Line struct {
	Name Name
	Finding
}

// Report is everything that was asked, in order.
type Report []Line

// Healthy reports whether nothing is at fault, and nothing that was asked went without an answer.
func (r Report) Healthy() bool { return len(r.Bad()) == 0 }

// Bad returns the lines that somebody has to do something about: what is at fault, and what was asked in vain.
func (r Report) Bad() (list []Line) {
	for _, l := range r {
		if l.Outcome() == Fault || l.Outcome() == Unknown {
			list = append(list, l)
		}
	}
	return list
}

// Of returns the line of a check.
func (r Report) Of(n Name) (Line, bool) {
	i := slices.IndexFunc(r, func(l Line) bool { return l.Name == n })
	if i < 0 {
		return Line{}, false
	}
	return r[i], true
}

// Run asks one check after the other, and tells of each as soon as it is answered.
func Run(ctx context.Context, checks []Check, tell func(Line)) Report {
	var r Report
	for _, c := range checks {
		line := Line{Name: c.Name, Finding: r.ask(ctx, c)}
		r = append(r, line)
		tell(line)
	}
	return r
}

func (r Report) ask(ctx context.Context, c Check) Finding {
	for _, name := range c.Needs {
		if l, asked := r.Of(name); !asked || l.Outcome() != OK && l.Outcome() != Warning {
			return Say(NeedsAnother, "check", name)
		}
	}
	if len(c.Settings) > 0 {
		return Say(SettingsMissing, "faults", c.Settings)
	}
	return c.Bounded(ctx)
}

// Bounded asks within the check's own bound. Whoever does not keep to it is left behind, without an answer.
func (c Check) Bounded(ctx context.Context) Finding {
	ctx, cancel := context.WithTimeout(ctx, c.Limit)
	defer cancel()
	answer := make(chan Finding, 1)
	go func() { answer <- c.Ask(ctx) }()
	select {
	case f := <-answer:
		return f
	case <-ctx.Done():
	}
	select { // an answer that came with the bound is one
	case f := <-answer:
		return f
	default:
		return Say(NoAnswer, "seconds", int64(c.Limit/time.Second)).Because(ctx.Err())
	}
}

// Failed says what an error means that a question ended in: refused is the sentence for an answer that says no to our credentials.
func Failed(err error, refused Sentence, limit time.Duration) Finding {
	switch {
	case domain.KindOf(err) == domain.KindAuth:
		return Say(refused).Because(err)
	case errors.Is(err, context.DeadlineExceeded):
		return Say(NoAnswer, "seconds", int64(limit/time.Second)).Because(err)
	}
	return Say(NotTold, "cause", causeOf(err)).Because(err)
}

// causeOf is the machine's word for what went wrong: an error's own text may name what does not belong on a screen.
func causeOf(err error) string {
	if reason := domain.ReasonOf(err); reason != "" {
		return reason
	}
	return string(domain.KindOf(err))
}

// Skewed says how far another clock is off. One second is what a Date header leaves out.
func Skewed(off time.Duration) Finding {
	off = off.Abs().Round(time.Second)
	switch seconds := int64(off / time.Second); {
	case off > farOff:
		return Say(ClockFar, "seconds", seconds)
	case off > aBitOff:
		return Say(ClockOff, "seconds", seconds)
	default:
		return Say(ClockGood, "seconds", seconds)
	}
}

// Tokens of a customer's session live a minute, and codes end by the second.
const aBitOff, farOff = 5 * time.Second, 30 * time.Second
