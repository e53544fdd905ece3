package reports

import (
	"errors"
	"time"

	"pointbridge/domain"
)

// MaxDays is the longest period of a report: a leap year.
const MaxDays = 366

// ErrPeriod says that a period ends before it begins, or is longer than MaxDays.
var ErrPeriod = errors.New("no period of at most 366 days")

const slotLength = 15 * time.Minute

// slotsOfDay is how many slots a day without a change of the clocks has.
const slotsOfDay = int64(24 * time.Hour / slotLength)

// SlotOf returns the slot of a moment.
func SlotOf(at time.Time) Slot { return Slot(at.Unix() / int64(slotLength/time.Second)) }

// Begins returns the first moment of the slot.
func (s Slot) Begins() time.Time { return time.Unix(int64(s)*int64(slotLength/time.Second), 0).UTC() }

// Stretch is a time in which a zone's clocks run evenly: slot + Shift, divided by 96, is the number of the day that the
// slot belongs to there. To is not part of it.
type Stretch struct {
	From, To Slot
	Shift    int64
}

// Day returns the number of the day of a slot in the stretch, counted from 1970-01-01.
func (s Stretch) Day(at Slot) int64 { return (int64(at) + s.Shift) / slotsOfDay }

// Whole returns the days that lie in the stretch from their beginning to their end, by their numbers; end is not part
// of them.
func (s Stretch) Whole() (first, end int64) {
	first, end = (int64(s.From)+s.Shift+slotsOfDay-1)/slotsOfDay, (int64(s.To)+s.Shift)/slotsOfDay
	return first, max(first, end)
}

// Begins returns the first slot of a day of the stretch's clocks.
func (s Stretch) Begins(day int64) Slot { return Slot(day*slotsOfDay - s.Shift) }

// Period is whole days of a zone, the last one included.
type Period struct {
	first, last time.Time // dates, at midnight UTC
	zone        *time.Location
}

// NewPeriod takes two dates; only their year, month and day count. Errors: ErrPeriod.
func NewPeriod(first, last time.Time, zone *time.Location) (Period, error) {
	p := Period{first: dateOf(first), last: dateOf(last), zone: zone}
	if days := p.days(); days < 1 || days > MaxDays || p.first.Year() < 1970 || p.last.Year() > 9998 {
		return Period{}, ErrPeriod
	}
	return p, nil
}

func dateOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func (p Period) days() int64 { return dayNumber(p.last) - dayNumber(p.first) + 1 }

func dayNumber(date time.Time) int64 { return date.Unix() / int64(24*time.Hour/time.Second) }

// begins returns the moment at which a date begins in the zone.
func (p Period) begins(date time.Time) time.Time {
	return domain.StartOfDay(date, p.zone)
}

// stretches cuts the period where the zone's clocks are put forward or back.
func (p Period) stretches() []Stretch {
	var list []Stretch
	at, end := p.begins(p.first), p.begins(p.last.AddDate(0, 0, 1))
	for at.Before(end) {
		until := end
		if change := domain.NextClockChange(at, p.zone); !change.IsZero() && change.Before(end) {
			until = change
		}
		_, offset := at.In(p.zone).Zone()
		list = append(list, Stretch{From: SlotOf(at), To: SlotOf(until),
			Shift: int64(offset) / int64(slotLength/time.Second)})
		at = until
	}
	return list
}
