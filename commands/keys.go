package commands

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// neverEnds is what is said of a key that is to have no end.
const neverEnds = "never"

func keyCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{Use: "key", Short: "Make, list and revoke API keys"}
	cmd.AddCommand(keyCreateCommand(environ), keyListCommand(environ), keyRevokeCommand(environ))
	return cmd
}

func keyCreateCommand(environ []string) *cobra.Command {
	var role, name, customer, owner, expires, data string
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Make an API key and print it, once",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			k := staff.NewKey{Caller: domain.Caller{Name: name, Role: domain.Role(role), CustomerID: customer},
				Owner: owner}
			cfg, unset := databaseConfig(environ, data)
			if err := errors.Join(checkCaller(cfg.Roles(), k.Caller), readExpires(expires, time.Now(),
				&k)); err != nil {
				return err
			}
			if unset != nil {
				return unset
			}
			db, err := openMigrated(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			token, _, err := app.MachinesOf(db, cfg.Roles()).Add(cmd.Context(), staff.Operator(), k)
			if err != nil {
				return errors.Join(explainKey(err), db.Close())
			}
			_, _ = fmt.Fprintln(cmd.OutOrStdout(), token)
			return db.Close()
		},
	}
	cmd.Flags().StringVar(&role, "role", "", "role of the key: "+app.RoleChoice(domain.Roles())+
		", or one that POLICY_FILE makes")
	cmd.Flags().StringVar(&name, "name", "", "what the key is for, as the record shows it")
	cmd.Flags().StringVar(&customer, "customer", "", "the member a customer's key belongs to")
	cmd.Flags().StringVar(&owner, "owner", "",
		"mail address of the person who answers for the key; only a POS's and a customer's can do without")
	cmd.Flags().StringVar(&expires, "expires", "365d",
		"when it ends: in so many days (90d), on a date (2027-03-31, its end, UTC), or never")
	withData(cmd, &data)
	return cmd
}

// readExpires reads when a key is to end.
func readExpires(text string, now time.Time, k *staff.NewKey) error {
	if text == neverEnds {
		k.Endless = true
		return nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= int(staff.MaxKeyLife/(24*time.Hour)) {
			k.ExpiresAt = now.Add(time.Duration(n) * 24 * time.Hour)
			return nil
		}
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil && day.AddDate(0, 0, 1).After(now) {
		k.ExpiresAt = day.AddDate(0, 0, 1)
		return nil
	}
	return fmt.Errorf("--expires is days (365d), a date that is not over (2027-03-31) or never, and at most %d days away",
		int(staff.MaxKeyLife/(24*time.Hour)))
}

func explainKey(err error) error {
	var refused *domain.Error
	if !errors.As(err, &refused) || refused.Code != domain.CodeValidation {
		return err
	}
	switch field, _ := refused.Params["field"].(string); field {
	case "body.owner":
		return errors.New("--owner must be the mail address of a person who is let in; only --role pos and --role customer can do without")
	case "body.expires":
		return fmt.Errorf("--expires is at most %d days away, or never", int(staff.MaxKeyLife/(24*time.Hour)))
	default:
		return fmt.Errorf("--%s is missing or wrong", strings.TrimPrefix(field, "body."))
	}
}

func keyListCommand(environ []string) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the keys that were not revoked: whose they are, when they end, when they were last used",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := databaseConfig(environ, data)
			if err != nil {
				return err
			}
			db, err := openMigrated(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			list, err := app.MachinesOf(db, cfg.Roles()).List(cmd.Context())
			if err == nil {
				err = printKeys(cmd.OutOrStdout(), cfg.Roles(), list, time.Now())
			}
			return errors.Join(err, db.Close())
		},
	}
	withData(cmd, &data)
	return cmd
}

func printKeys(out io.Writer, roles domain.RoleBook, list []domain.APIKey, now time.Time) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "PREFIX\tROLE\tNAME\tOWNER\tMADE\tENDS\tLAST USED")
	for _, k := range list {
		owner, ends := k.Owner, minute(k.ExpiresAt, neverEnds)
		switch {
		case k.Unowned():
			owner = "(nobody; give it up for one with --owner)"
		case owner == "" && k.Caller.CustomerID != "":
			owner = "member " + k.Caller.CustomerID
		case owner == "":
			owner = "-"
		}
		switch {
		case k.Stopped:
			owner += " (disabled)"
		case !k.Alive(now):
			ends += " (over)"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.Prefix, shownRole(roles, k.Caller.Role),
			k.Caller.Name, owner, minute(&k.CreatedAt, ""), ends, minute(k.LastUsedAt, neverEnds))
	}
	return table.Flush()
}

func minute(at *time.Time, none string) string {
	if at == nil {
		return none
	}
	return at.UTC().Format("2006-01-02 15:04")
}

func keyRevokeCommand(environ []string) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "revoke PREFIX",
		Short: "End a key's life; PREFIX is the part between pb_ and the second _",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			db, err := OpenStore(cmd.Context(), environ, data)
			if err != nil {
				return err
			}
			if err := app.Machines(db).Revoke(cmd.Context(), staff.Operator(), args[0]); err != nil {
				return errors.Join(fmt.Errorf("no living key has the prefix %s", args[0]), db.Close())
			}
			_, _ = fmt.Fprintln(cmd.OutOrStdout(), "The key is revoked; processes that run forget it within seconds.")
			return db.Close()
		},
	}
	withData(cmd, &data)
	return cmd
}

// shownRole names a role in a list. One that is not there any more is told from those that are.
func shownRole(roles domain.RoleBook, role domain.Role) string {
	if !roles.Knows(role) {
		return string(role) + " (unknown)"
	}
	return string(role)
}

func checkCaller(roles domain.RoleBook, c domain.Caller) error {
	if !roles.Knows(c.Role) {
		names := make([]string, 0, len(roles.All()))
		for _, role := range roles.All() {
			names = append(names, string(role))
		}
		return errors.New("--role must be one of: " + strings.Join(names, ", "))
	}
	if (c.Role == domain.RoleCustomer) != (c.CustomerID != "") {
		return errors.New("--customer goes with --role customer, and only with it")
	}
	if c.CustomerID != "" && !domain.ValidCustomerID(c.CustomerID) {
		return errors.New("--customer is not a member's id")
	}
	return nil
}
