package commands

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"time"

	"pointbridge/domain/audit"
	"pointbridge/integrations/store"
)

// archivedTo is the last number that was archived.
func archivedTo(archives []audit.Archive) int64 {
	if len(archives) == 0 {
		return 0
	}
	return archives[len(archives)-1].Seq
}

// behind has the walk begin after what was archived.
func behind(archives []audit.Archive, c audit.Check) (audit.Check, error) {
	last := archives[len(archives)-1]
	c.Start, c.From = last.Head, last.Seal.From
	if c.Expected == nil || c.Expected.Seq >= last.Seq {
		return c, nil
	}
	for _, a := range archives {
		if a.Head == *c.Expected {
			c.Expected = nil
			return c, nil
		}
	}
	return c, fmt.Errorf("the expected head %d lies within what was archived; give the files: --archive FILE", c.Expected.Seq)
}

// heldAgainstCarried looks whether what stays of archived rows is what was recorded.
func heldAgainstCarried(ctx context.Context, db *store.Store, archives []audit.Archive) (*audit.Bad, error) {
	for _, a := range archives {
		sum, err := db.Audit.Carried(ctx, a.First, a.Seq)
		if err != nil {
			return nil, err
		}
		if sum != a.Carried {
			return &audit.Bad{Seq: a.Seq, Kind: audit.Changed, Detail: "what stays of the rows that were archived up to here"}, nil
		}
	}
	return nil, nil //nolint:nilnil // nothing is bad
}

// wholeChain is the files of all archives, one after the other, and then the database. A file that is missing, or is
// another one than was recorded, is a row that is gone. spare is a file that is of no recorded archive, where each of these
// has its own: nobody may take it for looked at.
func wholeChain(archives []audit.Archive, files []string, database iter.Seq2[audit.Link, error], bar *progress) (chain iter.Seq2[audit.Link, error],
	spare string, err error) {
	paths := map[audit.Hash]string{}
	for _, path := range files {
		sum, err := sumOf(path, bar)
		if err != nil {
			return nil, "", err
		}
		paths[sum] = path
	}
	return func(yield func(audit.Link, error) bool) {
		for _, a := range archives {
			path, given := paths[a.SHA256]
			if !given {
				yield(audit.Link{Seq: a.First, Gone: true, Fault: "its archive was not given, or is not the file that was recorded: " +
					a.File}, nil)
				return
			}
			if !linksOf(path, yield) {
				return
			}
		}
		database(yield)
	}, spareOf(archives, paths), nil
}

func spareOf(archives []audit.Archive, paths map[audit.Hash]string) string {
	spare := maps.Clone(paths)
	for _, a := range archives {
		if _, given := paths[a.SHA256]; !given {
			return "" // the walk tells of the one that is missing
		}
		delete(spare, a.SHA256)
	}
	for _, path := range spare {
		return path
	}
	return ""
}

// linksOf yields the rows of a file, and tells whether more are wanted.
func linksOf(path string, yield func(audit.Link, error) bool) (more bool) {
	f, err := os.Open(path) //nolint:gosec // the operator's own choice
	if err != nil {
		return yield(audit.Link{}, err)
	}
	defer func() { _ = f.Close() }()
	e, err := readExport(f)
	if err != nil {
		return yield(audit.Link{}, err)
	}
	for link, err := range e.Links() {
		if !yield(link, err) {
			return false
		}
	}
	return true
}

// readExport reads an export as it was written, or packed by gzip.
func readExport(r io.Reader) (*audit.Export, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	if begin, _ := buffered.Peek(2); !bytes.Equal(begin, []byte{0x1f, 0x8b}) {
		return audit.ReadExport(buffered)
	}
	packed, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, err
	}
	return audit.ReadExport(packed)
}

// sumOf is the hash over a file's bytes.
func sumOf(path string, bar *progress) (sum audit.Hash, err error) {
	f, err := os.Open(path) //nolint:gosec // the operator's own choice
	if err != nil {
		return sum, err
	}
	defer func() { _ = f.Close() }()
	return sumOfFile(f, bar)
}

func sumOfFile(f *os.File, bar *progress) (sum audit.Hash, err error) {
	digest := sha256.New()
	_, err = io.Copy(digest, bar.reading(f, "looked at"))
	digest.Sum(sum[:0])
	return sum, err
}

// tellArchives says what of the record is not in the database, and whether that was looked at.
func tellArchives(ctx context.Context, db *store.Store, archives []audit.Archive, walked bool, out io.Writer) error {
	if len(archives) == 0 {
		return nil
	}
	last := archives[len(archives)-1]
	how := "THE FILES WERE NOT LOOKED AT: the walk began after them; give each as --archive."
	if walked {
		how = "The walk began with their first row."
	}
	_, _ = fmt.Fprintf(out, "Archived are the rows 1 to %d, in %d files, the last one %s of %s. %s\n", last.Seq, len(archives),
		last.File, last.At.Format(time.DateOnly), how)
	left, err := db.Audit.ArchivedLeft(ctx)
	if err == nil && left > 0 {
		_, _ = fmt.Fprintf(out, "%d rows of them are still in the database: run audit archive again.\n", left)
	}
	return err
}

// errNoFile says that rows stay because the file that they are in is not there; errOtherFile that there is another one;
// errOtherRows that the rows would give another one.
var (
	errNoFile    = errors.New("rows of the last archive are still in the database, and are deleted only beside its file")
	errOtherFile = errors.New("this is another file than was recorded")
	errOtherRows = errors.New("the rows of the last archive do not give the file that was recorded: they were changed, or another release " +
		"of this program packed it")
)
