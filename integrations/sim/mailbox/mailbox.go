// Package mailbox is a simulated mail server: it takes mails over real SMTP and shows them over HTTP, newest first. It
// keeps every mail it accepted, repeated ones too, so that tests can count them.
package mailbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"pointbridge/integrations/sim"
)

const (
	// keptMails and keptBytes bound the memory; the oldest mails are forgotten first.
	keptMails = 10_000
	keptBytes = 64 << 20
	mostBytes = 1 << 20 // of one mail
	idle      = 30 * time.Second
)

// Config sets a mailbox up. Everything may be left out.
type Config struct {
	// Clock tells when a mail arrived; time.Now.
	Clock func() time.Time
	// Faults decides what goes wrong, by act: mail.rcpt (subject: the recipient) and mail.data (the recipients, joined
	// by ", "). Refuse is a 550, Throttle and Internal are a 451, Status is the SMTP code named.
	Faults *sim.Faults
	// Zone is the one that the pages show times in; UTC.
	Zone *time.Location
	// Path is the journal that outlives the process; empty keeps everything in memory.
	Path string
	// Username and Password are asked for (AUTH PLAIN) when a username is set. There is no TLS: keep it on loopback.
	Username, Password string
}

// Message is one mail as it arrived.
type Message struct {
	// N counts the mails from 1 on and is the address of this one: GET /messages/{n}.
	N int `json:"n"`
	// To and From are the envelope's, as the client gave them; several recipients are joined by ", ".
	To   string `json:"to"`
	From string `json:"from"`
	// Subject, Text and HTML are decoded: UTF-8, whatever they travelled as.
	Subject   string    `json:"subject"`
	Text      string    `json:"text"`
	HTML      string    `json:"html"`
	At        time.Time `json:"at"`
	MessageID string    `json:"message_id"` // without the angle brackets
	// Headers are the mail's own, decoded, by their canonical names.
	Headers map[string][]string `json:"headers"`
}

func (m Message) size() int {
	size := len(m.To) + len(m.Subject) + len(m.Text) + len(m.HTML)
	for name, values := range m.Headers {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return size
}

// Server is the mailbox, safe for concurrent use.
type Server struct {
	cfg     Config
	smtp    *smtp.Server
	pages   *template.Template
	journal *sim.Journal
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc

	mu        sync.Mutex
	messages  []Message
	bytes     int
	last      int
	listeners []net.Listener
}

// New opens a mailbox with what its journal holds. It fails when the journal cannot be read.
func New(cfg Config) (*Server, error) {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	s := &Server{cfg: cfg, pages: template.Must(template.New("").Parse(pagesText))}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	var err error
	if s.journal, err = sim.OpenJournal(cfg.Path, s.replay); err != nil {
		s.cancel()
		return nil, fmt.Errorf("simulated mailbox: %w", err)
	}
	s.smtp = smtp.NewServer(smtp.BackendFunc(s.newSession))
	s.smtp.Domain = "localhost"
	s.smtp.MaxMessageBytes = mostBytes
	s.smtp.MaxRecipients = 10
	s.smtp.AllowInsecureAuth = true
	s.smtp.ReadTimeout, s.smtp.WriteTimeout = idle, idle
	s.smtp.ErrorLog = silent{}
	return s, nil
}

// silent drops what the SMTP library has to say about broken connections: tests break them on purpose.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

func (s *Server) replay(line []byte) error {
	var m Message
	if err := json.Unmarshal(line, &m); err != nil {
		return err
	}
	s.apply(m)
	return nil
}

// Serve takes mails on l until Close, and gives nil then.
func (s *Server) Serve(l net.Listener) error {
	s.mu.Lock()
	s.listeners = append(s.listeners, l)
	closed := s.ctx.Err() != nil
	s.mu.Unlock()
	if closed {
		return l.Close()
	}
	if err := s.smtp.Serve(l); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// Close ends all connections. The mails can still be read.
func (s *Server) Close() error {
	s.mu.Lock()
	s.cancel()
	for _, l := range s.listeners {
		_ = l.Close() // a second close has nothing to tell
	}
	s.mu.Unlock()
	_ = s.smtp.Close() // as above
	return s.journal.Close()
}

// Messages returns the mails, newest first.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.messages)
	slices.Reverse(list)
	return list
}

// message returns one mail by its number.
func (s *Server) message(n int) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.messages, func(m Message) bool { return m.N == n })
	if i < 0 {
		return Message{}, false
	}
	return s.messages[i], true
}

// keep numbers a mail, writes it down, and only then has it.
func (s *Server) keep(m Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.N, m.At = s.last+1, s.cfg.Clock().UTC().Truncate(time.Millisecond)
	if err := s.journal.Append(m); err != nil {
		return err
	}
	s.apply(m)
	return nil
}

func (s *Server) apply(m Message) {
	s.messages = append(s.messages, m)
	s.last, s.bytes = m.N, s.bytes+m.size()
	for s.bytes > keptBytes || len(s.messages) > keptMails {
		s.bytes -= s.messages[0].size()
		s.messages[0] = Message{} // lets go of its texts at once
		s.messages = s.messages[1:]
	}
}
