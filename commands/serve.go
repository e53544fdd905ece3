package commands

import (
	"cmp"
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
				tellMistyped(cmd, environ)
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
			cfg, err := migrateConfig(environ, data)
			if err != nil {
				return err
			}
			logger := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
			db, err := openStore(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			if err = cfg.Migrate(cmd.Context(), db, logger); err == nil && user != "" {
				err = db.GrantService(cmd.Context(), user)
			}
			if err = errors.Join(err, db.Close()); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "The database is up to date.")
			return err
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
	if !demo.There(dir) {
		return app.Config{}, fmt.Errorf("there is no demo in the folder %s; start one: pointbridge demo --data %s", dir,
			demo.ShellWord(data))
	}
	return demoConfig(dir)
}

// demoConfig is the configuration of a demo's folder.
func demoConfig(dir string) (app.Config, error) {
	file, err := demo.Read(dir)
	if err != nil {
		return app.Config{}, err
	}
	addr := "127.0.0.1:8080"
	if file.API != "" {
		addr = strings.TrimPrefix(file.API, "http://")
	}
	return demo.DemoConfig(file, dir, addr, cmp.Or(file.SMTP, "127.0.0.1:25"))
}

// databaseConfig is what works on the database alone needs of the settings, or those of a demo's folder.
func databaseConfig(environ []string, data string) (app.Config, error) {
	if data == "" {
		return app.LoadDatabaseConfig(environ)
	}
	return commandConfig(environ, data)
}

// keyedConfig is databaseConfig for what digests people or numbers.
func keyedConfig(environ []string, data string) (app.Config, error) {
	if data == "" {
		return app.LoadKeyedConfig(environ)
	}
	return commandConfig(environ, data)
}

// migrateConfig is databaseConfig for what makes a database where none is.
func migrateConfig(environ []string, data string) (app.Config, error) {
	if data == "" {
		return app.LoadDatabaseConfig(environ)
	}
	dir, err := filepath.Abs(data)
	if err != nil {
		return app.Config{}, err
	}
	return demoConfig(dir)
}

// OpenStore opens the database, which has to be there and up to date.
func OpenStore(ctx context.Context, environ []string, data string) (*store.Store, error) {
	cfg, err := databaseConfig(environ, data)
	if err != nil {
		return nil, err
	}
	return openMigrated(ctx, cfg)
}

// openMigrated opens a database that has to be there, and up to date: what a command reads there means something else
// before a migration.
func openMigrated(ctx context.Context, cfg app.Config) (*store.Store, error) {
	if err := cfg.DatabaseThere(); err != nil {
		return nil, err
	}
	db, err := openStore(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := app.UpToDate(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// openStore opens the database for a command, and says in a sentence why it cannot.
func openStore(ctx context.Context, cfg app.Config) (*store.Store, error) {
	db, err := store.Open(ctx, cfg.Database(2, nil))
	if err != nil {
		return nil, &app.DatabaseError{Err: err}
	}
	return db, nil
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
		return fmt.Errorf("nothing answers at %s; HTTP_ADDR says where it is looked for", req.URL)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the service is not ready: %s", res.Status)
	}
	return nil
}
