package metafields

import (
	"encoding/json"
	"math"
	"reflect"
	"time"

	"pointbridge/domain"
)

// Value is what a customer's metafield says when it lists these coupons at an instant. The zero time gives their
// stored statuses.
func Value(list []domain.Coupon, at time.Time) ([]byte, error) { return entriesOf(list, at) }

// Same reports whether a metafield says what these entries say: the shop may write JSON in another way than it was
// given. None at all says the same as an empty list.
func Same(value, entries []byte) bool {
	var have, want any
	if json.Unmarshal(entries, &want) != nil {
		return false
	}
	if list, ok := want.([]any); ok && len(list) == 0 && len(value) == 0 {
		return true
	}
	return json.Unmarshal(value, &have) == nil && reflect.DeepEqual(have, want)
}

// Shown is one coupon as a metafield lists it.
type Shown struct {
	Code   string
	Status domain.Status
	Points int64
	// Amount is what it takes off; a coupon of a part of the order has no amount, and Percent in basis points instead.
	Amount  domain.Money
	Percent int64
	// Campaign is the key of the campaign that the coupon is of; empty for a coupon of points.
	Campaign    string
	IssuedAt    time.Time
	ExpiresAt   time.Time
	UsedAt      *time.Time
	CancelledAt *time.Time
}

// Read reads the coupons that a metafield lists. One that was edited by hand may be no such list.
func Read(value []byte) ([]Shown, error) {
	if len(value) == 0 {
		return nil, nil
	}
	var entries []shown
	if err := json.Unmarshal(value, &entries); err != nil {
		return nil, err
	}
	list := make([]Shown, 0, len(entries))
	for _, e := range entries {
		list = append(list, Shown{Code: e.Code, Status: e.Status, Points: e.Points,
			Amount:  domain.Money{Minor: e.Amount, Currency: e.Currency},
			Percent: int64(math.Round(e.Percent * 100)), Campaign: e.Campaign,
			IssuedAt: e.IssuedAt.UTC(), ExpiresAt: e.ExpiresAt.UTC(), UsedAt: e.UsedAt, CancelledAt: e.CancelledAt})
	}
	return list, nil
}
