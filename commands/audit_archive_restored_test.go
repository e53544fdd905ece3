package commands_test

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// backedUp keeps what there is of the audit; putBack has the database as it was then, beside files of today.
func (w *archiveWorld) backedUp() (putBack func()) {
	w.T.Helper()
	tables := []string{"audit", "audit_seals", "audit_archives", "audit_carried", "audit_losses", "audit_dropped"}
	for _, table := range tables {
		w.owner(`CREATE TABLE kept_` + table + ` AS SELECT * FROM ` + table)
	}
	return func() {
		w.T.Helper()
		with := ` OVERRIDING SYSTEM VALUE`
		if w.db.Dialect == "sqlite" {
			w.owner(`DROP TRIGGER IF EXISTS audit_seals_in_line`)
			with = ``
		}
		for _, table := range tables {
			w.owner(`DELETE FROM ` + table)
			w.owner(`INSERT INTO ` + table + with + ` SELECT * FROM kept_` + table)
		}
	}
}

// TestYesterdaysDatabaseBesideTodaysFiles: a file of rows that came back is told from one of somebody else, and
// `audit archive` takes it as it is, the first one first.
// covers: 004-37
func TestYesterdaysDatabaseBesideTodaysFiles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newArchiveWorld(t, db)
		putBack := w.backedUp()
		w.archived("a.gz")
		w.seal()
		w.archived("b")
		w.seal()
		w.holds("in 2 files", "a.gz", "b")
		first, second := w.file("a.gz"), w.file("b")

		putBack()
		w.holds("rows hold")
		code, out := w.verify("b", "a.gz")
		expect.MustThat(t, "both are told of", code == 1 && strings.Count(out, "are in the database too") == 2 &&
			strings.Index(out, "a.gz is not") < strings.Index(out, "b is not"), code, out)
		w.refused("b", "give the file that does first")
		w.archived("a.gz")
		w.seal()
		w.fails("b is not the file of an archive that is recorded: its rows", "a.gz", "b")
		w.archived("b")
		w.seal()
		w.holds("The walk began with their first row", "a.gz", "b")
		expect.Equal(t, "the files", w.file("a.gz")+w.file("b"), first+second)

		putBack()
		w.lose("a.gz")
		w.archived("a.gz")
		expect.Equal(t, "a lost file, made of a backup", w.file("a.gz"), first)
	})
}

// TestADatabaseOfTheMiddleOfAnArchive: from after it was recorded, it goes on with the file.
// covers: 004-37
func TestADatabaseOfTheMiddleOfAnArchive(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]int{"no row is deleted": 5, "some are": 6} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newArchiveWorld(t, db)
				w.dies("a", step)
				putBack := w.backedUp()
				w.archived("a")
				left := w.rows()
				putBack()
				w.holds("rows of them are still in the database", "a")
				w.archived("a")
				expect.Equal(t, "rows", w.rows(), left)
				w.holds("The walk began with their first row", "a")
			})
		})
	}
}

// TestADatabaseOfBeforeALoss: where the rows are gone it is accepted once more, with the same file; where they are there
// the lost file is written again, byte for byte.
// covers: 004-37
func TestADatabaseOfBeforeALoss(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newLossWorld(t, db, false)
		putBack := w.backedUp()
		w.accepted(w.missing(), "b")
		w.archived("b")
		putBack()
		w.fails("missing: its archive was not given", "b")
		w.accepted(w.missing(), "b")
		w.archived("b")
		w.seal()
		w.toldOf(w.missing(), "b")
	})
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := &lossWorld{archiveWorld: newArchiveWorld(t, db), gone: 5}
		w.convert("more")
		w.dies("a", 5)
		putBack := w.backedUp()
		w.dies("a", 6)
		expect.MustEqual(t, "err", os.Rename(w.path("a"), w.path("found")), nil)
		w.accepted(w.missing(), "b")
		w.archived("b")
		putBack()
		out, err := w.accept(w.missing(), "c", 0)
		expect.MustThat(t, "nothing is lost", err != nil && strings.Contains(err.Error(), "nothing is lost"), out, err)
		w.archived("a")
		expect.MustEqual(t, "the file", w.file("a"), w.file("found"))
		w.fails("are in the files of the recorded ones too; leave it out", "a", "b")
		w.holds("The walk began with their first row", "a")
	})
}

// TestWhatIsNoFileIsNoArchive: a pipe could be read but once, and would have whoever verifies wait without end.
func TestWhatIsNoFileIsNoArchive(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newArchiveWorld(t, db)
		w.archived("a")
		expect.MustEqual(t, "err", errors.Join(syscall.Mkfifo(w.path("pipe"), 0o600), os.Symlink("pipe", w.path("to-pipe")),
			os.Symlink("a", w.path("to-a"))), nil)
		for _, name := range []string{"pipe", "to-pipe", "."} {
			w.fails("is a folder, a pipe or something else that is no file", name)
			w.fails("is a folder, a pipe or something else that is no file", "a", name)
		}
		w.holds("The walk began with their first row", "to-a")
	})
}
