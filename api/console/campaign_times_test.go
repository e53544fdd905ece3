package console

import (
	"net/url"
	"testing"
	"time"

	"pointbridge/api/pages"
	"pointbridge/test/expect"
)

// TestAMomentOfARepeatedHourStaysWhatItWas: where clocks are put back a field shows the same text for two moments. A form
// that is sent as it was shown means the one that is known; what was typed anew means the first.
func TestAMomentOfARepeatedHourStaysWhatItWas(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/New_York")
	expect.MustEqual(t, "err", err, nil)
	req := &request{Request: pages.Request{Base: &pages.Base{Shared: pages.Shared{Zone: zone}}}}
	first := time.Date(2026, 11, 1, 5, 30, 0, 0, time.UTC) // half past one in summer time
	for _, known := range []time.Time{first, first.Add(time.Hour), first.Add(time.Hour + time.Second), {}} {
		r := campaignReader{req, url.Values{"ends_at": {req.fieldTime(known)}}, fieldFaults{}}
		if got := r.time("ends_at", known); !got.Equal(known) {
			t.Errorf("%s was shown and sent back as %s", known.In(zone), got)
		}
	}
	typed := campaignReader{req, url.Values{"ends_at": {"2026-11-01T01:30"}}, fieldFaults{}}
	if got := typed.time("ends_at", first.Add(24*time.Hour)); !got.Equal(first) {
		t.Errorf("what was typed anew became %s", got)
	}
}
