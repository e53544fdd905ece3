package commands

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/integrations/store"
)

// The exit codes of `pos check` and `pos trace`.
const (
	exitNotKept = 1 // something does not hold, or differs
	exitUntold  = 2 // something could not be told
)

func posCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{Use: "pos", Short: "Ask the POS: what it keeps, and what it knows of a movement"}
	cmd.AddCommand(posCheckCommand(environ), posTraceCommand(environ), posMovedCommand(environ))
	return cmd
}

// posConfig is what these commands need of the settings, or those of a demo's folder.
func posConfig(environ []string, data string, books bool) (app.Config, error) {
	if data != "" {
		return commandConfig(environ, data)
	}
	return app.LoadPOSConfig(environ, books)
}

// withBooks opens the database for as long as do takes.
func withBooks(ctx context.Context, cfg app.Config, do func(*store.Store) error) error {
	db, err := openMigrated(ctx, cfg)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

// say prints a line.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }

// cause is what the POS's client said, if anything.
func cause(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
