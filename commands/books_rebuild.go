package commands

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/beside"
	"pointbridge/domain/books"
)

func booksRebuildCommand(environ []string) *cobra.Command {
	var data string
	var write, asJSON bool
	cmd := &cobra.Command{
		Use:   "rebuild",
		Short: "Make a lost database again from the POS, Shopify and the metafields",
		Long: "Brings coupons, movements and uses of an empty or an old database back to today, out of the POS's references,\n" +
			"Shopify's discounts, the customers' metafields and the orders. Without --write it only says what it would do.\n" +
			"What they do not agree on becomes a review; what could not be asked is named and left to the next run. All it\n" +
			"does outside is to deactivate codes whose points are back. Stop every `pointbridge serve` first. Exit code: 0\n" +
			"when everything was told, 1 when something was left out, 2 when the run did not come to its end: run it again.\n" +
			"The output names codes that can be spent: treat it like money.",
		Example: "  pointbridge migrate\n" +
			"  pointbridge books rebuild           # a rehearsal\n" +
			"  pointbridge books rebuild --write\n" +
			"  pointbridge books check",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			sum, err := rebuildBooks(cmd, environ, data, write, asJSON)
			switch {
			case err != nil:
				return &exitError{exitIncomplete, err}
			case sum.Left > 0:
				return &exitError{code: exitDiffers}
			default:
				return nil
			}
		},
	}
	cmd.Flags().BoolVar(&write, "write", false, "restore; without it nothing is changed, here or outside")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document a line, the figures last")
	withData(cmd, &data)
	return cmd
}

func rebuildBooks(cmd *cobra.Command, environ []string, data string, write, asJSON bool) (books.RebuildSummary, error) {
	var sum books.RebuildSummary
	out := cmd.OutOrStdout()
	err := withApp(cmd, environ, data, func(a *app.App) (err error) {
		bar := newProgress(cmd.ErrOrStderr())
		found := func(f books.Restored) { printRestored(out, f, write) }
		if asJSON {
			lines := json.NewEncoder(out)
			found = func(f books.Restored) { _ = lines.Encode(f) }
		}
		sum, err = a.Rebuild.Rebuild(cmd.Context(), write, books.RebuildSink{
			Found:    func(f books.Restored) { bar.beside(func() { found(f) }) },
			Progress: func(s books.RebuildSummary) { bar.at(int64(s.Discounts), 0, rebuiltSoFar(s)) }})
		bar.end()
		var fault *beside.Panic
		if errors.As(err, &fault) {
			a.Logger.ErrorContext(cmd.Context(), "the rebuild panicked", "stack", fault.Stack)
		}
		switch {
		case asJSON:
			err = errors.Join(err, json.NewEncoder(out).Encode(map[string]any{"summary": sum, "complete": err == nil}))
		default:
			printRebuilt(out, sum, err == nil)
		}
		return err
	})
	return sum, err
}

// printRestored is a line for a code that a person has to look at, or that was left out; the others are counted.
func printRestored(w io.Writer, f books.Restored, write bool) {
	var doubts []string
	for _, d := range f.Doubts {
		doubts = append(doubts, string(d))
	}
	about := fmt.Sprintf("customer=%s code=%s points=%d", f.CustomerID, f.Code, f.Points)
	known := named(" doubts=", strings.Join(doubts, ",")) + named(" differs=", strings.Join(f.Differs, ","))
	switch {
	case f.Campaign != "":
		_, _ = fmt.Fprintf(w, "CAMPAIGN %s %s: not in the database; in the shop %s\n", f.Campaign, about, f.Shop)
	case f.Cause != "":
		_, _ = fmt.Fprintf(w, "LEFT %s: %s\n", about, f.Cause)
	case len(f.Reviews) > 0:
		_, _ = fmt.Fprintf(w, "REVIEW %s: %s%s%s%s\n", about, named(string(f.From)+" -> ", string(f.To)), known,
			reviewsOf(f), stoppedWord(f, write))
	case f.Stopped:
		_, _ = fmt.Fprintf(w, "STOPPED %s: %s%s\n", about, f.To, stoppedWord(f, write))
	}
}

func reviewsOf(f books.Restored) string {
	var list []string
	for _, kind := range f.Reviews {
		list = append(list, string(kind))
	}
	return named(" review=", strings.Join(list, ","))
}

func stoppedWord(f books.Restored, write bool) string {
	switch {
	case !f.Stopped:
		return ""
	case write:
		return " (its points are back: the code was deactivated first)"
	default:
		return " (its points are back: the code would be deactivated first)"
	}
}

func rebuiltSoFar(s books.RebuildSummary) string {
	return fmt.Sprintf("%d discounts, %d members, %d coupons restored, %d right already, %d left", s.Discounts, s.Members,
		restoredOf(s), s.Right, s.Left)
}

func restoredOf(s books.RebuildSummary) (n int) {
	for _, of := range s.Restored {
		n += of
	}
	return n
}

func printRebuilt(w io.Writer, s books.RebuildSummary, complete bool) {
	word := "Would restore"
	if s.Write {
		word = "Restored"
	}
	var kinds []string
	for _, status := range domain.Statuses() {
		if n := s.Restored[status]; n > 0 {
			kinds = append(kinds, fmt.Sprintf("%d %s", n, status))
		}
	}
	if len(kinds) == 0 {
		kinds = slices.Concat(kinds, []string{"nothing"})
	}
	_, _ = fmt.Fprintf(w, "%s: %s. Right already: %d. Reviews: %d. Codes stopped: %d. Left out: %d.\n", word,
		strings.Join(kinds, ", "), s.Right, s.Reviews, s.Stopped, s.Left)
	if s.Campaigns > 0 {
		_, _ = fmt.Fprintf(w, "Discounts of campaigns: %d, of which the database does not have %d.\n", s.Campaigns, s.Unknown)
	}
	switch {
	case !complete:
		_, _ = fmt.Fprintln(w, "INCOMPLETE: run it again; what is right already is not touched.")
	case s.Left > 0:
		_, _ = fmt.Fprintln(w, "What was left out is named above: run it again.")
	case !s.Write && restoredOf(s) > 0:
		_, _ = fmt.Fprintln(w, "Nothing was changed. Restore with: pointbridge books rebuild --write")
	}
}
