package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"

	"pointbridge/integrations/store"
)

// Serve refuses to start on a database that is not up to date: a migration is an operator's decision.
func Serve(ctx context.Context, cfg Config, logger *slog.Logger) error {
	a, err := New(ctx, cfg, logger)
	if err != nil {
		return err
	}
	if err := UpToDate(ctx, a.Store); err != nil {
		return errors.Join(err, a.Close())
	}
	for _, one := range cfg.mistyped {
		logger.WarnContext(ctx, "a variable is set and is no setting", "variable", one.Name, "meant", one.Meant)
	}
	if local := cfg.LoopbackUpstreams(); len(local) > 0 {
		logger.WarnContext(ctx, "THIS IS NOT A SHOP: upstreams are on this machine", "variables",
			strings.Join(local, ", "))
	}
	a.warnOfOwner(ctx)
	if hosts, _ := store.Plaintext(cfg.DatabaseURL); len(hosts) > 0 { // the address was read before
		logger.WarnContext(ctx, "THE DATABASE IS SPOKEN TO WITHOUT TLS: DATABASE_PLAINTEXT is true", "hosts", hosts)
	}
	if err := a.CheckTill(ctx); err != nil {
		return errors.Join(err, a.Close())
	}
	if err := errors.Join(a.WarnOfKeys(ctx), a.WarnOfRoles(ctx)); err != nil {
		return errors.Join(err, a.Close())
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.HTTPAddr)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	// Only now, when the address is ours, is it certain that these rules come into force.
	if err := a.RecordRules(ctx); err != nil {
		return errors.Join(err, l.Close(), a.Close())
	}
	return a.Run(ctx, l)
}

// errNotMigrated says what to do with a database that is behind the program.
var errNotMigrated = errors.New("the database is not up to date; run: pointbridge migrate")

// UpToDate refuses a database that is behind the program. One that could not be asked is not called so: who is told to
// migrate it would look for the fault in the wrong place.
func UpToDate(ctx context.Context, db *store.Store) error {
	pending, err := db.PendingMigrations(ctx)
	if err == nil && pending {
		err = errNotMigrated
	}
	return err
}
