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
	"time"

	"pointbridge/domain/audit"
	"pointbridge/integrations/private"
)

// part is a part of the chain that is to be written.
type part struct {
	// after is the head before its first row, to the number that it ends with at the latest.
	after audit.Head
	to    int64
	// before is the moment that it ends before; zero is no bound.
	before time.Time
	// name says by its end whether the file is packed.
	name string
	// sum is what the file's bytes have to come to; zero where nobody knows yet.
	sum audit.Hash
}

// write writes rows into the file, which has its name only when all of it is on the disk. Errors: os.ErrExist where
// there is something of this name.
func (a archiving) write(ctx context.Context, p part) (rows int64, err error) {
	beside := a.path + ".part"
	f, err := private.TakeFile(beside)
	if errors.Is(err, private.ErrLocked) {
		return 0, fmt.Errorf("another run is writing %s", beside)
	}
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil || rows == 0 {
			err = errors.Join(err, os.Remove(beside))
		}
		err = errors.Join(err, f.Close())
	}()
	// Only whoever has the part may give a file this name, and so it is looked for now.
	if _, err := os.Lstat(a.path); err == nil {
		return 0, os.ErrExist
	} else if !errors.Is(err, os.ErrNotExist) {
		return 0, err
	}
	buffered := bufio.NewWriterSize(f, 1<<16)
	var to io.WriteCloser = nopCloser{buffered}
	if strings.HasSuffix(p.name, ".gz") {
		if to, err = gzip.NewWriterLevel(buffered, gzip.BestSpeed); err != nil {
			return 0, err
		}
	}
	w, err := audit.NewWriter(to, p.after)
	if err != nil {
		return 0, err
	}
	head := p.after
	for link, err := range a.db.Audit.Links(ctx, p.after.Seq+1, p.to) {
		if err != nil {
			return 0, err
		}
		if link.Gone || link.Fault != "" {
			return 0, fmt.Errorf("seq %d, audit row %d cannot be archived: %s; run: pointbridge audit verify", link.Seq, link.AuditID, link.Fault)
		}
		if !p.before.IsZero() && !link.At.Before(p.before) {
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
	if p.sum != (audit.Hash{}) {
		if sum, err := sumOf(beside, a.bar); err != nil {
			return 0, err
		} else if sum != p.sum {
			return 0, errOtherRows
		}
	}
	if err := a.reached(1); err != nil {
		return 0, err
	}
	if err := os.Rename(beside, a.path); err != nil {
		return 0, err
	}
	return rows, syncFolder(filepath.Dir(a.path))
}

// openPlain opens a file that is one: a link may lead to where nothing stays, and a pipe has no end.
func openPlain(path string) (*os.File, error) {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is a link, a folder or something else that is no file", path)
	}
	return private.OpenRegular(path)
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
