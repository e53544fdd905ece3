// Package openings looks through a shop's active discount codes for those that anybody could use without end: by which
// a discount that was meant for a few becomes one for all.
package openings

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Code is an active discount of the shop, made by whomever, with the first of its codes.
type Code struct {
	ID, Title, Code string
	// Codes is how many texts the discount has; 0 where the shop does not say.
	Codes int
	// EndsAt is nil for a discount without an end, UsageLimit nil for one without a limit.
	EndsAt          *time.Time
	UsageLimit      *int
	OncePerCustomer bool
	// Everybody tells that it is good for whoever types it: neither customers, nor segments, nor markets are named.
	Everybody bool
	// Combines tells that it may stand beside another discount of some class in one order.
	Combines bool
	Uses     int
}

// Fault is a word for what a code has that lets it be used more than it was meant to. The words are part of the API.
type Fault string

// The faults, the gravest first.
const (
	NoEnd       Fault = "no_end"           // it is good for ever
	NoLimit     Fault = "no_limit"         // any number of orders can use it
	NotOnce     Fault = "not_once_each"    // one customer can use it again and again
	ForAnybody  Fault = "for_anybody"      // it works for whoever finds it
	CombinesAll Fault = "combines"         // it comes on top of other discounts
	LongEnd     Fault = "end_is_far_away"  // it ends, in more than a year
	ManyLeft    Fault = "many_uses_remain" // it has a limit that a leak would reach at great cost
)

// Faults lists them, the gravest first.
func Faults() []Fault {
	return []Fault{NoEnd, NoLimit, NotOnce, ForAnybody, CombinesAll, LongEnd, ManyLeft}
}

const (
	farAway  = 366 * 24 * time.Hour
	manyUses = 10_000
)

// FaultsOf names what is wrong with a code at a moment. A code that is good once, or for named customers alone, is
// harmless in anybody else's hands whatever else it is.
func FaultsOf(c Code, now time.Time) []Fault {
	var list []Fault
	add := func(wrong bool, f Fault) {
		if wrong {
			list = append(list, f)
		}
	}
	open := c.Everybody && (c.UsageLimit == nil || *c.UsageLimit > 1)
	add(c.EndsAt == nil, NoEnd)
	add(open && c.UsageLimit == nil, NoLimit)
	add(open && !c.OncePerCustomer, NotOnce)
	add(open, ForAnybody)
	add(open && c.Combines, CombinesAll)
	add(c.EndsAt != nil && c.EndsAt.Sub(now) > farAway, LongEnd)
	add(open && c.UsageLimit != nil && *c.UsageLimit-c.Uses > manyUses, ManyLeft)
	return list
}

// Finding is a code with what is wrong with it.
type Finding struct {
	Code   Code
	Faults []Fault
}

// Page is a part of the shop's active codes; Next is empty at the end.
type Page struct {
	Codes []Code
	Next  string
}

// Shop lists its active codes. Errors: a *domain.UpstreamError.
type Shop interface {
	ActiveCodes(ctx context.Context, after string) (Page, error)
}

// Report is what a look found, the gravest first.
type Report struct {
	At       time.Time
	Seen     int
	Findings []Finding
	// Cut tells that there are more active codes than one look goes through.
	Cut bool
}

// MostSeen bounds a look. Personal codes are many and harmless, so they are looked through as well; a shop with more
// than these is told so.
const MostSeen = 5_000

// Scan reads the shop's active codes and changes nothing. What was seen when the time of ctx is over is the report.
func Scan(ctx context.Context, shop Shop, now time.Time) (Report, error) {
	r := Report{At: now, Findings: []Finding{}}
	for after := ""; ; {
		page, err := shop.ActiveCodes(ctx, after)
		if err != nil && after != "" && ctx.Err() != nil {
			r.Cut = true
			break
		}
		if err != nil {
			return Report{}, err
		}
		for _, c := range page.Codes {
			r.Seen++
			if faults := FaultsOf(c, now); len(faults) > 0 {
				r.Findings = append(r.Findings, Finding{c, faults})
			}
		}
		after = page.Next
		if r.Cut = after != "" && r.Seen >= MostSeen; after == "" || r.Cut {
			break
		}
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(slices.Index(Faults(), a.Faults[0])-slices.Index(Faults(), b.Faults[0]),
			len(b.Faults)-len(a.Faults), cmp.Compare(a.Code.Title, b.Code.Title))
	})
	return r, nil
}
