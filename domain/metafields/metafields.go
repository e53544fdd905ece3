// Package metafields shows a member's coupons in the shop: as one metafield of its customer, which the storefront
// reads.
package metafields

import (
	"encoding/json"
	"time"

	"pointbridge/domain"
)

// shown is one coupon as the storefront reads it. The names are part of the product's interface.
type shown struct {
	Code   string        `json:"code"`
	Status domain.Status `json:"status"`
	Points int64         `json:"points"`
	Amount int64         `json:"amount"`
	// Percent and Campaign stand there where they say something: of a coupon of points they do not.
	Percent     float64    `json:"percent,omitempty"`
	Campaign    string     `json:"campaign,omitempty"`
	Currency    string     `json:"currency"`
	IssuedAt    time.Time  `json:"issued_at"`
	ExpiresAt   time.Time  `json:"expires_at"`
	UsedAt      *time.Time `json:"used_at"`
	CancelledAt *time.Time `json:"cancelled_at"`
}

// maxMetafield is how many bytes a Function gets to read of a metafield: of a longer one it gets nothing at all
// (shopify.dev/docs/apps/build/functions/input-output/metafields-for-input-queries).
const maxMetafield = 10_000

// entriesOf lists the coupons in the order they are given, which is the newest first, as far as they fit.
func entriesOf(list []domain.Coupon, now time.Time) ([]byte, error) {
	value := []byte{'['}
	for _, c := range list {
		status := c.StatusAt(now).Public()
		if status == "" {
			continue
		}
		used := c.UsedAt
		if status != domain.Used {
			used = nil // an order that came to light after the refund is a review for staff
		}
		campaign := c.Campaign
		if c.OfPoints() {
			campaign = ""
		}
		entry, err := json.Marshal(shown{Code: c.Code, Status: status, Points: c.Points, Amount: c.Amount.Minor,
			Percent: float64(c.Percent) / 100, Campaign: campaign, Currency: c.Amount.Currency, IssuedAt: whole(c.CreatedAt), ExpiresAt: c.ExpiresAt.UTC(),
			UsedAt: wholeOrNil(used), CancelledAt: wholeOrNil(c.CancelledAt)})
		if err != nil {
			return nil, err
		}
		if len(value) > 1 {
			entry = append([]byte{','}, entry...)
		}
		if len(value)+len(entry)+len("]") > maxMetafield {
			break
		}
		value = append(value, entry...)
	}
	return append(value, ']'), nil
}

func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func wholeOrNil(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	w := whole(*t)
	return &w
}
