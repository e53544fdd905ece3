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

// archivesOf is what was archived, with what of it was accepted as lost, and how many losses that are.
func archivesOf(ctx context.Context, db *store.Store, keys *audit.Keys) (archives []audit.Archive, losses int64, bad *audit.Bad, err error) {
	records, err := db.Audit.Archives(ctx)
	if err != nil {
		return nil, 0, nil, err
	}
	lost, err := db.Audit.Losses(ctx)
	if err != nil {
		return nil, 0, nil, err
	}
	if archives, bad = audit.Archives(records, keys); bad == nil {
		bad = audit.WithLosses(archives, lost, keys)
	}
	return archives, int64(len(lost)), bad, nil
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

// fileOf finds the file with the rows of an archive, and the head of the last row before it that was accepted as lost. There
// is no file where all of them were.
func fileOf(a audit.Archive, files givenFiles) (file *os.File, lost audit.Head, given bool) {
	if file, given := files[a.SHA256]; given {
		return file, lost, true // also when it was found after all
	}
	for _, l := range a.Lost {
		if file, given := files[l.SHA256]; given || l.File == "" {
			return file, l.Head, true
		}
	}
	return nil, lost, false
}

// wholeChain is the files of all archives, one after the other, and then the database. A file that is missing, or is
// another one than was recorded, is a row that is gone.
func wholeChain(archives []audit.Archive, files givenFiles, database iter.Seq2[audit.Link, error]) iter.Seq2[audit.Link, error] {
	return func(yield func(audit.Link, error) bool) {
		for _, a := range archives {
			file, lost, given := fileOf(a, files)
			if !given {
				yield(audit.Link{Seq: a.First, Gone: true, Fault: "its archive was not given, or is not the file that was recorded: " +
					a.Rest().File}, nil)
				return
			}
			if lost.Seq > 0 && !yield(audit.Link{Seq: a.First, Until: lost, Keyed: audit.Keyed{From: a.Seal.From}}, nil) {
				return
			}
			if file != nil && !linksOf(file, yield) {
				return
			}
		}
		database(yield)
	}
}

// linksOf yields the rows of a file, and tells whether more are wanted.
func linksOf(f *os.File, yield func(audit.Link, error) bool) (more bool) {
	e, err := begun(f)
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

// sumOf is the hash over the bytes of a file that was just written.
func sumOf(path string, bar *progress) (sum audit.Hash, err error) {
	f, err := openPlain(path)
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
