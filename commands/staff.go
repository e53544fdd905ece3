package commands

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

func staffCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{Use: "staff", Short: "Add the people who work here, and look after their sign-ins"}
	cmd.AddCommand(staffAddCommand(environ), staffListCommand(environ), staffDisableCommand(environ),
		staffPasswordCommand(environ), staffSecondFactorCommand(environ), staffLinkCommand(environ))
	return cmd
}

func staffAddCommand(environ []string) *cobra.Command {
	var p staff.Person
	var role, data string
	var stdin bool
	cmd := &cobra.Command{
		Use:   "add",
		Short: "Add a person; without --password-stdin a password is drawn and printed, once, and has to be changed at the first sign-in",
		Args:  cobra.NoArgs,
		RunE: withStaff(environ, &data, func(cmd *cobra.Command, people *staff.Service) error {
			var err error
			if p.Password, err = chosenPassword(cmd.InOrStdin(), stdin); err != nil {
				return err
			}
			p.Role = domain.Role(role)
			added, password, err := people.Add(cmd.Context(), staff.Operator(), p)
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%s is added as %s (%s).\n", added.Email, added.Role,
				added.Caller().ID)
			return printPassword(cmd, password, stdin)
		}),
	}
	cmd.Flags().StringVar(&p.Email, "email", "", "mail address to sign in with")
	cmd.Flags().StringVar(&p.Name, "name", "", "name, as the record shows it")
	cmd.Flags().StringVar(&role, "role", "", app.RoleChoice(domain.StaffRoles())+", or one that POLICY_FILE makes")
	cmd.Flags().StringVar(&p.CustomerID, "customer", "", "the person's own member id, if they are a member")
	withPassword(cmd, &stdin)
	withData(cmd, &data)
	return cmd
}

func staffListCommand(environ []string) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the people who work here or did",
		Args:  cobra.NoArgs,
		RunE: withStaff(environ, &data, func(cmd *cobra.Command, people *staff.Service) error {
			list, err := people.List(cmd.Context())
			if err != nil {
				return err
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(table, "ID\tEMAIL\tNAME\tROLE\tSTATE")
			for _, p := range list {
				state := "enabled"
				switch {
				case p.DisabledAt != nil:
					state = "disabled"
				case p.SuspendedAt != nil:
					state = "no role at the provider"
				}
				_, _ = fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\n", p.ID, p.Email, p.Name, shownRole(people.Roles(),
					p.Role), state)
			}
			return table.Flush()
		}),
	}
	withData(cmd, &data)
	return cmd
}

func staffDisableCommand(environ []string) *cobra.Command {
	var email, data string
	cmd := &cobra.Command{
		Use:   "disable",
		Short: "Keep a person out: sessions and tokens end at once",
		Args:  cobra.NoArgs,
		RunE: withStaff(environ, &data, func(cmd *cobra.Command, people *staff.Service) error {
			p, err := people.ByEmail(cmd.Context(), email)
			if err != nil {
				return err
			}
			yes := true
			if p, err = people.Change(cmd.Context(), staff.Operator(), p.ID, staff.Edit{Disabled: &yes}); err != nil {
				return err
			}
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%s is disabled.\n", p.Email)
			return nil
		}),
	}
	cmd.Flags().StringVar(&email, "email", "", "the person's mail address")
	withData(cmd, &data)
	return cmd
}

func staffLinkCommand(environ []string) *cobra.Command {
	var email, data string
	cmd := &cobra.Command{
		Use:   "link",
		Short: "Let the identity with a person's mail address be theirs, if it signs in at the provider within a day",
		Args:  cobra.NoArgs,
		RunE: withStaff(environ, &data, func(cmd *cobra.Command, people *staff.Service) error {
			p, err := people.ByEmail(cmd.Context(), email)
			if err != nil {
				return err
			}
			if err := people.AllowLink(cmd.Context(), staff.Operator(), p.ID); err != nil {
				return err
			}
			_, _ = fmt.Fprintf(cmd.OutOrStdout(),
				"%s is connected with the identity that signs in with this address within a day.\n", p.Email)
			return nil
		}),
	}
	cmd.Flags().StringVar(&email, "email", "", "the person's mail address")
	withData(cmd, &data)
	return cmd
}

func staffPasswordCommand(environ []string) *cobra.Command {
	var email, data string
	var stdin bool
	cmd := &cobra.Command{
		Use:   "password",
		Short: "Give a person a new password; their sessions end at once",
		Args:  cobra.NoArgs,
		RunE: withStaff(environ, &data, func(cmd *cobra.Command, people *staff.Service) error {
			p, err := people.ByEmail(cmd.Context(), email)
			if err != nil {
				return err
			}
			chosen, err := chosenPassword(cmd.InOrStdin(), stdin)
			if err != nil {
				return err
			}
			password, err := people.SetPassword(cmd.Context(), staff.Operator(), p.ID, chosen)
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%s has a new password.\n", p.Email)
			return printPassword(cmd, password, stdin)
		}),
	}
	cmd.Flags().StringVar(&email, "email", "", "the person's mail address")
	withPassword(cmd, &stdin)
	withData(cmd, &data)
	return cmd
}
