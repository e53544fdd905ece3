package console

import (
	"math"
	"strconv"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

// TestDeskWords: what the pages name by a machine's word is said, in each language.
func TestDeskWords(t *testing.T) {
	t.Parallel()
	con := newConsole(t)
	var keys []string
	for _, kind := range reviews.Kinds() {
		keys = append(keys, "review.kind."+string(kind), "review.happened."+string(kind))
		if len(kind.Outcomes()) == 0 {
			t.Errorf("nothing can be decided of %s", kind)
		}
		for _, outcome := range kind.Outcomes() {
			keys = append(keys, "outcome."+string(outcome), "outcome."+string(outcome)+".what", "decided."+
				string(outcome))
		}
	}
	for _, reason := range reviews.Reasons() {
		keys = append(keys, "review.reason."+reason)
	}
	for _, payment := range domain.Payments() {
		keys = append(keys, "payment."+string(payment))
	}
	for _, why := range []string{reviews.ReasonUnreadable, reviews.LookSecondOrder, reviews.LookOtherCustomer,
		reviews.LookNoCustomer} {
		keys = append(keys, "review.happened."+why)
	}
	for _, signal := range reviews.Signals() {
		keys = append(keys, "review.signal."+string(signal))
	}
	for _, by := range []reviews.MatchedBy{reviews.MatchedMember, reviews.MatchedEmail, reviews.MatchedPhone} {
		keys = append(keys, "review.matched."+string(by))
	}
	for _, kind := range drawn {
		keys = append(keys, "dashboard."+string(kind))
	}
	for _, kind := range books.Kinds() {
		keys = append(keys, "books."+string(kind))
	}
	for _, role := range domain.Roles() {
		keys = append(keys, "role."+string(role))
	}
	for action := range eventFigures {
		keys = append(keys, eventKey(action))
	}
	for _, way := range []string{"storefront", "extension"} {
		keys = append(keys, "event.by_"+way)
	}
	for _, field := range []string{"email", "name", "role", "customer_id", "path.id"} {
		keys = append(keys, "staff.field."+field)
	}
	for _, kind := range []string{"password", "token", "key"} {
		keys = append(keys, "secret."+kind)
	}
	for _, outcome := range []string{domain.OutcomeDone, domain.OutcomeRefused, domain.OutcomeUnknown} {
		keys = append(keys, "audit.outcome."+outcome)
	}
	for _, key := range keys {
		if !con.deps.Words.Knows(key) {
			t.Errorf("nothing is said for %s", key)
		}
	}
}

// TestChart: bars are as high as what they count, below the upper line, side by side within the picture.
func TestChart(t *testing.T) {
	t.Parallel()
	for _, counts := range [][]int64{nil, {0, 0, 0}, {1}, {3, 0, 7, 1}, {999999, 1, 500000}} {
		days := make([]time.Time, len(counts))
		sum := int64(0)
		for i, n := range counts {
			days[i], sum = time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC), sum+n
		}
		c := newChart("issued", days, counts)
		expect.Equal(t, "c.Total", c.Total, sum)
		expect.MustEqual(t, "len(c.Bars)", len(c.Bars), len(counts))
		expect.That(t, "c.Top >= c.Most", c.Top >= c.Most, c.Top, c.Most)
		expect.That(t, "c.Top >= 1", c.Top >= 1, c.Top)
		expect.That(t, "c.Middle == 0 || 2*c.Middle == c.Top", c.Middle == 0 || 2*c.Middle == c.Top, c.Middle,
			2*c.Middle, c.Top)
		right := 0.0
		for i, b := range c.Bars {
			x, width, y, height := unit(t, b.X), unit(t, b.Width), unit(t, b.Y), unit(t, b.Height)
			want := float64(chartBottom-chartTop) * float64(counts[i]) / float64(c.Top)
			if math.Abs(height-want) > 0.01 || math.Abs(y+height-chartBottom) > 0.011 || y < chartTop-0.01 ||
				x < right || x+width > chartWidth || x < chartLeft {
				t.Errorf("%v, bar %d: %+v, want a height of %f", counts, i, b, want)
			}
			right = x + width
		}
	}
	for most, top := range map[int64]int64{0: 1, 1: 1, 2: 2, 3: 4, 5: 5, 6: 10, 11: 20, 45: 50, 51: 100, 4001: 5000} {
		if got := roundTop(most); got != top {
			t.Errorf("above %d the line is at %d, not %d", most, got, top)
		}
	}
	if share(1, 4) != "25.00" || share(0, 4) != "0" || share(1, 0) != "0" {
		t.Error("shares")
	}
}

func unit(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
