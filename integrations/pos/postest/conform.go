package postest

import (
	"net/http"
	"testing"

	"pointbridge/domain/poscheck"
)

func conforms(t *testing.T, open Open) {
	b := open.bed(t)
	start := b.Points(b.Member)
	report := b.suite(b.Member).Run(t.Context())
	for _, f := range report.Findings {
		t.Logf("%s: %s (%s) %v", f.Check, f.Verdict, f.Sentence.Text(), f.Err)
	}
	for _, c := range append(report.Broken(b.Capabilities), report.Open(b.Capabilities)...) {
		t.Errorf("%s is %s", c, report.Of(c).Verdict)
	}
	got, want := report.Capabilities(), b.Capabilities
	if got.Replay != want.Replay || got.Lookup != want.Lookup || got.GuardsBelowZero != want.GuardsBelowZero {
		t.Errorf("the suite finds %+v, promised is %+v", got, want)
	}
	if now := b.Points(b.Member); now != start || len(report.Owed) > 0 {
		t.Errorf("there were %d points and are %d; owed is said to be %v", start, now, report.Owed)
	}
}

func readsOnly(t *testing.T, open Open) {
	b := open.bed(t)
	moved := 0
	b.front.tell(func(_ int, r *http.Request) *fault {
		if b.Moves(r) {
			moved++
		}
		return nil
	})
	report := b.suite("").Run(t.Context())
	if got := report.Of(poscheck.UnknownMember); got.Verdict != poscheck.Held {
		t.Errorf("%s is %s: %v", got.Check, got.Verdict, got.Err)
	}
	if got := report.Of(poscheck.Deduct); got.Verdict != poscheck.NotAsked || moved > 0 {
		t.Errorf("%s is %s, and %d movements were asked for", got.Check, got.Verdict, moved)
	}
}

// breaksOff runs the suite once for every request that it makes, and spoils that one, or everything from there on.
func breaksOff(t *testing.T, open Open) {
	b := open.bed(t)
	b.suite(b.Member).Run(t.Context())
	requests := b.front.requests()
	if requests < 10 {
		t.Fatalf("the suite made %d requests", requests)
	}
	faults := []fault{
		{name: "is lost before the POS hears of it", answer: drop},
		{name: "is booked, and its answer is lost", booked: true, answer: drop},
		{name: "is booked, and answered with 500", booked: true,
			answer: says(http.StatusInternalServerError, jsonType, `{}`)},
	}
	for k := 1; k <= requests; k++ {
		for _, what := range faults {
			for _, forGood := range []bool{false, true} {
				b := open.bed(t)
				start := b.Points(b.Member)
				b.front.tell(func(n int, _ *http.Request) *fault {
					if n == k || forGood && n > k {
						return &what
					}
					return nil
				})
				report := b.suite(b.Member).Run(t.Context())
				if missing := start - b.Points(b.Member); !explains(report.Owed, missing) {
					t.Errorf("request %d %s (for good: %t): %d points are missing, and owed is said to be %+v", k, what.name,
						forGood, missing, report.Owed)
				}
			}
		}
	}
}

// explains reports whether what is surely owed, with some of what may be owed, comes to what is missing.
func explains(owed []poscheck.Owed, missing int64) bool {
	if len(owed) == 0 {
		return missing == 0
	}
	return explains(owed[1:], missing-owed[0].Points) || !owed[0].Sure && explains(owed[1:], missing)
}
