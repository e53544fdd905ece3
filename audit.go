package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/integrations/store"
)

func auditCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{Use: "audit", Short: "Verify and export the record of what happened"}
	cmd.AddCommand(auditVerifyCommand(environ), auditExportCommand(environ))
	return cmd
}

func auditVerifyCommand(environ []string) *cobra.Command {
	var data, file, expect string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Exit 0 when the record is what was sealed and agrees with the books",
		Long: "Walks the chain of the audit, from the database or from an exported file, and names the first row that is not what\n" +
			"was sealed. In the database it also holds the record against the coupons and movements. The head it prints is to be\n" +
			"written down elsewhere: with --expect it later shows that nothing was cut off or made anew.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var expected *audit.Head
			if expect != "" {
				head, err := audit.ParseHead(expect)
				if err != nil {
					return fmt.Errorf("--expect: %w", err)
				}
				expected = &head
			}
			if file != "" {
				return verifyFile(file, expected, cmd.OutOrStdout())
			}
			return withStore(cmd.Context(), environ, data, func(db *store.Store) error {
				return verifyDatabase(cmd.Context(), db, expected, cmd.OutOrStdout())
			})
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "an exported file, instead of the database")
	cmd.Flags().StringVar(&expect, "expect", "", "a head that was written down, as seq:hash")
	withData(cmd, &data)
	cmd.MarkFlagsMutuallyExclusive("file", "data")
	return cmd
}

func auditExportCommand(environ []string) *cobra.Command {
	var data, from, to string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the sealed record as JSON lines, which verify --file can check on its own",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			begin, err := moment(from)
			end, endErr := moment(to)
			if err := errors.Join(err, endErr); err != nil {
				return err
			}
			return withStore(cmd.Context(), environ, data, func(db *store.Store) error {
				if err := recordAuditExport(cmd.Context(), db, from, to); err != nil {
					return err
				}
				return audit.ExportRange(cmd.Context(), db, begin, end, cmd.OutOrStdout())
			})
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "begin with the first row of this moment or later: 2026-01-31 (UTC) or 2026-01-31T15:00:00Z")
	cmd.Flags().StringVar(&to, "to", "", "end with the last row before this moment")
	withData(cmd, &data)
	return cmd
}

// recordAuditExport puts on record that whoever works at this machine takes the audit away. It comes before a line is
// written.
func recordAuditExport(ctx context.Context, db *store.Store, from, to string) error {
	return db.Record(ctx, domain.AuditEntry{At: domain.SystemClock{}.Now(), Actor: operator.ID, ActorName: operator.Name, Action: domain.ActionAuditExportBegun,
		Outcome: domain.OutcomeDone, Detail: map[string]any{"format": "sealed", "from": from, "to": to}})
}

// moment reads a date or a date and time; nothing is the zero time.
func moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(form, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither a date, such as 2026-01-31, nor a date and time by RFC 3339", text)
}

// withStore opens the database, which has to be up to date, and closes it afterwards.
func withStore(ctx context.Context, environ []string, data string, do func(*store.Store) error) error {
	db, err := openStore(ctx, environ, data)
	if err != nil {
		return err
	}
	pending, err := db.PendingMigrations(ctx)
	if err == nil && pending {
		err = errors.New("the database is not up to date; run: pointbridge migrate")
	}
	if err == nil {
		err = do(db)
	}
	return errors.Join(err, db.Close())
}

func verifyFile(path string, expected *audit.Head, out io.Writer) error {
	f, err := os.Open(path) //nolint:gosec // the operator's own choice
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	e, err := audit.ReadExport(f)
	if err != nil {
		return err
	}
	got, err := audit.Verify(e.Links(), e.Start, expected)
	if err != nil {
		return err
	}
	if got.Bad != nil {
		_, _ = fmt.Fprintln(out, got.Bad)
		return errBadAudit
	}
	_, _ = fmt.Fprintf(out, "%d rows hold, head %s\n", got.Rows, got.Head)
	return nil
}
