package openings_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	. "pointbridge/domain/openings"
	"pointbridge/test/expect"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func limit(n int) *int { return &n }

func ends(in time.Duration) *time.Time {
	at := noon.Add(in)
	return &at
}

// TestWhatMakesACodeVulnerable: each fault by itself, and the codes that are harmless whatever they lack.
// covers: 001-48
func TestWhatMakesACodeVulnerable(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		code Code
		want []Fault
	}{
		"a member's own code":         {Code{EndsAt: ends(day), UsageLimit: limit(1), OncePerCustomer: true}, nil},
		"good once, for whoever":      {Code{EndsAt: ends(day), UsageLimit: limit(1), Everybody: true}, nil},
		"for a segment, without end":  {Code{}, []Fault{NoEnd}},
		"for ever and everybody":      {Code{Everybody: true, Combines: true}, []Fault{NoEnd, NoLimit, NotOnce, ForAnybody, CombinesAll}},
		"a flash sale":                {Code{EndsAt: ends(day), UsageLimit: limit(100), OncePerCustomer: true, Everybody: true}, []Fault{ForAnybody}},
		"ends in two years":           {Code{EndsAt: ends(700 * day), UsageLimit: limit(1), OncePerCustomer: true}, []Fault{LongEnd}},
		"far more uses than expected": {Code{EndsAt: ends(day), UsageLimit: limit(50_000), OncePerCustomer: true, Everybody: true, Uses: 10}, []Fault{ForAnybody, ManyLeft}},
	} {
		got := FaultsOf(c.code, noon)
		expect.That(t, name, slices.Equal(got, c.want), got, c.want)
	}
}

// pages is a shop with so many codes on each page.
type pages struct {
	list []Page
	fail error
	over func()
}

func (p *pages) ActiveCodes(ctx context.Context, after string) (Page, error) {
	if len(p.list) == 0 {
		return Page{}, p.fail
	}
	if p.over != nil && after != "" {
		p.over()
		return Page{}, ctx.Err()
	}
	page := p.list[0]
	p.list = p.list[1:]
	return page, nil
}

// TestAScanSaysHowFarItCame: it goes through all pages, names the gravest first, and a look that is cut off by its time
// is a part and says so. A shop that does not answer is no empty list.
func TestAScanSaysHowFarItCame(t *testing.T) {
	t.Parallel()
	shop := &pages{list: []Page{{Codes: []Code{{Title: "b", EndsAt: ends(time.Hour), UsageLimit: limit(2), OncePerCustomer: true,
		Everybody: true}}, Next: "2"}, {Codes: []Code{{Title: "a"}, {Title: "c", EndsAt: ends(time.Hour)}}}}}
	r, err := Scan(t.Context(), shop, noon)
	expect.MustThat(t, "the whole", err == nil && r.Seen == 3 && len(r.Findings) == 2 && !r.Cut, r.Seen, err)
	expect.Equal(t, "the gravest", r.Findings[0].Code.Title, "a")

	ctx, cancel := context.WithCancel(t.Context())
	part := &pages{list: []Page{{Codes: []Code{{}}, Next: "2"}, {}}, over: cancel}
	r, err = Scan(ctx, part, noon)
	expect.That(t, "a part", err == nil && r.Seen == 1 && r.Cut, r.Seen, err)

	_, err = Scan(t.Context(), &pages{fail: errors.New("no answer")}, noon)
	expect.That(t, "no answer is an error", err != nil)
}
