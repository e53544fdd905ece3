package process

import (
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// wire is the way to the database, on which a test cuts connections and holds answers back.
type wire struct {
	t      *testing.T
	to     string
	listen net.Listener

	mu    sync.Mutex
	conns map[net.Conn]bool
	next  *loss
	held  chan struct{} // not nil: no commit is answered until it is closed
}

// loss is a commit that goes wrong: that of these words, wherever they stand in a statement or its values.
type loss struct {
	words string
	sent  bool          // the database still hears it
	gone  chan struct{} // closed when it has gone wrong
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
		s := &session{w: w, near: near, far: far, names: map[string]string{}}
		go s.pass(near, true, s.hear)
		go s.pass(far, false, s.answer)
	}
}

// goesWrong is not nil if the commit of what was said on a connection is the one to go wrong.
func (w *wire) goesWrong(said []string) *loss {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next == nil || !strings.Contains(strings.Join(said, "\n"), w.next.words) {
		return nil
	}
	l := w.next
	w.next = nil
	return l
}

func (w *wire) wait() {
	w.mu.Lock()
	held := w.held
	w.mu.Unlock()
	if held != nil {
		<-held
	}
}

// loseCommit makes the answer to the next commit of these words get lost.
func (w *wire) loseCommit(of string, sent bool) (gone <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next = &loss{words: of, sent: sent, gone: make(chan struct{})}
	return w.next.gone
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
