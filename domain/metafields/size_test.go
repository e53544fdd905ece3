package metafields

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pointbridge/domain"
)

// TestTheMetafieldCanBeRead by a Function, which gets nothing of one of more than 10,000 bytes: the newest entries that
// fit are in it, and nothing of the rest.
func TestTheMetafieldCanBeRead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	var list []domain.Coupon
	for i := range 50 {
		used := now.Add(-time.Hour)
		list = append(list, domain.Coupon{Code: fmt.Sprintf("70934-AB72CD-%d", 1_000_000_000-i), Status: domain.Used,
			Points: 1_000_000_000, Amount: domain.Money{Minor: 1_000_000_000, Currency: "JPY"}, CreatedAt: now,
			ExpiresAt: now, UsedAt: &used, CancelledAt: &used})
	}
	for _, n := range []int{0, 1, 40, 50} {
		value, err := Value(list[:n], now)
		if err != nil {
			t.Fatal(err)
		}
		var entries []struct{ Code string }
		if err := json.Unmarshal(value, &entries); err != nil {
			t.Fatalf("%d coupons: %v", n, err)
		}
		if len(value) > 10_000 || n < 40 && len(entries) != n || n >= 40 && len(entries) < 30 {
			t.Errorf("%d coupons: %d entries in %d bytes", n, len(entries), len(value))
		}
		for i, e := range entries {
			if e.Code != list[i].Code {
				t.Errorf("%d coupons: entry %d is %s", n, i, e.Code)
			}
		}
	}
}
