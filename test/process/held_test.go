package process

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// bounded is the address of the bed's database with a bound of its own on the wait for a lock, as an operator writes it
// there.
func bounded(t *testing.T, address, lock string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = url.Values{"sslmode": {"disable"}, "lock_timeout": {lock}, "statement_timeout": {"5min"}}.Encode()
	return u.String()
}

// locked holds a table against everybody, as DDL of somebody else does that is not committed.
func locked(t *testing.T, b *world.Processes, table string) (release func()) {
	t.Helper()
	tx, err := b.Store.DB().BeginTx(context.WithoutCancel(t.Context()), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	if _, err := tx.ExecContext(t.Context(), "LOCK TABLE "+table+" IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	return func() { _ = tx.Rollback() }
}

// struck ends every statement that waits for a lock, again and again until stopped, as statement_timeout does: with
// SQLSTATE 57014. A clock would strike others as well where the machine is slow.
func struck(t *testing.T, b *world.Processes) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			_, _ = b.Store.DB().ExecContext(ctx, `SELECT (SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity
				WHERE datname = current_database() AND wait_event_type = 'Lock'), pg_sleep(0.02)`)
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// TestTablesThatSomebodyHolds: whoever asks meanwhile is told to come again, also where PostgreSQL's time-outs strike
// in the middle of a conversion; nothing is taken twice, and it goes on once the table is free.
func TestTablesThatSomebodyHolds(t *testing.T) {
	t.Parallel()
	b := world.NewProcesses(t, storetest.Postgres(t), "CONVERT_WAIT=1s", "POS_TIMEOUT=1s", "SHOPIFY_TIMEOUT=1s",
		"STEP_LEASE=1200ms", "SETTLE_AFTER=1200ms")
	p := b.Start("DATABASE_URL=" + bounded(t, b.Database.URL, "150ms"))
	unbounded := b.Start()
	for _, c := range []struct {
		name, table string
		p           *world.Proc
		strikes     func(*testing.T, *world.Processes) (stop func())
	}{
		{"the coupons, and lock_timeout strikes", "coupons", p, nil},
		{"the movements, and lock_timeout strikes", "movements", p, nil},
		{"the coupons, and statement_timeout strikes", "coupons", unbounded, struck},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := b.On(t)
			begun, late := b.Member(unbounded), b.Member(unbounded) // whom no wait for a lock strikes
			g := b.Hold(world.DeductAct, sim.After)
			answered := c.p.ConvertUntil(begun, "held-"+begun, g.Reached)
			release, stop := locked(t, b, c.table), func() {}
			if c.strikes != nil {
				stop = c.strikes(t, b)
			}
			g.Open()
			comesAgain(t, world.Await(t, "an answer in the middle", answered))
			got := c.p.Post("/v1/customers/"+late+"/conversions", "held-"+late, `{"points": 500}`)
			comesAgain(t, got)
			expect.That(t, "nobody has a coupon meanwhile", got.Status != http.StatusCreated, got.Raw)
			stop()
			release()
			for _, m := range []string{begun, late} {
				world.Eventually(t, "the same key gets the coupon", func() bool {
					got := c.p.Post("/v1/customers/"+m+"/conversions", "held-"+m, `{"points": 500}`)
					return got.Status == http.StatusCreated || got.Status == http.StatusAccepted
				})
				b.ConvertedOnce(c.p, m, "held-"+m, world.Reply{})
			}
		})
	}
}

// comesAgain looks at an answer that was given while the database did not do what it should.
func comesAgain(t *testing.T, got world.Reply) {
	t.Helper()
	passes := (got.Status == http.StatusServiceUnavailable || got.Status == http.StatusConflict) &&
		got.Header.Get("Retry-After") != "" &&
		(strings.Contains(got.Raw, `"temporarily_unavailable"`) || strings.Contains(got.Raw, `_in_progress"`))
	expect.That(t, "an answer that passes, and when to come again", passes || got.Status == http.StatusAccepted,
		got.Status, got.Raw)
}

// TestConversionsBesideABackup: a pg_dump that stands in the middle, with all its locks, stops nobody; a time-out that
// the database has for every role does not strike the service, which brings its own.
func TestConversionsBesideABackup(t *testing.T) {
	t.Parallel()
	b := world.NewProcesses(t, storetest.Postgres(t), "CONVERT_WAIT=20s")
	admin, name := b.Admin()
	for _, statement := range []string{
		"CREATE TABLE bulk AS SELECT repeat(md5(n::text), 64) AS text FROM generate_series(1, 2000) n",
		"ALTER DATABASE " + name + " SET statement_timeout = '1ms'"} {
		db := admin
		if strings.HasPrefix(statement, "CREATE") {
			db = b.Store.DB()
		}
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	p := b.Start("DATABASE_URL=" + bounded(t, b.Database.URL, "5min"))
	member := b.Member(p)
	cmd := exec.CommandContext(t.Context(), filepath.Join(program(t, "POSTGRES_BIN"), "pg_dump"),
		"--dbname", bare(t, b.Database.URL))
	cmd.Env = append(cmd.Environ(), "PGOPTIONS=-c statement_timeout=0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var faults world.LockedBuffer
	cmd.Stderr = &faults
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 1<<10)
	if _, err := io.ReadFull(out, first); err != nil { // it has its locks, and waits until more is read
		t.Fatal(err, faults.String())
	}
	var locks int
	err = b.Store.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM pg_locks l
		JOIN pg_class c ON c.oid = l.relation JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE a.application_name = 'pg_dump' AND a.datname = current_database() AND c.relname = 'coupons'`).Scan(&locks)
	if err != nil || locks == 0 {
		t.Errorf("the backup holds %d locks on coupons, %v", locks, err)
	}
	got := world.Await(t, "an answer", p.Convert(member, "beside"))
	expect.MustEqual(t, "got.Status", got.Status, http.StatusCreated, got.Raw)
	rest, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err, faults.String())
	}
	expect.That(t, "the backup to be whole", bytes.Contains(rest, []byte("PostgreSQL database dump complete")))
	if active := b.Books(member); len(active) != 1 {
		t.Fatalf("%d coupons", len(active))
	}
}
