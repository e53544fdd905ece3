package decisions

import (
	"context"
	"time"
)

// Heard counts decisions that somebody judged.
type Heard struct {
	Outcome Outcome
	Is      Judgement
	Count   int
}

// Hearings counts verdicts.
type Hearings interface {
	// Heard counts the judged decisions of a campaign, or of all where it is empty, that were made since a moment.
	Heard(ctx context.Context, campaign string, since time.Time) ([]Heard, error)
}

// Figures say how good decisions are, against what people said of them. Precision is how many of the refused ones were
// abuse, Recall how much of the abuse was refused; each is nil where nothing of the kind was judged.
type Figures struct {
	Judged            int
	Precision, Recall *float64
}

// FiguresOf adds up.
func FiguresOf(heard []Heard) Figures {
	var f Figures
	var right, refused, abuse int
	for _, h := range heard {
		f.Judged += h.Count
		if h.Outcome == Refuse {
			refused += h.Count
		}
		if h.Is == Abuse {
			abuse += h.Count
		}
		if h.Outcome == Refuse && h.Is == Abuse {
			right += h.Count
		}
	}
	f.Precision, f.Recall = share(right, refused), share(right, abuse)
	return f
}

func share(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	s := float64(part) / float64(whole)
	return &s
}
