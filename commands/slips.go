package commands

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pointbridge/app"
)

// mostSlips is how many letters may be wrong in a name that is taken for another one.
const mostSlips = 2

// strict makes every command refuse what it does not know, in words that say what it takes: a script with a slip in it
// must not go on as if all were well.
func strict(cmd *cobra.Command) {
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return fmt.Errorf("%s has no command %q%s", cmd.CommandPath(), args[0], meantBy(cmd, args[0]))
		}
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	} else if counts := cmd.Args; counts != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if counts(cmd, args) == nil {
				return nil
			}
			return wrongArguments(cmd, args)
		}
	}
	cmd.SuggestionsMinimumDistance = mostSlips
	for _, below := range cmd.Commands() {
		strict(below)
	}
}

// wrongArguments names what a command takes, which stands in its line of use, and what it was given.
func wrongArguments(cmd *cobra.Command, args []string) error {
	takes := strings.Fields(cmd.Use)[1:]
	if len(takes) == 0 {
		return fmt.Errorf("%s takes nothing but flags, and was given %q; see --help", cmd.CommandPath(), args[0])
	}
	given := "nothing"
	if len(args) > 0 {
		given = fmt.Sprintf("%q", args)
	}
	return fmt.Errorf("%s takes %s, and was given %s; see --help", cmd.CommandPath(),
		strings.Join(takes, " and "), given)
}

// meantBy proposes the commands whose names are like a word, and the flag that is called as a command would be: --version.
func meantBy(cmd *cobra.Command, word string) string {
	if cmd.Flags().Lookup(word) != nil {
		return meant([]string{word}, "--")
	}
	return meant(cmd.SuggestionsFor(word), "")
}

// meant proposes names; nothing where there are none.
func meant(names []string, before string) string {
	if len(names) == 0 {
		return "; see --help"
	}
	return "; did you mean " + before + strings.Join(names, " or "+before) + "?"
}

// wrongFlag names a flag that was probably meant, and what one takes whose value cannot be read. The likeness of names
// is cobra's own, which knows it of commands.
func wrongFlag(cmd *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return fmt.Errorf("--%s takes %s, not %q", invalid.GetFlag().Name, kindOf(invalid.GetFlag()), invalid.GetValue())
	}
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || unknown.GetSpecifiedShortnames() != "" {
		return err
	}
	alike := &cobra.Command{SuggestionsMinimumDistance: mostSlips}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		alike.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	name := unknown.GetSpecifiedName()
	return fmt.Errorf("%s has no flag --%s%s", cmd.CommandPath(), name, meant(alike.SuggestionsFor(name), "--"))
}

// kindOf says what a flag takes.
func kindOf(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int", "int64", "uint", "uint64":
		return "a whole number"
	case "bool":
		return "true or false"
	case "duration":
		return "a time such as 30s or 5m"
	default:
		return "another value"
	}
}

// whereSettingsStand follows the faults of a configuration: somebody who sees them for the first time has no file yet.
func whereSettingsStand(cmd *cobra.Command, err error) string {
	var faults *app.FaultsError
	if !errors.As(err, &faults) {
		return ""
	}
	text := "Each is described in .env.example; a shell reads a file of them with: set -a; . ./.env; set +a\n"
	if cmd.Flags().Lookup("data") != nil {
		return text + "To look at a demo instead: pointbridge demo --data FOLDER, and --data FOLDER here"
	}
	return text + "To look at the whole product without any of them: pointbridge demo"
}
