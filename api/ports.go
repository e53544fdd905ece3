package api

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/coupons"
)

// Service is what customers and the till can ask to be done. Its errors are *domain.Error; anything else is a fault of
// ours and is told to nobody.
type Service interface {
	Points(ctx context.Context, customerID string) (coupons.Points, error)
	Quote(ctx context.Context, customerID string, points int64) (coupons.Quote, error)
	Convert(ctx context.Context, c coupons.Conversion) (coupons.Result, error)
	// Conversion tells how a conversion stands that this caller asked for under this key; the error of one that failed
	// is the refusal it failed with.
	Conversion(ctx context.Context, callerID, key string) (coupons.Result, error)
	Link(ctx context.Context, l coupons.Link) (customer domain.Customer, created bool, err error)
}

// Coupons reads coupons and the customers they belong to.
type Coupons interface {
	List(ctx context.Context, f coupons.Filter) ([]domain.Coupon, error)
	ByCode(ctx context.Context, code string) (coupons.State, error)
	History(ctx context.Context, couponID int64) ([]domain.AuditEntry, error)
	Customer(ctx context.Context, id string) (domain.Customer, error)
}

// Audit reads the record of what happened, newest first.
type Audit interface {
	Audit(ctx context.Context, f audit.Filter) ([]audit.Entry, error)
}

// Keys finds API keys by their public part. Errors: unauthenticated when there is none.
type Keys interface {
	FindKey(ctx context.Context, prefix string) (domain.APIKey, error)
}

// Policy says which role may do what.
type Policy interface {
	Allow(role domain.Role, object, action string) bool
}

// Metrics is told of every request, under its route's pattern, so that no label ever holds an id. It must not block.
type Metrics interface {
	Request(method, route string, status int, took time.Duration)
}

// Check is one thing that must work before requests are sent here. Its error goes to the log, its name to the answer.
type Check struct {
	Name string
	Run  func(ctx context.Context) error
}
