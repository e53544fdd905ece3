package process

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
	"pointbridge/tools/subprocess"
)

// server is a PostgreSQL of a test's own, which can be killed.
type server struct {
	t       *testing.T
	bin     string
	data    string
	host    string
	port    string
	as      *syscall.Credential
	process *exec.Cmd
	said    world.LockedBuffer
}

func newServer(t *testing.T, name string) *server {
	t.Helper()
	bin := program(t, "POSTGRES_BIN")
	dir, as := nobody(t)
	address, err := subprocess.FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := strings.Cut(address, ":")
	return &server{t: t, bin: bin, data: filepath.Join(dir, name), host: host, port: port, as: as}
}

func (s *server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	// A group of its own is killed whole; what would be asked of a terminal is not.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.as, Setpgid: true}
	cmd.Dir = "/"
	return cmd
}

// run runs one of PostgreSQL's own programs to its end.
func (s *server) run(name string, args ...string) {
	s.t.Helper()
	if said, err := s.command(name, args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", name, err, said)
	}
}

// start serves the folder. What is on its disk outlives the process, not the machine: a killed process loses nothing.
func (s *server) start(settings ...string) {
	s.t.Helper()
	args := []string{"-D", s.data, "-p", s.port}
	for _, setting := range append([]string{"listen_addresses=" + s.host, "unix_socket_directories=", "fsync=off",
		"full_page_writes=off", "max_connections=100"}, settings...) {
		args = append(args, "-c", setting)
	}
	s.process = s.command("postgres", args...)
	s.process.Stdout, s.process.Stderr = &s.said, &s.said
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(s.kill)
	world.Eventually(s.t, "the database answers", func() bool { return s.one("SELECT 'yes'") == "yes" })
}

// kill ends every process of the server at once, as a machine does that loses its power.
func (s *server) kill() {
	_ = syscall.Kill(-s.process.Process.Pid, syscall.SIGKILL)
	_ = s.process.Wait()
}

// one asks for one text; without an answer it is empty.
func (s *server) one(question string) (answer string) {
	s.t.Helper()
	db, err := sql.Open("pgx", "postgres://postgres@"+s.host+":"+s.port+"/postgres?sslmode=disable")
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	_ = db.QueryRowContext(context.WithoutCancel(s.t.Context()), question).Scan(&answer)
	return answer
}

// pair is a primary and a standby that has every commit before anybody is told of it.
func pair(t *testing.T) (primary, standby *server) {
	t.Helper()
	primary, standby = newServer(t, "primary"), newServer(t, "standby")
	primary.run("initdb", "-D", primary.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	primary.start("wal_level=replica")
	standby.run("pg_basebackup", "-D", standby.data, "-R", "--no-sync", "-c", "fast", "-d", fmt.Sprintf(
		"host=%s port=%s user=postgres application_name=standby", primary.host, primary.port))
	standby.start()
	world.Eventually(t, "the standby follows", func() bool {
		return primary.one("SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'") == "standby"
	})
	primary.one("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
	primary.one("SELECT pg_reload_conf()::text")
	world.Eventually(t, "the primary waits for it", func() bool {
		return primary.one("SELECT sync_state FROM pg_stat_replication") == "sync"
	})
	return primary, standby
}

// TestAStandbyIsPromotedUnderLoad: the primary dies while points are converted. The same processes go on with the standby,
// by an address with both hosts; whoever was told of a coupon has it, and whoever was not gets it under the same key.
func TestAStandbyIsPromotedUnderLoad(t *testing.T) {
	t.Parallel()
	primary, standby := pair(t)
	address := fmt.Sprintf("postgres://postgres@%s:%s,%s:%s/postgres?sslmode=disable&target_session_attrs=read-write",
		primary.host, primary.port, standby.host, standby.port)
	b := world.NewProcesses(t, storetest.Database{URL: address, Dialect: "postgres"}, "CONVERT_WAIT=20s", "POS_TIMEOUT=1s",
		"SHOPIFY_TIMEOUT=1s", "STEP_LEASE=1500ms", "SETTLE_AFTER=1500ms")
	p := b.Start()
	members := make([]string, 12)
	for i := range members {
		members[i] = b.Member(p)
	}
	told := make(map[string]world.Reply, len(members))
	var mu sync.Mutex
	var made atomic.Int64
	var all sync.WaitGroup
	halfway := make(chan struct{})
	for i := range 3 {
		all.Go(func() {
			for _, m := range members[4*i : 4*i+4] {
				world.Eventually(t, "whoever asks again gets the coupon", func() bool {
					got := p.Post("/v1/customers/"+m+"/conversions", "standby-"+m, `{"points": 500}`)
					mu.Lock()
					told[m] = got
					mu.Unlock()
					return got.Status == http.StatusCreated || got.Status == http.StatusAccepted
				})
				if made.Add(1) == 4 {
					close(halfway)
				}
			}
		})
	}
	world.Await(t, "some are made", halfway)
	primary.kill()
	away := time.Now()
	expect.MustEqual(t, "promoted", standby.one("SELECT pg_promote()::text"), "true", standby.said.String())
	b.Readiness(p, http.StatusOK, "ready")
	t.Logf("without the database for %s, the promotion included", time.Since(away).Round(100*time.Millisecond))
	all.Wait()
	for _, m := range members {
		if told[m].Status == http.StatusAccepted { // it may be done by now, and is then told otherwise
			told[m] = world.Reply{}
		}
		b.ConvertedOnce(p, m, "standby-"+m, told[m])
	}
	if active := b.Books(members...); len(active) != len(members) {
		t.Fatalf("%d coupons", len(active))
	}
}
