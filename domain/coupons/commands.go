package coupons

import (
	"time"

	"pointbridge/domain"
)

// Conversion asks for points to become a coupon.
type Conversion struct {
	Caller     domain.Caller
	CustomerID string
	Points     int64
	// Key is the caller's idempotency key; required.
	Key string
}

// Result is the answer to a conversion.
type Result struct {
	// Coupon as the first answer showed it: active when Done, pending when not.
	Coupon domain.Coupon
	// Done tells a finished coupon (201) from one on its way (202).
	Done bool
	// Replayed marks the repeated answer to a repeated request.
	Replayed bool
}

// Points is what a customer can spend, and under which rules.
type Points struct {
	CustomerID     string
	Balance        int64
	AsOf           time.Time
	Unit           int64
	Minimum        int64
	DailyLimit     int64
	DailyRemaining int64
	Rate           domain.Rate
	Currency       string
}

// Quote is the coupon that a conversion would make now; asking for one moves nothing.
type Quote struct {
	Points    int64
	Amount    domain.Money
	Rate      domain.Rate
	ExpiresAt time.Time
	Balance   int64
	AsOf      time.Time
}

// Link is what the POS tells of a member. Nil fields stay as they are; an empty text clears one.
type Link struct {
	Caller             domain.Caller
	CustomerID         string
	ShopifyCustomerGID *string
	Name               *string
	Email              *string
	Phone              *string
	Locale             *string
	Rank               *string
}
