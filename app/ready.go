package app

import (
	"context"
	"errors"

	"pointbridge/api"
	"pointbridge/integrations/jobs"
)

func (a *App) checks() []api.Check {
	bounded := func(name string, run func(context.Context) error) api.Check {
		return api.Check{Name: name, Run: func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, readyTimeout)
			defer cancel()
			return run(ctx)
		}}
	}
	return []api.Check{
		bounded("database", a.Aside.Ping),
		bounded("writes", a.Store.Writable),
		bounded("migrations", func(ctx context.Context) error {
			pending, err := a.Aside.PendingMigrations(ctx)
			if err == nil && pending {
				err = errors.New("run: pointbridge migrate")
			}
			return err
		}),
		bounded("queue", func(ctx context.Context) error {
			done, err := jobs.Migrated(ctx, a.Aside.DB(), a.Aside.Dialect())
			if err == nil && !done {
				err = errors.New("run: pointbridge migrate")
			}
			return err
		}),
		bounded("shop", a.installedCheck),
	}
}
