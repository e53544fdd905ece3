package command

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pointbridge/commands"
	"pointbridge/demo"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestDemoFolder is about the folder of a demo without --data, whose name everybody can guess. It changes TMPDIR, so it
// runs by itself.
func TestDemoFolder(t *testing.T) {
	fresh := func(t *testing.T) (temporary, folder string) {
		t.Helper()
		temporary = t.TempDir()
		t.Setenv("TMPDIR", temporary)
		return temporary, filepath.Join(temporary, fmt.Sprintf("pointbridge-demo-%d", os.Getuid()))
	}
	t.Run("it is made for us alone, and one of ours that is looser is closed", func(t *testing.T) {
		_, want := fresh(t)
		for range 2 {
			dir, err := demo.Folder("")
			if err != nil || dir != want {
				t.Fatalf("%s, %v; want %s", dir, err, want)
			}
			info, err := os.Lstat(dir)
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "info.Mode()", info.Mode(), fs.ModeDir|0o700)
			if err := os.Chmod(dir, 0o777); err != nil { //nolint:gosec // that it is closed again is what the test shows
				t.Fatal(err)
			}
		}
	})
	t.Run("a link that somebody put there is not followed, and nothing behind it is touched", func(t *testing.T) {
		temporary, want := fresh(t)
		theirs := filepath.Join(temporary, "theirs")
		if err := os.Mkdir(theirs, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(theirs, "demo.json"), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(theirs, want); err != nil {
			t.Fatal(err)
		}
		var out, errs world.LockedBuffer
		if code := commands.Run(t.Context(), []string{"demo", "--addr", "127.0.0.1:0"}, nil, &out, &errs); code != 1 ||
			!strings.Contains(errs.String(), "--data") {
			t.Errorf("exit %d, %s", code, errs.String())
		}
		list, err := os.ReadDir(theirs)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "len(list)", len(list), 1, list)
	})
	t.Run("somebody else's folder is refused", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("only root can give a folder away")
		}
		_, want := fresh(t)
		if err := os.Mkdir(want, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(want, 12345, 12345); err != nil {
			t.Fatal(err)
		}
		if _, err := demo.Folder(""); err == nil {
			t.Error("it was taken")
		}
	})
	t.Run("the file with the keys is written in place of a link, and read through none", func(t *testing.T) {
		dir, aim := t.TempDir(), filepath.Join(t.TempDir(), "aim")
		if err := os.WriteFile(aim, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(aim, filepath.Join(dir, "demo.json.new")); err != nil {
			t.Fatal(err)
		}
		if err := demo.Write(dir, demo.File{API: "http://127.0.0.1"}); err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(aim); err != nil || string(text) != "precious" { //nolint:gosec // of this test
			t.Errorf("%q, %v", text, err)
		}
		file, err := demo.Read(dir)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "file.API", file.API, "http://127.0.0.1")
		if err := os.Remove(filepath.Join(dir, "demo.json")); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(aim, filepath.Join(dir, "demo.json")); err != nil {
			t.Fatal(err)
		}
		if _, err := demo.Read(dir); err == nil {
			t.Error("a link is read")
		}
	})
}
