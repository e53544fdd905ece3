package reports

import "time"

// Range is days that people ask for by a word, so that a link says the same tomorrow.
type Range string

// The ranges. All of them end today or before; Custom is two dates.
const (
	RangeToday     Range = "today"
	RangeYesterday Range = "yesterday"
	RangeWeek      Range = "7d"
	RangeWeeks     Range = "28d"
	RangeMonth     Range = "month"
	RangeLastMonth Range = "last_month"
	RangeCustom    Range = "custom"
)

// Ranges lists those that a word says, in their order on pages.
func Ranges() []Range {
	return []Range{RangeToday, RangeYesterday, RangeWeek, RangeWeeks, RangeMonth, RangeLastMonth}
}

// Days returns the first and the last day of a range, as it is on a day; false for one that no word says.
func (r Range) Days(today time.Time) (first, last time.Time, ok bool) {
	today = dateOf(today)
	month := time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC)
	switch r {
	case RangeToday:
		return today, today, true
	case RangeYesterday:
		return today.AddDate(0, 0, -1), today.AddDate(0, 0, -1), true
	case RangeWeek:
		return today.AddDate(0, 0, -6), today, true
	case RangeWeeks:
		return today.AddDate(0, 0, -27), today, true
	case RangeMonth:
		return month, today, true
	case RangeLastMonth:
		return month.AddDate(0, -1, 0), month.AddDate(0, 0, -1), true
	case RangeCustom:
	}
	return first, last, false
}

// Before is the time of the same number of days just before some days.
func Before(first, last time.Time) (time.Time, time.Time) {
	first, last = dateOf(first), dateOf(last)
	days := int(dayNumber(last)-dayNumber(first)) + 1
	return first.AddDate(0, 0, -days), first.AddDate(0, 0, -1)
}
