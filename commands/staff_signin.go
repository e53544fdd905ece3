package commands

import (
	"fmt"

	"github.com/spf13/cobra"

	"pointbridge/domain/staff"
)

func staffSecondFactorCommand(environ []string) *cobra.Command {
	var email, data string
	cmd := &cobra.Command{
		Use:   "reset-second-factor",
		Short: "Take every second factor of a person away, who lost theirs; their sessions end at once",
		Args:  cobra.NoArgs,
		RunE: withStaff(environ, &data, func(cmd *cobra.Command, people *staff.Service) error {
			p, err := people.ByEmail(cmd.Context(), email)
			if err != nil {
				return err
			}
			if err := people.ResetSecondFactor(cmd.Context(), staff.Operator(), p.ID); err != nil {
				return err
			}
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%s has no second factor any more.\n", p.Email)
			return nil
		}),
	}
	cmd.Flags().StringVar(&email, "email", "", "the person's mail address")
	withData(cmd, &data)
	return cmd
}
