package commands

import (
	"errors"

	"github.com/spf13/cobra"

	"pointbridge/app"
)

func posMovedCommand(environ []string) *cobra.Command {
	var same, review bool
	var data string
	cmd := &cobra.Command{
		Use:   "moved",
		Short: "Say what becomes of open movements after the POS's settings changed",
		Long: "Each movement of points keeps the POS it was made with: kind, address and account. `serve` does not\n" +
			"start while one is open that was made with another POS than the settings name. The best way is to\n" +
			"start with the settings of before until nothing is on its way. Where that cannot be, stop every process and say what it is:\n" +
			"  --same    the same POS under another name or address: its movements are settled there\n" +
			"  --review  another POS: its open movements go before a person, as cases of the kind unsettled\n" +
			"Exit code: 0 when none is left, 1 when a process is still at some of them.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if same == review {
				return errors.New("say one of --same and --review")
			}
			return withApp(cmd, environ, data, func(a *app.App) error {
				if same {
					n, err := a.SameTill(cmd.Context())
					if err == nil {
						say(cmd.OutOrStdout(), "%d open movements are those of %s now.", n, a.Config.TillName())
					}
					return err
				}
				done, left, err := a.PutDown(cmd.Context())
				if err != nil {
					return err
				}
				say(cmd.OutOrStdout(), "%d coupons lie before a person; %d are left, because a process is at them.", done, left)
				if left > 0 {
					return &exitError{code: exitNotKept}
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&same, "same", false, "it is the same POS under another name")
	cmd.Flags().BoolVar(&review, "review", false, "it is another POS: open movements go before a person")
	withData(cmd, &data)
	return cmd
}
