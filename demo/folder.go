package demo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"pointbridge/integrations/private"
)

// mostDemos is how many demos without a folder of their own one user runs at once.
const mostDemos = 20

// lockName is the file by which a folder is one process's.
const lockName = "demo.lock"

// TakeFolder returns the data folder and holds it until the lock is released: two processes in one folder would write
// each other's points. Without a name it is the first of this user's own in the temporary folder that nobody has.
func TakeFolder(data string) (dir string, lock *private.Lock, err error) {
	if data != "" {
		if dir, err = Folder(data); err != nil {
			return "", nil, err
		}
		lock, err = private.TakeLock(filepath.Join(dir, lockName))
		if errors.Is(err, private.ErrLocked) {
			err = fmt.Errorf("a demo runs in the folder %s already; stop it, or choose another folder with --data", dir)
		}
		return dir, lock, err
	}
	for n := 1; n <= mostDemos; n++ {
		if dir, err = numberedFolder(n); err != nil {
			return "", nil, err
		}
		if lock, err = private.TakeLock(filepath.Join(dir, lockName)); !errors.Is(err, private.ErrLocked) {
			return dir, lock, err
		}
	}
	return "", nil, fmt.Errorf("%d demos run already; stop one, or choose a folder with --data", mostDemos)
}

// numberedFolder is one of this user's own in the system's temporary folder. Its name can be guessed, so it is taken only
// if it is ours, no link, and closed to everybody else.
func numberedFolder(n int) (string, error) {
	name := fmt.Sprintf("pointbridge-demo-%d", os.Getuid())
	if n > 1 {
		name += fmt.Sprintf("-%d", n)
	}
	dir := filepath.Join(os.TempDir(), name)
	if err := private.OwnFolder(dir); err != nil {
		return "", fmt.Errorf("%w; choose a folder with --data", err)
	}
	return dir, nil
}
