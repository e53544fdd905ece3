package commands

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/members"
)

func membersCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{Use: "members", Short: "Take members over from a table, write them to one, renumber one"}
	cmd.AddCommand(membersImportCommand(environ), membersExportCommand(environ), membersRenumberCommand(environ))
	return cmd
}

// withApp does something with everything that is wired, for a command: nothing is served, and no job is worked on.
func withApp(cmd *cobra.Command, environ []string, data string, do func(*app.App) error) error {
	cfg, err := commandConfig(environ, data)
	if err != nil {
		return err
	}
	a, err := app.New(cmd.Context(), cfg, slog.New(slog.NewTextHandler(cmd.ErrOrStderr(),
		&slog.HandlerOptions{Level: slog.LevelError})))
	if err != nil {
		return err
	}
	if err := app.UpToDate(cmd.Context(), a.Store); err != nil {
		return errors.Join(err, a.Close())
	}
	return errors.Join(do(a), a.Close())
}

func membersRenumberCommand(environ []string) *cobra.Command {
	var data string
	var kept bool
	cmd := &cobra.Command{
		Use:   "renumber OLD NEW",
		Short: "Move a member to the number that the POS has given them",
		Long: "Moves a member with their coupons, link, limits and locks to another number. Give the member the number in the POS\n" +
			"first: the POS has to know it, and the old one no more. Nothing is changed while points of the\n" +
			"member are on the way, or when the new number may be somebody else. Doing it again finds it done.",
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, to := domain.FoldTyped(args[0]), domain.FoldTyped(args[1])
			return withApp(cmd, environ, data, func(a *app.App) error {
				moved, err := a.Members.Renumber(cmd.Context(), members.Renumbering{Caller: operator, From: from, To: to,
					OldKept: kept})
				if err != nil {
					return explainRenumbering(err)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is %s now.\n", from, moved.ID)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&kept, "old-kept", false, "the POS keeps old numbers, without points; both are this member for certain")
	withData(cmd, &data)
	return cmd
}

// explainRenumbering words a refusal for whoever is at the machine.
func explainRenumbering(err error) error {
	var refused *domain.Error
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Code {
	case domain.CodeValidation:
		return errors.New("the new number has to be another one, of letters, digits, - and _, at most 64")
	case domain.CodeCustomerNotFound:
		return errors.New("there is no member with the old number")
	case domain.CodeRenumbered:
		return errors.New("the member with the old number has a third one by now")
	case domain.CodeNumberUnknown:
		return errors.New("the POS does not know the new number; give it to the member there first")
	case domain.CodeOldNumberInUse:
		return errors.New("the POS still knows the old number; take it off there, with its points moved to the new one, or say --old-kept " +
			"if it keeps old numbers and has no points under this one")
	case domain.CodeNumberTaken:
		return fmt.Errorf("the new number may be somebody else: %s", takenBecause(refused.Params["reason"]))
	case domain.CodeMovementInProgress:
		return errors.New("points of this member are on the way; try again in a moment, and look at the open cases if that does not help")
	case domain.CodeUpstreamUnavailable:
		return errors.New("the POS did not answer, so nothing was changed; try again")
	}
	return err
}

func takenBecause(reason any) string {
	switch reason {
	case "linked":
		return "both numbers are linked to customers of the shop"
	case "former":
		return "it was another member's before"
	default:
		return "it has coupons of its own"
	}
}
