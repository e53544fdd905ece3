package mailbox

import (
	"cmp"
	"crypto/subtle"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"pointbridge/integrations/sim"
)

// session is one client's connection.
type session struct {
	server *Server
	conn   *smtp.Conn
	known  bool
	from   string
	to     []string
}

func (s *Server) newSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, conn: c, known: s.cfg.Username == ""}, nil
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string {
	if s.server.cfg.Username == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth implements smtp.AuthSession.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if s.server.cfg.Username == "" || mechanism != sasl.Plain {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	return sasl.NewPlainServer(func(_, username, password string) error {
		if !s.server.admits(username, password) {
			return smtp.ErrAuthFailed
		}
		s.known = true
		return nil
	}), nil
}

// admits compares without telling by its time how much was right.
func (s *Server) admits(username, password string) bool {
	name := subtle.ConstantTimeCompare([]byte(username), []byte(s.cfg.Username))
	return name&subtle.ConstantTimeCompare([]byte(password), []byte(s.cfg.Password)) == 1
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.known {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	return s.act("mail.rcpt", to, func() error {
		s.to = append(s.to, to)
		return nil
	})
}

// Data implements smtp.Session. The mail is kept before it is answered for.
func (s *session) Data(r io.Reader) error {
	return s.act("mail.data", strings.Join(s.to, ", "), func() error {
		m, err := read(r)
		if errors.Is(err, smtp.ErrDataTooLarge) {
			return smtp.ErrDataTooLarge
		}
		if err != nil {
			return said(554, 6, 0, "the message cannot be read")
		}
		m.From, m.To = s.from, strings.Join(s.to, ", ")
		if err := s.server.keep(m); err != nil {
			return said(451, 3, 0, "the message cannot be kept")
		}
		return nil
	})
}

// act does something, or what it was told to do instead.
func (s *session) act(name, subject string, do func() error) error {
	faults := s.server.cfg.Faults
	faults.Begin(s.server.ctx, name)
	rule, wrong := faults.Take(name, subject)
	if wrong && !rule.Applied() {
		return s.asTold(rule)
	}
	err := do()
	faults.End(name)
	if wrong {
		return s.asTold(rule)
	}
	return err
}

func (s *session) asTold(rule sim.Rule) error {
	switch rule.Mode {
	case sim.Refuse:
		return said(550, 1, 1, "no such mailbox")
	case sim.Throttle:
		return said(451, 7, 1, "too many mails, try again later")
	case sim.Status, sim.StatusAfter:
		return said(cmp.Or(rule.Code, 451), 3, 0, "as told")
	case sim.Hang, sim.HangAfter:
		_ = s.conn.Conn().SetReadDeadline(time.Time{})
		_, _ = io.Copy(io.Discard, s.conn.Conn()) // until the client gives up or the mailbox is closed
		return s.drop()
	case sim.BrokenAnswer:
		_, _ = io.WriteString(s.conn.Conn(), "what?\r\n")
		return s.drop()
	case sim.DropBefore, sim.LoseAnswer:
		return s.drop()
	case sim.Internal, sim.InternalAfter:
		return said(451, 3, 0, "local error")
	default:
		return said(451, 3, 0, "local error")
	}
}

// drop closes the connection; the answer that follows reaches nobody.
func (s *session) drop() error {
	_ = s.conn.Conn().Close()
	return said(421, 3, 0, "connection closed")
}

func said(code, subject, detail int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, subject, detail}, Message: text}
}
