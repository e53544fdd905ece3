package app

import (
	"context"
	"time"

	"pointbridge/domain/books"
)

// MostGaps bounds how many things that could not be compared are named one by one; the summary counts them all.
const MostGaps = 100

// booksAsk is how often it is asked whether a comparison is due, booksLimit how long one may take.
const (
	booksAsk   = 10 * time.Minute
	booksLimit = 4 * time.Hour
)

// booksTiming leaves a service that runs beside the comparison the time to hear of an order.
func (c Config) booksTiming() books.Timing {
	t := books.DefaultTiming()
	t.Fresh = max(t.Fresh, 2*c.OrdersEvery)
	return t
}

// CompareBooks is the periodic comparison, when it is due.
func (a *App) CompareBooks(ctx context.Context) error {
	due, err := a.Books.Due(ctx, a.Config.BooksEvery)
	if err != nil || !due {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(a.Stopping, cancel)()
	told := 0
	sum, err := a.Books.Run(ctx, books.Options{Repair: a.Config.BooksRepair}, books.Sink{
		Difference: func(d books.Difference) { a.logDifference(ctx, d) },
		Gap: func(g books.Gap) {
			if told++; told <= MostGaps {
				a.Logger.WarnContext(ctx, "books not compared", "coupon_id", g.CouponID, "upstream", g.Upstream,
					"cause", g.Cause)
			}
		}})
	if a.Stopping.Err() != nil {
		return nil // the next start tries again
	}
	a.Logger.InfoContext(ctx, "books compared", "customers", sum.Customers, "coupons", sum.Coupons, "differences",
		sum.Differences(), "repaired", sum.Repaired, "moving", sum.Moving, "gaps", sum.Gaps, "broken", sum.Broken)
	if err == nil {
		a.tellDifferences(ctx, sum)
	}
	return err
}

// logDifference names the coupon by its id: its code may be as good as money. What belongs to no coupon names the
// member.
func (a *App) logDifference(ctx context.Context, d books.Difference) {
	about := []any{"kind", string(d.Kind), "coupon_id", d.CouponID, "repaired", d.Repaired}
	if d.CouponID == 0 {
		about = append(about, "customer_id", d.CustomerID)
	}
	if d.Fault != nil {
		about = append(about, "error", d.Fault)
	}
	a.Logger.WarnContext(ctx, "books differ", about...)
}

// BooksDifferences returns every kind, so that an alert can be built before there is a difference. Before the first
// comparison there are no figures.
func (a *App) BooksDifferences(ctx context.Context) (map[string]int64, error) {
	last, err := a.Aside.Books.LastRun(ctx)
	if err != nil || last.Began.IsZero() {
		return nil, err
	}
	figures := map[string]int64{}
	for _, kind := range books.Kinds() {
		figures[string(kind)] = int64(last.Found[kind])
	}
	return figures, nil
}

func (a *App) BooksFigures(ctx context.Context) (map[string]int64, error) {
	last, err := a.Aside.Books.LastRun(ctx)
	if err != nil || last.Began.IsZero() {
		return nil, err
	}
	figures := map[string]int64{"age_seconds": int64(a.Service.Clock.Now().Sub(last.Ended) / time.Second),
		"customers": int64(last.Customers), "coupons": int64(last.Coupons), "moving": int64(last.Moving),
		"gaps": int64(last.Gaps), "incomplete": 0}
	if last.Incomplete() {
		figures["incomplete"] = 1
	}
	return figures, nil
}
