package console

import (
	"strconv"
	"time"
)

// The measures of a chart, in the units of its picture: it is drawn once and scales with the page.
const (
	chartWidth  = 320
	chartHeight = 112
	chartLeft   = 30 // room for the figure of the upper line
	chartTop    = 10
	chartBottom = 92 // the line on which bars stand
)

// chart is how often something happened on each day, as bars.
type chart struct {
	// ID is unique on the page; Key is the kind, whose words stand at "dashboard." and it.
	ID, Key string
	Total   int64
	Points  int64
	Bars    []bar
	// Top is the figure of the upper line, Middle half of it; Middle is zero where it would be no whole number.
	Top, Middle         int64
	First, Last         time.Time
	Best                time.Time // the day with the most
	Most                int64
	TopY, MiddleY, Foot string
}

// bar is one day. Y and Height are zero-high for a day on which nothing happened.
type bar struct {
	Day                 time.Time
	Count               int64
	X, Y, Width, Height string
	// Hit is the day's whole strip, so that the value of a low bar can be hovered over as well.
	Hit string
}

// newChart draws the bars. Days come in order, one count for each.
func newChart(key string, days []time.Time, counts []int64) chart {
	c := chart{ID: "chart-" + key, Key: key, TopY: units(chartTop), MiddleY: units((chartTop + chartBottom) / 2),
		Foot: units(chartBottom), Top: 1}
	if len(days) == 0 {
		return c
	}
	c.First, c.Last = days[0], days[len(days)-1]
	for i, n := range counts {
		c.Total += n
		if n > c.Most {
			c.Most, c.Best = n, days[i]
		}
	}
	c.Top = roundTop(c.Most)
	if c.Top%2 == 0 {
		c.Middle = c.Top / 2
	}
	step := float64(chartWidth-chartLeft) / float64(len(days))
	for i, n := range counts {
		height := float64(chartBottom-chartTop) * float64(max(n, 0)) / float64(c.Top)
		c.Bars = append(c.Bars, bar{Day: days[i], Count: n, X: units(chartLeft + step*float64(i) + step*0.1),
			Width: units(step * 0.8),
			Y:     units(chartBottom - height), Height: units(height),
			Hit: "M" + units(chartLeft+step*float64(i)) + " " + units(chartTop) + "h" + units(step) + "V" + units(chartBottom) +
				"h-" + units(step) + "z"})
	}
	return c
}

// roundTop is the first of 1, 2, 4, 5, 10, 20, 40, 50, … that nothing is higher than.
func roundTop(most int64) int64 {
	for unit := int64(1); ; unit *= 10 {
		for _, n := range []int64{1, 2, 4, 5} {
			if most <= n*unit {
				return n * unit
			}
		}
	}
}

// share is a part of a whole as the width of a bar that is a hundred wide.
func share(part, whole int64) string {
	if whole <= 0 || part <= 0 {
		return "0"
	}
	return units(100 * float64(part) / float64(whole))
}

func units(n float64) string { return strconv.FormatFloat(n, 'f', 2, 64) }
