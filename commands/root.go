package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/demo"
	"pointbridge/tools/bench"
)

// Run is the whole program but for the signals: it gives the exit code, so that tests can start it.
func Run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	root := RootCommand(environ)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	if cmd, err := root.ExecuteContextC(ctx); err != nil {
		var told *exitError
		if !errors.As(err, &told) {
			told = &exitError{code: 1, err: err}
		}
		if told.err != nil {
			_, _ = fmt.Fprintln(stderr, "pointbridge:", sentence(ctx, told.err))
			if more := whereSettingsStand(cmd, told.err); more != "" {
				_, _ = fmt.Fprintln(stderr, more)
			}
		}
		return told.code
	}
	return 0
}

// sentence says why the program ends. Whoever breaks it off knows that; what it was doing then tells them nothing.
func sentence(ctx context.Context, err error) string {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return "broken off before the end; it can be run again"
	}
	if app.RefusedRight(err) {
		return (&app.DatabaseError{Err: err}).Error()
	}
	return err.Error()
}

// exitError ends the program with a code of its own. Without a cause everything has been told already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return fmt.Sprintf("exit %d: %v", e.code, e.err) }

// Unwrap returns the cause.
func (e *exitError) Unwrap() error { return e.err }

func RootCommand(environ []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "pointbridge",
		Short: "Loyalty points in the POS become single-use Shopify discount codes",
		Long: "Pointbridge takes points in the POS, makes one discount code in Shopify that only this customer can use, once,\n" +
			"and looks after it until it is used, has expired or was cancelled.\n\n" +
			"Configuration is environment variables; .env.example lists them all. Try it first: pointbridge demo",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version(),
	}
	root.SetFlagErrorFunc(wrongFlag)
	root.AddCommand(demo.Command(), serveCommand(environ), migrateCommand(environ), simulateCommand(),
		keyCommand(environ), staffCommand(environ), shopifyCommand(environ), bench.Command(environ),
		auditCommand(environ), booksCommand(environ), posCommand(environ), membersCommand(environ),
		privacyCommand(environ), identityCommand(environ), doctorCommand(environ), healthcheckCommand(environ))
	root.PersistentPreRun = func(cmd *cobra.Command, _ []string) {
		if readsSettings(cmd) {
			tellMistyped(cmd, environ)
		}
	}
	strict(root)
	return root
}

// version names the build: the module's version, and the commit that it was made from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	text := info.Main.Version
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			text += " " + setting.Value
		}
	}
	return strings.TrimSpace(text + " " + info.GoVersion)
}
