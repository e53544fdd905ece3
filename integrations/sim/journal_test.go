package sim_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pointbridge/integrations/sim"
)

func open(t *testing.T, path string) (*sim.Journal, []int) {
	t.Helper()
	var seen []int
	j, err := sim.OpenJournal(path, func(line []byte) error {
		var n int
		err := json.Unmarshal(line, &n)
		seen = append(seen, n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j, seen
}

func add(t *testing.T, j *sim.Journal, numbers ...int) {
	t.Helper()
	for _, n := range numbers {
		if err := j.Append(n); err != nil {
			t.Fatal(err)
		}
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	t.Run("what was appended is there without a close", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "j")
		first, _ := open(t, path)
		add(t, first, 1, 2)
		if _, seen := open(t, path); !slices.Equal(seen, []int{1, 2}) {
			t.Fatal(seen)
		}
	})
	t.Run("a torn last line is cut off and written over", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "j")
		if err := os.WriteFile(path, []byte("1\n2\n34567"), 0o600); err != nil {
			t.Fatal(err)
		}
		second, seen := open(t, path)
		add(t, second, 8)
		if _, again := open(t, path); !slices.Equal(seen, []int{1, 2}) || !slices.Equal(again, []int{1, 2, 8}) {
			t.Fatal(seen, again)
		}
	})
	t.Run("a line in the middle that makes no sense is an error", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "j")
		if err := os.WriteFile(path, []byte("1\n{\n3\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := sim.OpenJournal(path, func(line []byte) error { return json.Unmarshal(line, new(int)) }); err == nil {
			t.Fatal("opened")
		}
	})
	t.Run("nothing is taken after an error", func(t *testing.T) {
		t.Parallel()
		j, _ := open(t, filepath.Join(t.TempDir(), "j"))
		if err := errors.Join(j.Close(), j.Close()); err != nil {
			t.Fatal(err)
		}
		if err := j.Append(1); !errors.Is(err, os.ErrClosed) {
			t.Fatal(err)
		}
	})
	t.Run("no path keeps nothing", func(t *testing.T) {
		t.Parallel()
		j, _ := open(t, "")
		add(t, j, 1)
	})
}
