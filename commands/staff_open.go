package commands

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

func withPassword(cmd *cobra.Command, stdin *bool) {
	cmd.Flags().BoolVar(stdin, "password-stdin", false,
		"read the password from standard input: one line, 12 characters or more")
}

// chosenPassword reads one line. A password is never an argument: other users of the machine could see it.
func chosenPassword(in io.Reader, stdin bool) (string, error) {
	if !stdin {
		return "", nil
	}
	line, err := bufio.NewReader(io.LimitReader(in, 4*domain.MaxPassword)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if line = strings.TrimRight(line, "\r\n"); !domain.GoodPassword(line) {
		return "", fmt.Errorf("a password has at least %d characters and at most %d bytes", domain.MinPassword,
			domain.MaxPassword)
	}
	return line, nil
}

func printPassword(cmd *cobra.Command, password string, known bool) error {
	if known || password == "" {
		return nil
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "Password, shown this once: %s\n", password)
	return err
}

// withStaff opens the database for a command and words what it refuses.
func withStaff(environ []string, data *string, run func(*cobra.Command, *staff.Service) error) func(*cobra.Command,
	[]string) error {
	return func(cmd *cobra.Command, _ []string) error {
		cfg, err := databaseConfig(environ, *data)
		if err != nil {
			return err
		}
		db, err := openMigrated(cmd.Context(), cfg)
		if err != nil {
			return err
		}
		people, err := cfg.StaffService(db, db.Audit)
		if err == nil {
			err = app.ConnectQueue(db)
		}
		if err == nil {
			err = explain(run(cmd, people))
		}
		return errors.Join(err, db.Close())
	}
}

func explain(err error) error {
	var refused *domain.Error
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Code {
	case domain.CodeValidation:
		field, _ := refused.Params["field"].(string)
		return fmt.Errorf("--%s is missing or wrong", strings.Replace(strings.TrimPrefix(field, "body."), "customer_id",
			"customer", 1))
	case domain.CodePasswordGuessable:
		return errors.New("this password is easy to guess: take several words that do not belong together")
	case domain.CodeStaffExists:
		return errors.New("a person with this mail address exists already; for a new password run: pointbridge staff password")
	case domain.CodeNotFound:
		return errors.New("no person has this mail address")
	case domain.CodePasswordsOff:
		return errors.New("OIDC_ONLY is true: a password would let nobody in; set it to false first")
	case domain.CodeLastSystemAdmin:
		return errors.New("this is the last system admin: add another one first")
	default:
		return err
	}
}
