package commands_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/commands"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// archiveWorld is a database with sealed conversions, of which one gave its points back.
type archiveWorld struct {
	*world.World
	db     storetest.Database
	folder string
	// secret is what the seals' key is made of, old what it was made of before.
	secret string
	old    []string
}

func newArchiveWorld(t *testing.T, db storetest.Database) *archiveWorld {
	t.Helper()
	w := &archiveWorld{World: world.New(t, db, true), db: db, folder: t.TempDir(), secret: world.GoodSecret}
	w.Store.SetSealing(w.keys(), false)
	w.Faults.Add(sim.Rule{Act: "shopify.discountCodeBasicCreate", Mode: sim.Refuse, Reason: "INVALID", Count: -1})
	w.convert("refused")
	w.Faults.Clear()
	w.Rest(w.Service(w.Whole()))
	w.convert("a")
	return w
}

func (w *archiveWorld) keys() *audit.Keys { return audit.NewKeys(w.secret, w.old...) }

// turnKey seals with another key from now on.
func (w *archiveWorld) turnKey() {
	w.secret, w.old = "another-"+w.secret, append(w.old, w.secret)
	w.Store.SetSealing(w.keys(), false)
}

// convert makes a coupon; its entries are sealed, and events have passed them.
func (w *archiveWorld) convert(key string) {
	w.T.Helper()
	s := w.Service(w.Whole())
	_, err := s.Convert(w.T.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: w.Member(),
		Points: 100, Key: key})
	if err != nil && key != "refused" {
		w.T.Fatal(err)
	}
	expect.MustEqual(w.T, "err", s.Drain(w.T.Context()), nil)
	w.seal()
}

// seal seals what there is, and events pass it.
func (w *archiveWorld) seal() {
	w.T.Helper()
	sealer := &audit.Sealer{Store: w.Store.Audit, Clock: w.Clock, Logger: slog.New(slog.DiscardHandler)}
	err := sealer.Seal(w.T.Context())
	if _, told := w.Store.Events.FanOut(w.T.Context(), 1000); errors.Join(err, told) != nil {
		w.T.Fatal(err, told)
	}
}

func (w *archiveWorld) path(name string) string { return filepath.Join(w.folder, name) }

var errDied = errors.New("died")

// archive runs the command up to a step, 0 for all of it.
func (w *archiveWorld) archive(name string, dies int) (string, error) {
	return w.archiveBeside(name, func(step int) error {
		if step == dies {
			return errDied
		}
		return nil
	})
}

func (w *archiveWorld) archiveBeside(name string, reached func(step int) error) (string, error) {
	var out strings.Builder
	err := commands.Archive(w.T.Context(), w.Store, w.keys(), w.later(), w.path(name), &out, reached)
	return out.String(), err
}

// later is after every row: coupons are made by the world's clock, and what commands record by the machine's.
func (w *archiveWorld) later() time.Time {
	if at := w.Clock.Now(); at.After(time.Now()) {
		return at.Add(time.Hour)
	}
	return time.Now().Add(time.Hour)
}

func (w *archiveWorld) archived(name string) {
	w.T.Helper()
	if out, err := w.archive(name, 0); err != nil || !strings.Contains(out, name) {
		w.T.Fatal(out, err)
	}
}

// verify runs audit verify with these archives.
func (w *archiveWorld) verify(names ...string) (code int, out string) {
	w.T.Helper()
	return w.verifyWith(nil, names...)
}

func (w *archiveWorld) verifyWith(flags []string, names ...string) (code int, out string) {
	w.T.Helper()
	env := world.GoodEnvironment()
	env["DATABASE_URL"], env["SECRET_KEY"], env["AUDIT_KEY_OLD"] = w.db.URL, w.secret, strings.Join(w.old, ",")
	args := append([]string{"verify"}, flags...)
	for _, name := range names {
		args = append(args, "--archive", w.path(name))
	}
	code, out, errs := world.RunAudit(w.T, world.EnvironOf(env), args...)
	return code, out + errs
}

func (w *archiveWorld) holds(says string, names ...string) {
	w.T.Helper()
	code, out := w.verify(names...)
	expect.MustEqual(w.T, "code", code, 0, out)
	expect.MustThat(w.T, "strings.Contains(out, says)", strings.Contains(out, says), out, says)
}

func (w *archiveWorld) fails(says string, names ...string) {
	w.T.Helper()
	code, out := w.verify(names...)
	expect.MustEqual(w.T, "code", code, 1, out)
	expect.MustThat(w.T, "strings.Contains(out, says)", strings.Contains(out, says), out, says)
}

// owner does what only somebody who owns the database can.
func (w *archiveWorld) owner(statement string) {
	w.T.Helper()
	off := []string{"PRAGMA foreign_keys = 0", "DROP TRIGGER IF EXISTS audit_is_append_only", "DROP TRIGGER IF EXISTS audit_is_never_emptied", "DROP TRIGGER IF EXISTS audit_seals_are_never_emptied",
		"DROP TRIGGER IF EXISTS audit_archives_are_kept", "DROP TRIGGER IF EXISTS audit_archives_are_never_emptied",
		"DROP TRIGGER IF EXISTS audit_carried_is_kept", "DROP TRIGGER IF EXISTS audit_carried_is_never_emptied",
		"DROP TRIGGER IF EXISTS audit_losses_are_kept", "DROP TRIGGER IF EXISTS audit_losses_are_never_emptied", "DROP TRIGGER IF EXISTS audit_losses_are_true"}
	if w.db.Dialect == "postgres" {
		off = nil
		for _, table := range []string{"audit", "audit_seals", "audit_archives", "audit_carried", "audit_losses", "movements"} {
			off = append(off, "ALTER TABLE "+table+" DISABLE TRIGGER ALL")
		}
	}
	for _, s := range append(off, statement) {
		if _, err := w.Store.DB().ExecContext(w.T.Context(), s); err != nil {
			w.T.Fatalf("%s: %v", s, err)
		}
	}
}

func (w *archiveWorld) rows() (n int64) {
	w.T.Helper()
	if err := w.Store.DB().QueryRowContext(w.T.Context(), `SELECT count(*) FROM audit`).Scan(&n); err != nil {
		w.T.Fatal(err)
	}
	return n
}

// afterEachStep runs a test for each step after which something may happen, on both databases.
func afterEachStep(t *testing.T, run func(t *testing.T, w *archiveWorld, step int)) {
	t.Helper()
	for step := 1; step <= 6; step++ {
		t.Run(fmt.Sprint(step), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) { run(t, newArchiveWorld(t, db), step) })
		})
	}
}

// covers: 004-37
func TestAnArchiveDiesAnywhere(t *testing.T) {
	t.Parallel()
	afterEachStep(t, func(t *testing.T, w *archiveWorld, step int) {
		t.Helper()
		before := w.rows()
		name := []string{"a.jsonl", "a.jsonl.gz"}[step%2]
		_, err := w.archive(name, step)
		expect.MustThat(t, "errors.Is(err, errDied)", errors.Is(err, errDied), err)
		w.holds("rows hold")
		if step < 5 {
			expect.MustEqual(t, "w.rows()", w.rows(), before)
		} else {
			w.holds("still in the database", name)
		}
		if step == 6 {
			w.refused("another", name)
		}
		w.archived(name)
		expect.MustEqual(t, "w.rows()", w.rows(), 2, before) // the newest one, and that they were archived
		w.holds("THE FILES WERE NOT LOOKED AT")
		w.holds("The walk began with their first row", name)

		w.convert("b")
		w.archived("b.jsonl")
		w.convert("c")
		w.holds("in 2 files", name, "b.jsonl")
		w.fails("missing: its archive was not given", name)
		w.holds("rows hold")
	})
}

// covers: 004-37
func TestWhatIsDoneToAnArchiveIsFound(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		do   func(w *archiveWorld)
		says string
		file bool // found only by those who have the file
	}{
		"the file is cut": {func(w *archiveWorld) {
			data, err := os.ReadFile(w.path("a.jsonl"))
			if err = errors.Join(err, os.WriteFile(w.path("a.jsonl"), data[:len(data)/2], 0o600)); err != nil {
				w.T.Fatal(err)
			}
		}, "seq 1: missing: its archive was not given, or is not the file that was recorded: a.jsonl", true},
		"a movement of an archived coupon": {func(w *archiveWorld) { w.owner(`UPDATE movements SET points = points + 1 WHERE kind = 'give_back'`) },
			"audit row", false},
		"the status of an archived coupon": {func(w *archiveWorld) { w.owner(`UPDATE coupons SET status = 'used' WHERE status = 'failed'`) },
			`its status is "used", the record ends with "failed"`, false},
		"what was carried": {func(w *archiveWorld) { w.owner(`UPDATE audit_carried SET detail = '{}' WHERE action = 'points.taken'`) },
			"changed: what stays of the rows that were archived", false},
		"what was carried is gone": {func(w *archiveWorld) { w.owner(`DELETE FROM audit_carried`) },
			"changed: what stays of the rows that were archived", false},
		"the record is gone": {func(w *archiveWorld) { w.owner(`DELETE FROM audit_archives`) }, "seq 1: missing", false},
		"the record says another end": {func(w *archiveWorld) {
			w.owner(`UPDATE audit_archives SET record = replace(record, '"first":1', '"first":0')`)
		}, "not authentic: the record of the archive", false},
		"more of the beginning is cut off": {func(w *archiveWorld) {
			w.owner(`DELETE FROM audit_seals WHERE seq = (SELECT min(seq) FROM audit_seals)`)
		}, ": seal missing", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newArchiveWorld(t, db)
				w.archived("a.jsonl")
				w.convert("b")
				w.holds("rows hold", "a.jsonl")
				tc.do(w)
				w.fails(tc.says, "a.jsonl")
				if !tc.file {
					w.fails(tc.says)
				}
			})
		})
	}
}

// covers: 004-55
func TestOnlyArchivedRowsMayGo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newArchiveWorld(t, db)
		refused := func(statement string) {
			t.Helper()
			_, err := w.Store.DB().ExecContext(t.Context(), statement)
			expect.That(t, "it is refused", err != nil && strings.Contains(err.Error(), "are kept"), statement, err)
		}
		refused(`DELETE FROM audit`)
		refused(`DELETE FROM audit_seals`)
		if _, err := w.archive("a.jsonl", 5); !errors.Is(err, errDied) {
			t.Fatal(err)
		}
		refused(`DELETE FROM audit`) // the newest row, and one without a seal, are among them
		refused(`DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)`)
		refused(`DELETE FROM audit_seals`)
		refused(`UPDATE audit SET actor = 'x'`)
		refused(`DELETE FROM audit_archives`)
		refused(`UPDATE audit_carried SET seq = seq + 100`)
	})
}

func TestAnArchiveOfNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newArchiveWorld(t, db)
		for range 2 {
			err := commands.Archive(t.Context(), w.Store, w.keys(), w.Clock.Now().AddDate(-1, 0, 0), w.path("a"), io.Discard,
				func(int) error { return nil })
			expect.MustEqual(t, "err", err, nil)
		}
		left, err := os.ReadDir(w.folder)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "len(left)", len(left), 0)
		if err := os.WriteFile(w.path("a"), []byte("a letter\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = w.archive("a", 0)
		expect.That(t, "a file of somebody's is left alone", err != nil && strings.Contains(err.Error(), "no export"), err)
	})
}

// TestASecondRunMeanwhileDoesNoHarm: whenever somebody else runs the same command, by which time there is more to archive,
// no row is lost that is not in its file.
// covers: 004-37
func TestASecondRunMeanwhileDoesNoHarm(t *testing.T) {
	t.Parallel()
	afterEachStep(t, func(t *testing.T, w *archiveWorld, step int) {
		t.Helper()
		before, second := w.rows(), errDied
		_, err := w.archiveBeside("a", func(reached int) error {
			if reached == step && errors.Is(second, errDied) {
				w.convert("b")
				_, second = w.archive("a", 0)
			}
			return nil
		})
		expect.That(t, "one of them is refused, or came late", step >= 5 || (err == nil) != (second == nil), err, second)
		if step == 1 {
			expect.That(t, "the second one is told why", second != nil && strings.Contains(second.Error(), "another run"), second)
		}
		expect.That(t, "rows went", w.rows() < before, w.rows(), before)
		w.holds("The walk began with their first row", "a")
	})
}

// TestAFileThatSaysARowTwiceIsRefused, also where the rows are of before there was a key, and the chain's end is not
// held against one.
func TestAFileThatSaysARowTwiceIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := &archiveWorld{World: world.New(t, db, true), db: db, folder: t.TempDir(), secret: world.GoodSecret}
		w.convert("plain")
		w.Store.SetSealing(w.keys(), false)
		w.convert("keyed")
		if _, err := w.archive("a", 2); !errors.Is(err, errDied) {
			t.Fatal(err)
		}
		data, err := os.ReadFile(w.path("a"))
		expect.MustEqual(t, "err", err, nil)
		lines := strings.SplitAfter(string(data), "\n")
		twice := strings.Join(append(slices.Clone(lines[:3]), lines[2:]...), "")
		expect.MustEqual(t, "err", os.WriteFile(w.path("a"), []byte(twice), 0o600), nil)
		_, err = w.archive("a", 0)
		expect.That(t, "it is refused", err != nil && strings.Contains(err.Error(), "seq 2") && strings.Contains(err.Error(), "out of order"), err)
		expect.MustEqual(t, "err", os.Remove(w.path("a")), nil)
		w.archived("a")
		w.holds("The walk began with their first row", "a")
	})
}

// TestAFileOfAnotherShopIsNotTakenForLookedAt: whoever names one thinks that it was walked along.
func TestAFileOfAnotherShopIsNotTakenForLookedAt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newArchiveWorld(t, db)
		if _, err := w.archive("other", 2); !errors.Is(err, errDied) {
			t.Fatal(err)
		}
		w.fails("hold, and are in the database too", "other")
		data := strings.Replace(w.file("other"), `"actor":"`, `"actor":"x`, 1)
		expect.MustEqual(t, "err", os.WriteFile(w.path("foreign"), []byte(data), 0o600), nil)
		code, out := w.verify("foreign")
		expect.MustThat(t, "nothing is said for it", code == 1 && strings.Contains(out, "foreign is not the file of an archive that is recorded\n"), code, out)
		w.archived("a.gz")
		w.fails("in the files of the recorded ones too; leave it out", "a.gz", "other")
		w.fails("other is not the file of an archive", "other", "a.gz")
		w.holds("The walk began with their first row", "a.gz", "a.gz")
		w.fails("missing: its archive was not given", "other")
	})
}
