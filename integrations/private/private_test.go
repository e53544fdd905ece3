//go:build unix

package private_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"pointbridge/integrations/private"
)

// dir is a folder of the test's own, whatever the umask is.
func dir(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "own")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(dir(t), "a", "b")
	if tightened, err := private.Folder(path); err != nil || tightened || mode(t, path).Perm() != 0o700 ||
		mode(t, filepath.Dir(path)).Perm() != 0o700 {
		t.Errorf("a new one: %v, %v, %s", tightened, err, mode(t, path))
	}
	for was, want := range map[fs.FileMode]fs.FileMode{0o755: 0o755, 0o775: 0o755, 0o777: 0o755, 0o770: 0o750} {
		chmod(t, path, was)
		if tightened, err := private.Folder(path); err != nil || tightened != (was != want) ||
			mode(t, path).Perm() != want {
			t.Errorf("%s: %v, %v, %s", was, tightened, err, mode(t, path))
		}
	}
	chmod(t, path, 0o777|fs.ModeSticky)
	if _, err := private.Folder(path); err == nil || mode(t, path).Perm() != 0o777 {
		t.Errorf("one that is shared by design: %v, %s", err, mode(t, path))
	}
	file := filepath.Join(dir(t), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := private.Folder(file); err == nil {
		t.Error("a file is taken for a folder")
	}
}

func TestOwnFolder(t *testing.T) {
	t.Parallel()
	parent := dir(t)
	path := filepath.Join(parent, "guessable")
	for _, was := range []fs.FileMode{0, 0o700, 0o755, 0o777} {
		if was != 0 {
			chmod(t, path, was)
		}
		if err := private.OwnFolder(path); err != nil || mode(t, path).Perm() != 0o700 {
			t.Errorf("%s: %v, %s", was, err, mode(t, path))
		}
	}
	link := filepath.Join(parent, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := private.OwnFolder(link); err == nil {
		t.Error("a link is taken for the folder")
	}
	if err := os.WriteFile(filepath.Join(parent, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := private.OwnFolder(filepath.Join(parent, "file")); err == nil {
		t.Error("a file is taken for the folder")
	}
	if os.Geteuid() != 0 {
		return
	}
	if err := os.Chown(path, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if err := private.OwnFolder(path); err == nil {
		t.Error("somebody else's folder is taken")
	}
	if _, err := private.Folder(path); err == nil {
		t.Error("somebody else's folder is taken for data")
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	parent := dir(t)
	path := filepath.Join(parent, "file")
	if tightened, err := private.File(path); err != nil || tightened || mode(t, path).Perm() != 0o600 {
		t.Errorf("a new one: %v, %v", tightened, err)
	}
	chmod(t, path, 0o644)
	if tightened, err := private.File(path); err != nil || !tightened || mode(t, path).Perm() != 0o600 {
		t.Errorf("one that others may read: %v, %v, %s", tightened, err, mode(t, path))
	}
	if tightened, err := private.Tighten(filepath.Join(parent, "nothing")); err != nil || tightened {
		t.Errorf("one that is not there: %v, %v", tightened, err)
	}
	link := filepath.Join(parent, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if f, err := private.Append(link); err == nil {
		_ = f.Close()
		t.Error("a link is followed to write")
	}
	if _, err := private.Read(link); err == nil {
		t.Error("a link is followed to read")
	}
	f, err := private.Create(link)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if mode(t, link) != 0o600 {
		t.Errorf("in place of the link stands %s", mode(t, link))
	}
	chmod(t, path, 0o644)
	for range 2 {
		f, err := private.Append(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString("line\n"); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := private.Read(path); err != nil || string(text) != "line\nline\n" || mode(t, path).Perm() != 0o600 {
		t.Errorf("%q, %v, %s", text, err, mode(t, path))
	}
}

func TestTakeFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(dir(t), "file")
	if err := os.WriteFile(path, []byte("left by somebody who died"), 0o644); err != nil { //nolint:gosec // what is tightened
		t.Fatal(err)
	}
	first, err := private.TakeFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := first.Stat(); err != nil || info.Size() != 0 || info.Mode().Perm() != 0o600 {
		t.Errorf("taken: %v, %v", info, err)
	}
	if _, err := private.TakeFile(path); !errors.Is(err, private.ErrLocked) {
		t.Errorf("somebody has it: %v", err)
	}
	if err := os.Rename(path, path+".done"); err != nil {
		t.Fatal(err)
	}
	second, err := private.TakeFile(path)
	if err != nil {
		t.Fatalf("its name is free: %v", err)
	}
	if err := errors.Join(first.Close(), second.Close(), os.Remove(path), os.Symlink(path+".done", path)); err != nil {
		t.Fatal(err)
	}
	if _, err := private.TakeFile(path); err == nil {
		t.Error("a link was followed")
	}
}
