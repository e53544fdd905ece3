package api

import (
	"cmp"
	"net/url"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
)

// percentPoints is how many basis points are one percent.
const percentPoints = campaigns.BasisPoints / 100

// ListedCoupon is a coupon as it is answered. Every member is always there; what does not apply is null.
type ListedCoupon struct {
	Code              *string    `json:"code" doc:"The code; null as long as it cannot be used, except for staff"`
	Status            string     `json:"status" enum:"pending,active,used,expired,cancelling,cancelled,suspended,forfeited,failed" doc:"Customers are told only active, used, expired, cancelled, and pending while a conversion runs"`
	CustomerID        string     `json:"customer_id" doc:"The member whose coupon it is; for a customer of the shop who is no member an id that begins with _shop_"`
	Points            int64      `json:"points" doc:"The points that were taken; 0 for a code that cost nothing"`
	Amount            int64      `json:"amount" doc:"What it is worth, in the currency's smallest unit: 500 yen is 500"`
	Currency          string     `json:"currency" doc:"ISO 4217"`
	CreatedAt         time.Time  `json:"created_at"`
	ExpiresAt         time.Time  `json:"expires_at" doc:"From this second on it cannot be used"`
	UsedAt            *time.Time `json:"used_at"`
	UsedOrder         *string    `json:"used_order" doc:"The order it was used for"`
	CancelledAt       *time.Time `json:"cancelled_at"`
	CancelledBy       *string    `json:"cancelled_by" doc:"Who cancelled it; not for customers"`
	Reason            *string    `json:"reason" doc:"Why it was cancelled; not for customers"`
	Note              *string    `json:"note" doc:"What was noted about that; not for customers"`
	ReissuedFrom      *string    `json:"reissued_from" doc:"The code it replaces"`
	SupersededBy      *string    `json:"superseded_by" doc:"The code that replaces it; not for customers"`
	ShopifyDiscountID *string    `json:"shopify_discount_id" doc:"The discount in Shopify; not for customers"`
	Campaign          string     `json:"campaign" doc:"The key of its campaign; points for one that points were turned into"`
	ValueKind         string     `json:"value_kind" enum:"amount,percentage" doc:"What it takes off: amount, or percent of the order, whose amount is 0"`
	Percent           float64    `json:"percent" doc:"The part of the order that it takes off, of 100; 0 for an amount"`
	ApplyURL          *string    `json:"apply_url" doc:"Opens the shop with the coupon applied; null when it cannot be used"`
}

// CouponBody is a single coupon with the server's time, so that a countdown agrees with the server and not with the
// clock of whoever looks at it.
type CouponBody struct {
	ListedCoupon
	ServerNow time.Time `json:"server_now" doc:"The server's time of this answer"`
}

// show returns a coupon as this caller may see it, in this status. A code that is not usable yet, or never was, is for
// those only who work with everybody's coupons.
func (a *API) show(c domain.Coupon, status domain.Status, caller domain.Caller) ListedCoupon {
	b := ListedCoupon{Code: &c.Code, Status: string(status), CustomerID: c.CustomerID, Points: c.Points,
		Amount: c.Amount.Minor, Currency: c.Amount.Currency, CreatedAt: c.CreatedAt.UTC(), ExpiresAt: c.ExpiresAt.UTC(),
		UsedAt: utc(c.UsedAt), UsedOrder: given(c.UsedOrder), CancelledAt: utc(c.CancelledAt),
		ReissuedFrom: given(c.ReissuedFrom), Campaign: cmp.Or(c.Campaign, domain.CampaignPoints),
		ValueKind: string(campaigns.Amount), Percent: float64(c.Percent) / percentPoints}
	if c.Percent > 0 {
		b.ValueKind = string(campaigns.Percentage)
	}
	if status.Public() == "" && !a.seesAll(caller) {
		b.Code = nil
	}
	if status == domain.Active {
		b.ApplyURL = given(a.deps.ApplyURL + url.PathEscape(c.Code))
	}
	if caller.Role != domain.RoleCustomer {
		if endedBy(status) {
			b.CancelledBy, b.Reason, b.Note = given(c.CancelledBy), given(c.Reason), given(c.Note)
		}
		b.SupersededBy = given(c.SupersededBy)
		b.ShopifyDiscountID = given(c.DiscountID)
	}
	return b
}

// current is the status a caller is told now: customers are told the public one.
func current(c domain.Coupon, now time.Time, caller domain.Caller) domain.Status {
	status := c.StatusAt(now)
	if caller.Role == domain.RoleCustomer {
		return status.Public()
	}
	return status
}

func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
