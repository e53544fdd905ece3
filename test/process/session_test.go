package process

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgproto3"
)

// session is one connection on the wire, read as PostgreSQL's protocol says: frames of a letter, a length and what they
// carry; those of the service come in rounds, which end with a Query or a Sync and are answered before the next.
type session struct {
	w         *wire
	near, far net.Conn

	mu    sync.Mutex
	names map[string]string // the text of each prepared statement
	round []byte            // what the service has said and the database has not heard yet
	// texts and said are the statements of the round, and these with their values since the transaction began.
	texts, said []string
	within      bool  // a transaction is open
	commits     bool  // the round that is being answered commits
	lost        *loss // and nobody is to hear that it did
}

const (
	lengthSize = 4
	mostFrame  = 16 << 20
)

// pass reads frames until an end is gone or take says stop. The service's first frame has no letter.
func (s *session) pass(from io.Reader, greeting bool, take func(kind byte, frame []byte) bool) {
	defer func() { _, _ = s.near.Close(), s.far.Close() }()
	for {
		head := make([]byte, 1+lengthSize)
		if greeting {
			head = head[1:]
		}
		if _, err := io.ReadFull(from, head); err != nil {
			return
		}
		length := binary.BigEndian.Uint32(head[len(head)-lengthSize:])
		if length < lengthSize || length > mostFrame {
			return
		}
		frame := append(head, make([]byte, length-lengthSize)...)
		if _, err := io.ReadFull(from, frame[len(head):]); err != nil {
			return
		}
		kind := frame[0]
		if greeting {
			kind = 0
		}
		if !take(kind, frame) {
			return
		}
		greeting = false
	}
}

// hear takes what the service says. Whole rounds are handed on, so that the database hears all of a round or nothing.
func (s *session) hear(kind byte, frame []byte) bool {
	round, lost := s.rounded(kind, frame)
	switch {
	case round == nil:
		return true
	case lost == nil:
		_, err := s.far.Write(round)
		return err == nil
	}
	_ = s.near.Close()
	if lost.sent {
		_, _ = s.far.Write(round)
		<-lost.gone // the database has answered
	} else {
		close(lost.gone)
	}
	return false
}

// rounded is the round that a frame ends, and what is to become of it.
func (s *session) rounded(kind byte, frame []byte) (round []byte, lost *loss) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.round = append(s.round, frame...)
	if !s.ends(kind, frame[min(len(frame), 1+lengthSize):]) {
		return nil, nil
	}
	if s.commits = s.willCommit(); s.commits {
		s.lost = s.w.goesWrong(s.said)
		s.said = nil
	}
	round, s.round, s.texts = s.round, nil, nil
	return round, s.lost
}

// ends tells whether a frame is the last of a round, and remembers what it says.
func (s *session) ends(kind byte, body []byte) bool {
	switch kind {
	case 'P':
		var m pgproto3.Parse
		if m.Decode(body) == nil {
			s.names[m.Name] = m.Query
		}
	case 'B':
		var m pgproto3.Bind
		if m.Decode(body) == nil {
			s.says(s.names[m.PreparedStatement], bytes.Join(m.Parameters, []byte{0}))
		}
	case 'Q':
		s.says(strings.TrimRight(string(body), "\x00"), nil)
		return true
	case 0, 'S', 'H', 'X', 'p':
		return true
	}
	return false
}

func (s *session) says(text string, values []byte) {
	s.texts = append(s.texts, text)
	s.said = append(s.said, text, string(values))
}

var (
	commits = regexp.MustCompile(`(?i)^\s*commit\b`)
	begins  = regexp.MustCompile(`(?i)^\s*begin\b`)
	writes  = regexp.MustCompile(`(?i)\b(INSERT INTO|UPDATE|DELETE FROM)\b`)
)

// willCommit tells whether the round makes something durable: it says so, or it writes and no transaction is open.
func (s *session) willCommit() bool {
	within := s.within
	for _, text := range s.texts {
		switch {
		case commits.MatchString(text):
			return true
		case begins.MatchString(text):
			within = true
		case !within && writes.MatchString(text):
			return true
		}
	}
	return false
}

// answer takes what the database says.
func (s *session) answer(kind byte, frame []byte) bool {
	s.mu.Lock()
	held, lost := s.commits, s.lost
	s.mu.Unlock()
	if held && lost == nil {
		s.w.wait()
	}
	if kind == 'Z' {
		s.mu.Lock()
		s.within, s.commits = frame[len(frame)-1] != 'I', false
		if !s.within {
			s.said = nil
		}
		s.mu.Unlock()
		if lost != nil {
			close(lost.gone)
			return false
		}
	}
	if lost != nil {
		return true
	}
	_, err := s.near.Write(frame)
	return err == nil
}
