// Package listing finds coupons for people and programs, and puts them in an order, a page at a time.
package listing

import (
	"context"
	"slices"
	"time"

	"pointbridge/domain"
)

// Coupons reads lists of coupons.
type Coupons interface {
	// List returns the first coupons of a filter, Filter.Limit at most.
	List(ctx context.Context, f Filter) ([]domain.Coupon, error)
}

// Around reads what stands around a list.
type Around interface {
	// Counts returns how many coupons there are in each true status at the filter's Now: of one customer, of those that
	// its Text finds, or of all. It gives nil for a text that finds more than CountedMatches: that figure would cost
	// more than it tells.
	Counts(ctx context.Context, f Filter) (map[domain.Status]int64, error)
	// Newest returns the coupon that was issued last of each of some customers who have one.
	Newest(ctx context.Context, customers []string) (map[string]domain.Coupon, error)
	// Chain lists the coupons of a chain of reissues, oldest first. A coupon that was never reissued is a chain of one.
	Chain(ctx context.Context, code string) ([]ChainLink, error)
}

// Service lists coupons.
type Service struct {
	Coupons Coupons
	Around
}

// Page is one page of a list.
type Page struct {
	Coupons []domain.Coupon
	// More reports whether another page follows.
	More bool
}

// Page reads Filter.Limit coupons of the filter's status, or of any of the given ones where there are some.
func (s Service) Page(ctx context.Context, f Filter, statuses ...domain.Status) (Page, error) {
	if len(statuses) == 0 {
		statuses = []domain.Status{f.Status}
	}
	length := f.Limit
	f.Limit++ // one more than asked for tells whether there is a next page
	var page Page
	for _, f.Status = range statuses {
		list, err := s.Coupons.List(ctx, f)
		if err != nil {
			return Page{}, err
		}
		page.Coupons = append(page.Coupons, list...)
	}
	if len(statuses) > 1 {
		slices.SortFunc(page.Coupons, f.Sort.compare)
	}
	if page.More = len(page.Coupons) > length; page.More {
		page.Coupons = page.Coupons[:length]
	}
	return page, nil
}

// CountedMatches is how many coupons a text may find for the matches to be counted.
const CountedMatches = 5000

// Filter chooses coupons for a list. Empty fields do not filter.
type Filter struct {
	Status     domain.Status // the true status at Now: an ended active coupon lists as expired
	CustomerID string
	// Code is a whole code, the beginning of one, or its drawn part or the beginning of that, compared without case.
	Code string
	// Text is what somebody typed into the one box there is; see SearchText.
	Text string
	// Family is what the codes of a campaign begin with, and no other campaign's do.
	Family        string
	ExpiresBefore time.Time
	// Within keeps coupons by when something became of them.
	Within Within
	// By and Reason keep refunds: whose they are, as Caller.ID, and what for. They go with Within.Cancelled.
	By, Reason string
	// Made keeps what became a coupon: a conversion that came to nothing is none.
	Made bool
	Now  time.Time
	// Sort is the order; After continues a list behind the place of its last coupon.
	Sort  Sort
	After Place
	// Before continues a list that is sorted by its newest: only coupons with a smaller id. It is the same as After.
	Before int64
	Limit  int
	// Visible keeps only what a customer may see (no pending and no failed coupons).
	Visible bool
}

// Moment is what became of a coupon at some time.
type Moment string

// The moments.
const (
	Issued    Moment = "issued"
	Cancelled Moment = "cancelled" // its points are back
)

// Within is a time in which a moment lies, To not being part of it; a zero From or To is no bound. The zero value keeps
// every coupon.
type Within struct {
	Moment   Moment
	From, To time.Time
}

// Holds reports whether a coupon's moment lies in the time.
func (w Within) Holds(c domain.Coupon) bool {
	at := c.CreatedAt
	if w.Moment == Cancelled {
		if c.CancelledAt == nil {
			return false
		}
		at = *c.CancelledAt
	}
	return w.Moment == "" || !at.Before(w.From) && (w.To.IsZero() || at.Before(w.To))
}

// ChainLink is one coupon of a chain of reissues.
type ChainLink struct {
	Code      string
	Status    domain.Status // as stored; see At
	ExpiresAt time.Time
	CreatedAt time.Time
}

// At is the true status at an instant.
func (l ChainLink) At(now time.Time) domain.Status {
	return domain.Coupon{Status: l.Status, ExpiresAt: l.ExpiresAt}.StatusAt(now)
}
