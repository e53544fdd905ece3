package decisions

import (
	"time"

	"pointbridge/domain/identity"
)

// Tally is how many decisions of a quarter of an hour are alike. Every zone's days begin at one, so tallies add up to
// the days of any.
type Tally struct {
	From     time.Time
	Outcome  Outcome
	Reason   Reason
	Enforced bool
	Verdict  Judgement
	Count    int64
}

// Figures are what decisions came to in a time.
type Figures struct {
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
	// Right are refused and flagged ones that a person called abuse, Wrong those that one called none, and Missed those
	// that passed and that a person called abuse.
	Right, Wrong, Missed int64
}

// Precision is the share of judged refusals and flags that were right, in thousandths; -1 where nothing was judged.
func (d DayFigures) Precision() int64 { return share(d.Right, d.Right+d.Wrong) }

// Recall is the share of abuse that was refused or flagged, in thousandths; -1 where nobody called anything abuse.
func (d DayFigures) Recall() int64 { return share(d.Right, d.Right+d.Missed) }

// Repeat is how often people came again.
type Repeat struct {
	Uses, Again int64
	// Cut tells that there were more uses than are looked at, and only the newest of them were.
	Cut bool
}

// Rate is the share in thousandths; -1 without any use.
func (r Repeat) Rate() int64 { return share(r.Again, r.Uses) }

func share(part, whole int64) int64 {
	if whole == 0 {
		return -1
	}
	return part * 1000 / whole
}

// add counts a tally.
func (d *DayFigures) add(t Tally) {
	d.Decided += t.Count
	stopped := t.Outcome != Allow
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
	case stopped && t.Verdict == Abuse:
		d.Right += t.Count
	case stopped && t.Verdict == NotAbuse:
		d.Wrong += t.Count
	case t.Verdict == Abuse:
		d.Missed += t.Count
	}
}

// FiguresOf adds tallies up by the days of a zone, from one day to another, both included.
func FiguresOf(tallies []Tally, from, to time.Time, zone *time.Location) Figures {
	var f Figures
	at := map[string]int{}
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		at[day.Format(time.DateOnly)] = len(f.Days)
		f.Days = append(f.Days, DayFigures{Date: day, ByReason: map[Reason]int64{}})
	}
	f.Total.ByReason = map[Reason]int64{}
	for _, t := range tallies {
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
