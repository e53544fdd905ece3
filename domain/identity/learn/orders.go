package learn

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// Uses keeps what was learned from orders.
type Uses interface {
	// AskOnce leaves a job in the queue unless every one of the sighting's codes is known of the order in this state or
	// a newer one, or was erased. Orders change in the same second; so that one that comes to nothing is not missed, a
	// state is the same only if it is void in the same way. The same job is left once.
	AskOnce(ctx context.Context, s Sighting, job domain.Job) error
	// UserOf gives the shop's customer of an order; empty where nobody knows.
	UserOf(ctx context.Context, orderID string) (gid string, err error)
}

// Holders gives the codes of our coupons that an order used, whatever text stands in it.
type Holders interface {
	CodesUsedBy(ctx context.Context, orderID string) ([]string, error)
}

// Shop shows one order. Errors: a *domain.UpstreamError.
type Shop interface {
	OrderShown(ctx context.Context, id string) (identity.Order, error)
	// OrderSold shows its codes and its money alone.
	OrderSold(ctx context.Context, id string) (identity.Order, error)
}

// Decider learns from orders and decides about them; decisions.Service does.
type Decider interface {
	SeeUse(ctx context.Context, o decisions.SeenOrder) (decisions.Decision, error)
}

// Orders learns from orders who used a code.
type Orders struct {
	Switch  *Switch
	Uses    Uses
	Holders Holders
	Shop    Shop
	Decider Decider
	// TestOrders lets the shop's test orders count as orders.
	TestOrders bool
	// Retention is how long uses are kept: an older order is not asked about. Zero for ever.
	Retention time.Duration
	Now       func() time.Time
	Logger    *slog.Logger

	denied sync.Once
}

// Sighting is what is known of an order when it is heard of. Codes are those that were entered as codes.
type Sighting struct {
	ID                  string
	Codes               []string
	PlacedAt, UpdatedAt time.Time
	Test                bool
	// Void tells that the order came to nothing.
	Void bool
}

// Notice hears of an order. Where one of its codes belongs to a campaign, and nothing is known yet of the
// order as it is now, it leaves a job that reads what the order shows: nobody waits here for the shop.
func (o *Orders) Notice(ctx context.Context, s Sighting) error {
	if s.Test && !o.TestOrders || o.Retention > 0 && s.PlacedAt.Before(o.Now().Add(-o.Retention)) {
		return nil
	}
	var err error
	if s.Codes, err = o.Switch.Watched(ctx, s.Codes); err != nil || len(s.Codes) == 0 {
		return err
	}
	return o.Uses.AskOnce(ctx, s, domain.Job{Kind: domain.JobUse, Ref: s.ID, At: s.UpdatedAt})
}

// LearnOrder reads what an order shows and has it decided. at is the state that it was asked for: what is read is as
// new at least, and never takes the place of what was read of a newer one. An order that the shop does not show any
// more teaches nothing. Errors: a *domain.UpstreamError of what may go better later.
func (o *Orders) LearnOrder(ctx context.Context, gid string, at time.Time) error {
	read := o.Shop.OrderSold
	if any, err := o.Switch.AnyOn(ctx); err != nil {
		return err
	} else if any {
		read = o.Shop.OrderShown
	}
	shown, err := read(ctx, gid)
	switch {
	case err == nil:
	case domain.KindOf(err) == domain.KindNotFound:
		return nil
	case domain.KindOf(err) == domain.KindAuth && domain.ReasonOf(err) == domain.ReasonAccessDenied:
		o.denied.Do(func() {
			o.Logger.WarnContext(ctx, "the shop shows this app no orders: nobody is recognised by them", "error", err)
		})
		return nil
	default:
		return err
	}
	if shown.Test && !o.TestOrders {
		return nil
	}
	ours, err := o.Holders.CodesUsedBy(ctx, gid)
	if err != nil {
		return err
	}
	codes, err := o.Switch.Watched(ctx, slices.Concat(shown.Codes, ours))
	if err != nil {
		return err
	}
	for _, code := range codes {
		if _, err := o.Decider.SeeUse(ctx, SeenOf(shown, code, at, decisions.FromOrder)); err != nil {
			return err
		}
	}
	return nil
}

// SeenOf is one code of an order, as decisions learn of it. A test order comes this far only where test orders count.
func SeenOf(o identity.Order, code string, at time.Time, source decisions.Source) decisions.SeenOrder {
	seen := decisions.SeenOrder{Shown: o.Shown, OrdersBefore: o.OrdersBefore, Currency: o.BuyerCurrency,
		Use: decisions.Use{OrderID: o.ID, Order: o.Name, Code: code, CustomerGID: o.CustomerGID, At: o.CreatedAt,
			Gross: o.Gross.Minor, Discount: o.Discount.Minor, Currency: o.Gross.Currency, Source: source, SeenAt: at},
		CustomerWithheld: slices.Contains(o.Withheld, identity.Customer)}
	if len(o.Parts) > 0 {
		seen.Use.Discount = o.Parts[decisions.CodeKey(code)].Minor
	}
	if o.Void {
		seen.Use.VoidReason = o.VoidReason
	}
	return seen
}
