package commands

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"pointbridge/domain/members"
	"pointbridge/integrations/memberfile"
	"pointbridge/templates"
)

// report is the table of rows that need somebody. It stands under its name only when it is complete; the one of an
// earlier run is replaced by it.
type report struct {
	path  string
	file  *os.File
	table *memberfile.Writer
	say   func(string, ...any) string
	rows  int
	err   error
}

func newReport(path string, say func(string, ...any) string) (*report, error) {
	if err := onlyReport(path); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".members-*.csv") // for its owner's eyes
	if err != nil {
		return nil, fmt.Errorf("the report cannot be written: %w", err)
	}
	r := &report{path: path, file: file, say: say}
	r.table, r.err = memberfile.NewWriter(file, headingOf(say))
	return r, nil
}

func headingOf(say func(string, ...any) string) (heading []string) {
	for _, name := range []string{"import.head.row", "import.head.member_number", "import.head.reason",
		"import.head.detail"} {
		heading = append(heading, say(name))
	}
	return heading
}

// onlyReport refuses to replace a file that is no report: somebody may have named the table of members itself.
func onlyReport(path string) error {
	file, err := os.Open(path) //nolint:gosec // it is the file that somebody at the machine names
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the report cannot be written: %w", err)
	}
	begins, err := io.ReadAll(io.LimitReader(file, 1<<10))
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("the report cannot be written: %w", err)
	}
	for _, language := range templates.Locales() {
		say, err := speaker(language, language)
		if err != nil {
			return err
		}
		var heading bytes.Buffer
		table, err := memberfile.NewWriter(&heading, headingOf(say))
		if err := errors.Join(err, table.Flush()); err != nil {
			return err
		}
		if bytes.HasPrefix(begins, heading.Bytes()) {
			return nil
		}
	}
	return fmt.Errorf("the report cannot be written: %s is there already and is no report", path)
}

func (r *report) add(f members.Finding) {
	r.rows++
	if r.err == nil {
		r.err = r.table.Finding(f, r.say("import."+string(f.Reason)))
	}
}

func (r *report) close() error {
	if r.err == nil {
		r.err = r.table.Flush()
	}
	err := errors.Join(r.err, r.file.Close())
	if err != nil || r.rows == 0 {
		err = errors.Join(err, os.Remove(r.file.Name()))
		if r.rows == 0 && err == nil {
			err = os.Remove(r.path) // what an earlier run could not take is taken
			if errors.Is(err, os.ErrNotExist) {
				err = nil
			}
		}
		return err
	}
	return os.Rename(r.file.Name(), r.path)
}
