package orders

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

// Saga is what orders let happen to coupons; see coupons.Service.
type Saga interface {
	// Find reads the coupon of a code. ours is false where the code in the shop is somebody else's, because none was
	// made for the coupon. Errors: coupon_not_found.
	Find(ctx context.Context, code string) (c domain.Coupon, ours bool, err error)
	// Use records that an order holds a code. Errors: coupon_not_found, domain.ErrConflict.
	Use(ctx context.Context, seen Sighting) error
	// Note writes into the audit what happened to an order, once per coupon, order and action. Errors:
	// coupon_not_found, domain.ErrConflict.
	Note(ctx context.Context, couponID int64, action string, o Order) error
	// DecideAlone decides a fresh review where the rules leave it to the service. Errors: domain.ErrConflict.
	DecideAlone(ctx context.Context, r reviews.Review) error
}

// Holders reads coupons by their orders and customers.
type Holders interface {
	// UsedBy lists the coupons that an order holds or held, by the order's gid.
	UsedBy(ctx context.Context, orderID string) ([]domain.Coupon, error)
	// ActiveOf lists the active coupons of the member who is linked to a Shopify customer.
	ActiveOf(ctx context.Context, customerGID string) ([]domain.Coupon, error)
}

// Reviews keeps the reviews that orders lead to.
type Reviews interface {
	// OpenVoidedOrder locks the coupon and opens a review about an order. There is one, open or closed, for a coupon,
	// an order and each VoidedOrder.Part of it; where PartUnpaid, PartUnreadable or PartRefund is open when the whole
	// order is voided, that review becomes the whole order's. It returns the review that holds now. Errors:
	// coupon_not_found.
	OpenVoidedOrder(ctx context.Context, v reviews.VoidedOrder) (reviews.Review, error)
	// NotePayment writes into the open reviews of a coupon and an order how the order's payment stands, unless a newer
	// state of the order was seen.
	NotePayment(ctx context.Context, couponID int64, orderID string, p domain.Payment, at time.Time) error
	// VoidedOrderOf reads the review of a coupon and a voided order. Errors: review_not_found.
	VoidedOrderOf(ctx context.Context, couponID int64, orderID string) (reviews.Review, error)
}

// Uses learns which orders used codes. Nothing about coupons waits for it.
type Uses interface {
	Notice(ctx context.Context, o Order) error
}

// Askable is the part of the shop that says whether a code was used.
type Askable interface {
	// Usage reports whether a code was used: by Shopify's own count, which may lag, and by the orders of its customer,
	// each of which is weighed by Usage.Add.
	Usage(ctx context.Context, q UsageQuery) (Usage, error)
	// OrdersSince lists orders that changed at or after a moment, oldest change first; after continues a list.
	OrdersSince(ctx context.Context, since time.Time, after string) (Page, error)
}

// Shop is the shop's side of orders: one attempt per call, a *domain.UpstreamError of one of the three outcomes.
type Shop interface {
	Askable
	// Count is Usage without the orders.
	Count(ctx context.Context, q UsageQuery) (Usage, error)
	// Order reads one order as it is now. Errors: KindNotFound when it was deleted.
	Order(ctx context.Context, gid string) (Order, error)
	// DiscountOf returns the id of the discount that can be entered by a text, whosever it is. Errors: KindNotFound.
	DiscountOf(ctx context.Context, code string) (id string, err error)
}

// CursorReader tells how far things have been read.
type CursorReader interface {
	// Cursor returns how far something has been read; the zero time when it never was.
	Cursor(ctx context.Context, name string) (time.Time, error)
}

// Cursors keeps how far things have been read.
type Cursors interface {
	CursorReader
	// MoveCursor moves it; it never goes back.
	MoveCursor(ctx context.Context, name string, at time.Time) error
}

// Page is one page of orders; Next continues it, "" at the end.
type Page struct {
	Orders []Order
	Next   string
}
