package commands

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"pointbridge/domain/audit"
)

// again writes the file of the last archive once more, unless there is one of its name: the same rows give the same
// bytes, and what does not is thrown away.
func (a archiving) again(ctx context.Context, after audit.Head, last audit.Archive) error {
	_, err := a.write(ctx, part{after: after, to: last.Seq, name: last.File, sum: last.SHA256})
	if err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return a.reached(2)
}

// holds tells which part of an archive the file is, and has it on the disk with its name: whoever wrote it may have died
// before that, or copied it there. One that was accepted as lost, and is found after all, has what is left as well.
func (a archiving) holds(of audit.Archive) (part audit.Archive, err error) {
	f, err := openPlain(a.path)
	if err != nil {
		return part, err
	}
	defer func() { _ = f.Close() }()
	sum, err := sumOfFile(f, a.bar)
	if err != nil {
		return part, err
	}
	for _, part := range of.Parts() {
		if sum == part.SHA256 {
			return part, errors.Join(f.Sync(), syncFolder(filepath.Dir(a.path)))
		}
	}
	return part, errOtherFile
}

// drop deletes the rows of a recorded archive, beside its file.
func (a archiving) drop(ctx context.Context, of audit.Archive) error {
	part, err := a.holds(of)
	if err != nil {
		return a.noFile(ctx, of.Rest(), err)
	}
	if err := a.reached(5); err != nil {
		return err
	}
	left, err := a.db.Audit.ArchivedLeft(ctx)
	if err != nil {
		return err
	}
	// They go in the order of their numbers, so that those that are left are the last ones.
	for next, all := of.Seq-left+1, part.Rows(); next <= of.Seq; {
		if next, err = a.db.Audit.DropArchived(ctx, next, of.Seq, a.batch); err != nil {
			return err
		}
		a.bar.at(next-part.First, all, fmt.Sprintf("%d of %d rows deleted", next-part.First, all))
		if err := a.reached(6); err != nil {
			return err
		}
	}
	a.bar.end()
	_, _ = fmt.Fprintf(a.out, "Archived are the rows %d to %d, in %s, head %s. Keep the file: without it nobody can tell what they were.\n",
		part.First, part.Seq, part.File, part.Head)
	return nil
}

// noFile says what stands against the deletion, and what can still be done.
func (a archiving) noFile(ctx context.Context, of audit.Archive, why error) error {
	left, err := a.db.Audit.ArchivedLeft(ctx)
	if err != nil {
		return err
	}
	all := of.Rows()
	if left == all || !errors.Is(why, os.ErrNotExist) {
		return fmt.Errorf("%w: give it as --to; it was called %s, sha256 %s: %w", errNoFile, of.File, of.SHA256, why)
	}
	return fmt.Errorf("%w: %d of its %d rows are deleted, so it cannot be written again; look for it among the backups and give it as --to; "+
		"it was called %s, sha256 %s. When it is nowhere, somebody can stand for that with audit accept-loss %d-%d: %w", errNoFile, all-left, all,
		of.File, of.SHA256, of.First, of.Seq-left, why)
}
