package private

import (
	"errors"
	"fmt"
	"os"
)

// OpenRegular opens a file for reading, also by a link that leads to one. What is none is refused: a pipe has no end and
// can be read but once, and nobody waits here for somebody to write into it.
func OpenRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|noWait, 0) //nolint:gosec // the caller's own choice
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is a folder, a pipe or something else that is no file", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
