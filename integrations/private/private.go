// Package private makes and checks files and folders that nobody else on this machine may read or write.
package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

const (
	folderMode fs.FileMode = 0o700
	fileMode   fs.FileMode = 0o600
	others     fs.FileMode = 0o077
	writers    fs.FileMode = 0o022
)

// Folder makes a folder that is not there, for us alone. One that is there may be read by others, because what is ours
// in it is private by itself; but whoever may write in it could put something else in its place. That right is taken
// away where the folder is ours, which tightened tells. Errors: one where it is somebody else's, or shared by design as
// /tmp is.
func Folder(path string) (tightened bool, err error) {
	if err := os.MkdirAll(path, folderMode); err != nil {
		return false, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	owner := ownerOf(info)
	switch {
	case !info.IsDir():
		return false, fmt.Errorf("%s is no folder", path)
	case owner == somebody:
		return false, fmt.Errorf("the folder %s belongs to somebody else; use one of your own", path)
	case info.Mode()&writers == 0:
		return false, nil
	case owner != us || info.Mode()&fs.ModeSticky != 0:
		return false, fmt.Errorf("others may write in the folder %s; use one of your own", path)
	}
	return true, os.Chmod(path, info.Mode().Perm()&^writers)
}

// OwnFolder makes a folder under a name that everybody can guess, or takes the one that is there if it is ours and no
// link, and closes it to everybody else. In a folder as /tmp is nobody else can then put another in its place.
func OwnFolder(path string) error {
	if err := os.Mkdir(path, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() || ownerOf(info) != us {
		return fmt.Errorf("%s is there, but it is no folder of yours", path)
	}
	if info.Mode()&others != 0 {
		return os.Chmod(path, folderMode) //nolint:gosec // a folder needs its x
	}
	return nil
}

// File makes an empty file that is not there, for us alone. One that is there is closed to others, which tightened
// tells.
func File(path string) (tightened bool, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|noFollow,
		fileMode) //nolint:gosec // the operator's own choice
	if err == nil {
		return false, f.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return false, err
	}
	return Tighten(path)
}

// Tighten closes a file that is there to others. A file that is not there needs nothing.
func Tighten(path string) (tightened bool, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("%s is no file", path)
	case info.Mode()&others == 0:
		return false, nil
	}
	return true, os.Chmod(path, info.Mode().Perm()&^others)
}

// Append opens a file to write at its end, makes it where it is not there, and follows no link.
func Append(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY|noFollow|noWait,
		fileMode) //nolint:gosec // the operator's own choice
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no file", path)
	}
	if err == nil && info.Mode()&others != 0 {
		err = f.Chmod(fileMode)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Create makes a file anew, for us alone, in place of what has its name: a link is removed, not followed.
func Create(path string) (*os.File, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|noFollow,
		fileMode) //nolint:gosec // the operator's own choice
}

// Read returns the content of a file, and follows no link.
func Read(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", path)
	}
	return os.ReadFile(path) //nolint:gosec // looked at above
}
