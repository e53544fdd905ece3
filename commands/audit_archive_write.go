package commands

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"pointbridge/domain/audit"
	"pointbridge/integrations/private"
)

// write writes the rows into the file, which has its name only when all of it is on the disk. Errors: os.ErrExist where
// there is one of this name.
func (a archiving) write(ctx context.Context, last audit.Archive, most int64) (rows int64, err error) {
	part := a.path + ".part"
	f, err := private.TakeFile(part)
	if errors.Is(err, private.ErrLocked) {
		return 0, fmt.Errorf("another run is writing %s", part)
	}
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil || rows == 0 {
			err = errors.Join(err, os.Remove(part))
		}
		err = errors.Join(err, f.Close())
	}()
	// Only whoever has the part may give a file this name, and so it is looked for now.
	if _, err := os.Stat(a.path); err == nil {
		return 0, os.ErrExist
	} else if !errors.Is(err, os.ErrNotExist) {
		return 0, err
	}
	buffered := bufio.NewWriterSize(f, 1<<16)
	var to io.WriteCloser = nopCloser{buffered}
	if strings.HasSuffix(a.path, ".gz") {
		if to, err = gzip.NewWriterLevel(buffered, gzip.BestSpeed); err != nil {
			return 0, err
		}
	}
	w, err := audit.NewWriter(to, last.Head)
	if err != nil {
		return 0, err
	}
	head := last.Head
	for link, err := range a.db.Audit.Links(ctx, last.Seq+1, most) {
		if err != nil {
			return 0, err
		}
		if link.Gone || link.Fault != "" {
			return 0, fmt.Errorf("seq %d, audit row %d cannot be archived: %s; run: pointbridge audit verify", link.Seq, link.AuditID, link.Fault)
		}
		if !link.At.Before(a.before) {
			break
		}
		if err := w.Write(link); err != nil {
			return 0, err
		}
		if head, rows = (audit.Head{Seq: link.Seq, Hash: link.Hash}), rows+1; rows%rowsATell == 0 {
			a.bar.at(rows, 0, fmt.Sprintf("%d rows written", rows))
		}
	}
	if rows == 0 {
		return 0, nil
	}
	if err := errors.Join(w.Close(head), to.Close(), buffered.Flush(), f.Sync()); err != nil {
		return 0, err
	}
	if err := errors.Join(a.reached(1), os.Rename(part, a.path)); err != nil {
		return 0, err
	}
	return rows, syncFolder(filepath.Dir(a.path))
}

type nopCloser struct{ io.Writer }

// Close implements io.Closer.
func (nopCloser) Close() error { return nil }

func syncFolder(path string) error {
	folder, err := os.Open(path) //nolint:gosec // the operator's own choice
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
