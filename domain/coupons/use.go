package coupons

import (
	"context"
	"errors"
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

// Use records that an order holds a code. An order that came before the points went back ends a cancellation; one
// that is heard of afterwards opens a review and moves nothing. The same order again changes nothing. Errors:
// coupon_not_found; domain.ErrConflict while somebody is at the coupon and its points may be on their way: ask again.
func (s *Service) Use(ctx context.Context, seen Sighting) error {
	st, err := s.Catalogue.ByCode(ctx, seen.Code)
	if err != nil {
		return err
	}
	ch, err := s.at(st).seen(seen)
	if err != nil || ch.Coupon.ID == 0 {
		return err
	}
	_, err = s.Store.Commit(ctx, ch)
	return err
}

// seen says what an order means for a coupon; a zero change is nothing new.
func (f flow) seen(seen Sighting) (Change, error) {
	c := f.st.Coupon
	switch c.Status {
	case domain.Active, domain.Expired:
		return f.usedFirst(seen), nil
	case domain.Cancelling:
		return f.seenWhileCancelling(seen)
	case domain.Cancelled:
		return f.seenLate(seen, ReviewUsedAfterRefund), nil
	case domain.Failed:
		if codeWasTaken(c) || f.st.Movement(domain.GiveBack) == nil {
			return Change{}, nil // the code in the order is somebody else's
		}
		return f.seenLate(seen, ReviewUsedAfterRefund), nil
	case domain.Suspended, domain.Forfeited:
		return f.seenLate(seen, ""), nil
	case domain.Pending:
		return Change{}, domain.ErrConflict
	case domain.Used:
		if c.UsedOrderID == "" && seen.OrderID != "" {
			return f.seenLate(seen, ""), nil // only the count was known so far
		}
	}
	return Change{}, nil
}

// usedFirst writes down that an order used the coupon. It ends a cancellation in which the order came first: nothing is
// given back.
func (f flow) usedFirst(seen Sighting) Change {
	now, was := f.Clock.Now(), f.st.Coupon.Status
	c := sighted(f.st.Coupon, seen)
	c.Status, c.LeaseUntil, c.Attempts = domain.Used, now, 0
	ch := Change{Project: true,
		Audit: []domain.AuditEntry{entry(c, domain.System(), domain.ActionCouponUsed, was, now, "order",
			seen.OrderName)},
		Jobs: []domain.Job{{Kind: domain.JobMetafield, CustomerID: c.CustomerID}}}
	if seen.Uncounted && c.DeactivatedAt == nil && c.DiscountID != "" && c.DiscountDeletedAt == nil {
		// The code can be spent beside the order: it is owed that it is deactivated.
		c.Unfinished = true
		ch.Jobs = append(ch.Jobs, domain.Job{Kind: domain.JobAdvance, CouponID: c.ID})
	}
	if was == domain.Cancelling {
		// If a review of an order asked for it, there is something else to decide now.
		ch.Reopened = &Reopened{Outcome: OutcomeReturnPoints, Problem: string(domain.CodeCouponUsed)}
	}
	ch.Coupon = c
	return ch
}

// sighted writes an order into a coupon.
func sighted(c domain.Coupon, seen Sighting) domain.Coupon {
	at := seen.At
	c.UsedAt, c.UsedOrder, c.UsedOrderID = &at, seen.OrderName, seen.OrderID
	return c
}

// seenWhileCancelling lets the order win as long as the credit was not intended. After that the coupon belongs to
// whoever is at it; when nobody is, the order is written down for the one who goes on.
func (f flow) seenWhileCancelling(seen Sighting) (Change, error) {
	if f.st.Movement(domain.GiveBack) == nil {
		return f.usedFirst(seen), nil
	}
	if f.Clock.Now().Before(f.st.Coupon.LeaseUntil) {
		return Change{}, domain.ErrConflict
	}
	return f.seenLate(seen, ""), nil
}

// seenLate writes an order into a coupon whose status it does not change.
func (f flow) seenLate(seen Sighting, review ReviewKind) Change {
	c := f.st.Coupon
	if c.UsedAt != nil && (c.UsedOrderID != "" || seen.OrderID == "") {
		return Change{}
	}
	c = sighted(c, seen)
	return Change{Coupon: c, Review: review,
		Audit: []domain.AuditEntry{entry(c, domain.System(), domain.ActionOrderSeen, c.Status, f.Clock.Now(),
			"order", seen.OrderName)}}
}

// SweepOrders reads the orders that changed since the last round and does what they mean; a round that is cut off has
// finished the pages it got to. An order that has to wait, or that fails, keeps none of the others from being seen,
// and the next round reads it again. Errors: a *domain.UpstreamError; what kept an order, such as domain.ErrConflict
// while somebody is at its coupon.
func (s *Service) SweepOrders(ctx context.Context) error {
	r := round{Service: s, began: s.Clock.Now()}
	since, err := s.Backlog.Cursor(ctx, ordersCursor)
	if err != nil {
		return err
	}
	since = s.withinHorizon(since.Add(-ordersOverlap))
	for after := ""; ; {
		page, err := act(ctx, s, "shopify.orders", func(ctx context.Context) (OrderPage, error) {
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
	*Service
	began time.Time
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
		err := r.SeeOrder(ctx, o)
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
	return r.Backlog.MoveCursor(ctx, ordersCursor, done)
}
