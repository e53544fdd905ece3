package process

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pointbridge/commands"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
	"pointbridge/tools/subprocess"
)

// bouncer starts a real PgBouncer in transaction mode before the database, and gives the database's address through it.
// It has fewer connections than its clients, so that they have to share.
func bouncer(t *testing.T, db storetest.Database, settings ...string) (address string) {
	t.Helper()
	path := program(t, "PGBOUNCER")
	u, err := url.Parse(db.URL)
	if err != nil {
		t.Fatal(err)
	}
	listen, err := subprocess.FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := strings.Cut(listen, ":")
	dir, as := nobody(t)
	text := fmt.Sprintf("[databases]\n* = host=%s port=%s user=%s\n[pgbouncer]\nlisten_addr = %s\nlisten_port = %s\nunix_socket_dir =\n"+
		"auth_type = any\npool_mode = transaction\nmax_client_conn = 200\ndefault_pool_size = 6\n%s\n",
		u.Hostname(), u.Port(), u.User.Username(), host, port, strings.Join(settings, "\n"))
	file := filepath.Join(dir, "pgbouncer.ini")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil { //nolint:gosec // PgBouncer runs as somebody else
		t.Fatal(err)
	}
	runs(t, listen, as, path, file)
	u.Host = listen
	return u.String()
}

// TestBehindPgBouncer: two processes behind PgBouncer in transaction mode convert, cancel and share their work;
// migrations go past it.
func TestBehindPgBouncer(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	through := bouncer(t, db)
	b := world.NewProcesses(t, db, "DATABASE_URL="+through, "DATABASE_POOL=transaction", "DATABASE_DIRECT_URL="+db.URL,
		"CANCEL_GRACE=0s")
	one, two := b.Start(), b.Start()
	t.Run("many conversions at once, through both, have one effect each", func(t *testing.T) {
		b := b.On(t)
		for round := range 5 {
			b.SameKeyAtOnce(fmt.Sprint("pooled-", round), one, two)
		}
		var wg sync.WaitGroup
		for i := range 8 {
			member := b.Member(one)
			wg.Go(func() {
				p := []*world.Proc{one, two}[i%2]
				got := p.Post("/v1/customers/"+member+"/conversions", "m-"+member, `{"points": 500}`)
				expect.Equal(t, "got.Status", got.Status, http.StatusCreated)
			})
		}
		wg.Wait()
	})
	t.Run("what one made the other cancels, and the points come back", func(t *testing.T) {
		b := b.On(t)
		member := b.Member(one)
		got := one.POS().Do("POST", "/v1/customers/"+member+"/conversions", "c-1", `{"points": 500}`)
		code, _ := got.Body["code"].(string)
		expect.MustEqual(t, "got.Status", got.Status, http.StatusCreated, got.Raw)
		expect.MustThat(t, `code != ""`, code != "", got.Raw)
		staff := world.Caller{T: t, Base: two.Base, Key: world.OwnedKey(b.Once, "store_manager", "Manager")}
		got = staff.Do("POST", "/v1/coupons/"+code+"/cancellation", "c-2", `{"reason": "customer_request"}`)
		expect.MustEqual(t, "got.Status/100", got.Status/100, 2, got.Status, got.Raw)
		world.Eventually(t, "the points are back", func() bool {
			balance, _ := b.POS.Balance(member)
			return balance == 1250
		})
	})
	t.Run("no session's lock is left behind, and time-outs hold", func(t *testing.T) {
		b := b.On(t)
		b.Once("migrate")
		// A lock of a transaction, which the services' rounds take for a moment, goes by itself; one of a session stays.
		world.Eventually(t, "no lock is left", func() bool {
			var locks int
			err := b.Store.DB().QueryRowContext(t.Context(),
				`SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
				WHERE l.locktype = 'advisory' AND d.datname = current_database()`).Scan(&locks)
			return err == nil && locks == 0
		})
		expect.That(t, "one.Log.String()+two.Log.String() not to contain `\"level\":\"ERROR\"`",
			!strings.Contains(one.Log.String()+two.Log.String(), `"level":"ERROR"`), one.Log.String()+two.Log.String(),
			one.Log.String, two.Log.String)
	})
	t.Run("nothing of a session is left behind in what it lends", func(t *testing.T) {
		for _, p := range []*world.Proc{one, two} {
			p.Terminate()
			<-p.Ended
		}
		for pid, found := range lentSessions(t, through) {
			expect.Equal(t, "settings and statements of "+pid, found, "")
		}
	})
}

// lentSessions has every connection that the pooler has to the database at once, and gives by process what is not as it
// was when that began: settings, but for those that the pooler itself sets for each client; prepared statements; locks.
func lentSessions(t *testing.T, through string) map[string]string {
	t.Helper()
	db, err := sql.Open("pgx", bare(t, through)+"&default_query_exec_mode=simple_protocol")
	expect.MustEqual(t, "err", err, nil)
	t.Cleanup(func() { _ = db.Close() })
	found := map[string]string{}
	for range 6 { // as many as the pooler has
		tx, err := db.BeginTx(t.Context(), nil)
		expect.MustEqual(t, "err", err, nil)
		defer func() { _ = tx.Rollback() }()
		var pid, left string
		if err := tx.QueryRowContext(t.Context(), `SELECT pg_backend_pid()::text, coalesce((SELECT string_agg(name || '=' || setting, ' ')
			FROM pg_settings WHERE source = 'session' AND name NOT IN ('client_encoding', 'DateStyle', 'TimeZone', 'IntervalStyle',
				'standard_conforming_strings', 'application_name')), '')
			|| coalesce((SELECT string_agg(statement, ' ') FROM pg_prepared_statements), '')
			|| coalesce((SELECT string_agg(locktype, ' ') FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'), '')`).
			Scan(&pid, &left); err != nil {
			t.Fatal(err)
		}
		found[pid] = left
	}
	expect.MustEqual(t, "connections", len(found), 6)
	return found
}

// TestAPoolerThatNobodyNamed: a pooler in transaction mode is found out, whether it takes the start-up parameters or
// not, and nothing is left behind in it.
func TestAPoolerThatNobodyNamed(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	b := world.NewProcesses(t, db)
	strict := bouncer(t, db)
	const ignored = "ignore_startup_parameters = statement_timeout,lock_timeout,idle_in_transaction_session_timeout," +
		"max_parallel_workers_per_gather,jit,synchronous_commit,default_transaction_read_only"
	lax := bouncer(t, db, ignored)
	for what, c := range map[string]struct {
		env  []string
		says string
	}{
		"it refuses parameters": {[]string{"DATABASE_URL=" + strict}, "DATABASE_POOL=transaction"},
		"it ignores parameters": {[]string{"DATABASE_URL=" + lax}, "DATABASE_POOL=transaction"},
		"named, but no direct address": {[]string{"DATABASE_URL=" + strict, "DATABASE_POOL=transaction"},
			"DATABASE_DIRECT_URL"},
		"the direct address is its own": {[]string{"DATABASE_URL=" + strict, "DATABASE_POOL=transaction",
			"DATABASE_DIRECT_URL=" + lax}, "DATABASE_DIRECT_URL leads to a pooler"},
		"the direct address refuses as well": {[]string{"DATABASE_URL=" + strict, "DATABASE_POOL=transaction",
			"DATABASE_DIRECT_URL=" + strict}, "start-up parameter"},
	} {
		t.Run(what, func(t *testing.T) {
			var out, errs world.LockedBuffer
			code := commands.Run(t.Context(), []string{"migrate"}, append(b.Env[:len(b.Env):len(b.Env)], c.env...),
				&out, &errs)
			if code == 0 || !strings.Contains(errs.String(), c.says) {
				t.Errorf("exit %d, %s%s", code, out.String(), errs.String())
			}
		})
	}
	t.Run("one that lends a connection for a session is none of these", func(t *testing.T) {
		b, env := b.On(t), b.Env
		defer func() { b.Env = env }()
		b.Env = append(b.Env[:len(b.Env):len(b.Env)], "DATABASE_URL="+bouncer(t, db, "pool_mode = session",
			"default_pool_size = 60", ignored))
		b.Once("migrate")
		_ = b.Start()
	})
	t.Run("and the next one does not hang", func(t *testing.T) { b.On(t).Once("migrate") })
}
