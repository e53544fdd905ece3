package commands_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// dies runs the command up to a step, where it has to die.
func (w *archiveWorld) dies(name string, step int) {
	w.T.Helper()
	if out, err := w.archive(name, step); !errors.Is(err, errDied) {
		w.T.Fatal(out, err)
	}
}

func (w *archiveWorld) file(name string) string {
	w.T.Helper()
	data, err := os.ReadFile(w.path(name))
	expect.MustEqual(w.T, "err", err, nil)
	return string(data)
}

func (w *archiveWorld) lose(name string) {
	w.T.Helper()
	expect.MustEqual(w.T, "err", os.Remove(w.path(name)), nil)
}

// refused runs the command, which says why it does nothing, and leaves rows and folder as they are.
func (w *archiveWorld) refused(name string, says ...string) {
	w.T.Helper()
	rows, files := w.rows(), w.files()
	out, err := w.archive(name, 0)
	expect.MustThat(w.T, "it is refused", err != nil, out)
	for _, text := range says {
		expect.That(w.T, "it says so", strings.Contains(err.Error(), text), text, err)
	}
	expect.Equal(w.T, "rows", w.rows(), rows)
	expect.Equal(w.T, "files", w.files(), files)
}

func (w *archiveWorld) files() string {
	w.T.Helper()
	list, err := os.ReadDir(w.folder)
	expect.MustEqual(w.T, "err", err, nil)
	return fmt.Sprint(list)
}

// TestAnArchiveWhoseFileIsLostIsWrittenAgain, byte for byte and whatever it is called now, as long as all its rows are
// there; it may die anywhere while it does so, and be lost again.
// covers: 004-37
func TestAnArchiveWhoseFileIsLostIsWrittenAgain(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a.jsonl", "a.jsonl.gz"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newArchiveWorld(t, db)
				before := w.rows()
				w.dies(name, 5)
				recorded := w.file(name)
				before++ // that it was recorded
				for _, step := range []int{1, 2, 5} {
					_ = os.Remove(w.path(name))
					w.dies(name, step)
					w.holds("rows hold")
					expect.MustEqual(t, "rows", w.rows(), before)
				}
				expect.MustEqual(t, "the file", w.file(name), recorded)
				w.lose(name)
				expect.MustEqual(t, "err", os.WriteFile(w.path("b.part"), []byte("half of it"), 0o600), nil)
				if out, err := w.archive("b", 0); err != nil || !strings.Contains(out, name) {
					t.Fatal(out, err)
				}
				expect.MustEqual(t, "the file", w.file("b"), recorded)
				expect.MustEqual(t, "rows", w.rows(), 2)
				w.holds("The walk began with their first row", "b")

				w.convert("b")
				w.dies("second", 5)
				recorded = w.file("second")
				w.lose("second")
				w.archived("second")
				expect.MustEqual(t, "the second file", w.file("second"), recorded)
				w.holds("in 2 files", "second", "b")
			})
		})
	}
}

// TestAnArchiveWhoseFileCannotBeWrittenAgain: what is missing is said, and nothing is changed.
// covers: 004-37
func TestAnArchiveWhoseFileCannotBeWrittenAgain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		step int
		do   func(w *archiveWorld)
		says []string
	}{
		"some rows are gone": {6, func(w *archiveWorld) { w.lose("a") },
			[]string{"5 of its", "cannot be written again", "it was called a, sha256"}},
		"rows were changed": {5, func(w *archiveWorld) {
			w.lose("a")
			w.owner(`UPDATE audit SET actor_name = 'x' WHERE id = 2`)
		}, []string{"do not give the file that was recorded"}},
		"another file has its name": {5, func(w *archiveWorld) {
			expect.MustEqual(w.T, "err", os.WriteFile(w.path("a"), []byte("a letter\n"), 0o600), nil)
		}, []string{"another file than was recorded", "it was called a, sha256"}},
		"another file has its name, and some rows are gone": {6, func(w *archiveWorld) {
			expect.MustEqual(w.T, "err", os.WriteFile(w.path("a"), []byte("a letter\n"), 0o600), nil)
		}, []string{"another file than was recorded"}},
		"a link leads to the file": {5, func(w *archiveWorld) {
			expect.MustEqual(w.T, "err", errors.Join(os.Rename(w.path("a"), w.path("moved")), os.Symlink("moved", w.path("a"))), nil)
		}, []string{"is a link"}},
		"a link leads nowhere": {5, func(w *archiveWorld) {
			w.lose("a")
			expect.MustEqual(w.T, "err", os.Symlink("nowhere", w.path("a")), nil)
		}, []string{"is a link"}},
		"a link where the part is written": {5, func(w *archiveWorld) {
			w.lose("a")
			expect.MustEqual(w.T, "err", os.Symlink("elsewhere", w.path("a.part")), nil)
		}, []string{"a.part is no file"}},
		"a pipe": {5, func(w *archiveWorld) {
			w.lose("a")
			expect.MustEqual(w.T, "err", syscall.Mkfifo(w.path("a"), 0o600), nil)
		}, []string{"is a link, a folder or something else"}},
		"a folder": {5, func(w *archiveWorld) {
			w.lose("a")
			expect.MustEqual(w.T, "err", os.Mkdir(w.path("a"), 0o700), nil)
		}, []string{"is a link, a folder or something else"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newArchiveWorld(t, db)
				w.dies("a", tc.step)
				tc.do(w)
				w.refused("a", tc.says...)
			})
		})
	}
}

// TestAnArchiveThatIsDoneIsLeftAlone: whoever died before they heard of it is told when they ask again, and a lost file of
// which no row is left does not keep the next one from being written.
// covers: 004-37
func TestAnArchiveThatIsDoneIsLeftAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newArchiveWorld(t, db)
		w.archived("a")
		w.convert("b")
		rows, files := w.rows(), w.files()
		w.archived("a")
		expect.Equal(t, "rows", w.rows(), rows)
		expect.Equal(t, "files", w.files(), files)
		w.archived("b")
		w.refused("a", "give another name")
		w.lose("b")
		w.convert("c")
		w.archived("c")
		w.fails("missing: its archive was not given", "a", "c")
		w.holds("in 3 files")
	})
}

// TestAnArchiveGoesOnUnderANewKey: what was begun under the key before is recorded under the one in use, and what was
// recorded under the one before is still known.
// covers: 004-37
func TestAnArchiveGoesOnUnderANewKey(t *testing.T) {
	t.Parallel()
	afterEachStep(t, func(t *testing.T, w *archiveWorld, step int) {
		t.Helper()
		w.dies("a", step)
		w.turnKey()
		w.archived("a")
		w.convert("b")
		w.archived("b")
		w.convert("c")
		w.holds("in 2 files", "b", "a")
		w.old = nil
		w.fails("which was not given", "a", "b")
	})
}
