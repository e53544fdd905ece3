package decisions

import (
	"time"

	"pointbridge/domain/identity"
)

// Rollup is how many decisions of a quarter of an hour are alike. Every zone's days begin at one, so rollups add up to
// the days of any.
type Rollup struct {
	From     time.Time
	Outcome  Outcome
	Reason   Reason
	Enforced bool
	Verdict  Judgement
	Count    int64
}

// Report is what decisions came to in a time.
type Report struct {
	Days  []DayFigures
	Total DayFigures
	// Repeat is how many of the uses were a person's second or later one.
	Repeat Repeat
}

// DayFigures are those of a day.
type DayFigures struct {
	Date time.Time
	// Refused and Flagged are what decisions came to, and Enforced those of the refusals that were acted on: the others
	// were made in shadow.
	Decided, Refused, Enforced, Flagged int64
	ByReason                            map[Reason]int64
	// Right are refused ones that a person called abuse, Wrong those that one called none, and Missed those that were not
	// refused and that a person called abuse.
	Right, Wrong, Missed int64
}

// Verdicts say how good the decisions were.
func (d DayFigures) Verdicts() Figures {
	return FiguresOf([]Heard{{Refuse, Abuse, int(d.Right)}, {Refuse, NotAbuse, int(d.Wrong)},
		{Allow, Abuse, int(d.Missed)}})
}

// Repeat is how often people came again.
type Repeat struct {
	Uses, Again int64
	// Cut tells that there were more uses than are looked at, and only the newest of them were.
	Cut bool
}

// Rate is the share; nil without any use.
func (r Repeat) Rate() *float64 { return share(int(r.Again), int(r.Uses)) }

// add counts a rollup.
func (d *DayFigures) add(t Rollup) {
	d.Decided += t.Count
	switch t.Outcome {
	case Refuse:
		d.Refused += t.Count
		if t.Enforced {
			d.Enforced += t.Count
		}
		if d.ByReason == nil {
			d.ByReason = map[Reason]int64{}
		}
		d.ByReason[t.Reason] += t.Count
	case AllowFlagged:
		d.Flagged += t.Count
	case Allow:
	}
	switch {
	case t.Outcome == Refuse && t.Verdict == Abuse:
		d.Right += t.Count
	case t.Outcome == Refuse && t.Verdict == NotAbuse:
		d.Wrong += t.Count
	case t.Verdict == Abuse:
		d.Missed += t.Count
	}
}

// ReportOf adds rollups up by the days of a zone, from one day to another, both included.
func ReportOf(rollups []Rollup, from, to time.Time, zone *time.Location) Report {
	var f Report
	at := map[string]int{}
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		at[day.Format(time.DateOnly)] = len(f.Days)
		f.Days = append(f.Days, DayFigures{Date: day, ByReason: map[Reason]int64{}})
	}
	f.Total.ByReason = map[Reason]int64{}
	for _, t := range rollups {
		i, inside := at[t.From.In(zone).Format(time.DateOnly)]
		if inside {
			f.Days[i].add(t)
			f.Total.add(t)
		}
	}
	return f
}

// MostRepeatUses is how many uses the share of repeat users is worked out from.
const MostRepeatUses = 50_000

// RepeatOf tells how many uses of one campaign were by somebody who had used it before, under a policy. The prints are
// brought under the newest key first.
func RepeatOf(prints []identity.Print, p Policy) Repeat {
	r := Repeat{Uses: int64(len(prints))}
	if r.Cut = len(prints) > MostRepeatUses; r.Cut {
		prints, r.Uses = prints[:MostRepeatUses], MostRepeatUses
	}
	p = p.Settled()
	for _, c := range identity.Clusters(prints, identity.Rule{Kinds: p.Signals, Threshold: p.Threshold, Alone: p.Alone}) {
		r.Again += int64(len(c.Members) - 1)
	}
	return r
}
