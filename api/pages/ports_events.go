package pages

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/events"
)

// Events tells the merchant's own systems what happened; see events.Service. It is this large because everything about
// one endpoint is one page, and one group of operations.
type Events interface {
	Add(ctx context.Context, by domain.Caller, e events.Endpoint) (events.Endpoint, string, error)
	Change(ctx context.Context, by domain.Caller, publicID string, c events.Edit) (events.Endpoint, error)
	Rotate(ctx context.Context, by domain.Caller, publicID string) (events.Endpoint, string, error)
	Remove(ctx context.Context, by domain.Caller, publicID string) error
	Replay(ctx context.Context, by domain.Caller, publicID string, from, to time.Time) (int, error)
	Try(ctx context.Context, publicID string) (events.Attempt, error)
}

// EventLog reads whom events go to, and how that went.
type EventLog interface {
	Endpoints(ctx context.Context) ([]events.Endpoint, error)
	// Endpoint reads one. Errors: not_found.
	Endpoint(ctx context.Context, publicID string) (events.Endpoint, error)
	// Deliveries are those of an endpoint, newest first, with numbers below before.
	Deliveries(ctx context.Context, endpoint, before int64, limit int) ([]events.Delivery, error)
}
