package process

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// wire is the way to the database, on which a test cuts connections and holds answers back.
type wire struct {
	t      *testing.T
	to     string
	listen net.Listener

	mu    sync.Mutex
	conns map[net.Conn]bool
	// cut is the commit that goes wrong next: that of the transaction in which these words were said. sent tells
	// whether the database still hears it.
	cut  string
	sent bool
	gone chan struct{} // closed when it has gone wrong
	held chan struct{} // not nil: no commit is answered until it is closed
}

// newWire returns a wire to the database of this address, and the address of its end.
func newWire(t *testing.T, address string) (w *wire, through string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w = &wire{t: t, to: u.Host, listen: l, conns: map[net.Conn]bool{}}
	go w.accept()
	t.Cleanup(func() {
		_ = l.Close()
		w.free()
		w.cutAll()
	})
	u.Host = l.Addr().String()
	return w, u.String()
}

func (w *wire) accept() {
	for {
		near, err := w.listen.Accept()
		if err != nil {
			return
		}
		far, err := (&net.Dialer{}).DialContext(w.t.Context(), "tcp", w.to)
		if err != nil {
			_ = near.Close()
			continue
		}
		w.mu.Lock()
		w.conns[near], w.conns[far] = true, true
		w.mu.Unlock()
		answers, commits := make(chan struct{}, 1), new(atomic.Bool)
		hear := w.heard(near, far, answers)
		go w.Pass(near, far, func(text []byte) bool {
			if bytes.HasPrefix(text, commitMessage) || bytes.Contains(text, []byte(probe)) {
				commits.Store(true)
			}
			return hear(text)
		})
		go w.Pass(far, near, func([]byte) bool {
			select {
			case answers <- struct{}{}:
			default:
			}
			return !commits.Load() || w.answered()
		})
	}
}

// Pass hands on what comes until an end is gone, or the look at it says stop.
func (w *wire) Pass(from, to net.Conn, look func([]byte) bool) {
	defer func() { _, _ = from.Close(), to.Close() }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil || !look(buffer[:n]) {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// commitMessage is a message of its own: Q, its length, its text.
var commitMessage = []byte("Q\x00\x00\x00\x0bcommit\x00")

// probe is a write without a transaction around it: whether the database takes any.
const probe = "INSERT INTO settings"

// heard looks at what the service says on one connection.
func (w *wire) heard(near, far net.Conn, answers <-chan struct{}) func([]byte) bool {
	said := false
	return func(text []byte) bool {
		w.mu.Lock()
		said = w.cut != "" && (said || bytes.Contains(text, []byte(w.cut)))
		lost := said && bytes.HasPrefix(text, commitMessage)
		if lost {
			w.cut = ""
		}
		w.mu.Unlock()
		if !lost {
			return true
		}
		for len(answers) > 0 {
			<-answers
		}
		_ = near.Close()
		if w.sent {
			_, _ = far.Write(text)
			<-answers // which nobody hears
		}
		close(w.gone)
		return false
	}
}

func (w *wire) answered() bool {
	w.mu.Lock()
	held := w.held
	w.mu.Unlock()
	if held != nil {
		<-held
	}
	return true
}

// loseCommit makes the answer to the next commit after these words get lost.
func (w *wire) loseCommit(after string, sent bool) (gone <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut, w.sent, w.gone = after, sent, make(chan struct{})
	return w.gone
}

// Hold keeps the answers to commits back until free, as a primary does that waits for a lost standby.
func (w *wire) Hold() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = make(chan struct{})
}

func (w *wire) free() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.held != nil {
		close(w.held)
		w.held = nil
	}
}

// cutAll ends every connection there is.
func (w *wire) cutAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		_ = c.Close()
		delete(w.conns, c)
	}
}
