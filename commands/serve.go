package commands

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

	"pointbridge/app"
	"pointbridge/demo"
	"pointbridge/integrations/store"
)

func serveCommand(environ []string) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the service",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := app.LoadConfig(environ)
			if err != nil {
				return err
			}
			logger, err := app.NewLogger(cfg, cmd.OutOrStdout())
			if err != nil {
				return err
			}
			collectLess(environ)
			return app.Serve(cmd.Context(), cfg, logger)
		},
	}
}

// collectLess trades memory, of which the service needs little, for time: garbage is collected when the heap has grown
// to four times what lives, but sooner near 100 MiB. GOGC and GOMEMLIMIT still have the last word.
func collectLess(environ []string) {
	if app.ValueOf(environ, "GOGC") == "" && app.ValueOf(environ, "GOMEMLIMIT") == "" {
		debug.SetGCPercent(300)
		debug.SetMemoryLimit(100 << 20)
	}
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
			a, err := app.New(cmd.Context(), cfg, slog.New(slog.NewTextHandler(cmd.ErrOrStderr(),
				&slog.HandlerOptions{Level: slog.LevelWarn})))
			if err != nil {
				return err
			}
			if err := a.Migrate(cmd.Context()); err != nil {
				return errors.Join(err, a.Close())
			}
			if user != "" {
				if err := a.Store.GrantService(cmd.Context(), user); err != nil {
					return errors.Join(err, a.Close())
				}
			}
			_, _ = fmt.Fprintln(cmd.OutOrStdout(), "The database is up to date.")
			return a.Close()
		},
	}
	cmd.Flags().StringVar(&user, "service-user", "",
		"the service's own PostgreSQL user, who gets the rights it needs and no other ones")
	withData(cmd, &data)
	return cmd
}

func withData(cmd *cobra.Command, data *string) {
	cmd.Flags().StringVar(data, "data", "", "folder of a demo, instead of the environment")
}

// commandConfig is the environment's configuration, or that of a demo's folder.
func commandConfig(environ []string, data string) (app.Config, error) {
	if data == "" {
		return app.LoadConfig(environ)
	}
	dir, err := filepath.Abs(data)
	if err != nil {
		return app.Config{}, err
	}
	file, err := demo.Read(dir)
	if err != nil {
		return app.Config{}, err
	}
	addr := "127.0.0.1:8080"
	if file.API != "" {
		addr = strings.TrimPrefix(file.API, "http://")
	}
	return demo.DemoConfig(file, dir, addr, "127.0.0.1:25")
}

func OpenStore(ctx context.Context, environ []string, data string) (*store.Store, error) {
	cfg, err := commandConfig(environ, data)
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, cfg.Database(2, nil))
}

func shopifyCommand(environ []string) *cobra.Command {
	setup := &cobra.Command{
		Use:   "setup",
		Short: "Make what Pointbridge needs in the store; safe to repeat",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := app.LoadConfig(environ)
			if err != nil {
				return err
			}
			a, err := app.New(cmd.Context(), cfg, slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			if err := a.SetupShop(cmd.Context()); err != nil {
				return errors.Join(err, a.Close())
			}
			err = a.Setup.Look(cmd.Context())
			lacks := a.Setup.Differences(cmd.Context())
			if len(lacks) > 0 {
				_, _ = fmt.Fprintln(cmd.OutOrStdout(), "What Pointbridge makes in the store is there. What is still missing:")
			}
			for _, d := range lacks {
				_, _ = fmt.Fprintln(cmd.OutOrStdout(), d.String())
			}
			if err == nil && len(lacks) == 0 {
				_, _ = fmt.Fprintln(cmd.OutOrStdout(), "The store has what Pointbridge needs.")
			}
			abilities, cannot := a.ShopAbilities(cmd.Context())
			err = errors.Join(err, cannot)
			for _, line := range abilities {
				_, _ = fmt.Fprintln(cmd.OutOrStdout(), line)
			}
			return errors.Join(err, a.Close())
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
	res, err := app.HTTPClient().Do(req)
	if err != nil {
		return errors.New("the service does not answer")
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the service is not ready: %s", res.Status)
	}
	return nil
}
