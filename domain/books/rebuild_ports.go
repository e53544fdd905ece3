package books

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
)

// Discounts lists the discounts of the shop that bear our marks.
type Discounts interface {
	OurDiscounts(ctx context.Context, after string) (coupons.DiscountPage, error)
}

// Restorer writes what is restored.
type Restorer interface {
	Kept
	// Restore commits coupons of one or several members together, a member's in their order, each with all that goes with
	// it. Errors: domain.ErrConflict when somebody was faster with one; nothing is written then.
	Restore(ctx context.Context, list []Restoration) error
	// RestoredBlind remembers that the book is made again beside a POS that keeps no references, so that movements which
	// it made for coupons until now may not be in it.
	RestoredBlind(ctx context.Context, at time.Time) error
}

// Kept reads what our book still has, or has again.
type Kept interface {
	// NumberNow is the number that a customer has now who once had another one; the same one where nobody had it.
	NumberNow(ctx context.Context, number string) (string, error)
	// KnownDiscounts gives those of the ids that a coupon or a campaign's codes have.
	KnownDiscounts(ctx context.Context, ids []string) ([]string, error)
	// Families lists the campaigns that give, or once gave, personal codes.
	Families(ctx context.Context) ([]Family, error)
	// Holder is the id of whoever is a customer of the shop here; empty for nobody.
	Holder(ctx context.Context, shopCustomerGID string) (string, error)
}

// Restoration is what is restored of one code.
type Restoration struct {
	// Customer is kept where nobody has the id yet.
	Customer domain.Customer
	// State is the coupon as it should be, and the movements that change; a coupon without an id is a new one.
	State coupons.State
	Audit domain.AuditEntry
	// Reviews are opened unless one of their kind is open.
	Reviews []reviews.Kind
	// Project says that the customer's metafield is to be written again. It is not as long as anything of them is unknown:
	// the metafield is one of the books that the next run reads.
	Project bool
}
