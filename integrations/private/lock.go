package private

import (
	"errors"
	"fmt"
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

// TakeFile makes a file anew, for us alone, that nobody else takes until it is closed; what a process that died left
// under its name is overwritten. Errors: ErrLocked where somebody is at it.
func TakeFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|noFollow|noWait, fileMode) //nolint:gosec // the caller's own choice
	if info, not := os.Lstat(path); err != nil && not == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", path)
	}
	if err != nil {
		return nil, err
	}
	if err := takeFile(f, path); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func takeFile(f *os.File, path string) error {
	if err := lock(f); err != nil {
		return err
	}
	ours, err := f.Stat()
	if err != nil {
		return err
	}
	if !ours.Mode().IsRegular() {
		return fmt.Errorf("%s is no file", path)
	}
	// Whoever had it may have given it another name, or removed it, before they let it go.
	if named, err := os.Lstat(path); err != nil || !os.SameFile(ours, named) {
		return ErrLocked
	}
	return errors.Join(f.Chmod(fileMode), f.Truncate(0))
}
