package app

import (
	"context"
	"errors"
	"slices"

	"pointbridge/api"
	"pointbridge/domain"
	"pointbridge/domain/doctor"
)

// checks are what must be so before the service takes requests: those of the doctor's questions that are local and
// quick. They are asked aside: a service whose connections are all at work is busy, which is no reason to take it out.
func (a *App) checks() (list []api.Check) {
	e := &Examination{Config: a.Config, now: domain.SystemClock{}.Now, db: a.Aside, writable: a.Store.Writable}
	for _, c := range e.databaseChecks() {
		if c.Ready == "" {
			continue
		}
		c.Limit = readyTimeout
		list = append(list, api.Check{Name: c.Ready, Run: func(ctx context.Context) error {
			return refusalOf(c.Bounded(ctx))
		}})
	}
	slices.SortStableFunc(list, func(a, b api.Check) int {
		return slices.Index(readyOrder, a.Name) - slices.Index(readyOrder, b.Name)
	})
	return list
}

// readyOrder is the order in which /readyz names what fails; monitors may rely on it.
var readyOrder = []string{"database", "writes", "migrations", "queue", "shop"}

// refusalOf is what the log says of a finding that is not good.
func refusalOf(f doctor.Finding) error {
	switch f.Outcome() {
	case doctor.OK, doctor.Warning:
		return nil
	default:
		return errors.Join(errors.New(string(f.Sentence)), f.Cause)
	}
}
