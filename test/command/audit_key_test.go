package command

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pointbridge/commands"
	"pointbridge/domain/audit"
	"pointbridge/integrations/heads"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

const anotherKey = "pX7cV2bN9mK4jH8gF3dS6aQ1wE5rT0yU"

// sealPlainly seals as a program of before the keys did.
func (w *auditWorld) sealPlainly() {
	w.T.Helper()
	w.Store.SetSealing(nil, false)
	s := &audit.Sealer{Store: w.Store.Audit, Clock: w.Clock, Logger: slog.New(slog.DiscardHandler)}
	if err := s.Seal(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
}

// With runs a command with further settings.
func (w *auditWorld) With(settings map[string]string, args ...string) (code int, out, errs string) {
	w.T.Helper()
	env := world.GoodEnvironment()
	env["DATABASE_URL"] = w.Database.URL
	for name, value := range settings {
		env[name] = value
	}
	var o, e world.LockedBuffer
	code = commands.Run(w.T.Context(), args, world.EnvironOf(env), &o, &e)
	return code, o.String(), e.String()
}

// forge makes every link anew, as whoever owns the database can. What the keyed parts say stays, or goes.
func (w *auditWorld) forge(strip bool) {
	w.T.Helper()
	var head audit.Head
	type link struct {
		seq  int64
		hash audit.Hash
	}
	var anew []link
	for l, err := range w.Store.Audit.Links(w.T.Context(), 1, store.EndOfChain) {
		if err != nil {
			w.T.Fatal(err)
		}
		head = audit.Head{Seq: l.Seq, Hash: head.Hash.Next(l.Canonical)}
		anew = append(anew, link{l.Seq, head.Hash})
	}
	set := "hash = $1"
	if strip {
		set += ", key_id = '', keyed_from = NULL, mac = NULL"
	}
	for _, l := range anew {
		if _, err := w.Store.DB().ExecContext(w.T.Context(), `UPDATE audit_seals SET `+set+` WHERE seq = $2`,
			l.hash[:], l.seq); err != nil {
			w.T.Fatal(err)
		}
	}
}

const smallerRefund = `UPDATE audit SET detail = replace(detail, '100', '101') WHERE action = 'points.taken'`

func TestAuditKey_WhoOwnsTheDatabaseCannotSeal(t *testing.T) {
	t.Parallel()
	for _, strip := range []bool{false, true} {
		t.Run(fmt.Sprintf("keyed parts stripped %v", strip), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newAuditWorld(t, db).seal()
				w.tamper(smallerRefund, `UPDATE movements SET points = 101 WHERE kind = 'take'`)
				w.forge(strip)
				code, out, errs := w.Command("verify")
				if code != 1 || !strings.Contains(out, "not authentic") || !strings.Contains(errs,
					"the audit does not hold") {
					t.Errorf("exit %d, %q %q", code, out, errs)
				}
				if _, out, _ := w.Command("verify", "--without-key"); strings.Contains(out, "not authentic") ||
					!strings.Contains(out, "12 rows hold") || !strings.Contains(out, "seal") {
					t.Errorf("the links by themselves: %q", out)
				}
			})
		})
	}
}

func TestAuditKey_UpdateAndChange(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newAuditWorld(t, db)
		w.sealPlainly()
		if code, out, _ := w.Command("verify"); code != 1 || !strings.Contains(out, "no seal was made with a key") {
			t.Fatalf("with the key before the update: exit %d, %q", code, out)
		}
		if code, out, _ := w.Command("verify", "--without-key"); code != 0 || !strings.Contains(out,
			"AUTHENTICITY WAS NOT CHECKED") {
			t.Fatalf("without the key: exit %d, %q", code, out)
		}
		migrate := func(settings map[string]string) {
			t.Helper()
			if code, _, errs := w.With(settings, "migrate"); code != 0 {
				t.Fatal(errs)
			}
		}
		for range 2 { // the second one has nothing to do
			migrate(nil)
			if code, out, errs := w.Command("verify"); code != 0 || !strings.HasPrefix(out, "13 rows hold") ||
				!strings.Contains(out, "keyed seals begin at 13") {
				t.Fatalf("old seals stay verifiable: exit %d, %q %q", code, out, errs)
			}
		}
		changed := map[string]string{"AUDIT_KEY": anotherKey}
		migrate(changed)
		if code, out, _ := w.With(changed, "audit", "verify"); code != 0 || !strings.Contains(out, "by key "+
			audit.NewKey(anotherKey).ID) {
			t.Fatalf("SECRET_KEY's own seals are known: exit %d, %q", code, out)
		}
		// Now SECRET_KEY changes as well. What it sealed needs it as an old key.
		changed["SECRET_KEY"] = "rY8uI3oP6aS1dF5gH9jK2lZ7xC4vB0nM"
		if code, out, _ := w.With(changed, "audit", "verify"); code != 1 || !strings.Contains(out,
			audit.NewKey(world.GoodSecret).ID+", which was not given") {
			t.Fatalf("a key that is missing: exit %d, %q", code, out)
		}
		changed["AUDIT_KEY_OLD"] = world.GoodSecret
		if code, out, _ := w.With(changed, "audit", "verify"); code != 0 {
			t.Fatalf("exit %d, %q", code, out)
		}
		if code, out, _ := w.Command("verify"); code != 1 || !strings.Contains(out, "not authentic") {
			t.Fatalf("the key from before is not enough: exit %d, %q", code, out)
		}
	})
}

// TestAuditKey_NobodySealsPlainlyAnyMore: a program of before the keys, which still runs, cannot get between.
func TestAuditKey_NobodySealsPlainlyAnyMore(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newAuditWorld(t, db).seal()
		w.Convert(w.Member(), "later")
		w.Store.SetSealing(nil, false)
		if _, _, err := w.Store.Audit.Seal(t.Context(), 0, 100); err == nil {
			t.Error("a process without the key seals")
		}
		next := `(seq, audit_id, hash, sealed_at, key_id, keyed_from, mac) SELECT %s, (SELECT min(id) FROM audit WHERE id NOT IN
			(SELECT audit_id FROM audit_seals)), hash, sealed_at, %s FROM audit_seals WHERE seq = 1`
		for name, values := range map[string][2]string{"a plain seal": {"13", "'', NULL, NULL"},
			"a gap":            {"14", "key_id, keyed_from, mac"},
			"another boundary": {"13", "key_id, 13, mac"}, "no keyed hash": {"13", "key_id, keyed_from, NULL"}} {
			if _, err := w.Store.DB().ExecContext(t.Context(), "INSERT INTO audit_seals "+
				fmt.Sprintf(next, values[0], values[1])); err == nil {
				t.Errorf("the database takes %s", name)
			}
		}
		w.seal()
		if code, out, _ := w.Command("verify"); code != 0 {
			t.Errorf("exit %d, %q", code, out)
		}
	})
}

func TestAuditKey_ExportsAreHeldAgainstIt(t *testing.T) {
	t.Parallel()
	w := newAuditWorld(t, storetest.SQLite(t)).seal()
	_, whole, _ := w.Command("export")
	path := filepath.Join(t.TempDir(), "export.jsonl")
	verify := func(text string, environ []string, args ...string) (int, string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, _ := world.RunAudit(t, environ, append([]string{"verify", "--file", path}, args...)...)
		return code, out
	}
	key := []string{"SECRET_KEY=" + world.GoodSecret}
	if code, out := verify(whole, key); code != 0 || !strings.Contains(out, "Authentic") {
		t.Errorf("with the key: exit %d, %q", code, out)
	}
	if code, out := verify(whole, []string{"AUDIT_KEY=" + anotherKey, "AUDIT_KEY_OLD=" + world.GoodSecret}); code != 0 {
		t.Errorf("with it as an old one: exit %d, %q", code, out)
	}
	if code, out := verify(whole, nil); code != 0 || !strings.Contains(out, "AUTHENTICITY WAS NOT CHECKED") {
		t.Errorf("without it: exit %d, %q", code, out)
	}
	if code, out := verify(whole, []string{"AUDIT_KEY=" + anotherKey}); code != 1 || !strings.Contains(out,
		"not authentic") {
		t.Errorf("with another one: exit %d, %q", code, out)
	}
	w.tamper(smallerRefund)
	w.forge(true)
	_, forged, _ := w.Command("export")
	if code, out := verify(forged, nil); code != 0 || !strings.Contains(out, "anybody can have made them") {
		t.Errorf("forged and without the key: exit %d, %q", code, out)
	}
	if code, out := verify(forged, key); code != 1 || !strings.Contains(out, "--without-key") {
		t.Errorf("forged: exit %d, %q", code, out)
	}
	if code, _ := verify(forged, key, "--without-key"); code != 0 {
		t.Errorf("who asks for the links alone: exit %d", code)
	}
}

// TestAuditHeads has the whole service ship its heads into a file and to an address that is away at first.
func TestAuditHeads(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		var mu sync.Mutex
		var bodies []string
		refusals := 2
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			body, _ := io.ReadAll(r.Body)
			if refusals--; refusals >= 0 || r.Header.Get(heads.SignatureHeader) == "" {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			bodies = append(bodies, string(body))
		}))
		t.Cleanup(receiver.Close)
		file := filepath.Join(t.TempDir(), "heads.jsonl")
		w := world.NewHooks(t, db, "AUDIT_HEADS_FILE="+file, "AUDIT_HEADS_URL="+receiver.URL, "AUDIT_HEADS_SECRET="+
			anotherKey)
		w.Start()
		world.Eventually(t, "the head is in the file",
			func() bool { _, err := commands.LastHead(file); return err == nil })
		world.Eventually(t, "the queue has brought it to the address", func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(bodies) > 0
		})
		head, err := commands.LastHead(file)
		if err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		if !strings.Contains(bodies[0], `"head":"`) || !strings.Contains(bodies[0], `"mac":"`) {
			t.Errorf("sent %s", bodies[0])
		}
		mu.Unlock()
		verify := func() (int, string) {
			var out, errs world.LockedBuffer
			code := commands.Run(t.Context(), []string{"audit", "verify", "--expect-file", file}, w.Env, &out, &errs)
			return code, out.String() + errs.String()
		}
		if code, out := verify(); code != 0 {
			t.Errorf("the chain has the head %s: exit %d, %q", head, code, out)
		}
		forged := strings.Replace(head, head[strings.Index(head, ":")+1:], strings.Repeat("0", 64), 1)
		if err := os.WriteFile(file, []byte(`{"head":"`+forged+`"}`+"\n"+`{"head":"9`), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, out := verify(); code != 1 || !strings.Contains(out, "head differs") {
			t.Errorf("another head was written down: exit %d, %q", code, out)
		}
	})
}
