package coupons

import (
	"time"

	"pointbridge/domain"
)

// CountedMatches is how many coupons a text may find for the matches to be counted.
const CountedMatches = 5000

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
