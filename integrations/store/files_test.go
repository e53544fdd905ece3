//go:build unix

package store_test

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pointbridge/integrations/store"
	"pointbridge/test/expect"
)

func TestSQLiteFilesAreForUsAlone(t *testing.T) {
	t.Parallel()
	modes := func(t *testing.T, folder string) string {
		t.Helper()
		var list []string
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			list = append(list, strings.TrimPrefix(path, filepath.Dir(folder))+" "+info.Mode().String())
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(list, "\n")
	}
	open := func(t *testing.T, path string, log *bytes.Buffer) *store.Store {
		t.Helper()
		s, err := store.Open(t.Context(), store.Config{URL: "sqlite:" + path,
			Logger: slog.New(slog.NewTextHandler(log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		if err := s.Migrate(context.WithoutCancel(t.Context())); err != nil {
			t.Fatal(err)
		}
		return s
	}
	const private = "/data drwx------\n/data/points.db -rw-------\n/data/points.db-shm -rw-------\n/data/points.db-wal -rw-------"
	t.Run("new ones", func(t *testing.T) {
		t.Parallel()
		folder := filepath.Join(t.TempDir(), "data")
		var log bytes.Buffer
		open(t, filepath.Join(folder, "points.db"), &log)
		expect.Equal(t, "modes(t, folder)", modes(t, folder), private, log.String)
		expect.Equal(t, "log.Len()", log.Len(), 0, log.String)
	})
	t.Run("looser ones are tightened, and the log says so", func(t *testing.T) {
		t.Parallel()
		folder := filepath.Join(t.TempDir(), "data")
		path := filepath.Join(folder, "points.db")
		var log bytes.Buffer
		open(t, path, &log)
		for name, mode := range map[string]fs.FileMode{folder: 0o777, path: 0o644, path + "-wal": 0o664, path +
			"-shm": 0o644} {
			if err := os.Chmod(name, mode); err != nil {
				t.Fatal(err)
			}
		}
		open(t, path, &log)
		want := strings.Replace(private, "drwx------", "drwxr-xr-x", 1)
		expect.Equal(t, "modes(t, folder)", modes(t, folder), want, log.String)
		expect.Equal(t, `strings.Count(log.String(), "taken away")`, strings.Count(log.String(), "taken away"), 4,
			log.String)
	})
	t.Run("a folder that is shared by design is refused", func(t *testing.T) {
		t.Parallel()
		folder := filepath.Join(t.TempDir(), "data")
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(folder, 0o777|fs.ModeSticky); err != nil {
			t.Fatal(err)
		}
		_, err := store.Open(t.Context(), store.Config{URL: "sqlite:" + filepath.Join(folder, "points.db")})
		expect.MustThat(t, "err != nil", err != nil)
		expect.That(t, `err.Error() to contain "others may write"`, strings.Contains(err.Error(), "others may write"),
			err)
	})
}
