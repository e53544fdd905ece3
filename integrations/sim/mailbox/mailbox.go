// Package mailbox is a simulated mail server: it takes mails over real SMTP and shows them over HTTP, newest first.
package mailbox

import (
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	_ "github.com/emersion/go-message/charset" // the charsets mails come in
	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-smtp"

	"pointbridge/integrations/sim"
)

// kept is how many mails the mailbox remembers.
const kept = 10_000

// Config sets a mailbox up.
type Config struct {
	Clock  func() time.Time
	Faults *sim.Faults
	// Path is the journal that outlives the process; empty keeps everything in memory.
	Path string
}

// Message is one mail as it arrived.
type Message struct {
	To        string    `json:"to"`
	From      string    `json:"from"`
	Subject   string    `json:"subject"`
	Text      string    `json:"text"`
	HTML      string    `json:"html"`
	At        time.Time `json:"at"`
	MessageID string    `json:"message_id"`
}

// Server is the mailbox.
type Server struct {
	cfg      Config
	smtp     *smtp.Server
	mu       sync.Mutex
	messages []Message
	journal  *sim.Journal
}

// New opens a mailbox with what its journal holds.
func New(cfg Config) (*Server, error) {
	if cfg.Clock == nil {
		cfg.Clock = func() time.Time { return time.Now().UTC() }
	}
	s := &Server{cfg: cfg}
	journal, err := sim.OpenJournal(cfg.Path, func(line []byte) error {
		var m Message
		err := json.Unmarshal(line, &m)
		s.messages = append(s.messages, m)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.journal = journal
	s.smtp = smtp.NewServer(s)
	s.smtp.Domain = "localhost"
	s.smtp.MaxMessageBytes = 1 << 20
	s.smtp.MaxRecipients = 10
	s.smtp.ReadTimeout, s.smtp.WriteTimeout = 30*time.Second, 30*time.Second
	s.smtp.ErrorLog = discard{}
	return s, nil
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

// Serve takes mails until Close.
func (s *Server) Serve(l net.Listener) error {
	if err := s.smtp.Serve(l); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
		return err
	}
	return nil
}

// Close stops taking mails.
func (s *Server) Close() error { return errors.Join(s.smtp.Close(), s.journal.Close()) }

// Messages gives the mails, newest first.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.messages)
	slices.Reverse(list)
	return list
}

func (s *Server) keep(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	if len(s.messages) > kept {
		s.messages = slices.Delete(s.messages, 0, len(s.messages)-kept)
	}
	s.journal.Append(m)
}

// NewSession implements smtp.Backend.
func (s *Server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, conn: c}, nil
}

type session struct {
	server *Server
	conn   *smtp.Conn
	from   string
	to     []string
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if rule, ok := s.server.cfg.Faults.Take("mail.rcpt", to); ok {
		return &smtp.SMTPError{Code: rule.Code, EnhancedCode: smtp.EnhancedCode{rule.Code / 100, 1, 1}, Message: "as told"}
	}
	s.to = append(s.to, to)
	return nil
}

// Data takes the mail. Told to lose its answer, it keeps the mail and closes the connection.
func (s *session) Data(r io.Reader) error {
	rule, wrong := s.server.cfg.Faults.Take("mail.data", strings.Join(s.to, ","))
	if wrong && !rule.Applied() {
		return &smtp.SMTPError{Code: rule.Code, EnhancedCode: smtp.EnhancedCode{rule.Code / 100, 3, 0}, Message: "as told"}
	}
	m, err := read(r)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "the message cannot be read"}
	}
	m.To, m.From, m.At = strings.Join(s.to, ", "), s.from, s.server.cfg.Clock().UTC()
	s.server.keep(m)
	if wrong {
		_ = s.conn.Conn().Close()
	}
	return nil
}

func read(r io.Reader) (Message, error) {
	reader, err := mail.CreateReader(r)
	if err != nil {
		return Message{}, err
	}
	var m Message
	if m.Subject, err = reader.Header.Subject(); err != nil {
		return m, err
	}
	if m.MessageID, err = reader.Header.MessageID(); err != nil {
		return m, err
	}
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return m, err
		}
		body, err := io.ReadAll(part.Body)
		if err != nil {
			return m, err
		}
		inline, ok := part.Header.(*mail.InlineHeader)
		if !ok {
			continue
		}
		if kind, _, _ := inline.ContentType(); kind == "text/html" {
			m.HTML = string(body)
		} else {
			m.Text = string(body)
		}
	}
}

// Handler shows the mails: GET /messages as JSON, GET / as a page.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /messages", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		list := s.Messages()
		if list == nil {
			list = []Message{}
		}
		_ = json.NewEncoder(w).Encode(list)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = page.Execute(w, s.Messages())
	})
	return mux
}

var page = template.Must(template.New("mailbox").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Mailbox</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
iframe{width:100%;height:32rem;border:1px solid #8888;border-radius:.5rem;background:#fff}summary{cursor:pointer}</style></head>
<body><h1>Mailbox</h1>{{if not .}}<p>No mail has arrived yet.</p>{{end}}
{{range .}}<details><summary><strong>{{.Subject}}</strong> · {{.To}} · {{.At.Format "2006-01-02 15:04:05 MST"}}</summary>
<iframe sandbox="" title="{{.Subject}}" srcdoc="{{.HTML}}"></iframe><pre>{{.Text}}</pre></details>{{end}}</body></html>
`))
