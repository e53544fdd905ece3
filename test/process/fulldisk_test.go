package process

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"pointbridge/domain/listing"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// disk is a small disk in memory, which a test fills and gives room again.
type disk struct {
	t   *testing.T
	dir string
}

// smallDisk mounts one at this folder, for whoever the database runs as, or for the test itself.
func smallDisk(t *testing.T, dir string, megabytes int, as *syscall.Credential) disk {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil { //nolint:gosec // the database runs as somebody else
		t.Fatal(err)
	}
	uid, gid, sudo := os.Getuid(), os.Getgid(), []string{"sudo", "-n"}
	if uid == 0 {
		sudo = nil
	}
	if as != nil {
		uid, gid = int(as.Uid), int(as.Gid)
	}
	root := func(args ...string) error {
		args = append(sudo[:len(sudo):len(sudo)], args...)
		if said, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil { //nolint:gosec // ours
			return fmt.Errorf("%v: %w: %s", args, err, said)
		}
		return nil
	}
	err := root("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm,uid=%d,gid=%d,mode=755", megabytes, uid, gid),
		"pointbridge-small", dir)
	if err != nil && os.Getenv("POINTBRIDGE_TEST_ALL") == "" {
		t.Skip("LEFT OUT: no file system can be mounted here: ", err)
	}
	if err != nil {
		t.Fatal("no file system can be mounted here, and nothing may be left out: ", err)
	}
	t.Cleanup(func() { _ = root("umount", "-l", dir) })
	return disk{t: t, dir: dir}
}

func (d disk) ballast() string { return filepath.Join(d.dir, "ballast") }

// fill leaves no room at all, also where some has become free since it was called last.
func (d disk) fill() {
	d.t.Helper()
	f, err := os.OpenFile(d.ballast(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for block := make([]byte, 4096); ; {
		if _, err := f.Write(block); err != nil {
			return
		}
	}
}

// room lets go of all that fill has taken.
func (d disk) room() {
	d.t.Helper()
	if err := os.Remove(d.ballast()); err != nil {
		d.t.Fatal(err)
	}
}

// fullBed is a service whose database is on two small disks: one for its tables, one for its log.
type fullBed struct {
	*world.Processes
	server      *server
	tables, log disk
	p           *world.Proc
	asked       []string
}

func startFullBed(t *testing.T) *fullBed {
	t.Helper()
	s := newServer(t, "data")
	dir := filepath.Dir(s.data)
	b := &fullBed{server: s, tables: smallDisk(t, filepath.Join(dir, "tables"), 64, s.as),
		log: smallDisk(t, filepath.Join(dir, "log"), 24, s.as)}
	s.run("initdb", "-D", s.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync",
		"--waldir", filepath.Join(b.log.dir, "wal"), "--wal-segsize=1")
	b.begin()
	place := filepath.Join(b.tables.dir, "space")
	if err := os.Mkdir(place, 0o700); err != nil {
		t.Fatal(err)
	}
	if s.as != nil {
		if err := os.Chown(place, int(s.as.Uid), int(s.as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	s.one("CREATE TABLESPACE small LOCATION '" + place + "'")
	s.one("CREATE DATABASE points TABLESPACE small")
	expect.MustEqual(t, "the database's place", s.one(`SELECT spcname::text FROM pg_database d JOIN pg_tablespace s
		ON s.oid = d.dattablespace WHERE datname = 'points'`), "small")
	b.Processes = world.NewProcesses(t, storetest.Database{URL: fmt.Sprintf(
		"postgres://postgres@%s:%s/points?sslmode=disable", s.host, s.port), Dialect: "postgres"}, "CONVERT_WAIT=1s",
		"POS_TIMEOUT=1s", "SHOPIFY_TIMEOUT=1s", "STEP_LEASE=1200ms", "SETTLE_AFTER=1200ms")
	b.p = b.Start()
	return b
}

func (b *fullBed) begin() {
	b.server.start("min_wal_size=2MB", "max_wal_size=4MB", "wal_level=minimal", "max_wal_senders=0")
}

// ask converts for somebody, and looks whether the answer is one that nobody is led astray by.
func (b *fullBed) ask(member string) world.Reply {
	b.T.Helper()
	b.asked = append(b.asked, member)
	got := b.p.Post("/v1/customers/"+member+"/conversions", "full-"+member, `{"points": 500}`)
	b.honest(got)
	return got
}

func (b *fullBed) honest(got world.Reply) {
	b.T.Helper()
	switch got.Status {
	case http.StatusCreated, http.StatusAccepted:
	case http.StatusServiceUnavailable, http.StatusConflict:
		known := strings.Contains(got.Raw, `"temporarily_unavailable"`) || strings.Contains(got.Raw, `_in_progress"`)
		expect.That(b.T, "a problem that passes, and when to come again", known && got.Header.Get("Retry-After") != "",
			got.Status, got.Raw)
	default:
		b.T.Errorf("answered %d %s %v\n%s", got.Status, got.Raw, got.Err, b.p.Log.String())
	}
}

// served waits until everybody who has asked has their one coupon, under the key they have asked with.
func (b *fullBed) served() {
	b.T.Helper()
	for _, m := range b.asked {
		world.Eventually(b.T, "whoever asks again gets the coupon", func() bool {
			got := b.p.Post("/v1/customers/"+m+"/conversions", "full-"+m, `{"points": 500}`)
			return got.Status == http.StatusCreated || got.Status == http.StatusAccepted
		})
		b.ConvertedOnce(b.p, m, "full-"+m, world.Reply{})
	}
	if active := b.Books(b.asked...); len(active) != len(b.asked) {
		b.T.Fatalf("%d coupons of %d", len(active), len(b.asked))
	}
}

// members makes so many, while there still is room for them.
func (b *fullBed) members(n int) (list []string) {
	for range n {
		list = append(list, b.Member(b.p))
	}
	return list
}

// midway stops a conversion behind the POS's taking of the points, and gives how it goes on.
func (b *fullBed) midway() (goOn func()) {
	b.T.Helper()
	member := b.Member(b.p)
	g := b.Hold(world.DeductAct, sim.After)
	answered := b.p.ConvertUntil(member, "full-"+member, g.Reached)
	b.asked = append(b.asked, member)
	return func() {
		b.T.Helper()
		g.Open()
		b.honest(world.Await(b.T, "an answer", answered))
	}
}

// saidSo holds the server to have met the full disk in this way, and not something else.
func (b *fullBed) saidSo(how string) {
	b.T.Helper()
	for line := range strings.Lines(b.server.said.String()) {
		if strings.Contains(line, how) && strings.Contains(line, "No space left on device") {
			return
		}
	}
	b.T.Errorf("the database never said %q of a full disk", how)
}

// TestADiskThatIsFull: nothing is lost and nothing is free, everybody is told to come again, and with room again the
// same process goes on by itself.
func TestADiskThatIsFull(t *testing.T) {
	t.Parallel()
	b := startFullBed(t)
	t.Run("that of the tables, in the middle of a conversion", func(t *testing.T) {
		b.On(t)
		members, goOn := b.members(30), b.midway()
		refused := 0
		for i, m := range members {
			b.tables.fill()
			if b.ask(m).Status == http.StatusServiceUnavailable {
				refused++
			}
			if i == 1 {
				goOn()
			}
			if i > 1 && refused > 1 {
				break
			}
		}
		expect.That(t, "somebody is told to come again", refused > 0)
		b.saidSo("could not extend file")
		b.tables.room()
		b.served()
	})
	t.Run("that of the log, which ends the server under load", func(t *testing.T) {
		b.On(t)
		members, goOn := b.members(6), b.midway()
		b.log.fill()
		var all sync.WaitGroup
		said := make(chan world.Reply, len(members))
		for _, m := range members {
			b.asked = append(b.asked, m)
			all.Go(func() { said <- b.p.Post("/v1/customers/"+m+"/conversions", "full-"+m, `{"points": 500}`) })
		}
		world.Eventually(t, "the server has given up", func() bool {
			b.log.fill()
			return b.server.one("SELECT pg_logical_emit_message(false, 'load', repeat('x', 300000))::text") == ""
		})
		goOn()
		all.Wait()
		close(said)
		for got := range said {
			b.honest(got)
		}
		b.saidSo("PANIC:")
		b.server.kill()
		b.Ended = true
		b.log.room()
		b.begin()
		b.Readiness(b.p, http.StatusOK, "ready")
		world.Eventually(t, "the test reads the books again", func() bool {
			_, err := b.Store.Listing.List(t.Context(), listing.Filter{CustomerID: b.asked[0], Limit: 1})
			return err == nil
		})
		b.served()
	})
}
