package commands

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/integrations/store"
)

func auditCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{Use: "audit", Short: "Verify, export and archive the record of what happened"}
	cmd.AddCommand(auditVerifyCommand(environ), auditExportCommand(environ), auditArchiveCommand(environ), auditLossCommand(environ))
	return cmd
}

// verification is what `audit verify` was asked for.
type verification struct {
	data, file, expect, expectFile string
	archives, known                []string
	withoutKey                     bool
}

func auditVerifyCommand(environ []string) *cobra.Command {
	var v verification
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Exit 0 when the record is what was sealed and agrees with the books",
		Long: "Walks the chain of the audit, from the database or from an exported file, and names the first row that is not what\n" +
			"was sealed, or whose seal was made by somebody without the key. A file is held against the key when AUDIT_KEY or\n" +
			"SECRET_KEY is set; otherwise, and with --without-key, only the links are checked, which anybody can make. In the\n" +
			"database it also holds the record against the coupons and movements. The head it prints is to be written down\n" +
			"elsewhere: with --expect it later shows that nothing was cut off or made anew. Of what was archived it needs the files to\n" +
			"walk along it: with each of them as --archive it begins at the very first row.\n" +
			"Rows that were accepted as lost are told of each time; whoever knows of them names them as --known-loss.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return v.Run(cmd.Context(), environ, cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&v.file, "file", "", "an exported file, instead of the database")
	f.StringVar(&v.expect, "expect", "", "a head that was written down, as seq:hash")
	f.StringVar(&v.expectFile, "expect-file", "", "a file of AUDIT_HEADS_FILE: its last head is expected")
	f.StringArrayVar(&v.archives, "archive", nil, "a file of audit archive; with all of them the walk begins at the first row")
	f.StringArrayVar(&v.known, "known-loss", nil, "rows that you know to be accepted as lost, as FIRST-LAST; other losses are faults")
	f.BoolVar(&v.withoutKey, "without-key", false, "check the links alone, not who made the seals")
	withData(cmd, &v.data)
	cmd.MarkFlagsMutuallyExclusive("file", "data")
	cmd.MarkFlagsMutuallyExclusive("file", "archive")
	cmd.MarkFlagsMutuallyExclusive("file", "known-loss")
	cmd.MarkFlagsMutuallyExclusive("expect", "expect-file")
	return cmd
}

func (v verification) Run(ctx context.Context, environ []string, cmd *cobra.Command) error {
	out := cmd.OutOrStdout()
	c, err := v.expected()
	if err != nil {
		return err
	}
	bar := newProgress(cmd.ErrOrStderr())
	defer bar.end()
	if v.file != "" {
		if !v.withoutKey {
			c.Keys = keysOf(environ)
		}
		return verifyFile(v.file, c, out, bar)
	}
	cfg, err := databaseConfig(environ, v.data)
	if err != nil {
		return err
	}
	if c.ToTheEnd = true; !v.withoutKey {
		if c.Keys = cfg.AuditKeys(); c.Keys == nil {
			return errors.New("AUDIT_KEY or SECRET_KEY must be set, to see who made the seals; or give --without-key")
		}
	}
	return withStore(ctx, environ, v.data, func(db *store.Store) error { return v.verifyDatabase(ctx, db, c, out, bar) })
}

// expected reads the head that the chain has to have.
func (v verification) expected() (c audit.Check, err error) {
	flag, text := "--expect", v.expect
	if v.expectFile != "" {
		flag = "--expect-file"
		if text, err = LastHead(v.expectFile); err != nil {
			return c, fmt.Errorf("%s: %w", flag, err)
		}
	}
	if text == "" {
		return c, nil
	}
	head, err := audit.ParseHead(text)
	if err != nil {
		return c, fmt.Errorf("%s: %w", flag, err)
	}
	c.Expected = &head
	return c, nil
}

// keysOf reads the keys alone: a file can be verified on a machine that has nothing else of the service.
func keysOf(environ []string) *audit.Keys {
	cfg := app.Config{AuditKey: app.Secret(app.ValueOf(environ, "AUDIT_KEY")),
		SecretKey: app.Secret(app.ValueOf(environ, "SECRET_KEY"))}
	for old := range strings.SplitSeq(app.ValueOf(environ, "AUDIT_KEY_OLD"), ",") {
		cfg.AuditKeyOld = append(cfg.AuditKeyOld, app.Secret(old))
	}
	return cfg.AuditKeys()
}

// LastHead returns the head of the last whole line of a file of heads. A line that was being written when the power
// went is no whole one.
func LastHead(path string) (string, error) {
	f, err := os.Open(path) //nolint:gosec // the operator's own choice
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	last := ""
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var line struct {
			Head string `json:"head"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Head != "" {
			last = line.Head
		}
	}
	if err := lines.Err(); err != nil {
		return "", err
	}
	if last == "" {
		return "", errors.New("the file holds no head")
	}
	return last, nil
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
				bar := newProgress(cmd.ErrOrStderr())
				defer bar.end()
				return audit.ExportRange(cmd.Context(), db.Audit, begin, end,
					io.MultiWriter(cmd.OutOrStdout(), bar.passing(0, "written")))
			})
		},
	}
	cmd.Flags().StringVar(&from, "from", "",
		"begin with the first row of this moment or later: 2026-01-31 (UTC) or 2026-01-31T15:00:00Z")
	cmd.Flags().StringVar(&to, "to", "", "end with the last row before this moment")
	withData(cmd, &data)
	return cmd
}

// recordAuditExport writes into the audit that whoever works at this machine takes the audit away. It comes before a
// line is written.
func recordAuditExport(ctx context.Context, db *store.Store, from, to string) error {
	return db.Audit.Record(ctx, domain.AuditEntry{At: domain.SystemClock{}.Now(), Actor: operator.ID,
		ActorName: operator.Name, Action: domain.ActionAuditExportBegun, Outcome: domain.OutcomeDone,
		Detail: map[string]any{"format": "sealed", "from": from, "to": to}})
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
	db, err := OpenStore(ctx, environ, data)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

func verifyFile(path string, c audit.Check, out io.Writer, bar *progress) error {
	f, err := os.Open(path) //nolint:gosec // the operator's own choice
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	e, err := readExport(bar.reading(f, "verified"))
	if err != nil {
		return err
	}
	c.Start = e.Start
	got, err := audit.Verify(e.Links(), c)
	if err != nil {
		return err
	}
	bar.end()
	if got.Bad != nil {
		_, _ = fmt.Fprintln(out, got.Bad)
		if got.Bad.Kind == audit.NotAuthentic && got.From == 0 {
			_, _ = fmt.Fprintln(out, "An export from before the seals had a key is checked with --without-key.")
		}
		return errBadAudit
	}
	_, _ = fmt.Fprintf(out, "%d rows hold, head %s\n%s\n", got.Rows, got.Head, authenticity(got, c))
	return nil
}

// authenticity says what is known of who made the seals.
func authenticity(got audit.Result, c audit.Check) string {
	switch {
	case c.Keys == nil && got.From != 0:
		return fmt.Sprintf("AUTHENTICITY WAS NOT CHECKED: keyed seals begin at %d, and no key was given.", got.From)
	case c.Keys == nil:
		return "AUTHENTICITY WAS NOT CHECKED: these seals have no key; anybody can have made them."
	case got.Rows == 0:
		return "There is no seal whose authenticity could be checked."
	default:
		return fmt.Sprintf("Authentic: keyed seals begin at %d and cover every row up to here; the last one is by key %s.", got.From, got.Last)
	}
}
