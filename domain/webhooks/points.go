package webhooks

import (
	"context"
	"errors"
	"fmt"

	"pointbridge/domain"
)

// What a till tells of points. A balance is read when it is asked for and kept nowhere, so what such a delivery can do
// is small: the list of coupons that the shop shows for the member is looked at again. Points are never moved by it.
const (
	PointsEvent   Topic = "loyalty.event.created"
	PointsAccount Topic = "loyalty.account.updated"
)

// PointsReader proves what a till sent, and finds in it whom it is about.
type PointsReader interface {
	// CheckPoints looks at what came before the body. Errors: unauthenticated when there is nothing that could be a
	// signature.
	CheckPoints(in Incoming) error
	// ReadPoints proves the whole, and gives the ids that the member can be known by. Of another topic it gives no more
	// than that, because tills are free to tell more than they were asked to. Errors: unauthenticated when the
	// signature is not the till's, validation_failed when the body is not what the topic's is.
	ReadPoints(in Incoming) (d Delivery, members []string, err error)
}

// PointsStore keeps what a till tells.
type PointsStore interface {
	// KeepPointsChange stores a delivery about whoever has one of the ids, as KeepCustomerUpdate does: the metafields of
	// the members who are linked are to be compared from then on. Where nobody is, the delivery is Ignored and nothing
	// is stored.
	KeepPointsChange(ctx context.Context, d Delivery, members []string) (outcome Outcome, fresh bool, err error)
}

// Points takes in what a till tells. All fields are needed.
type Points struct {
	Reader PointsReader
	Store  PointsStore
	Clock  domain.Clock
	// PerMinute is how many deliveries of one topic are taken in a minute.
	PerMinute int

	flow flow
}

// Expect looks at what came before the body and gives how many bytes that may have. Errors: unauthenticated.
func (p *Points) Expect(in Incoming) (mostBytes int64, err error) {
	return maxOther, p.Reader.CheckPoints(in)
}

// Receive proves a delivery and stores it with the job that follows from it. Errors: unauthenticated,
// validation_failed; rate_limited and anything else means that the till should send it again.
func (p *Points) Receive(ctx context.Context, in Incoming) (Receipt, error) {
	d, members, err := p.Reader.ReadPoints(in)
	if err != nil {
		return Receipt{}, err
	}
	if d.Topic != PointsEvent && d.Topic != PointsAccount {
		d.Outcome = Ignored
		return Receipt{Delivery: d}, nil
	}
	d.ReceivedAt = p.Clock.Now()
	if wait, ok := p.flow.take(d.Topic, p.PerMinute, d.ReceivedAt); !ok {
		return Receipt{}, &domain.Error{Code: domain.CodeRateLimited, RetryAfter: wait}
	}
	outcome, fresh, err := p.Store.KeepPointsChange(ctx, d, members)
	if errors.Is(err, ErrOtherDelivery) {
		d = d.renamed()
		outcome, fresh, err = p.Store.KeepPointsChange(ctx, d, members)
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("keep a till's webhook: %w", err)
	}
	d.Outcome = outcome
	return Receipt{Delivery: d, Repeated: !fresh}, nil
}
