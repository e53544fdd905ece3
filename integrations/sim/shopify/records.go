package shopify

import (
	"strconv"
	"time"
)

// Discount is one code discount with its single redeem code. Records never change once they are stored: a change
// stores a new one, so a copy may be read without a lock.
type Discount struct {
	ID     int64  `json:"id"`
	CodeID int64  `json:"code_id"`
	Code   string `json:"code"`
	Title  string `json:"title"`
	// Status is filled in copies that are handed out: ACTIVE, EXPIRED or SCHEDULED, which says nothing about use.
	Status   string     `json:"status,omitempty"`
	StartsAt time.Time  `json:"starts_at"`
	EndsAt   *time.Time `json:"ends_at"`
	// UsageLimit is the number of redemptions in total; nil is unlimited.
	UsageLimit             *int32 `json:"usage_limit"`
	AppliesOncePerCustomer bool   `json:"applies_once_per_customer"`
	// CustomerIDs are the gids the code is bound to; empty means everybody.
	CustomerIDs []string `json:"customer_ids"`
	// Segments are the gids of those of which one must have the buyer among its members; empty means everybody.
	Segments []string `json:"segments,omitempty"`
	// Amount is the fixed amount in the shop's currency; empty when Percentage holds.
	Amount            string  `json:"amount,omitempty"`
	Percentage        float64 `json:"percentage,omitempty"`
	Currency          string  `json:"currency"`
	AppliesOnEachItem bool    `json:"applies_on_each_item"`
	// Products and Collections are the gids of what the value is taken off; both are empty for everything.
	Products        []string  `json:"products,omitempty"`
	Collections     []string  `json:"collections,omitempty"`
	MinimumSubtotal string    `json:"minimum_subtotal,omitempty"`
	MinimumQuantity string    `json:"minimum_quantity,omitempty"`
	Combines        Combines  `json:"combines"`
	Tags            []string  `json:"tags"`
	CreatedAt       time.Time `json:"created_at"`
	UpdatedAt       time.Time `json:"updated_at"`
	// Uses are the redemptions, by orders that were placed; a cancelled order gives none back.
	Uses []Use `json:"uses,omitempty"`
}

// Use is one redemption of a code.
type Use struct {
	OrderID    string    `json:"order_id"`
	Code       string    `json:"code,omitempty"`
	CustomerID string    `json:"customer_id"`
	At         time.Time `json:"at"`
}

// Combines says with which classes of discount a code may stand in one order.
type Combines struct {
	Order    bool `json:"order"`
	Product  bool `json:"product"`
	Shipping bool `json:"shipping"`
}

// GID is the id of the discount as the API gives it.
func (d Discount) GID() string { return gid("DiscountCodeNode", d.ID) }

// Customer is a customer of the store.
type Customer struct {
	ID        int64     `json:"id"`
	Email     string    `json:"email"`
	Name      string    `json:"name"`
	Locale    string    `json:"locale"`
	Tags      []string  `json:"tags,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// GID is the id of the customer as the API gives it.
func (c Customer) GID() string { return gid("Customer", c.ID) }

// Metafield is a value on a customer or a discount.
type Metafield struct {
	ID        int64     `json:"id"`
	OwnerID   string    `json:"owner_id"`
	Namespace string    `json:"namespace"` // resolved: never "$app"
	Key       string    `json:"key"`
	Type      string    `json:"type"`
	Value     string    `json:"value"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Definition is a metafield definition.
type Definition struct {
	ID              int64  `json:"id"`
	OwnerType       string `json:"owner_type"`
	Namespace       string `json:"namespace"`
	Key             string `json:"key"`
	Name            string `json:"name"`
	Type            string `json:"type"`
	Description     string `json:"description,omitempty"`
	AdminAccess     string `json:"admin_access"`
	Storefront      string `json:"storefront_access"`
	CustomerAccount string `json:"customer_account_access"`
}

// Order is an order with the codes that were redeemed by it.
type Order struct {
	ID              int64         `json:"id"`
	Number          int64         `json:"number"`
	CustomerID      string        `json:"customer_id"` // a gid; empty for a guest
	DiscountCodes   []string      `json:"discount_codes"`
	Applications    []Application `json:"applications"`
	Subtotal        string        `json:"subtotal"`
	TotalDiscount   string        `json:"total_discount"`
	FinancialStatus string        `json:"financial_status"`
	Test            bool          `json:"test"`
	CancelReason    string        `json:"cancel_reason,omitempty"`
	// Edited says that somebody changed the order after it was placed; a code may have gone by that.
	Edited  bool     `json:"edited,omitempty"`
	Tags    []string `json:"tags,omitempty"`
	Refunds []Refund `json:"refunds,omitempty"`
	// Buyer is what the order shows of who placed it, Fulfilment the parts in which it is sent (see Parts), Assessments
	// what was said of its risk.
	Buyer       Buyer        `json:"buyer,omitzero"`
	Fulfilment  []Fulfilment `json:"fulfilment,omitempty"`
	Assessments []Assessment `json:"assessments,omitempty"`
	// Lines are what was bought; empty when only a subtotal was given.
	Lines       []Line     `json:"lines,omitempty"`
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
	CancelledAt *time.Time `json:"cancelled_at"`
}

// Name is how people call the order, e.g. "#1001".
func (o Order) Name() string { return "#" + strconv.FormatInt(o.Number, 10) }

// GID is the id of the order as the API gives it.
func (o Order) GID() string { return gid("Order", o.ID) }

// Application is how one code took effect in an order, or a discount that was made by hand under its text.
type Application struct {
	Code   string `json:"code"`
	Amount string `json:"amount"`
	// Kind is empty for a code.
	Kind string `json:"kind,omitempty"`
}

// Refund is money that was given back. It frees no code.
type Refund struct {
	ID     int64     `json:"id"`
	Amount string    `json:"amount"`
	Note   string    `json:"note,omitempty"`
	At     time.Time `json:"at"`
}

// Line is one kind of thing in an order, at the price of one.
type Line struct {
	Title    string `json:"title"`
	Price    string `json:"price"`
	Quantity int    `json:"quantity"`
	// Product is a gid; empty where nobody says.
	Product string `json:"product,omitempty"`
}
