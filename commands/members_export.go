package commands

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/integrations/memberfile"
	"pointbridge/integrations/store"
)

func membersExportCommand(environ []string) *cobra.Command {
	var data, path string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write all members to a table that spreadsheets open, and members import reads",
		Long: "Writes all members with the columns that `members import` reads, in UTF-8 with a byte order mark. The table names\n" +
			"people and how to reach them: keep it as you keep the POS's own. That it was written stands in the audit.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withStore(cmd.Context(), environ, data, func(db *store.Store) error {
				if path == "" {
					return writeMembers(cmd, db, cmd.OutOrStdout())
				}
				// One that is there already is left alone: it may be the last export.
				file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // as named
				if err != nil {
					return fmt.Errorf("the table cannot be written: %w", err)
				}
				return errors.Join(writeMembers(cmd, db, file), file.Close())
			})
		},
	}
	cmd.Flags().StringVar(&path, "out", "", "the file to write; without it the standard output")
	withData(cmd, &data)
	return cmd
}

func writeMembers(cmd *cobra.Command, db *store.Store, out io.Writer) error {
	buffered := bufio.NewWriter(out)
	table, err := memberfile.NewWriter(buffered, memberfile.Columns())
	if err != nil {
		return err
	}
	service := members.Service{Recorder: db.Audit, Clock: domain.SystemClock{}}
	n, err := service.Export(cmd.Context(), operator, db.Members, table)
	if err = errors.Join(err, buffered.Flush()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.ErrOrStderr(), "%d members were written.\n", n)
	return err
}
