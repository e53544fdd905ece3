package console

import (
	"net/url"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reports"
)

// period is the days that an address asks for: by a word, by two dates, or all there are.
type period struct {
	// Range is the word; empty for all days.
	Range reports.Range
	// FromText and ToText are the dates as they were typed.
	FromText, ToText string
	// First and Last are the days; zero for all.
	First, Last time.Time
}

// allDays says that an address wants no days, where there would be some without a word.
const allDays = "all"

// readPeriod reads the days. What it does not understand it names: a report of other days than those that were asked
// for would be taken for them. usual is the range where nothing is said.
func readPeriod(values url.Values, today time.Time, usual reports.Range) (p period, wrong map[string]bool) {
	p = period{Range: reports.Range(values.Get("range")), FromText: values.Get("from"), ToText: values.Get("to")}
	wrong = map[string]bool{}
	switch {
	case p.FromText != "" || p.ToText != "":
		p.Range = reports.RangeCustom
		p.First, p.Last = readDay(p.FromText, "from", wrong), today
		if p.ToText != "" {
			p.Last = readDay(p.ToText, "to", wrong)
		}
		if len(wrong) == 0 && (p.First.After(p.Last) || p.Last.Sub(p.First) >= reports.MaxDays*24*time.Hour) {
			wrong["to"] = true
		}
	case p.Range == allDays:
		p.Range = ""
	case p.Range == "" && usual == "":
	default:
		if p.Range == "" {
			p.Range = usual
		}
		known := false
		if p.First, p.Last, known = p.Range.Days(today); !known {
			wrong["range"] = true
		}
	}
	return p, wrong
}

// firstYear is the earliest that a day of a report can be in.
const firstYear = 1970

func readDay(text, field string, wrong map[string]bool) time.Time {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < firstYear || day.Year() >= 9998 {
		wrong[field] = true
	}
	return day
}

// Any reports whether there are days, and not all.
func (p period) Any() bool { return p.Range != "" }

// set writes the days into an address.
func (p period) set(values url.Values) {
	if p.Range == reports.RangeCustom {
		values.Set("from", p.FromText)
		if p.ToText != "" {
			values.Set("to", p.ToText)
		}
		return
	}
	if p.Range != "" {
		values.Set("range", string(p.Range))
	}
}

// moments are the first moment of the days and the first one after them, by the shop's clocks; zero for all.
func (p period) moments(zone *time.Location) (from, to time.Time) {
	if !p.Any() {
		return from, to
	}
	return domain.StartOfDay(p.First, zone), domain.StartOfDay(p.Last.AddDate(0, 0, 1), zone)
}

// ranged are links to each range that a word says, made from an address without days.
func (p period) ranged(path string, values url.Values, all bool) []listChoice {
	var list []listChoice
	ranges := reports.Ranges()
	if all {
		ranges = slices.Concat([]reports.Range{""}, ranges)
	}
	for _, r := range ranges {
		to := url.Values{}
		for name, given := range values {
			if name != "range" && name != "from" && name != "to" {
				to[name] = given
			}
		}
		key := "range." + string(r)
		if r == "" {
			key = "range.all"
		}
		period{Range: r}.set(to)
		list = append(list, listChoice{Key: key, Address: addressOf(path, to), Here: p.Range == r})
	}
	return list
}

// addressOf is a path with what is asked for.
func addressOf(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// hiddenField is one field of a form that repeats what the address asks for.
type hiddenField struct{ Name, Value string }

// hidden are the fields that a form repeats, but for those that it asks for itself.
func hidden(values url.Values, but ...string) []hiddenField {
	var list []hiddenField
	for name, given := range values {
		if slices.Contains(but, name) {
			continue
		}
		for _, v := range given {
			list = append(list, hiddenField{name, v})
		}
	}
	slices.SortFunc(list, func(a, b hiddenField) int {
		if a.Name+a.Value < b.Name+b.Value {
			return -1
		}
		return 1
	})
	return list
}
