package coupons

import (
	"time"

	"pointbridge/domain"
)

// MetafieldValue is what a customer's metafield says when it lists these coupons at an instant. The zero time gives their
// stored statuses.
func MetafieldValue(list []domain.Coupon, at time.Time) ([]byte, error) { return entriesOf(list, at) }
