package orders

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
)

// SweepOrders reads the orders that changed since the last round and does what they mean; a round that is cut off has
// finished the pages it got to. An order that has to wait, or that fails, keeps none of the others from being seen,
// and the next round reads it again. Errors: a *domain.UpstreamError; what kept an order, such as domain.ErrConflict
// while somebody is at its coupon.
func (s *Service) SweepOrders(ctx context.Context) error {
	r := round{orders: s, began: s.Clock.Now()}
	since, err := s.Cursors.Cursor(ctx, ordersCursor)
	if err != nil {
		return err
	}
	since = withinHorizon(since.Add(-ordersOverlap), r.began)
	for after := ""; ; {
		page, err := domain.Timed(ctx, s.Clock, s.Observer, "shopify.orders", func(ctx context.Context) (Page, error) {
			return s.Shop.OrdersSince(ctx, since, after)
		})
		if err != nil {
			return errors.Join(r.kept, err)
		}
		if err := r.see(ctx, page.Orders); err != nil {
			return errors.Join(r.kept, err)
		}
		if after = page.Next; after == "" {
			return errors.Join(r.kept, r.moveCursor(ctx, r.began))
		}
		// A long first reading is not begun again when it is cut off: the next round goes on from here.
		if n := len(page.Orders); n > 0 {
			if err := r.moveCursor(ctx, page.Orders[n-1].UpdatedAt); err != nil {
				return err
			}
		}
	}
}

// round is one reading of the orders.
type round struct {
	orders *Service
	began  time.Time
	// kept is why orders have to be read again, upTo the first of them; zero for none.
	kept error
	upTo time.Time
	// unheard counts the orders in a row about which the shop gave no answer.
	unheard int
}

// mostUnheard is how many such orders make it the shop's fault, and not theirs.
const mostUnheard = 3

// see does what orders mean. Errors: those for which the round cannot go on.
func (r *round) see(ctx context.Context, orders []Order) error {
	for _, o := range orders {
		err := r.orders.SeeOrder(ctx, o)
		if r.hopeless(err) || err != nil && ctx.Err() != nil {
			return err
		}
		if err != nil {
			if r.upTo.IsZero() {
				r.upTo = o.UpdatedAt
			}
			r.kept = errors.Join(r.kept, err)
		}
	}
	return nil
}

// hopeless reports whether what went wrong is the shop's state, and not one order's.
func (r *round) hopeless(err error) bool {
	var upstream *domain.UpstreamError
	if !errors.As(err, &upstream) {
		r.unheard = 0
		return false
	}
	r.unheard++
	whole := upstream.Kind == domain.KindUnavailable || upstream.Kind == domain.KindThrottled ||
		upstream.Kind == domain.KindAuth
	return whole || r.unheard >= mostUnheard
}

// moveCursor says how far the orders have been read: not past one that has to be read again, and not past the
// beginning of the round where the shop's clock is ahead.
func (r *round) moveCursor(ctx context.Context, done time.Time) error {
	if done.After(r.began) {
		done = r.began
	}
	if !r.upTo.IsZero() && r.upTo.Before(done) {
		done = r.upTo
	}
	return r.orders.Cursors.MoveCursor(ctx, ordersCursor, done)
}
