package process

import (
	"bytes"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pointbridge/commands"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
	"pointbridge/tools/subprocess"
)

// archiveBed is a database with old sealed rows, more than two commits delete.
type archiveBed struct {
	t    *testing.T
	db   *store.Store
	env  []string
	file string
}

const (
	archiveRows = 4500
	archiveEnd  = "2026-01-01"
)

func newArchiveBed(t *testing.T, folder string) *archiveBed {
	t.Helper()
	db := storetest.Postgres(t)
	b := &archiveBed{t: t, db: db.Open(t, time.Now, nil), file: filepath.Join(folder, "audit.jsonl"),
		env: []string{"DATABASE_URL=" + db.URL, "AUDIT_KEY=" + world.GoodSecret}}
	b.db.SetSealing(audit.NewKeys(world.GoodSecret), false)
	b.do(`INSERT INTO audit (at, actor, actor_name, action, customer_id, outcome, detail)
		SELECT '2025-06-01', 'staff:1', '佐藤 花子', 'search.made', n::text, 'done', '{"found":1}' FROM generate_series(1, $1) n`, archiveRows)
	sealer := &audit.Sealer{Store: b.db.Audit, Clock: domain.SystemClock{}, Logger: slog.New(slog.DiscardHandler)}
	expect.MustEqual(t, "err", sealer.Seal(t.Context()), nil)
	b.do(`UPDATE tally_folded SET seq = $1`, archiveRows)
	b.do(`UPDATE events_told SET seq = $1`, archiveRows)
	return b
}

func (b *archiveBed) do(statement string, args ...any) {
	b.t.Helper()
	if _, err := b.db.DB().ExecContext(b.t.Context(), statement, args...); err != nil {
		b.t.Fatal(statement, err)
	}
}

func (b *archiveBed) count(query string) (n int) {
	b.t.Helper()
	if err := b.db.DB().QueryRowContext(b.t.Context(), query).Scan(&n); err != nil {
		b.t.Fatal(query, err)
	}
	return n
}

func (b *archiveBed) args(file string) []string {
	return []string{"audit", "archive", "--before", archiveEnd, "--to", file}
}

// killed starts the command as a process of its own, and kills it when it waits for what somebody else has locked.
func (b *archiveBed) killed(lock string) {
	b.t.Helper()
	tx, err := b.db.DB().BeginTx(b.t.Context(), nil)
	expect.MustEqual(b.t, "err", err, nil)
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(b.t.Context(), lock); err != nil {
		b.t.Fatal(lock, err)
	}
	self, err := os.Executable()
	expect.MustEqual(b.t, "err", err, nil)
	var said world.LockedBuffer
	cmd := exec.Command(self, b.args(b.file)...) //nolint:gosec // this program itself
	cmd.Env, cmd.Stdout, cmd.Stderr = append(subprocess.Environ(), b.env...), &said, &said
	expect.MustEqual(b.t, "err", cmd.Start(), nil)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	world.Eventually(b.t, "it waits for "+lock+said.String(), func() bool { return b.waiting() > 0 })
	expect.MustEqual(b.t, "err", cmd.Process.Kill(), nil)
	<-ended
	expect.MustEqual(b.t, "err", tx.Rollback(), nil)
	world.Eventually(b.t, "nobody waits any more", func() bool { return b.waiting() == 0 })
}

// waiting is how many connections to this database wait for somebody else's.
func (b *archiveBed) waiting() int {
	b.t.Helper()
	return b.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
}

// archive runs the command to its end.
func (b *archiveBed) archive(file string) (code int, said string) {
	b.t.Helper()
	var out, faults world.LockedBuffer
	code = commands.Run(b.t.Context(), b.args(file), b.env, &out, &faults)
	return code, out.String() + faults.String()
}

// holds looks at the chain, and at how many rows are left.
func (b *archiveBed) holds(left int, files ...string) {
	b.t.Helper()
	args := []string{"verify"}
	for _, file := range files {
		args = append(args, "--archive", file)
	}
	code, out, errs := world.RunAudit(b.t, b.env, args...)
	expect.MustEqual(b.t, "exit code", code, 0, out, errs)
	expect.MustEqual(b.t, "rows that are left", b.count(`SELECT count(*) FROM audit WHERE action = 'search.made'`), left)
}

func (b *archiveBed) bytes() []byte {
	b.t.Helper()
	data, err := os.ReadFile(b.file)
	expect.MustEqual(b.t, "err", err, nil)
	return data
}

// TestAnArchiveThatIsKilledGoesOn: the real process, killed wherever it waits for the database, first while it writes, then
// before what it carries, before its record, before and between what it deletes; and the file is lost in between.
// covers: 004-37
func TestAnArchiveThatIsKilledGoesOn(t *testing.T) {
	t.Parallel()
	b := newArchiveBed(t, t.TempDir())
	const reading, firstRow, laterRow = `LOCK TABLE audit IN ACCESS EXCLUSIVE MODE`, `SELECT 1 FROM audit WHERE id = 1 FOR UPDATE`,
		`SELECT 1 FROM audit WHERE id = 3000 FOR UPDATE`
	b.killed(reading)
	_, err := os.Stat(b.file + ".part")
	expect.MustEqual(t, "the part is there", err, nil)
	b.holds(archiveRows)
	b.killed(`LOCK TABLE audit_carried IN ACCESS EXCLUSIVE MODE`)
	written := b.bytes()
	b.holds(archiveRows)
	b.killed(`LOCK TABLE audit_archives IN SHARE MODE`)
	b.holds(archiveRows)
	b.killed(firstRow)
	expect.MustEqual(t, "archives", b.count(`SELECT count(*) FROM audit_archives`), 1)
	b.holds(archiveRows, b.file)

	expect.MustEqual(t, "err", os.Remove(b.file), nil)
	b.killed(reading)
	_, err = os.Stat(b.file)
	expect.MustThat(t, "the file is not there yet", os.IsNotExist(err), err)
	b.holds(archiveRows)
	b.killed(firstRow)
	expect.MustThat(t, "the file is what it was", bytes.Equal(b.bytes(), written))
	b.holds(archiveRows, b.file)

	b.killed(laterRow)
	b.holds(archiveRows-2000, b.file)
	expect.MustEqual(t, "err", os.Rename(b.file, b.file+".away"), nil)
	code, said := b.archive(b.file)
	expect.MustThat(t, "it says what is missing", code == 1 && strings.Contains(said, "2000 of its 4499 rows are deleted"), code, said)
	expect.MustEqual(t, "err", os.Rename(b.file+".away", b.file), nil)
	code, said = b.archive(b.file)
	expect.MustThat(t, "it goes on", code == 0 && strings.Contains(said, "Archived are the rows 1 to 4499"), code, said)
	b.holds(1, b.file)
	expect.Equal(t, "archives", b.count(`SELECT count(*) FROM audit_archives`), 1)
}

// TestAnArchiveOnAFullDisk: nothing is recorded, nothing is left there, and the same command goes through when there is room.
func TestAnArchiveOnAFullDisk(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "small")
	small := smallDisk(t, folder, 4, nil)
	b := newArchiveBed(t, folder)
	small.fill()
	code, said := b.archive(b.file)
	expect.MustThat(t, "it says so", code == 1 && strings.Contains(said, "no space left on device"), code, said)
	small.room()
	left, err := os.ReadDir(folder)
	expect.MustThat(t, "nothing is left", err == nil && len(left) == 0, left, err)
	expect.MustEqual(t, "archives", b.count(`SELECT count(*) FROM audit_archives`), 0)
	b.holds(archiveRows)
	code, said = b.archive(b.file)
	expect.MustEqual(t, "exit code", code, 0, said)
	b.holds(1, b.file)
}
