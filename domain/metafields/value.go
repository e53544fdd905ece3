package metafields

import (
	"encoding/json"
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
