package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pointbridge/integrations/store"
)

func serveCommand(environ []string) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the service",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := LoadConfig(environ)
			if err != nil {
				return err
			}
			logger, err := newLogger(cfg, cmd.OutOrStdout())
			if err != nil {
				return err
			}
			collectLess(environ)
			return serve(cmd.Context(), cfg, logger)
		},
	}
}

// collectLess trades memory, of which the service needs little, for time: garbage is collected when the heap has grown to
// four times what lives, but sooner near 100 MiB. GOGC and GOMEMLIMIT still have the last word.
func collectLess(environ []string) {
	if valueOf(environ, "GOGC") == "" && valueOf(environ, "GOMEMLIMIT") == "" {
		debug.SetGCPercent(300)
		debug.SetMemoryLimit(100 << 20)
	}
}

// serve refuses to start on a database that is not up to date: a migration is an operator's decision.
func serve(ctx context.Context, cfg Config, logger *slog.Logger) error {
	a, err := newApp(ctx, cfg, logger)
	if err != nil {
		return err
	}
	if pending, err := a.store.PendingMigrations(ctx); err != nil || pending {
		return errors.Join(err, errors.New("the database is not up to date; run: pointbridge migrate"), a.close())
	}
	if local := cfg.LoopbackUpstreams(); len(local) > 0 {
		logger.WarnContext(ctx, "THIS IS NOT A SHOP: upstreams are on this machine", "variables", strings.Join(local, ", "))
	}
	a.warnOfOwner(ctx)
	if hosts, _ := store.Plaintext(cfg.DatabaseURL); len(hosts) > 0 { // the address was read before
		logger.WarnContext(ctx, "THE DATABASE IS SPOKEN TO WITHOUT TLS: DATABASE_PLAINTEXT is true", "hosts", hosts)
	}
	if err := errors.Join(a.warnOfKeys(ctx), a.warnOfRoles(ctx)); err != nil {
		return errors.Join(err, a.close())
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.HTTPAddr)
	if err != nil {
		return errors.Join(err, a.close())
	}
	// Only now, when the address is ours, is it certain that these rules come into force.
	if err := a.recordRules(ctx); err != nil {
		return errors.Join(err, l.Close(), a.close())
	}
	return a.run(ctx, l)
}

func migrateCommand(environ []string) *cobra.Command {
	var data, user string
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database up to date",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := commandConfig(environ, data)
			if err != nil {
				return err
			}
			a, err := newApp(cmd.Context(), cfg, slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn})))
			if err != nil {
				return err
			}
			if err := a.migrate(cmd.Context()); err != nil {
				return errors.Join(err, a.close())
			}
			if user != "" {
				if err := a.store.GrantService(cmd.Context(), user); err != nil {
					return errors.Join(err, a.close())
				}
			}
			_, _ = fmt.Fprintln(cmd.OutOrStdout(), "The database is up to date.")
			return a.close()
		},
	}
	cmd.Flags().StringVar(&user, "service-user", "", "the service's own PostgreSQL user, who gets the rights it needs and no other ones")
	withData(cmd, &data)
	return cmd
}

func withData(cmd *cobra.Command, data *string) {
	cmd.Flags().StringVar(data, "data", "", "folder of a demo, instead of the environment")
}

// commandConfig is the environment's configuration, or that of a demo's folder.
func commandConfig(environ []string, data string) (Config, error) {
	if data == "" {
		return LoadConfig(environ)
	}
	dir, err := filepath.Abs(data)
	if err != nil {
		return Config{}, err
	}
	file, err := readDemo(dir)
	if err != nil {
		return Config{}, err
	}
	addr := "127.0.0.1:8080"
	if file.API != "" {
		addr = strings.TrimPrefix(file.API, "http://")
	}
	return demoConfig(file, dir, addr, "127.0.0.1:25")
}

func openStore(ctx context.Context, environ []string, data string) (*store.Store, error) {
	cfg, err := commandConfig(environ, data)
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, cfg.database(2, nil))
}

func shopifyCommand(environ []string) *cobra.Command {
	setup := &cobra.Command{
		Use:   "setup",
		Short: "Make what Pointbridge needs in the store; safe to repeat",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := LoadConfig(environ)
			if err != nil {
				return err
			}
			a, err := newApp(cmd.Context(), cfg, slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			if err := a.setupShop(cmd.Context()); err != nil {
				return errors.Join(err, a.close())
			}
			_, _ = fmt.Fprintln(cmd.OutOrStdout(), "The store has what Pointbridge needs.")
			return a.close()
		},
	}
	cmd := &cobra.Command{Use: "shopify", Short: "Prepare the Shopify store"}
	cmd.AddCommand(setup)
	return cmd
}

// healthcheckCommand is what a container's health check runs: the image has no other program.
func healthcheckCommand(environ []string) *cobra.Command {
	return &cobra.Command{
		Use:    "healthcheck",
		Short:  "Exit 0 when the service on HTTP_ADDR is ready",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			address := ":8080"
			for _, entry := range environ {
				if value, ok := strings.CutPrefix(entry, "HTTP_ADDR="); ok {
					address = value
				}
			}
			return healthcheck(cmd.Context(), address)
		},
	}
}

func healthcheck(ctx context.Context, address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := httpClient().Do(req)
	if err != nil {
		return errors.New("the service does not answer")
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the service is not ready: %s", res.Status)
	}
	return nil
}
