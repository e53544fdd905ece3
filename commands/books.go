package commands

import (
	"fmt"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/domain/books"
)

// The exit codes of `books check`.
const (
	exitDiffers    = 1
	exitIncomplete = 2
)

func booksCommand(environ []string) *cobra.Command {
	var o books.Options
	var data string
	var asJSON bool
	check := &cobra.Command{
		Use:   "check",
		Short: "Compare the POS, our books, Shopify and the metafields",
		Long: "Compares, per customer and per code, the POS's history, our own movements, Shopify's discounts and orders, and the\n" +
			"metafields. Exit code: 0 when nothing differs, 1 when something does, 2 when not everything could be compared.\n" +
			"The output names codes that can be spent: treat it like money.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out booksPrinter = &booksText{w: cmd.OutOrStdout()}
			if asJSON {
				out = &booksJSON{w: cmd.OutOrStdout()}
			}
			sum, err := checkBooks(cmd, environ, data, o, out)
			switch {
			case err != nil:
				return &exitError{exitIncomplete, err}
			case sum.Incomplete():
				return &exitError{code: exitIncomplete}
			case sum.Differences() > 0:
				return &exitError{code: exitDiffers}
			default:
				return nil
			}
		},
	}
	check.Flags().BoolVar(&o.Repair, "repair", false,
		"make the repairs that are safe to repeat; without it nothing is changed")
	check.Flags().StringVar(&o.CustomerID, "customer", "", "compare this member only")
	check.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	withData(check, &data)
	cmd := &cobra.Command{Use: "books", Short: "Compare the books, or make them again"}
	cmd.AddCommand(check, booksRebuildCommand(environ))
	return cmd
}

func checkBooks(cmd *cobra.Command, environ []string, data string, o books.Options,
	out booksPrinter) (books.Summary, error) {
	var sum books.Summary
	err := withApp(cmd, environ, data, func(a *app.App) (err error) {
		bar := newProgress(cmd.ErrOrStderr())
		sum, err = a.Books.Run(cmd.Context(), o, books.Sink{
			Difference: func(d books.Difference) { bar.beside(func() { out.difference(d) }) },
			Gap:        func(g books.Gap) { bar.beside(func() { out.gap(g) }) },
			Progress: func(s books.Summary) {
				bar.at(int64(s.Customers), 0, fmt.Sprintf("%d customers and %d coupons, %d differences", s.Customers, s.Coupons,
					s.Differences()))
			}})
		bar.end()
		out.end(sum)
		return err
	})
	return sum, err
}
