package commands_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"pointbridge/commands"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// lossWorld is an archive of which some rows, or all, are deleted; its file is lost.
type lossWorld struct {
	*archiveWorld
	// gone is how many rows are, of how many.
	gone, of int64
}

// newLossWorld lets the deletion die after its first batch, or go to its end.
func newLossWorld(t *testing.T, db storetest.Database, whole bool) *lossWorld {
	t.Helper()
	w := &lossWorld{archiveWorld: newArchiveWorld(t, db)}
	w.convert("more")
	w.of, w.gone = w.rows()-1, 5
	if whole {
		w.archived("a")
		w.gone = w.of
	} else {
		w.dies("a", 6)
	}
	expect.MustEqual(t, "err", os.Rename(w.path("a"), w.path("found")), nil)
	return w
}

// missing is the rows that are gone, as they are named.
func (w *lossWorld) missing() string { return fmt.Sprintf("1-%d", w.gone) }

func (w *lossWorld) accept(rows, name string, dies int) (string, error) {
	var out strings.Builder
	path := ""
	if name != "" {
		path = w.path(name)
	}
	err := commands.AcceptLoss(w.T.Context(), w.Store, w.keys(), rows, path, &out, func(step int) error {
		if step == dies {
			return errDied
		}
		return nil
	})
	return out.String(), err
}

func (w *lossWorld) accepted(rows, name string) {
	w.T.Helper()
	out, err := w.accept(rows, name, 0)
	expect.MustEqual(w.T, "err", err, nil, out)
	expect.MustThat(w.T, "it says so", strings.Contains(out, "are missing, accepted on"), out)
	w.seal()
}

// verifyKnowing is verify by somebody who knows of a loss.
func (w *lossWorld) verifyKnowing(known string, names ...string) (code int, out string) {
	w.T.Helper()
	return w.verifyWith([]string{"--known-loss", known}, names...)
}

// toldOf looks at what whoever verifies is told of the loss: it is a fault for those who do not say to know it.
func (w *lossWorld) toldOf(known string, names ...string) {
	w.T.Helper()
	const says = "are missing, accepted on"
	w.fails(says, names...)
	code, out := w.verifyKnowing(known, names...)
	expect.MustEqual(w.T, "code", code, 0, out)
	expect.MustThat(w.T, "it is told all the same", strings.Contains(out, says) && strings.Contains(out, "Hanako Sato: the disk"), out)
	code, out = w.verifyKnowing("1-3", names...)
	expect.MustThat(w.T, "another one is not known", code == 1 && strings.Contains(out, "no such loss"), code, out)
}

func (w *lossWorld) count(query string) (n int64) {
	w.T.Helper()
	if err := w.Store.DB().QueryRowContext(w.T.Context(), query).Scan(&n); err != nil {
		w.T.Fatal(query, err)
	}
	return n
}

const (
	losses      = `SELECT count(*) FROM audit_losses`
	lossEntries = `SELECT count(*) FROM audit WHERE action = 'audit.loss_accepted'`
)

// TestALossIsAcceptedWhereverOneDies: nothing is deleted by it, it is recorded once, archiving goes on beside the new file,
// and whoever verifies is told of it for ever; also under another key.
// covers: 004-37, 004-55
func TestALossIsAcceptedWhereverOneDies(t *testing.T) {
	t.Parallel()
	for step := 1; step <= 4; step++ {
		t.Run(fmt.Sprint(step), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newLossWorld(t, db, false)
				before := w.rows()
				name := []string{"b.jsonl", "b.jsonl.gz"}[step%2]
				out, err := w.accept(w.missing(), name, step)
				expect.MustThat(t, "it died", errors.Is(err, errDied), out, err)
				if step < 4 {
					expect.MustEqual(t, "losses", w.count(losses)+w.count(lossEntries), 0)
					w.turnKey()
				}
				w.accepted(w.missing(), name)
				w.accepted(w.missing(), "")
				expect.MustEqual(t, "losses", w.count(losses), 1)
				expect.MustEqual(t, "entries", w.count(lossEntries), 1)
				expect.MustEqual(t, "rows", w.rows(), before+1)
				w.toldOf(w.missing(), name)

				w.turnKey()
				w.archived(name)
				expect.MustEqual(t, "rows", w.rows(), 3) // the newest one, that they were archived, and the loss
				w.convert("b")
				w.archived("c")
				w.convert("c")
				w.toldOf(w.missing())
				w.toldOf(w.missing(), name, "c")
				w.fails("missing: its archive was not given", "c")
				w.old = nil
				w.fails("which was not given")
			})
		})
	}
}

// TestAWholeArchiveIsLost, so that no row of it is left: there is nothing to write.
// covers: 004-37
func TestAWholeArchiveIsLost(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newLossWorld(t, db, true)
		w.convert("b")
		w.archived("b")
		w.convert("c")
		w.fails("missing: its archive was not given", "b")
		for name, says := range map[string]string{"found": "nothing is lost", "new": "leave --to out"} {
			out, err := w.accept(w.missing(), name, 0)
			expect.MustThat(t, "it is refused", err != nil && strings.Contains(err.Error(), says), out, err)
			expect.MustEqual(t, "losses", w.count(losses), 0)
		}
		w.accepted(w.missing(), "")
		w.toldOf(w.missing())
		w.toldOf(w.missing(), "b")
		w.convert("d")
		w.archived("d")
		w.convert("e")
		w.toldOf(w.missing(), "b", "d")
		code, out := w.verify("found", "b", "d")
		expect.MustThat(t, "a file that is found shows the rows", code == 0 && strings.Contains(out, "They are found"), code, out)
	})
}

// TestTheFileOfTheRestIsLostAsWell: as long as its rows are there it is written again, then the next loss follows the first.
// covers: 004-37
func TestTheFileOfTheRestIsLostAsWell(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newLossWorld(t, db, false)
		w.accepted(w.missing(), "b")
		first := w.file("b")
		w.lose("b")
		w.dies("b", 2)
		expect.MustEqual(t, "the file", w.file("b"), first)
		w.dies("b", 6)
		expect.MustEqual(t, "err", os.Rename(w.path("b"), w.path("b.found")), nil)
		w.refused("b", "audit accept-loss 6-10")
		w.accepted("6-10", "c")
		w.archived("c")
		code, out := w.verifyKnowing("1-5", "c")
		expect.MustThat(t, "the second one is told", code == 1 && strings.Contains(out, "--known-loss 6-10"), code, out)
		code, out = w.verifyKnowing("1-5", "b.found")
		expect.MustThat(t, "it holds with either file, and the second loss is none", code == 0 && strings.Contains(out, "They are found: they are in"),
			code, out)
	})
}

// TestTheFirstFileIsFoundAfterAll, when the one that took its place is lost: it has those rows as well.
// covers: 004-37
func TestTheFirstFileIsFoundAfterAll(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newLossWorld(t, db, false)
		w.accepted(w.missing(), "b")
		w.dies("b", 6)
		w.lose("b")
		out, err := w.accept("6-10", "found", 0)
		expect.MustThat(t, "nothing is lost", err != nil && strings.Contains(err.Error(), "nothing is lost"), out, err)
		out, err = w.archive("found", 0)
		expect.MustThat(t, "it goes on with that file", err == nil && strings.Contains(out, "Archived are the rows 1 to"), out, err)
		w.seal()
		w.holds("They are found", "found")
	})
}

// TestTwoArchivesBesideEachOtherAreLost: each is accepted by its own name, in any order, and nobody who knows of one knows
// of the other.
// covers: 004-37
func TestTwoArchivesBesideEachOtherAreLost(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newLossWorld(t, db, true)
		w.convert("b")
		before := w.rows()
		w.archived("b")
		second := fmt.Sprintf("%d-%d", w.gone+1, w.gone+before-w.rows()+1) // that it was archived is a row more
		w.lose("b")
		w.convert("c")
		for _, rows := range []string{fmt.Sprintf("1-%d", w.gone+1), "1-" + strings.Split(second, "-")[1]} {
			out, err := w.accept(rows, "", 0)
			expect.MustThat(t, "both at once", err != nil && strings.Contains(err.Error(), w.missing()+" are"), out, err)
		}
		w.accepted(second, "")
		w.turnKey()
		w.accepted(w.missing(), "")
		w.accepted(second, "")
		expect.MustEqual(t, "losses", w.count(losses), 2)
		for _, known := range []string{w.missing(), second} {
			code, out := w.verifyKnowing(known)
			expect.MustThat(t, "the other one is told of", code == 1 && strings.Contains(out, "look into it"), code, out)
		}
		w.archived("c")
		w.convert("d")
		code, out := w.verifyWith([]string{"--known-loss", w.missing(), "--known-loss", second}, "c")
		expect.MustThat(t, "both are known", code == 0 && strings.Count(out, "LOST: ") == 2, code, out)
	})
}

// TestALossIsNotTakenBack: who takes its record away is found out by what the audit says, with no file given, and also when
// that was archived itself.
// covers: 004-37, 004-55
func TestALossIsNotTakenBack(t *testing.T) {
	t.Parallel()
	for name, archived := range map[string]bool{"the entry is in the database": false, "the entry is archived": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newLossWorld(t, db, true)
				w.accepted(w.missing(), "")
				if archived {
					w.convert("b")
					w.archived("b")
					w.convert("c")
					expect.MustEqual(t, "entries", w.count(lossEntries), 0)
				}
				w.toldOf(w.missing())
				w.owner(`DELETE FROM audit_losses`)
				w.fails("which this one says were accepted as lost")
			})
		})
	}
}

// TestNoLineIsHiddenByALoss: what is there cannot be named, nor what was not archived, and nothing is changed.
// covers: 004-37, 004-55
func TestNoLineIsHiddenByALoss(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		whole      bool
		rows, file string
		do         func(w *lossWorld)
		says       string
	}{
		"a line more":                {false, "1-6", "b", nil, "1-5 are"},
		"a line less":                {false, "1-4", "b", nil, "1-5 are"},
		"not from the first one":     {false, "2-5", "b", nil, "is not what is missing"},
		"lines of no archive":        {true, "900-901", "", nil, "is not what is missing"},
		"no range":                   {true, "all", "", nil, "is not what is missing"},
		"what is left has no file":   {false, "1-5", "", nil, "give a new file"},
		"the file that was found":    {false, "1-5", "found", nil, "found has the rows 1 to"},
		"a letter":                   {false, "1-5", "letter", func(w *lossWorld) { _ = os.WriteFile(w.path("letter"), []byte("a letter\n"), 0o600) }, "no export"},
		"a row that is left differs": {false, "1-5", "b", func(w *lossWorld) { w.owner(`UPDATE audit SET actor_name = 'x' WHERE id = 6`) }, "seq 6"},
		"a row of the middle is gone": {false, "1-6", "b", func(w *lossWorld) {
			w.owner(`DELETE FROM audit WHERE id = 8`)
			w.owner(`DELETE FROM audit_seals WHERE seq = 8`)
		}, "earlier release, or not by audit archive"},
		"the next row is taken out by hand": {false, "1-6", "b", func(w *lossWorld) {
			w.owner(`DELETE FROM audit WHERE id = 6`)
			w.owner(`DELETE FROM audit_seals WHERE seq = 6`)
		}, "earlier release, or not by audit archive"},
		"and the place is made up": {false, "1-6", "b", func(w *lossWorld) {
			w.owner(`DELETE FROM audit WHERE id = 6`)
			w.owner(`DELETE FROM audit_seals WHERE seq = 6`)
			w.owner(`UPDATE audit_dropped SET seq = 6`)
		}, "seq 7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newLossWorld(t, db, tc.whole)
				if tc.do != nil {
					tc.do(w)
				}
				rows := w.rows()
				out, err := w.accept(tc.rows, tc.file, 0)
				expect.MustThat(t, "it is refused", err != nil && strings.Contains(err.Error(), tc.says), out, err)
				expect.Equal(t, "rows", w.rows(), rows)
				expect.Equal(t, "losses", w.count(losses), 0)
			})
		})
	}
}

// TestNothingIsLostWhereAllRowsAreThere: the file is written again instead.
// covers: 004-37
func TestNothingIsLostWhereAllRowsAreThere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := &lossWorld{archiveWorld: newArchiveWorld(t, db)}
		w.dies("a", 5)
		w.lose("a")
		out, err := w.accept("1-5", "b", 0)
		expect.MustThat(t, "it is refused", err != nil && strings.Contains(err.Error(), "nothing is lost"), out, err)
		w.archived("a")
	})
}

// TestALossIsSigned, by a name and a reason on one line, before the database is asked for anything.
func TestALossIsSigned(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ by, reason, says string }{
		"nobody":                    {"", "fire", "--by and --reason must be given"},
		"no reason":                 {"A", " ", "--by and --reason must be given"},
		"a name that shows nothing": {"\u3164\u115f", "fire", "--by must have letters or digits"},
		"a reason without a letter": {"A", "…!", "--reason must have letters or digits"},
		"two lines":                 {"A", "fire\nLOST: nothing", "--reason must be one line"},
		"a terminal's escape":       {"A\x1b[2K", "fire", "--by must be one line"},
		"a text that turns":         {"A\u202e", "fire", "--by must be one line"},
		"no text":                   {"A\xff", "fire", "--by must be one line"},
		"a long one":                {"A", strings.Repeat("あ", 501), "--reason must be one line of 500"},
		"in Japanese":               {"佐藤　花子", "火災のため", "DATABASE_URL"},
	} {
		var said world.LockedBuffer
		code := commands.Run(t.Context(), []string{"audit", "accept-loss", "1-2", "--by", tc.by, "--reason", tc.reason}, nil, &said, &said)
		expect.That(t, "it is refused", code == 1 && strings.Contains(said.String(), tc.says), name, said.String())
	}
}

// TestARecordOfALossIsNotMadeUp: by nobody without the key, and by nobody for rows that are there, whatever they say to
// the database.
// covers: 004-37, 004-55
func TestARecordOfALossIsNotMadeUp(t *testing.T) {
	t.Parallel()
	const all = `INSERT INTO audit_losses (seq, first, record, key_id, mac) SELECT `
	for name, tc := range map[string]struct{ do, says string }{
		"for the rest of the archive, under the archive's own seal": {all + `seq, 6, record, key_id, mac FROM audit_archives`, "not made with the key"},
		"another reason":       {`UPDATE audit_losses SET record = replace(record, 'died', 'burnt')`, "not made with the key"},
		"it is taken away":     {`DELETE FROM audit_losses`, "which this one says were accepted as lost"},
		"its archive is taken": {`DELETE FROM audit_archives`, "is of no archive"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newLossWorld(t, db, false)
				w.accepted(w.missing(), "b")
				w.archived("b")
				w.toldOf(w.missing(), "b")
				for _, statement := range []string{`UPDATE audit_losses SET first = 2`, `DELETE FROM audit_losses`} {
					_, err := w.Store.DB().ExecContext(t.Context(), statement)
					expect.That(t, "it is kept", err != nil && strings.Contains(err.Error(), "are kept"), statement, err)
				}
				w.owner(tc.do)
				code, out := w.verifyKnowing(w.missing(), "b")
				expect.MustThat(t, "it is found", code == 1 && strings.Contains(out, tc.says), code, out)
			})
		})
	}
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newLossWorld(t, db, false)
		for _, one := range []string{`6, 1, 'x', 'x', ''`, `5000, 4000, 'x', 'x', ''`} {
			_, err := w.Store.DB().ExecContext(t.Context(), `INSERT INTO audit_losses (seq, first, record, key_id, mac) VALUES (`+one+`)`)
			expect.That(t, "the database refuses it", err != nil && strings.Contains(err.Error(), "only archived rows that are gone"), one, err)
		}
	})
}
