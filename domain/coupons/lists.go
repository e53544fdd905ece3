package coupons

import (
	"time"

	"pointbridge/domain"
)

// CountedMatches is how many coupons a text may find for the matches to be counted.
const CountedMatches = 5000

// Sort is an order of the list. Coupons that are equal in it follow one another as they were issued.
type Sort string

// The orders.
const (
	SortNewest Sort = "newest"
	// SortEnd has those that end first at the top.
	SortEnd Sort = "end"
	// SortAmount has the largest at the top.
	SortAmount Sort = "amount"
)

// Sorts lists them.
func Sorts() []Sort { return []Sort{SortNewest, SortEnd, SortAmount} }

// Look chooses one page of the list.
type Look struct {
	// Statuses are true ones at Now; none means all.
	Statuses []domain.Status
	// Text is a customer's whole id, which finds that customer's coupons and nothing else, or a part of an id or of a code.
	Text string
	Sort Sort
	Now  time.Time
	// From is the coupon that the page begins after; nil for the first page.
	From *Mark
	// Back asks for the page before From.
	Back  bool
	Limit int
}

// Mark is a coupon's place in the list, in any order of it.
type Mark struct {
	ID    int64
	Ends  time.Time
	Minor int64
}

// MarkOf is the place of a coupon.
func MarkOf(c domain.Coupon) Mark { return Mark{ID: c.ID, Ends: c.ExpiresAt, Minor: c.Amount.Minor} }

// Found is one page.
type Found struct {
	Coupons []domain.Coupon
	// More tells whether there is another page in the direction that was asked for.
	More bool
	// Names are the customers' names by id.
	Names map[string]string
}

// Member is a customer and how far their metafield has come.
type Member struct {
	domain.Customer
	// Behind tells that the shop does not show the newest state yet; ChangedAt is since when there is something to show.
	Behind    bool
	ChangedAt *time.Time
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
