package commands

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/integrations/store"
)

// archiveAge is how old a row is at least that may be archived: what is looked up, counted or told again of the audit is
// younger.
const archiveAge = 90 * 24 * time.Hour

// deleteAtOnce is how many rows go with one commit: on SQLite others wait for it.
const deleteAtOnce = 2000

// archiving takes the oldest rows of the audit out of the database into a file:
//
//	| killed after                  | what is there                            | the next run with the same file       |
//	|-------------------------------|------------------------------------------|---------------------------------------|
//	| 1. rows are being written     | FILE.part                                | writes it anew                        |
//	| 2. the file is on the disk    | FILE, which nothing relies on            | goes on with 3                        |
//	| 3. it was read back: its      | the same                                 | the same                              |
//	|    chain ends as ours does    |                                          |                                       |
//	| 4. what the books need of it  | some of it, which nobody reads yet       | carries the rest                      |
//	|    is carried over            |                                          |                                       |
//	| 5. it is recorded, under the  | everything twice: the walk begins behind | deletes, after a look at the file;    |
//	|    key, with the audit entry  | it, the books go by what was carried     | nothing else                          |
//	| 6. some batches are deleted   | the rest twice                           | the same                              |
//	| 7. all are deleted            | the file, and the record of it           | says so                               |
//
// What follows where an archive is recorded hangs on its file and on its rows alone, and not on how they came to be so:
//
//	| of its rows are there | its file is there, and whole | another one has its name | no file                          |
//	|-----------------------|------------------------------|--------------------------|----------------------------------|
//	| all                   | they are deleted             | refused                  | it is written again, byte for    |
//	|                       |                              |                          | byte, by 1 and 2; then deleted   |
//	| some                  | the others are deleted       | refused                  | refused: nobody can make it      |
//	|                       |                              |                          | again                            |
//	| none                  | that is said                 | refused: it is no part   | the next part is written         |
//	|                       |                              | that comes next          |                                  |
//
// What is refused changes nothing. The database itself refuses to delete rows that are not recorded as archived, and rows
// without a seal.
type archiving struct {
	db     *store.Store
	keys   *audit.Keys
	before time.Time
	path   string
	out    io.Writer
	bar    *progress
	// batch is how many rows one commit deletes.
	batch int
	// reached is told of each step that is done, by its number; a test fails there.
	reached func(step int) error
}

func auditArchiveCommand(environ []string) *cobra.Command {
	var data, before, to string
	cmd := &cobra.Command{
		Use:   "archive",
		Short: "Take the oldest part of the record out of the database, into a file",
		Long: "Writes the sealed rows up to the first one of the given moment or later into a file (packed when its name ends in .gz),\n" +
			"reads it back, holds it against the chain, records it under the key of the seals, and only then deletes those rows in\n" +
			"batches. Killed at any moment it goes on when it is run again with the same file. Keep the file: `audit verify --archive\n" +
			"FILE` walks along it. Needs the database's owner: the service's own user may delete nothing of the audit.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			end, err := moment(before)
			if err != nil {
				return err
			}
			if end.IsZero() || to == "" {
				return errors.New("--before and --to must be given")
			}
			if now := (domain.SystemClock{}).Now(); now.Sub(end) < archiveAge {
				return fmt.Errorf("--before must be at least %d days ago: younger rows are still looked at", int(archiveAge.Hours()/24))
			}
			cfg, err := databaseConfig(environ, data)
			if err != nil {
				return err
			}
			keys := cfg.AuditKeys()
			if keys == nil {
				return errors.New("AUDIT_KEY or SECRET_KEY must be set: what was archived is recorded under the key of the seals")
			}
			bar := newProgress(cmd.ErrOrStderr())
			defer bar.end()
			return withStore(cmd.Context(), environ, data, func(db *store.Store) error {
				return archiving{db: db, keys: keys, before: end, path: to, out: cmd.OutOrStdout(), bar: bar, batch: deleteAtOnce,
					reached: func(int) error { return nil }}.run(cmd.Context())
			})
		},
	}
	cmd.Flags().StringVar(&before, "before", "", "end with the last row before this moment: 2026-01-31 (UTC) or 2026-01-31T15:00:00Z")
	cmd.Flags().StringVar(&to, "to", "", "the file; one that an earlier run did not come to an end with is gone on with")
	withData(cmd, &data)
	return cmd
}

func (a archiving) run(ctx context.Context) error {
	if owned, err := a.db.Owned(ctx); err != nil || !owned {
		return errors.Join(err, errors.New("only the user that owns the database may archive: give its DATABASE_URL"))
	}
	chain, _, err := a.chain(ctx)
	if err != nil {
		return err
	}
	var last audit.Archive // of nothing, before the first one
	var before audit.Head
	if n := len(chain); n > 0 {
		last, before = chain[n-1], audit.HeadBefore(chain, n-1)
	}
	rest := last.Rest()
	left, err := a.db.Audit.ArchivedLeft(ctx)
	if err != nil {
		return err
	}
	if left > 0 && left == rest.Rows() {
		if err := a.again(ctx, before, rest); err != nil {
			return err
		}
	}
	if _, err := a.holds(last); left > 0 || err == nil {
		return a.drop(ctx, last)
	}
	next, err := a.take(ctx, rest)
	if err != nil || next.Seq == 0 {
		return err
	}
	return a.drop(ctx, next)
}

// chain is what was archived, and how much of it was accepted as lost. What does not hold is said.
func (a archiving) chain(ctx context.Context) (chain []audit.Archive, losses int64, err error) {
	chain, losses, bad, err := archivesOf(ctx, a.db, a.keys)
	if err == nil && bad != nil {
		_, _ = fmt.Fprintln(a.out, bad)
		err = errBadAudit
	}
	return chain, losses, err
}

// take writes, reads back and records the next part; none is the zero value.
func (a archiving) take(ctx context.Context, last audit.Archive) (next audit.Archive, err error) {
	most, err := a.db.Audit.Archivable(ctx)
	if err != nil {
		return next, err
	}
	switch rows, err := a.write(ctx, part{after: last.Head, to: most, before: a.before, name: a.path}); {
	case errors.Is(err, os.ErrExist): // an earlier run did not come to an end with it
	case err != nil:
		return next, err
	case rows == 0:
		_, _ = fmt.Fprintf(a.out, "No sealed row after %d is before %s: nothing to archive.\n", last.Seq,
			a.before.UTC().Format(time.RFC3339))
		return next, nil
	}
	if err := a.reached(2); err != nil {
		return next, err
	}
	next, err = a.proven(ctx, span{after: last.Head, from: last.Seal.From, most: most, tip: a.db.Audit.TipAt})
	if err != nil {
		return audit.Archive{}, fmt.Errorf("%s: %w", a.path, err)
	}
	if err := a.reached(3); err != nil {
		return audit.Archive{}, err
	}
	if next.Carried, err = a.db.Audit.Carry(ctx, next.First, next.Seq, func(seq int64) {
		done, all := seq-next.First+1, next.Seq-next.First+1
		a.bar.at(done, all, fmt.Sprintf("%d of %d rows gone through for the books", done, all))
	}); err != nil {
		return audit.Archive{}, err
	}
	if err := a.reached(4); err != nil {
		return audit.Archive{}, err
	}
	next.At = domain.SystemClock{}.Now().UTC()
	record, err := a.keys.Record(next)
	if err != nil {
		return audit.Archive{}, err
	}
	return next, a.db.Audit.RecordArchive(ctx, record, next.First, domain.AuditEntry{At: next.At, Actor: operator.ID,
		ActorName: operator.Name, Action: domain.ActionAuditArchived, Outcome: domain.OutcomeDone,
		Detail: map[string]any{"first": next.First, "head": next.String(), "file": next.File, "sha256": next.SHA256.String()}})
}

// span is what a file has to hold: rows after a head, as many as may be archived.
type span struct {
	after audit.Head
	// from is the number of the first keyed seal where one stands before the first row.
	from, most int64
	// tip is what is known of the chain when it ended with a number.
	tip func(ctx context.Context, seq int64) (audit.Tip, error)
}

// proven reads the file back: it begins where it has to, its chain and its seals hold, and it ends with a seal that is
// known, which covers every row before.
func (a archiving) proven(ctx context.Context, s span) (next audit.Archive, err error) {
	f, err := openPlain(a.path)
	if err != nil {
		return next, err
	}
	defer func() { _ = f.Close() }()
	digest := sha256.New()
	read := io.TeeReader(a.bar.reading(f, "read back"), digest) // the hash is that of the bytes that were looked at
	e, err := readExport(read)
	if err != nil {
		return next, err
	}
	if e.Start != s.after {
		what := "give another name"
		if e.Start.Seq > s.after.Seq {
			what = "give the file that does first"
		}
		return next, fmt.Errorf("this file begins after row %d, and the next archive after row %d: %s", e.Start.Seq, s.after.Seq, what)
	}
	got, err := audit.Verify(e.Links(), audit.Check{Start: s.after, From: s.from, Keys: a.keys})
	if err != nil {
		return next, err
	}
	if got.Bad != nil && got.Bad.Kind == audit.NotAuthentic && got.Bad.Seq == got.Head.Seq && got.From == 0 {
		got.Bad = nil // rows of before there was a key: the first keyed seal, which is still in the database, covers them
	}
	tip, tipErr := s.tip(ctx, got.Head.Seq)
	switch {
	case got.Bad != nil:
		return next, fmt.Errorf("the file does not hold: %s", got.Bad)
	case got.Rows == 0 || got.Head.Seq > s.most:
		return next, errors.New("the file holds no rows that may be archived")
	case tipErr != nil:
		return next, tipErr
	case tip.Head != got.Head:
		return next, fmt.Errorf("the file ends with another row %d than the database has", got.Head.Seq)
	}
	next = audit.Archive{First: s.after.Seq + 1, Head: got.Head, Seal: tip.Keyed, File: filepath.Base(a.path)}
	_, err = io.Copy(io.Discard, read)
	digest.Sum(next.SHA256[:0])
	return next, err
}
