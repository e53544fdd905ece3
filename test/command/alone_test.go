package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestCommandsOnTheDatabaseAlone: what works on the database asks for nothing else, and says in one sentence what is
// wrong with it.
func TestCommandsOnTheDatabaseAlone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	env := []string{"DATABASE_URL=sqlite:" + filepath.Join(folder, "p.db")}
	refused := func(env []string, says string, args ...string) {
		t.Helper()
		code, _, errs := runWith(t, env, args...)
		expect.Equal(t, "code", code, 1, args)
		if !strings.Contains(errs, says) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v says %q, want one line with %q", args, errs, says)
		}
	}
	refused(env, "yet; run: pointbridge migrate", "staff", "list")
	if _, err := os.Stat(filepath.Join(folder, "p.db")); err == nil {
		t.Error("a list made a database")
	}
	for _, args := range [][]string{{"migrate"}, {"migrate"}, {"staff", "list"},
		{"staff", "add", "--email", "a@example.org", "--name", "A", "--role", "system_admin"}, {"key", "list"},
		{"key", "create", "--role", "pos", "--name", "till"}, {"audit", "verify", "--without-key"}, {"audit", "export"},
		{"members", "export"}, {"privacy", "list"}, {"privacy", "list", "--all"}} {
		if code, _, errs := runWith(t, env, args...); code != 0 {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
	}
	refused(env, "AUDIT_KEY or SECRET_KEY must be set", "audit", "verify")
	if code, out, errs := runWith(t, append(env, "SECRET_KEY="+world.GoodSecret), "audit", "verify"); code != 0 {
		t.Errorf("audit verify with its key: %s %s", out, errs)
	}
	// What keeps or finds digests takes the key besides, and says so alone.
	refused(env, "there is no such request", "privacy", "stop", "1")
	for _, args := range [][]string{{"privacy", "export", "1"}, {"privacy", "erase", "1"}, {"privacy", "done", "1"},
		{"identity", "rotate"}} {
		code, _, errs := runWith(t, env, args...)
		if code != 1 || !strings.Contains(errs, "faults:\n  - SECRET_KEY is not set\n") || strings.Count(errs, "  - ") != 1 {
			t.Errorf("%v without a key: exit %d, %s", args, code, errs)
		}
	}
	keyed := []string{env[0], "SECRET_KEY=" + world.GoodSecret}
	refused(keyed, "there is no such request", "privacy", "export", "1")
	refused(keyed, "there is no such request", "privacy", "done", "1")
	if code, out, errs := runWith(t, keyed, "identity", "rotate"); code != 0 {
		t.Errorf("identity rotate with its key: %s %s", out, errs)
	}
	missing := []string{"DATABASE_URL=sqlite:" + filepath.Join(folder, "gone", "p.db")}
	refused(missing, "is not there; put DATABASE_URL right", "key", "list")
	refused([]string{"DATABASE_URL=postgres://nobody@127.0.0.1:1/none?sslmode=disable"},
		"nothing takes connections there", "staff", "list")
	refused(nil, "there is no demo in the folder", "staff", "list", "--data", folder)
	old := []string{"DATABASE_URL=sqlite:" + filepath.Join(folder, "old.db")}
	if err := os.WriteFile(filepath.Join(folder, "old.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(old, "the database is not up to date; run: pointbridge migrate", "staff", "list")
}

func TestSlipsInNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says string
		args []string
	}{
		{"did you mean serve?", []string{"serv"}},
		{"did you mean list?", []string{"staff", "lsit"}},
		{"did you mean --data?", []string{"key", "list", "--dta", "x"}},
		{"has no flag --nothing; see --help", []string{"key", "list", "--nothing"}},
		{`pointbridge key has no command "paint"; see --help`, []string{"key", "paint"}},
		{`pointbridge migrate takes nothing but flags, and was given "now"; see --help`, []string{"migrate", "now"}},
		{"pointbridge key revoke takes PREFIX, and was given nothing; see --help", []string{"key", "revoke"}},
		{`members renumber takes OLD and NEW, and was given ["1"]; see --help`, []string{"members", "renumber", "1"}},
		{`--days takes a whole number, not "abc"`, []string{"identity", "scan", "--days", "abc"}},
		{"Each is described in .env.example", []string{"serve"}},
		{"To look at the whole product without any of them: pointbridge demo", []string{"serve"}},
		{"To look at a demo instead: pointbridge demo --data FOLDER", []string{"doctor"}},
		{"did you mean --version?", []string{"version"}},
		{"To look at a demo instead: pointbridge demo --data FOLDER", []string{"staff", "list"}},
	} {
		code, _, errs := runWith(t, nil, c.args...)
		expect.Equal(t, "code", code, 1, c.args)
		if !strings.Contains(errs, c.says) {
			t.Errorf("%v says %q, want %q", c.args, errs, c.says)
		}
	}
	code, out, _ := runWith(t, nil, "--version")
	expect.Equal(t, "code", code, 0)
	expect.That(t, "a version", strings.HasPrefix(out, "pointbridge version ") && strings.Contains(out, "go1."), out)
}
