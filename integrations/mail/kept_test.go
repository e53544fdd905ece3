package mail_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/mail"
	"pointbridge/test/expect"
)

// counting is a mail server that counts. On each connection it takes so many mails, and says then what is farewell.
type counting struct {
	address string
	each    int
	says    string

	mu           sync.Mutex
	conns, mails int
	open         []net.Conn
}

func count(t *testing.T, each int, says string) *counting {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	expect.MustEqual(t, "err", err, nil)
	s := &counting{address: l.Addr().String(), each: each, says: says}
	t.Cleanup(func() { _ = l.Close(); s.hangUp() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns, s.open = s.conns+1, append(s.open, conn)
			s.mu.Unlock()
			go s.serve(conn)
		}
	}()
	return s
}

// hangUp ends every connection without a word.
func (s *counting) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.open {
		_ = conn.Close()
	}
}

func (s *counting) counted() [2]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return [2]int{s.conns, s.mails}
}

func (s *counting) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	lines, taken := bufio.NewScanner(conn), 0
	say := func(text string) { _, _ = fmt.Fprint(conn, text+"\r\n") }
	say("220 ready")
	for lines.Scan() {
		switch {
		case strings.HasPrefix(lines.Text(), "MAIL") && taken == s.each:
			say(s.says)
			return
		case lines.Text() == "DATA":
			say("354 go on")
			for lines.Scan() && lines.Text() != "." {
			}
			taken++
			s.mu.Lock()
			s.mails++
			s.mu.Unlock()
		}
		if lines.Text() != "DATA" {
			say("250 fine")
		}
	}
}

// TestMailsOfABurstShareAConnection: the next mail goes on the connection of the one before.
func TestMailsOfABurstShareAConnection(t *testing.T) {
	t.Parallel()
	s := count(t, 100, "")
	m := mailer(t, s.address, nil)
	for range 60 {
		expect.MustEqual(t, "err", sends(t, m), nil)
	}
	expect.Equal(t, "connections and mails", s.counted(), [2]int{2, 60}) // one takes fifty
}

// TestAConnectionThatEndedMeanwhileCostsNoMail: whether the server hung up without a word or says that it does, nothing
// of the next mail was sent; it goes on a new connection, once.
func TestAConnectionThatEndedMeanwhileCostsNoMail(t *testing.T) {
	t.Parallel()
	t.Run("without a word", func(t *testing.T) {
		t.Parallel()
		s := count(t, 100, "")
		m := mailer(t, s.address, nil)
		expect.MustEqual(t, "err", sends(t, m), nil)
		s.hangUp()
		expect.MustEqual(t, "err", sends(t, m), nil)
		expect.Equal(t, "connections and mails", s.counted(), [2]int{2, 2})
	})
	t.Run("with a word", func(t *testing.T) {
		t.Parallel()
		s := count(t, 1, "421 enough for now")
		m := mailer(t, s.address, nil)
		for range 3 {
			expect.MustEqual(t, "err", sends(t, m), nil)
		}
		expect.Equal(t, "connections and mails", s.counted(), [2]int{3, 3})
	})
}

// TestARefusalOnAKeptConnectionIsARefusal: what the server says of the next mail is not asked again elsewhere, and nothing
// else is sent on a connection on which something went wrong.
func TestARefusalOnAKeptConnectionIsARefusal(t *testing.T) {
	t.Parallel()
	s := count(t, 1, "451 later")
	m := mailer(t, s.address, nil)
	expect.MustEqual(t, "err", sends(t, m), nil)
	expect.Equal(t, "kind", domain.KindOf(sends(t, m)), domain.KindUnavailable)
	expect.Equal(t, "connections and mails", s.counted(), [2]int{1, 1})
	expect.MustEqual(t, "err", sends(t, m), nil)
	expect.Equal(t, "connections and mails", s.counted(), [2]int{2, 2})
}

// sends sends one mail and says how that went.
func sends(t *testing.T, m *mail.Mailer) error {
	t.Helper()
	_, err := m.Send(t.Context(), issued("ja"))
	return err
}
