package app

import (
	"context"

	"pointbridge/api/pages"
	"pointbridge/integrations/jobs"
)

// condition is how the service is at the moment, from the figures that operators watch as well.
func (a *App) condition(ctx context.Context) (pages.Condition, error) {
	c := pages.Condition{POSAway: a.posCircuit.Open(), ShopAway: a.shopCircuit.Open(),
		BooksEvery: a.Config.BooksEvery, Setup: a.Setup.Differences(a.Stopping)}
	waiting, err := a.Store.Backlog.Gauges(ctx)
	if err != nil {
		return c, err
	}
	c.OnTheWay, c.Parked, c.MetafieldsBehind, c.ReviewsOpen = waiting["on_the_way"], waiting["parked"], waiting["metafields_behind"], waiting["reviews_open"]
	if c.Jobs, err = jobs.Depth(ctx, a.Store.DB()); err != nil {
		return c, err
	}
	if c.Unsealed, err = a.Store.Audit.Unsealed(ctx); err != nil {
		return c, err
	}
	c.Books, err = a.Store.Books.LastRun(ctx)
	return c, err
}
