package learn

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// MostDays is the longest past that is read.
const MostDays = 3660

const day = 24 * time.Hour

// settling is how long the shop's list of orders may lag behind what became of one: what is told of an order within
// that time before it was read is learned again.
const settling = 10 * time.Minute

// PastShop lists the orders with codes of a time, the oldest first. Errors: a *domain.UpstreamError.
type PastShop interface {
	OrdersShown(ctx context.Context, from, to time.Time, after string) (identity.OrderPage, error)
}

// Past reads the orders of earlier days. It learns from them and decides nothing: the past is not refused.
type Past struct {
	Orders  *Orders
	Shop    PastShop
	Imports decisions.Imports
	Now     func() time.Time
	Logger  *slog.Logger
}

// ErrNothingProtected: nothing would be kept of any order.
var ErrNothingProtected = errors.New("no campaign is protected: switch one on first, in shadow or enforced")

// Run reads so many days back from now, the newest first, or goes on with a reading that was cut off, whatever it was
// asked for: page by page, and each page is committed before the next is asked for. Uses are learned any number of
// times; a page is counted once, together with the place after it. So nothing is lost or counted twice by an end in
// between. Progress, which may be nil, is told after each page. Errors: ErrNothingProtected, domain.ErrConflict when
// somebody else goes on with the same reading, a *domain.UpstreamError.
func (p Past) Run(ctx context.Context, days int, progress func(decisions.Import)) (decisions.Import, error) {
	if days < 1 || days > MostDays {
		return decisions.Import{}, domain.Refuse(domain.CodeValidation, "field", "days")
	}
	on, err := p.Orders.Switch.protected(ctx)
	if err != nil {
		return decisions.Import{}, err
	}
	if len(on) == 0 {
		return decisions.Import{}, ErrNothingProtected
	}
	i, err := p.begin(ctx, days)
	for err == nil && i.State != decisions.ImportDone {
		var next decisions.Import
		if next, err = p.page(ctx, i); err != nil {
			break
		}
		if err = p.Imports.MoveImport(ctx, i, next); err != nil {
			break
		}
		if i = next; progress != nil {
			progress(i)
		}
	}
	return i, err
}

// begin goes on with the newest reading unless that is done. What would be forgotten at once is not read.
func (p Past) begin(ctx context.Context, days int) (decisions.Import, error) {
	last, known, err := p.Imports.LastImport(ctx)
	if err != nil || known && last.State != decisions.ImportDone {
		return last, err
	}
	if kept := int((p.Orders.Retention + day - 1) / day); p.Orders.Retention > 0 {
		days = min(days, kept)
	}
	return p.Imports.BeginImport(ctx, days, p.Now())
}

// page reads one page of the day that is being read, and says where the reading stands after it. A place in a list that
// the shop does not know any more is no end: the day is read anew, and what it had is counted once more.
func (p Past) page(ctx context.Context, i decisions.Import) (decisions.Import, error) {
	to := i.StartedAt.Add(-time.Duration(i.Read) * day)
	asked := p.Now().Add(-settling)
	page, err := p.Shop.OrdersShown(ctx, to.Add(-day), to, i.Cursor)
	if err != nil && i.Cursor != "" && domain.KindOf(err) == domain.KindRefused {
		p.Logger.WarnContext(ctx, "the shop does not know a place in its list of orders any more; the day is read anew")
		page, err = p.Shop.OrdersShown(ctx, to.Add(-day), to, "")
	}
	if err != nil {
		return decisions.Import{}, err
	}
	next := i
	next.State = decisions.ImportRunning
	for _, o := range page.Orders {
		if err := p.learn(ctx, o, asked, &next); err != nil {
			return decisions.Import{}, err
		}
	}
	if next.Cursor = page.Next; page.Next == "" {
		next.Read++
	}
	if next.Read >= next.Days {
		now := p.Now()
		next.State, next.FinishedAt = decisions.ImportDone, &now
	}
	return next, nil
}

// learn learns from one order. A test order teaches nothing unless test orders count.
func (p Past) learn(ctx context.Context, o identity.Order, asked time.Time, i *decisions.Import) error {
	i.Orders++
	if o.Test && !p.Orders.TestOrders {
		return nil
	}
	ours, err := p.Orders.Holders.CodesUsedBy(ctx, o.ID)
	if err != nil {
		return err
	}
	codes, err := p.Orders.Switch.Watched(ctx, slices.Concat(o.Codes, ours))
	if err != nil {
		return err
	}
	for _, code := range codes {
		if _, err := p.Orders.Decider.SeeUse(ctx, SeenOf(o, code, asked, decisions.FromImport)); err != nil {
			return err
		}
		i.Uses++
	}
	if len(codes) > 0 && len(o.Shown.Emails)+len(o.Shown.Phones)+len(o.Shown.Addresses) == 0 {
		i.Unseen++
	}
	return nil
}
