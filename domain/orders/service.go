package orders

import (
	"log/slog"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

// Service does what orders of the shop mean for coupons. All its fields are needed but those that say otherwise.
type Service struct {
	Saga    Saga
	Coupons Holders
	Reviews Reviews
	Shop    Shop
	Cursors Cursors
	// Uses hears of orders with codes, for whoever learns from them; nil for nobody.
	Uses Uses
	// TestOrders lets the shop's test orders count as orders.
	TestOrders bool
	// PartialRefunds opens a review when a part of an order is refunded.
	PartialRefunds bool
	// CouponsPerOrder is how many coupons may stand in one order; 0 for any number.
	CouponsPerOrder int
	// Tags mark orders and customers for review in the shop's own admin.
	Tags     reviews.Tags
	Clock    domain.Clock
	Observer domain.StepObserver
	Logger   *slog.Logger
}
