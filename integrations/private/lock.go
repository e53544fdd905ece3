package private

import (
	"errors"
	"os"
)

// ErrLocked says that somebody else has the lock.
var ErrLocked = errors.New("somebody else has it")

// Lock is a file that one process at a time has; it ends with the process, however that ends.
type Lock struct{ file *os.File }

// TakeLock takes the lock of a path, or returns ErrLocked at once. The file stays where it is: one that is removed could
// be made anew by a third process while a second one still waits on the first.
func TakeLock(path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|noFollow|noWait, fileMode) //nolint:gosec // the caller's own choice
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Lock{file: f}, nil
}

// Release lets somebody else have it.
func (l *Lock) Release() error { return l.file.Close() }
