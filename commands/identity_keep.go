package commands

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"pointbridge/domain/decisions"
	"pointbridge/integrations/store"
)

func identityImportCommand(environ []string) *cobra.Command {
	var data string
	var days int
	var all bool
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Learn from past orders who used which codes of protected campaigns",
		Long: "Reads the shop's past orders, day by day from the newest one, and keeps which of them used a code of a campaign whose\n" +
			"protection is on, with digests of what they show. Nothing is decided about them. What was cut off goes on where it\n" +
			"was when it is run again for as many days; reading a day twice changes nothing.\n" +
			"--all reads as far back as digests are kept (IDENTITY_RETENTION). Shopify shows the orders of the last 60 days unless\n" +
			"the app was granted read_all_orders. Progress goes to the error output.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if all == (days != 0) {
				return errors.New("give --days, or --all for as far back as digests are kept")
			}
			if !all && days < 1 {
				return decisions.ErrImportDays
			}
			return runImport(cmd, environ, data, days)
		},
	}
	cmd.Flags().IntVar(&days, "days", 0, "how many days to read, the newest first")
	cmd.Flags().BoolVar(&all, "all", false, "read as far back as digests are kept")
	withData(cmd, &data)
	return cmd
}

func runImport(cmd *cobra.Command, environ []string, data string, days int) error {
	cfg, err := commandConfig(environ, data)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	logger := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelError}))
	return withStore(ctx, environ, data, func(db *store.Store) error {
		bar := newProgress(cmd.ErrOrStderr())
		done, err := cfg.ImportIdentity(ctx, db, days, logger, func(i decisions.Import) {
			bar.at(int64(i.Read), int64(i.Days), fmt.Sprintf("day %d of %d: %d orders with codes, %d uses of campaigns",
				i.Read, i.Days, i.Orders, i.Uses))
		})
		bar.end()
		if err != nil {
			if done.Read > 0 {
				_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%d of %d days are read. Run it again to go on.\n", done.Read, done.Days)
			}
			return err
		}
		text := fmt.Sprintf("%d days are read: %d orders with codes, %d uses of campaigns.\n", done.Days, done.Orders,
			done.Uses)
		if done.Unseen > 0 {
			text += fmt.Sprintf("NOT SEEN: %d orders show nothing by which their buyer could be recognised.\n", done.Unseen)
		}
		_, err = fmt.Fprint(cmd.OutOrStdout(), text)
		return err
	})
}

func identityRotateCommand(environ []string) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Bring every digest under the key in use",
		Long: "The running service does the same every hour. A new IDENTITY_KEY, whose predecessor stands at the end of\n" +
			"IDENTITY_KEY_OLD, is in use an hour after the first process has it, so that every process can be started with it.\n" +
			"Digests are wrapped a few hundred at a time beside the running service, which finds those of every key meanwhile. It\n" +
			"can be stopped and run again. No key can ever be left out: the oldest is inside each digest.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := keyedConfig(environ, data)
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			return withBooks(ctx, cfg, func(db *store.Store) error {
				bar := newProgress(cmd.ErrOrStderr())
				done, waits, err := cfg.RotateIdentity(ctx, db, func(n int) {
					bar.at(int64(n), 0, fmt.Sprintf("%d digests are under the key in use", n))
				})
				bar.end()
				if err != nil {
					return err
				}
				text := fmt.Sprintf("%d digests were brought under the key in use; none is left under another.\n", done)
				if waits > 0 {
					text += "A NEWER KEY IS NOT IN USE YET: it is an hour after the first process has it. Run this again then, or " +
						"leave it to the service.\n"
				}
				_, err = fmt.Fprint(cmd.OutOrStdout(), text)
				return err
			})
		},
	}
	withData(cmd, &data)
	return cmd
}
