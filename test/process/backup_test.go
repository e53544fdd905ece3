package process

import (
	"context"
	"database/sql"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
	"pointbridge/tools/subprocess"
)

// chapter gives the commands of a chapter of the operator's guide, each block of them by itself.
func chapter(t *testing.T, title string) (blocks []string) {
	t.Helper()
	guide, err := os.ReadFile("docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(guide), "\n## "+title+"\n")
	expect.MustThat(t, "the guide to have the chapter", found, title)
	text, _, _ := strings.Cut(rest, "\n## ")
	for i, part := range strings.Split(text, "```") {
		if commands, is := strings.CutPrefix(part, "sh\n"); is && i%2 == 1 {
			blocks = append(blocks, commands)
		}
	}
	return blocks
}

// shell runs commands as a person would who has the program on the path.
func shell(t *testing.T, dir, commands string, environ []string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", `pointbridge() { "$PROGRAM" "$@"; }`+"\n"+commands)
	cmd.Dir = dir
	cmd.Env = append(append(subprocess.Environ(), environ...), "PROGRAM="+self,
		"PATH="+program(t, "POSTGRES_BIN")+":"+os.Getenv("PATH"))
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return string(said)
}

// TestABackupIsRestoredByTheGuidesCommands: taken while points are converted, it holds what was done before, its audit
// verifies, the books say what it does not know, and the service goes on with it.
func TestABackupIsRestoredByTheGuidesCommands(t *testing.T) {
	t.Parallel()
	b := world.NewProcesses(t, storetest.Postgres(t), "CONVERT_WAIT=20s")
	p := b.Start()
	member, late := b.Member(p), b.Member(p)
	before := world.Await(t, "a coupon", p.Convert(member, "before"))
	expect.MustEqual(t, "a coupon before", before.Status, http.StatusCreated, before.Raw)
	steps, dir := chapter(t, "Back up"), t.TempDir()
	expect.MustEqual(t, "blocks of commands", len(steps), 2)
	shell(t, dir, steps[0], append(b.Env, "DATABASE_URL="+bare(t, b.Database.URL)))
	after := world.Await(t, "a coupon", p.Convert(late, "after"))
	expect.MustEqual(t, "a coupon afterwards", after.Status, http.StatusCreated, after.Raw)
	p.Kill()

	restored := another(t, b)
	said := shell(t, dir, strings.Replace(steps[1], "books check", "books check || true", 1),
		append(b.Env, "RESTORED_URL="+restored))
	expect.That(t, "the audit to verify", strings.Contains(said, "rows hold"), said)
	expect.That(t, "the books to name what the backup does not know", strings.Contains(said, "COUPON-"), said)
	next := b.Start("DATABASE_URL=" + restored)
	again := world.Await(t, "the same coupon", next.Convert(member, "before"))
	expect.Equal(t, "replayed", again.Header.Get("Idempotent-Replayed"), "true", again.Raw)
	expect.Equal(t, "the coupon", again.Raw[:40], before.Raw[:40])
}

// bare is an address without what only the service's driver takes.
func bare(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = "sslmode=disable"
	return u.String()
}

// another makes an empty database beside the bed's own, and gives its address.
func another(t *testing.T, b *world.Processes) string {
	t.Helper()
	admin, name := b.Admin()
	name += "_restored"
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { drop(t, admin, name) })
	u, err := url.Parse(bare(t, b.Database.URL))
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func drop(t *testing.T, admin *sql.DB, name string) {
	t.Helper()
	_, _ = admin.ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
}
