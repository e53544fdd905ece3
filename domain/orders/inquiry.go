package orders

import (
	"context"
	"time"

	"pointbridge/domain"
)

const (
	ordersCursor = "orders"
	// ordersOverlap is how far each round reads back: Shopify's index of orders lags.
	ordersOverlap = 10 * time.Minute
	// ordersHorizon is how far back the first round reads, and how old an order is that Shopify does not show: an app
	// needs a further grant for more.
	ordersHorizon = 60 * 24 * time.Hour
)

// QueryOf is the question about a coupon. Whoever asks it asks it by this, so that all agree on which orders exist;
// tests reports whether test orders do.
func QueryOf(c domain.Coupon, tests bool) UsageQuery {
	return UsageQuery{DiscountID: c.DiscountID, Code: c.Code, CustomerGID: c.ShopifyCustomerGID, Since: c.CreatedAt,
		Tests: tests}
}

// Inquiry asks the shop whether a code was used. The saga asks it before it does what cannot be undone, and whoever
// works on orders asks it too: so there is one answer to which orders count.
type Inquiry struct {
	Shop     Askable
	Cursor   CursorReader
	Clock    domain.Clock
	Observer domain.StepObserver
}

// Ask asks for the count, and for the orders of the customer.
func (i Inquiry) Ask(ctx context.Context, q UsageQuery) (Usage, error) {
	return domain.Timed(ctx, i.Clock, i.Observer, "shopify.usage", func(ctx context.Context) (Usage, error) {
		return i.Shop.Usage(ctx, q)
	})
}

// Anywhere asks what there is to ask before something is done that cannot be undone. The customer's orders do not
// show one that the customer was taken off, or all of them once the customer was merged with another one: so every
// order that changed since the orders were last read is looked at as well. What was read before has been done already.
func (i Inquiry) Anywhere(ctx context.Context, q UsageQuery) (Usage, error) {
	u, err := i.Ask(ctx, q)
	if err != nil || u.Live() || q.Beside == "" && u.Used() {
		return u, err
	}
	since, err := i.Cursor.Cursor(ctx, ordersCursor)
	if err != nil {
		return Usage{}, err
	}
	if since.Before(q.Since) {
		since = q.Since
	}
	since = withinHorizon(since.Add(-ordersOverlap), i.Clock.Now())
	for after := ""; ; {
		page, err := domain.Timed(ctx, i.Clock, i.Observer, "shopify.orders", func(ctx context.Context) (Page, error) {
			return i.Shop.OrdersSince(ctx, since, after)
		})
		if err != nil {
			return Usage{}, err
		}
		for _, o := range page.Orders {
			if o.CustomerGID != q.CustomerGID { // the customer's own were weighed with the count
				u.Add(q, o)
			}
		}
		if after = page.Next; after == "" || u.Live() {
			return u, nil
		}
	}
}

// withinHorizon is a moment, but for one before which Shopify shows nothing.
func withinHorizon(since, now time.Time) time.Time {
	if oldest := now.Add(-ordersHorizon); since.Before(oldest) {
		return oldest
	}
	return since
}
