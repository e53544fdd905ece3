package app

import (
	"context"
	"slices"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/doctor"
	"pointbridge/domain/setup"
	"pointbridge/integrations/jobs"
	"pointbridge/integrations/upstream"
)

// condition is how the service is at the moment, from the figures that operators watch as well.
func (a *App) condition(ctx context.Context) (pages.Condition, error) {
	c := pages.Condition{Lights: a.lights(), BooksEvery: a.Config.BooksEvery, Setup: a.Setup.Differences(a.Stopping)}
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

// lights are what the service knows of those outside without asking: from its own calls, and from what the shop last
// said of itself. What nobody asked is no good answer.
func (a *App) lights() []pages.Light {
	return []pages.Light{lightOf(doctor.POS, a.posCircuit), lightOf(doctor.Shop, a.shopCircuit),
		lightOf(doctor.Mail, a.mailMemory), a.setupLight()}
}

// heardOfMail tells how mails end. A server that does not let us in answers, and takes no mail: it is no good one. One
// that refuses a mail for its address is.
func heardOfMail(memory *upstream.Breaker) func(error) {
	return func(err error) {
		if domain.KindOf(err) == domain.KindAuth {
			err = &domain.UpstreamError{Upstream: string(doctor.Mail), Kind: domain.KindUnavailable}
		}
		memory.Report(err)
	}
}

func lightOf(check doctor.Name, circuit *upstream.Breaker) pages.Light {
	l := pages.Light{Check: check, Outcome: doctor.OK, Paused: circuit.Open()}
	answered := false
	l.Asked, answered = circuit.Last()
	switch {
	case l.Paused:
		l.Outcome = doctor.Fault
	case l.Asked.IsZero():
		l.Outcome = doctor.NotAsked
	case !answered:
		l.Outcome = doctor.Unknown
	}
	return l
}

func (a *App) setupLight() pages.Light {
	l := pages.Light{Check: doctor.Settings, Outcome: doctor.OK, Asked: a.Setup.Asked()}
	list := a.Setup.Differences(a.Stopping)
	switch {
	case slices.ContainsFunc(list, func(d setup.Difference) bool { return d.Stops }):
		l.Outcome = doctor.Fault
	case len(list) > 0:
		l.Outcome = doctor.Warning
	case l.Asked.IsZero():
		l.Outcome = doctor.NotAsked
	}
	return l
}
