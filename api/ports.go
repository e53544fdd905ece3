package api

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
)

// Linking links the shop's customers with members. Its errors, and those of Refunds, are *domain.Error; anything else
// is a fault of ours and is told to nobody.
type Linking interface {
	Link(ctx context.Context, l members.Link) (customer domain.Customer, created bool, err error)
	// MemberOf finds the member whom a customer of the shop is, and links the two where the shop itself says so.
	MemberOf(ctx context.Context, caller domain.Caller, shopCustomerGID string) (domain.Customer, error)
	// RefusedPoints is told of a conversion whose points were refused before Convert could be asked.
	RefusedPoints(ctx context.Context, caller domain.Caller, customerID string)
}

// Refunds is what the POS asks for. Refund answers after its first commit; what follows is done without the request.
type Refunds interface {
	Refund(ctx context.Context, r coupons.RefundRequest) (coupons.Refund, error)
	FindRefund(ctx context.Context, reference string) (coupons.Refund, error)
}

// Keys finds API keys by their public part. Errors: unauthenticated when there is none.
type Keys interface {
	FindKey(ctx context.Context, prefix string) (domain.APIKey, error)
	// KeyUsed writes down that a key let somebody in.
	KeyUsed(ctx context.Context, prefix string, at time.Time) error
}

// Counter has an entry told with others like it, by their number, when its minute is over.
type Counter interface {
	Count(entry domain.AuditEntry)
}

// Accounts is what only programs ask of the staff; see staff.Service.
type Accounts interface {
	ByID(ctx context.Context, id int64) (domain.Staff, error)
	AddToken(ctx context.Context, by domain.Caller, id int64, name string) (token string, key domain.APIKey, err error)
}

// Metrics is told of every request, under its route's pattern, so that no label ever holds an id, and of alerts by
// their kind. It must not block.
type Metrics interface {
	Request(method, route string, status int, took time.Duration)
	Alert(kind string)
}

// Check is one thing that must work before requests are sent here. Its error goes to the log, its name to the answer.
type Check struct {
	Name string
	Run  func(ctx context.Context) error
}
