package commands

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/domain/identity/scan"
)

func identityCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{Use: "identity", Short: "Who used codes more than once"}
	cmd.AddCommand(identityScanCommand(environ), identityImportCommand(environ), identityRotateCommand(environ))
	return cmd
}

// scanOptions are the flags of `identity scan`.
type scanOptions struct {
	data, table string
	days        int
	asJSON      bool
}

func identityScanCommand(environ []string) *cobra.Command {
	var o scanOptions
	cmd := &cobra.Command{
		Use:   "scan",
		Short: "Look back: what would a protection of codes have caught?",
		Long: "Reads the shop's orders with discount codes and tells who used the codes of one family more than once, what\n" +
			"that cost, and what each preset would have refused. It asks the shop alone, changes nothing, needs no database and\n" +
			"keeps nothing: people are told apart under a key that is forgotten at the end. Of the settings only those about\n" +
			"the shop have to be there (SHOPIFY_*, SHOP_COUNTRY). Shopify shows the orders of the last 60 days unless the app\n" +
			"was granted read_all_orders.\n" +
			"The output names orders and codes, and no person. Progress goes to the error output.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runScan(cmd, environ, o) },
	}
	cmd.Flags().IntVar(&o.days, "days", 90, "how many days to look back on, 1 to 730")
	cmd.Flags().StringVar(&o.table, "csv", "", "write each use of each person who was found to this file, as a table")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON document")
	withData(cmd, &o.data)
	return cmd
}

func runScan(cmd *cobra.Command, environ []string, o scanOptions) error {
	cfg, err := app.LoadShopConfig(environ)
	if o.data != "" {
		cfg, err = commandConfig(environ, o.data)
	}
	if err == nil && o.table != "" {
		err = newFile(o.table) // said before minutes of reading, not after them
	}
	if err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelError}))
	bar := newProgress(cmd.ErrOrStderr())
	r, err := cfg.Scan(cmd.Context(), o.days, logger, func(p scan.Progress) {
		bar.at(int64(p.Day), int64(p.Days), fmt.Sprintf("day %d of %d: %d uses of codes", p.Day, p.Days, p.Uses))
	})
	bar.end()
	if err != nil {
		return err
	}
	if o.table != "" {
		if err := writeTable(o.table, r); err != nil {
			return err
		}
	}
	if o.asJSON {
		return scanJSON(cmd.OutOrStdout(), r)
	}
	return scanText(cmd.OutOrStdout(), r)
}

// newFile tells of a file that is there already.
func newFile(path string) error {
	_, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil:
		err = fs.ErrExist
	}
	return fmt.Errorf("the table cannot be written to %s: %w", path, err)
}

// writeTable writes a new file. One that is there already is left alone: it may be the last one's findings.
func writeTable(path string, r scan.Report) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("the table cannot be written: %w", err)
	}
	return errors.Join(r.WriteTable(file), file.Close())
}

// mostShown is how many clusters are printed for people; the table has all of them.
const mostShown = 20

func scanText(out io.Writer, r scan.Report) error {
	p := &linePrinter{w: out}
	p.line("%d days, %s to %s: %d uses of codes in %d orders.", r.Days, r.From.Format("2006-01-02"),
		r.To.Format("2006-01-02"), r.Uses, r.Orders)
	p.line("Left out: codes of points %d, orders cancelled or refunded in full %d, test orders %d.", r.LeftOut.Points, r.LeftOut.Void,
		r.LeftOut.Test)
	if len(r.Withheld) > 0 {
		p.line("NOT SEEN: the shop does not show this app %s, so nobody is recognised by that.", listed(r.Withheld))
	}
	if r.Uses == 0 {
		p.line("\nThere is nothing to compare: no order of these days used a discount code, but for those that are left out.\n" +
			"Codes of points are for one customer and one use by themselves. Look back further with --days, or see whether\n" +
			"the app may read all orders (read_all_orders).")
		return p.err
	}
	p.line("\nUsed more than once, recognised by one thing alone:")
	for _, k := range r.By {
		p.line("  %-8s people %5d, uses beyond their first %d: %s", k.Kind, k.Clusters, k.Again, lossText(k.Loss, r.Days))
	}
	p.line("\nWhat each preset would have done:")
	for _, preset := range r.Presets {
		p.line("  %-8s %5d refused, %d flagged, %d let pass: %s", preset.Preset, preset.Refused, preset.Flagged,
			preset.Allowed, lossText(preset.Loss, r.Days))
	}
	p.line("\nLoss of a month = discounts of the orders beyond a person's first x 30 / days. Not every repeated use is abuse:\n" +
		"households and offices look alike. The presets say which they would refuse.")
	for i, c := range r.Clusters[:min(len(r.Clusters), mostShown)] {
		p.line("\n%d. %s: the same by %s", i+1, c.Family, listed(c.Kinds))
		for _, u := range c.Uses {
			p.line("   %s %s %s %s", u.At.Format("2006-01-02 15:04"), u.Order, u.Code, refusedBy(u.RefusedBy))
		}
	}
	if left := len(r.Clusters) - mostShown; left > 0 {
		p.line("\n%d more are in the table: --csv FILE", left)
	}
	return p.err
}

// listed writes words one after the other.
func listed[T ~string](words []T) string {
	texts := make([]string, 0, len(words))
	for _, w := range words {
		texts = append(texts, string(w))
	}
	return strings.Join(texts, ", ")
}

func refusedBy[T ~string](presets []T) string {
	if len(presets) == 0 {
		return "let pass"
	}
	return "refused by " + listed(presets)
}

func lossText(l scan.Loss, days int) string {
	text := fmt.Sprintf("%s %s in %d days, %s %s in a month", l.Sum.Decimal(), l.Sum.Currency, days, l.Month.Decimal(),
		l.Month.Currency)
	if l.Unknown > 0 {
		text += fmt.Sprintf(" (%d orders of unknown amount apart)", l.Unknown)
	}
	return text
}

// linePrinter prints lines until one cannot be.
type linePrinter struct {
	w   io.Writer
	err error
}

func (p *linePrinter) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}
