package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/integrations/store"
)

// losing records that the file of an archive is lost, and with it the rows that were deleted beside it. What it does hangs
// on the rows of the archive that are in the database; nobody can name others than those that are not:
//
//	| of its rows are there | what it does                                                                                |
//	|-----------------------|---------------------------------------------------------------------------------------------|
//	| all                   | refused: nothing is lost, `audit archive` writes the file again                             |
//	| the last ones         | they are written into another file, which is read back; the loss of the others is recorded  |
//	| none                  | the loss of all is recorded                                                                 |
//	| others than the last  | refused: rows were taken out by somebody else, which `audit verify` names                   |
//
//	| killed after                        | what is there                         | the next run with the same file                   |
//	|-------------------------------------|---------------------------------------|---------------------------------------------------|
//	| 1. the last rows are written        | FILE.part                             | writes it anew                                    |
//	| 2. the file is on the disk          | FILE, which nothing relies on         | goes on with 3                                    |
//	| 3. it was read back: it begins with | the same                              | the same                                          |
//	|    the row behind those that are    |                                       |                                                   |
//	|    lost, and ends as the archive    |                                       |                                                   |
//	| 4. the loss is recorded, under the  | the last rows twice                   | says that it is; `audit archive` with the file    |
//	|    key, with the audit entry        |                                       | deletes them, as it does beside any other         |
//
// The row behind those that are lost proves the one before it: its hash was noted when that one was deleted, and a hash
// that was made up does not give the one that is recorded at the archive's end.
type losing struct {
	archiving

	rows, by, reason string
}

func auditLossCommand(environ []string) *cobra.Command {
	var data string
	var l losing
	cmd := &cobra.Command{
		Use:   "accept-loss FIRST-LAST",
		Short: "Record that archived rows are lost for good, because their file is",
		Long: "For an archive whose file is nowhere to be found after rows were deleted beside it. FIRST-LAST are the rows of it that are\n" +
			"not in the database, all of them and no others: `audit archive` and `audit verify` name them. Those that are still there\n" +
			"are written into a new file, with --to, which takes the place of the lost one for what is left. The loss is recorded\n" +
			"under the key of the seals and in the audit, with the name and the reason that are given. It is no pardon: `audit verify`\n" +
			"tells of it from then on, and exits with 1 where it is not given --known-loss FIRST-LAST. Nothing is deleted.\n" +
			"Needs the database's owner.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l.rows = args[0]
			if err := l.signed(); err != nil {
				return err
			}
			cfg, err := databaseConfig(environ, data)
			if err != nil {
				return err
			}
			if l.keys = cfg.AuditKeys(); l.keys == nil {
				return errors.New("AUDIT_KEY or SECRET_KEY must be set: what is lost is recorded under the key of the seals")
			}
			l.bar, l.out, l.reached = newProgress(cmd.ErrOrStderr()), cmd.OutOrStdout(), func(int) error { return nil }
			defer l.bar.end()
			return withStore(cmd.Context(), environ, data, func(db *store.Store) error {
				l.db = db
				return l.run(cmd.Context())
			})
		},
	}
	cmd.Flags().StringVar(&l.by, "by", "", "the name of the person who stands for it that the file is nowhere")
	cmd.Flags().StringVar(&l.reason, "reason", "", "how it was lost, and where it was looked for")
	cmd.Flags().StringVar(&l.path, "to", "", "the new file, for the rows of the archive that are still in the database")
	withData(cmd, &data)
	return cmd
}

// mostSigned bounds a name and a reason, in characters.
const mostSigned = 500

// signed wants a name and a reason that can be read on one line.
func (l losing) signed() error {
	for _, one := range []struct{ flag, text string }{{"--by", l.by}, {"--reason", l.reason}} {
		switch {
		case strings.TrimSpace(one.text) == "":
			return errors.New("--by and --reason must be given: they are recorded for whoever asks for these rows")
		case !strings.ContainsFunc(one.text, legible):
			return fmt.Errorf("%s must have letters or digits that can be seen", one.flag)
		case !utf8.ValidString(one.text) || utf8.RuneCountInString(one.text) > mostSigned || strings.ContainsFunc(one.text, func(r rune) bool { return !unicode.IsGraphic(r) }):
			return fmt.Errorf("%s must be one line of %d characters at most", one.flag, mostSigned)
		}
	}
	return nil
}

// legible leaves out what counts as a letter and shows nothing.
func legible(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsNumber(r)) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

func (l losing) run(ctx context.Context) error {
	if owned, err := l.db.Owned(ctx); err != nil || !owned {
		return errors.Join(err, errors.New("only the user that owns the database may accept a loss: give its DATABASE_URL"))
	}
	chain, known, err := l.chain(ctx)
	if err != nil {
		return err
	}
	for _, one := range chain {
		for _, lost := range one.Lost {
			if lost.Range() == l.rows {
				_, _ = fmt.Fprintf(l.out, "%s\nIt is recorded already.\n", lost)
				return nil
			}
		}
	}
	at, lost, err := l.missing(ctx, chain)
	if err != nil {
		return err
	}
	of, before := chain[at], audit.HeadBefore(chain, at)
	if err := l.notFound(of, lost); err != nil {
		return err
	}
	if lost.Seq < of.Seq {
		if err := l.keepRest(ctx, of, &lost); err != nil {
			return err
		}
	}
	lost.By, lost.Reason, lost.At = l.by, l.reason, domain.SystemClock{}.Now().UTC()
	record, err := l.keys.RecordLoss(lost, before.Hash)
	if err != nil {
		return err
	}
	if err := l.db.Audit.RecordLoss(ctx, record, lost.First, known, domain.AuditEntry{At: lost.At, Actor: operator.ID,
		ActorName: operator.Name, Action: domain.ActionAuditLossAccepted, Outcome: domain.OutcomeDone,
		Detail: map[string]any{"rows": lost.Range(), "before": before.String(), "after": lost.Head.String(), "by": lost.By,
			"reason": lost.Reason, "lost_file": of.Rest().File, "lost_sha256": of.Rest().SHA256.String(), "file": lost.File,
			"sha256": lost.SHA256.String()}}); err != nil {
		return err
	}
	if err := l.reached(4); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(l.out, lost)
	if lost.File != "" {
		_, _ = fmt.Fprintf(l.out, "The rows %d to %d are in %s. To delete them from the database run audit archive with it.\n", lost.Seq+1,
			of.Seq, lost.File)
	}
	return nil
}

// missing finds the archive whose rows are named, and holds the name against what is not in the database. The head that
// it gives is that of the last row that is gone.
func (l losing) missing(ctx context.Context, chain []audit.Archive) (at int, lost audit.Loss, err error) {
	at = -1
	for i, one := range chain {
		if rest := one.Rest(); rest.Rows() > 0 && strings.HasPrefix(l.rows, fmt.Sprintf("%d-", rest.First)) {
			at = i
		}
	}
	if at < 0 {
		return at, lost, fmt.Errorf("%q is not what is missing of an archive: give its first and its last row, such as 1-4000, as audit archive "+
			"and audit verify name them", l.rows)
	}
	rest := chain[at].Rest()
	there, err := l.db.Audit.SealsWithin(ctx, rest.First, rest.Seq)
	if err != nil {
		return at, lost, err
	}
	lost = audit.Loss{First: rest.First, Head: rest.Head}
	lost.Seq -= there
	switch {
	case there == rest.Rows():
		return at, lost, fmt.Errorf("all rows of %s are in the database: nothing is lost, audit archive writes it again", rest.File)
	case lost.Range() != l.rows:
		return at, lost, fmt.Errorf("%s are not the rows that are missing: %s are", l.rows, lost.Range())
	case there == 0:
		return at, lost, nil
	}
	dropped, err := l.db.Audit.Dropped(ctx)
	if err == nil && dropped.Seq != lost.Seq {
		err = errNotNoted
	}
	lost.Head = dropped
	return at, lost, err
}

// notFound refuses the loss of what is in the file that was given for the rest, and a file for a rest that there is none of.
func (l losing) notFound(of audit.Archive, lost audit.Loss) error {
	if l.path == "" {
		return nil
	}
	if part, err := l.holds(of); err == nil && part.First <= lost.First && part.Rows() > 0 {
		return fmt.Errorf("%s has the rows %d to %d: nothing is lost. Keep it, and give it to audit archive and audit verify", l.path, part.First,
			part.Seq)
	}
	if lost.Seq == of.Seq {
		return errors.New("no row of the archive is in the database, so there is nothing to write: leave --to out")
	}
	return nil
}

// errNotNoted: without the hash before it nobody can prove the first row that is left.
var errNotNoted = errors.New("which row was the last one to be deleted was not noted, so that the next one cannot be proven: they were " +
	"deleted by an earlier release, or not by audit archive; the rows that are left stay where they are")

// keepRest writes the rows that are left into a file, reads it back, and notes it.
func (l losing) keepRest(ctx context.Context, of audit.Archive, lost *audit.Loss) error {
	if l.path == "" {
		return fmt.Errorf("the rows %d to %d are still in the database: give a new file for them as --to", lost.Seq+1, of.Seq)
	}
	if _, err := l.write(ctx, part{after: lost.Head, to: of.Seq, name: l.path}); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if err := l.reached(2); err != nil {
		return err
	}
	keyed := of.Seal.From
	if keyed > lost.Seq {
		keyed = 0
	}
	next, err := l.proven(ctx, span{after: lost.Head, from: keyed, most: of.Seq, tip: func(context.Context, int64) (audit.Tip, error) {
		return audit.Tip{Head: of.Head, Keyed: of.Seal}, nil
	}})
	if err != nil {
		return fmt.Errorf("%s: %w", l.path, err)
	}
	lost.File, lost.SHA256 = next.File, next.SHA256
	return l.reached(3)
}

// lostAndThere finds rows that were accepted as lost and are in the database: nobody could accept them as long as they were.
func lostAndThere(ctx context.Context, db *store.Store, archives []audit.Archive) (*audit.Bad, error) {
	for _, a := range archives {
		for _, l := range a.Lost {
			if there, err := db.Audit.SealsWithin(ctx, l.First, l.Seq); err != nil || there > 0 {
				return &audit.Bad{Seq: l.First, Kind: audit.Changed, Detail: "rows that were accepted as lost are in the database"}, err
			}
		}
	}
	return nil, nil //nolint:nilnil // nothing is bad
}

// lostAndUnsaid finds a loss of which the audit says that it was accepted, and of which there is no record any more.
func lostAndUnsaid(ctx context.Context, db *store.Store, archives []audit.Archive) (*audit.Bad, error) {
	recorded := map[string]bool{}
	for _, a := range archives {
		for _, l := range a.Lost {
			recorded[l.Range()] = true
		}
	}
	accepted, err := db.Audit.LossesAccepted(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range accepted {
		if !recorded[one.Rows] {
			return &audit.Bad{AuditID: one.AuditID, Kind: audit.Missing, Detail: fmt.Sprintf("the record of the rows %q, "+
				"which this one says were accepted as lost", one.Rows)}, nil
		}
	}
	return nil, nil //nolint:nilnil // nothing is bad
}

// tellLosses says what was accepted as lost. An error names what of it nobody says to know, and what they say to know
// and was not: whoever can accept a loss must not be able to do so unnoticed.
func tellLosses(archives []audit.Archive, files givenFiles, known []string, out io.Writer) (unknown error) {
	recorded := map[string]bool{}
	for _, a := range archives {
		file, lost, _ := fileOf(a, files)
		for _, l := range a.Lost {
			recorded[l.Range()] = true
			_, _ = fmt.Fprintln(out, l)
			switch {
			case file != nil && lost.Seq < l.First: // the walk goes along a file that begins before it
				_, _ = fmt.Fprintf(out, "They are found: they are in %s.\n", file.Name())
			case !slices.Contains(known, l.Range()):
				unknown = errors.Join(unknown, fmt.Errorf("the rows %d to %d were accepted as lost: look into it, and name them as --known-loss %s "+
					"from then on", l.First, l.Seq, l.Range()))
			}
		}
	}
	for _, one := range known {
		if !recorded[one] {
			unknown = errors.Join(unknown, fmt.Errorf("--known-loss %s: no such loss is recorded", one))
		}
	}
	return unknown
}
