package store_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"strconv"
	"sync"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// wire is the way to PostgreSQL. It cuts one connection before the message of one side that it counts down to.
type wire struct {
	to   string
	mu   sync.Mutex
	side string
	left int
}

// ours and its are the sides of a wire.
const ours, its = "ours", "PostgreSQL's"

func newWire(t *testing.T, address string) (w *wire, through string) {
	u, err := url.Parse(address)
	expect.MustEqual(t, "err", err, nil)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	expect.MustEqual(t, "err", err, nil)
	t.Cleanup(func() { _ = l.Close() })
	w = &wire{to: u.Host}
	u.Host = l.Addr().String()
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go w.serve(t, client)
		}
	}()
	return w, u.String()
}

func (w *wire) serve(t *testing.T, client net.Conn) {
	server, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", w.to)
	if err == nil {
		back := func() { w.pass(its, server, client, 1) }
		go back()
		w.pass(ours, client, server, 0) // the first message has no kind
	}
	_ = client.Close()
}

// pass hands messages on. Each begins with its kind, so many bytes, and its length.
func (w *wire) pass(side string, from, to net.Conn, kind int) {
	defer func() { _, _ = from.Close(), to.Close() }()
	for ; ; kind = 1 {
		message := make([]byte, kind+4)
		if _, err := io.ReadFull(from, message); err != nil {
			return
		}
		rest := make([]byte, binary.BigEndian.Uint32(message[kind:])-4)
		if _, err := io.ReadFull(from, rest); err != nil || w.cuts(side) {
			return
		}
		if _, err := to.Write(append(message, rest...)); err != nil {
			return
		}
	}
}

func (w *wire) cuts(side string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.side != side {
		return false
	}
	if w.left--; w.left < 0 {
		w.side = ""
		return true
	}
	return false
}

func (w *wire) set(side string, left int) (was string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	was, w.side, w.left = w.side, side, left
	return was
}

// TestASharedCommitIsCutAtEachMessage of either side, from the connection's first one: nobody is told that a change was
// made that was not, or that one was not made that was.
func TestASharedCommitIsCutAtEachMessage(t *testing.T) {
	t.Parallel()
	for _, side := range []string{ours, its} {
		t.Run(side, func(t *testing.T) {
			t.Parallel()
			db := storetest.Postgres(t)
			w, through := newWire(t, db.URL)
			s := db.Open(t, now, nil)
			c := &crowd{t: t, s: storetest.Database{URL: through, Dialect: db.Dialect}.Open(t, now, nil)}
			c.s.DB().SetMaxOpenConns(1)
			doubts := 0
			for left := 0; left == 0 || w.set("", 0) == ""; left++ {
				var changes []coupons.Change
				for i, change := range []func(coupons.State) coupons.Change{taken, asked, taken, asked} {
					id := strconv.Itoa(10*left + i)
					customer(t, s, id)
					changes = append(changes, change(open(t, s, pending(id, 100))))
				}
				c.free = c.s.HoldCommits()
				ends := c.commits(t.Context(), changes...)
				w.set(side, left)
				for i, err := range c.ended(ends) {
					doubt := errors.Is(err, domain.ErrConflict) && errors.Is(err, domain.ErrUnavailable)
					st, failed := s.Coupons.Load(t.Context(), changes[i].Coupon.ID)
					expect.MustEqual(t, "err", failed, nil)
					expect.That(t, "it ended as it is told", doubt || st.Coupon.Version == 1 == (err == nil), side, left, err)
					if doubt {
						doubts++
					}
				}
			}
			expect.That(t, "some are in doubt", doubts > 0)
		})
	}
}
