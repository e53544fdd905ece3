package decisions_test

import (
	"context"
	"testing"
	"time"

	"pointbridge/domain"
	. "pointbridge/domain/decisions"
	"pointbridge/test/expect"
)

// hours are refusals by the hour before the end of the last whole one: 0 is that hour.
type hours struct {
	refused map[int]int64
	leaked  map[int]int64
	end     time.Time
	have    map[string]string
	written []domain.AuditEntry
	alerts  []string
}

func (h *hours) Rollups(_ context.Context, _ string, from, to time.Time) (list []Rollup, _ error) {
	add := func(of map[int]int64, reason Reason) {
		for ago, n := range of {
			at := h.end.Add(-time.Duration(ago+1) * time.Hour)
			if !at.Before(from) && at.Before(to) {
				list = append(list, Rollup{From: at, Outcome: Refuse, Reason: reason, Count: n},
					Rollup{From: at, Outcome: Allow, Count: 1000})
			}
		}
	}
	add(h.refused, ReasonAlreadyUsed)
	add(h.leaked, ReasonNotYourCode)
	return list, nil
}

func (h *hours) Remember(_ context.Context, _ time.Time, values map[string]string,
	compare func(map[string]string) []domain.AuditEntry) error {
	h.written = append(h.written, compare(h.have)...)
	for name, value := range values {
		h.have[name] = value
	}
	return nil
}

// TestAnUnusualHourIsToldOnce: more refusals than three times the usual, and never for a handful; tries of other
// people's codes; both with a line in the record, and once however often and from wherever it is looked at.
// covers: 001-20, 001-36
func TestAnUnusualHourIsToldOnce(t *testing.T) {
	t.Parallel()
	steady := map[int]int64{0: 30}
	for ago := 1; ago <= 168; ago++ {
		steady[ago] = 10
	}
	under := map[int]int64{0: 29}
	for ago := 1; ago <= 168; ago++ {
		under[ago] = 10
	}
	for name, c := range map[string]struct {
		refused, leaked map[int]int64
		want            []string
	}{
		"nothing":                      {nil, nil, nil},
		"a handful on a quiet week":    {map[int]int64{0: 9}, nil, nil},
		"enough on a quiet week":       {map[int]int64{0: 10}, nil, []string{"refusals"}},
		"three times the usual":        {steady, nil, []string{"refusals"}},
		"a little less":                {under, nil, nil},
		"the hour before":              {map[int]int64{1: 500}, nil, nil},
		"two slips":                    {nil, map[int]int64{0: 2}, nil},
		"somebody else's codes":        {nil, map[int]int64{0: 3}, []string{"leaked_codes"}},
		"many of somebody else's":      {nil, map[int]int64{0: 10}, []string{"leaked_codes", "refusals"}},
		"somebody else's codes before": {nil, map[int]int64{5: 3}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			end := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
			h := &hours{refused: c.refused, leaked: c.leaked, end: end, have: map[string]string{}}
			u := Unusual{Rollups: h, Settings: h, Least: 10, Now: func() time.Time { return end.Add(20 * time.Minute) },
				Alert: func(kind string) { h.alerts = append(h.alerts, kind) }}
			for range 3 {
				expect.MustThat(t, "looked", u.Look(t.Context()) == nil)
			}
			expect.Equal(t, "alerts", len(h.alerts), len(c.want), h.alerts)
			for i, kind := range c.want {
				expect.Equal(t, "alert", h.alerts[i], kind)
			}
			expect.Equal(t, "lines of the record", len(h.written), len(c.want))
			u.Least, h.have, h.alerts = 0, map[string]string{}, nil
			expect.That(t, "it can be switched off", u.Look(t.Context()) == nil && len(h.alerts) == 0, h.alerts)
		})
	}
}
