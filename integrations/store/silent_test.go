package store_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
)

// silence is a way to the database on which answers get lost: nobody closes anything, nothing comes.
type silence struct {
	net.Listener
	to string

	mu    sync.Mutex
	lines []*line
}

type line struct {
	near net.Conn
	mu   sync.Mutex
	mute bool
}

// Write hands on an answer, or loses it.
func (l *line) Write(answer []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mute {
		return len(answer), nil
	}
	return l.near.Write(answer)
}

// through returns a way to the database, and its address.
func through(t *testing.T, db storetest.Database) (s *silence, address string) {
	t.Helper()
	u, err := url.Parse(db.URL)
	if err != nil {
		t.Fatal(err)
	}
	s = &silence{to: u.Host}
	if s.Listener, err = (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	go s.serve(t.Context())
	u.Host = s.Addr().String()
	return s, u.String()
}

func (s *silence) serve(ctx context.Context) {
	for {
		near, err := s.Accept()
		if err != nil {
			return
		}
		far, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.to)
		if err != nil {
			_ = near.Close()
			continue
		}
		l := &line{near: near}
		s.mu.Lock()
		s.lines = append(s.lines, l)
		s.mu.Unlock()
		end := sync.OnceFunc(func() { _, _ = near.Close(), far.Close() })
		context.AfterFunc(ctx, end)
		go func() { _, _ = io.Copy(far, near); end() }()
		go func() { _, _ = io.Copy(l, far); end() }()
	}
}

// fall silences every connection that there is.
func (s *silence) fall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lines {
		l.mu.Lock()
		l.mute = true
		l.mu.Unlock()
	}
}

// never ends a test that would never end.
const never = 5 * time.Minute

// patient runs a statement for somebody who never gives up.
func patient(t *testing.T, db *sql.DB) error {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		_, err := db.ExecContext(context.WithoutCancel(t.Context()), "SELECT 1")
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(never):
		t.Fatal("somebody waits without end")
		return nil
	}
}

// TestAConnectionThatFellSilentIsGivenUp: a connection that was idle is asked for a sign of life before it is used. If
// none comes, whoever asks without a limit of their own gets another connection and does not wait without end.
func TestAConnectionThatFellSilentIsGivenUp(t *testing.T) {
	t.Parallel()
	way, address := through(t, storetest.Postgres(t))
	db := pool(t, address, 10*time.Millisecond, never)
	if err := patient(t, db); err != nil {
		t.Fatal(err)
	}
	way.fall()
	if err := patient(t, db); err != nil {
		t.Fatalf("the pool kept a connection that does not answer: %v", err)
	}
}

// TestADatabaseThatDoesNotGreetIsAway: it takes connections and says nothing. Waiting helps, and has an end.
func TestADatabaseThatDoesNotGreetIsAway(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	db := pool(t, "postgres://somebody@"+l.Addr().String()+"/shop?sslmode=disable", never, 10*time.Millisecond)
	if err := store.Translate(patient(t, db)); !errors.Is(err, domain.ErrUnavailable) {
		t.Fatalf("a database that does not greet is told as %v", err)
	}
}

// TestMakingAConnectionHasALimit: ours, unless the address says another.
func TestMakingAConnectionHasALimit(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]time.Duration{
		"postgres://u@h/d":                   10 * time.Second,
		"postgres://u@h/d?connect_timeout=3": 3 * time.Second,
	} {
		if got, err := store.ConnectLimit(address); err != nil || got != want {
			t.Errorf("%s may take %s, %v", address, got, err)
		}
	}
}

func pool(t *testing.T, address string, alive, connect time.Duration) *sql.DB {
	t.Helper()
	db, err := store.Pool(address, alive, connect)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
