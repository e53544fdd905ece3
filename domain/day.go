package domain

import "time"

// longestDay is more than any day has: the widest offsets from UTC are fourteen hours.
const longestDay = 30 * time.Hour

// StartOfDay returns the first moment, in UTC, at which the clocks of the zone show the date. Of the date only year,
// month and day count. Where clocks are put forward at midnight (Santiago, Cairo, Beirut, the Azores) the day begins
// with the first moment after the gap; time.Date would name an hour of the day before west of Greenwich.
func StartOfDay(date time.Time, zone *time.Location) time.Time {
	midnight := time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, time.UTC)
	last := midnight.Add(longestDay)
	for at := midnight.Add(-longestDay); at.Before(last); {
		_, offset := at.In(zone).Zone()
		until := NextClockChange(at, zone)
		start := midnight.Add(-time.Duration(offset) * time.Second)
		if start.Before(at) {
			return at.UTC() // midnight fell into the gap that ends here
		}
		if until.IsZero() || start.Before(until) {
			return start
		}
		at = until
	}
	return midnight
}

// unchangedLines is how many lines of a zone's table are looked at for a change; more than ever stood there without one.
const unchangedLines = 16

// NextClockChange returns the moment at which the zone's clocks change next; zero when they never do. A zone's table may
// go on to another line while its clocks show the same: Debian's tables end at the last second of 32 bits, in January
// 2038, and go by a rule from there. Such a line is no change.
func NextClockChange(at time.Time, zone *time.Location) time.Time {
	_, offset := at.In(zone).Zone()
	for range unchangedLines {
		if at = nextLine(at, zone); at.IsZero() {
			break
		}
		if _, next := at.In(zone).Zone(); next != offset {
			return at
		}
	}
	return time.Time{}
}

// nextLine returns where the next line of the zone's table begins; zero behind the last. On the last day of a leap year,
// where a zone goes by its rule and no longer by its table, time.ZoneBounds names the beginning of that very day (seen
// with Go 1.26): nothing changes on it, so the next look is a day later.
func nextLine(at time.Time, zone *time.Location) time.Time {
	_, next := at.In(zone).ZoneBounds()
	if !next.IsZero() && !next.After(at) {
		return at.Add(24 * time.Hour)
	}
	return next
}
