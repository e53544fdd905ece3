package orders

import (
	"time"

	"pointbridge/domain"
)

// Sighting is an order in which a code was seen.
type Sighting struct {
	Code      string
	OrderID   string
	OrderName string
	At        time.Time // when the order was placed
	// Uncounted says that Shopify counts no use of the code: it can still be spent, and is deactivated.
	Uncounted bool
}

// Sighting is the order that Shopify named, or an unnamed one when only the count tells of it.
func (u Usage) Sighting(c domain.Coupon, now time.Time) Sighting {
	seen := Sighting{Code: c.Code, At: now, Uncounted: u.Count == 0}
	if u.Order != nil {
		seen.OrderID, seen.OrderName, seen.At = u.Order.ID, u.Order.Name, u.Order.CreatedAt
	}
	return seen
}
