package commands

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"pointbridge/domain/audit"
	"pointbridge/integrations/private"
)

// givenFiles are the files that were named, each opened once, by the hash over its bytes: what is walked along later is
// the very file that was looked at, whatever has its name by then.
type givenFiles map[audit.Hash]*os.File

func openGiven(paths []string, bar *progress) (given givenFiles, err error) {
	given = givenFiles{}
	defer func() {
		if err != nil {
			err = errors.Join(err, given.close())
		}
	}()
	for _, path := range paths {
		f, err := private.OpenRegular(path)
		if err != nil {
			return given, err
		}
		sum, err := sumOfFile(f, bar)
		if _, twice := given[sum]; err != nil || twice {
			if err = errors.Join(err, f.Close()); err != nil {
				return given, err
			}
			continue
		}
		given[sum] = f
	}
	return given, nil
}

func (g givenFiles) close() (err error) {
	for _, f := range g {
		err = errors.Join(err, f.Close())
	}
	return err
}

// begun begins to read a file once more.
func begun(f *os.File) (*audit.Export, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return readExport(f)
}

// spareFile is one that is of no recorded archive. Its rows may be here all the same: where the database was put back to a
// day before they were archived, or where they were archived anew since.
type spareFile struct {
	path  string
	start audit.Head
	// end is the zero head where its rows do not hold among themselves.
	end audit.Head
	// here says that the walk met the very row that it ends with, and so every row before.
	here bool
}

// spareOf are the files that are of no recorded archive, where each of these has its own: nobody may take one of them for
// looked at.
func spareOf(archives []audit.Archive, given givenFiles) (spare []*spareFile) {
	recorded := map[audit.Hash]bool{}
	for _, a := range archives {
		if _, _, is := fileOf(a, given); !is {
			return nil // the walk tells of the one that is missing
		}
		recorded[a.SHA256] = true
		for _, l := range a.Lost {
			recorded[l.SHA256] = true
		}
	}
	for sum, f := range given {
		if recorded[sum] {
			continue
		}
		one := &spareFile{path: f.Name()}
		if e, err := begun(f); err == nil {
			one.start = e.Start
			if got, err := audit.Verify(e.Links(), audit.Check{Start: e.Start}); err == nil && got.Bad == nil && got.Rows > 0 {
				one.end = got.Head
			}
		}
		spare = append(spare, one)
	}
	return spare
}

// meets remembers whether the walk came to the file's last row.
func (s *spareFile) meets(l audit.Link) {
	if l.Seq == s.end.Seq && l.Until == (audit.Head{}) {
		s.here = l.Hash == s.end.Hash
	}
}

// toldOf tells of each, in the order of their rows.
func toldOf(spare []*spareFile, archived int64) (err error) {
	slices.SortFunc(spare, func(a, b *spareFile) int {
		return cmp.Or(cmp.Compare(a.start.Seq, b.start.Seq), cmp.Compare(a.path, b.path))
	})
	for _, one := range spare {
		err = errors.Join(err, one.told(archived))
	}
	return err
}

// told says what the file is instead, and what to do with it; archived is the last number that was archived.
func (s *spareFile) told(archived int64) error {
	const is = "%s is not the file of an archive that is recorded"
	switch {
	case !s.here:
		return fmt.Errorf(is, s.path)
	case s.end.Seq <= archived:
		return fmt.Errorf(is+": its rows %d to %d hold, and are in the files of the recorded ones too; leave it out", s.path, s.start.Seq+1,
			s.end.Seq)
	case s.start.Seq >= archived:
		return fmt.Errorf(is+": its rows %d to %d hold, and are in the database too, as after a backup from before they were archived was "+
			"restored. To record it again and delete them: audit archive with --to %s, the file with the lowest numbers first", s.path,
			s.start.Seq+1, s.end.Seq, s.path)
	default:
		return fmt.Errorf(is+": its rows %d to %d hold, and are in the recorded files up to %d and in the database behind; leave it out", s.path,
			s.start.Seq+1, s.end.Seq, archived)
	}
}
