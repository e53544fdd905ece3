package commands

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"pointbridge/app"
)

// untold are the commands that are not preceded by the names of mistyped settings: those that read no environment, and
// those that have a place of their own for them.
var untold = []string{"demo", "simulate", "healthcheck", "help", "completion", "serve", "doctor"}

// readsSettings says whether a command is about to read the environment.
func readsSettings(cmd *cobra.Command) bool {
	if data := cmd.Flags().Lookup("data"); cmd.HasSubCommands() || data != nil && data.Changed {
		return false
	}
	for c := cmd; c.HasParent(); c = c.Parent() {
		if slices.Contains(untold, c.Name()) {
			return false
		}
	}
	return true
}

// tellMistyped names variables that are no settings and probably were to be, beside what a command prints.
func tellMistyped(cmd *cobra.Command, environ []string) {
	for _, one := range app.MistypedSettings(environ) {
		_, _ = fmt.Fprintln(cmd.ErrOrStderr(), "pointbridge:", one)
	}
}
