// Package mail writes and sends mails; it is the only package that knows go-mail.
package mail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"pointbridge/domain"
	"pointbridge/domain/notices"
	"pointbridge/domain/staff"
)

const (
	upstream       = "mail"
	defaultTimeout = 20 * time.Second
)

// Config says how mail leaves and what it looks like.
type Config struct {
	Host     string
	Port     int
	Username string
	Password string
	// TLS is mandatory, opportunistic or none.
	TLS     string
	From    string
	Timeout time.Duration

	ShopName string
	Footer   string
	// Contact is how customers reach the shop; the zero value is none.
	Contact domain.Contact
	// Logo is the https address of a picture above the mail, Color that of the button; both can be empty.
	Logo, Color string
	// ApplyURL is the address before a code, for mails with sample data.
	ApplyURL string
	// Templates is a folder with templates of the merchant's own; none when empty.
	Templates string
	// Locale is the language of customers who have not chosen one.
	Locale string
	// Zone is the shop's; nil reads UTC.
	Zone *time.Location
	// Clock dates the mails; nil reads the machine's.
	Clock func() time.Time
	// Heard hears how each mail ended that was sent to the server; nil where nobody listens.
	Heard func(error)
}

// Mailer implements notices.Mailer. It makes one attempt per mail; connections are kept for the next mails of a burst.
type Mailer struct {
	cfg    Config
	from   *netmail.Address
	domain string
	texts  texts
	kept   keeper
}

// New checks the settings and reads the templates.
func New(cfg Config) (*Mailer, error) {
	from, err := netmail.ParseAddress(cfg.From)
	if err != nil {
		return nil, errors.New("MAIL_FROM is not an address")
	}
	if cfg.Color == "" {
		cfg.Color = DefaultColor
	}
	texts, err := readTexts(cfg.Templates)
	if err != nil {
		return nil, err
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	_, host, _ := strings.Cut(from.Address, "@")
	if cfg.Heard == nil {
		cfg.Heard = func(error) {}
	}
	return &Mailer{cfg: cfg, from: from, domain: host, texts: texts}, nil
}

// Send implements notices.Mailer.
func (m *Mailer) Send(ctx context.Context, mail notices.Mail) (notices.Receipt, error) {
	msg, err := m.message(mail)
	if err != nil {
		return notices.Receipt{}, failed(domain.KindRefused, "not_sendable", err)
	}
	return m.send(ctx, msg)
}

// SendNotice implements staff.Postman.
func (m *Mailer) SendNotice(ctx context.Context, n staff.Notice) error {
	rendered, err := m.texts.renderNotice(m.cfg, n)
	if err != nil {
		return failed(domain.KindRefused, "not_sendable", err)
	}
	msg, err := m.letter(n.To, "staff notice "+strconv.FormatInt(n.ID, 10), rendered)
	if err != nil {
		return failed(domain.KindRefused, "not_sendable", err)
	}
	_, err = m.send(ctx, msg)
	return err
}

// Greet connects, encrypts and signs in as for a mail, and sends none.
func (m *Mailer) Greet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.cfg.Timeout)
	defer cancel()
	s, err := m.open(ctx)
	if err == nil {
		s.end()
	}
	return err
}

// SendTest sends a mail that says nothing but that mails arrive.
func (m *Mailer) SendTest(ctx context.Context, to, locale string) error {
	in := words{m.texts.words, language(locale, m.cfg.Locale)}
	subject, err := in.T("mail.test.subject")
	if err != nil {
		return err
	}
	text, err := in.T("mail.test.text", m.cfg.ShopName)
	if err != nil {
		return err
	}
	msg, err := m.letter(to, "test "+m.cfg.Clock().String(), rendered{subject: oneLine(subject), text: text,
		html: "<p>" + htmltemplate.HTMLEscapeString(text) + "</p>"})
	if err != nil {
		return failed(domain.KindRefused, "not_sendable", err)
	}
	_, err = m.send(ctx, msg)
	return err
}

// send sends a mail, and tells how that ended.
func (m *Mailer) send(ctx context.Context, msg *gomail.Msg) (notices.Receipt, error) {
	receipt, err := m.attempt(ctx, msg)
	m.cfg.Heard(err)
	return receipt, err
}

// attempt sends a mail on a connection that was kept, or on a new one.
func (m *Mailer) attempt(ctx context.Context, msg *gomail.Msg) (notices.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, m.cfg.Timeout)
	defer cancel()
	if s := m.kept.take(); s != nil {
		if err := m.sendOn(ctx, s, msg); !unbegun(err) {
			return outcome(msg, err)
		}
	}
	s, err := m.open(ctx)
	if err != nil {
		return notices.Receipt{}, err
	}
	return outcome(msg, m.sendOn(ctx, s, msg))
}

func (m *Mailer) sendOn(ctx context.Context, s *session, msg *gomail.Msg) error {
	good, err := s.send(ctx, msg)
	if good {
		m.kept.put(s)
		return nil
	}
	s.end()
	return err
}

// outcome is what became of a mail: what went wrong after the server took it does not count.
func outcome(msg *gomail.Msg, err error) (notices.Receipt, error) {
	if msg.IsDelivered() {
		return receiptOf(msg.ServerResponse()), nil
	}
	return receiptOfRefusal(err), classify(err)
}

// wire is the connection under a client: go-mail gives no other way to give up in the middle of a mail.
type wire struct{ conn net.Conn }

func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	w.conn = conn
	return conn, err
}

// cut closes what was opened, be it for the second time.
func (w *wire) cut() {
	if w.conn != nil {
		_ = w.conn.Close()
	}
}

func (m *Mailer) client(line *wire) (*gomail.Client, error) {
	options := []gomail.Option{gomail.WithPort(m.cfg.Port), gomail.WithTimeout(m.cfg.Timeout),
		gomail.WithTLSPolicy(policy(m.cfg.TLS)), gomail.WithoutNoop(), gomail.WithDialContextFunc(line.dial)}
	if m.cfg.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(m.cfg.Username),
			gomail.WithPassword(m.cfg.Password))
	}
	return gomail.NewClient(m.cfg.Host, options...)
}

func policy(name string) gomail.TLSPolicy {
	switch name {
	case "none":
		return gomail.NoTLS
	case "opportunistic":
		return gomail.TLSOpportunistic
	default:
		return gomail.TLSMandatory
	}
}

// message builds the mail. The address is used as the customer gave it; only as a matching key would it be normalised.
func (m *Mailer) message(mail notices.Mail) (*gomail.Msg, error) {
	rendered, err := m.texts.render(m.cfg, mail)
	if err != nil {
		return nil, err
	}
	return m.letter(mail.To, mail.EventID, rendered)
}

func (m *Mailer) letter(to, event string, rendered rendered) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingB64))
	sender := netmail.Address{Name: m.cfg.ShopName, Address: m.from.Address}
	if err := msg.From(sender.String()); err != nil {
		return nil, errors.New("the sender's address is not valid")
	}
	to, ok := domain.ReadMailAddress(to)
	if !ok {
		return nil, errors.New("the recipient's address is not valid")
	}
	recipient, err := netmail.ParseAddress(to)
	if err != nil { // dots where RFC 5322 has none: quoted as it is written out
		recipient = &netmail.Address{Address: to}
	}
	msg.ToMailAddress(recipient)
	msg.Subject(rendered.subject)
	msg.SetMessageIDWithValue(m.messageID(event))
	msg.SetDateWithValue(m.cfg.Clock())
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, rendered.text)
	msg.AddAlternativeString(gomail.TypeTextHTML, rendered.html)
	return msg, nil
}

// messageID belongs to the event: the same event sent twice is recognisable as one mail.
func (m *Mailer) messageID(event string) string {
	sum := sha256.Sum256([]byte(event))
	return hex.EncodeToString(sum[:12]) + "@" + m.domain
}

// classify tells a refusal of the recipient from what may pass, and both from an answer that got lost. A refusal of the
// sender is an operator's matter. The server's text is dropped: it often repeats the address.
func classify(err error) error {
	var sent *gomail.SendError
	if !errors.As(err, &sent) {
		return failed(domain.KindUnknown, "", nil)
	}
	code := sent.ErrorCode()
	switch {
	case code >= 500 && (sent.Reason == gomail.ErrSMTPMailFrom || unauthorised(code)):
		return failed(domain.KindAuth, reply(code), nil)
	case code >= 500:
		return failed(domain.KindRefused, reply(code), nil)
	case code >= 400:
		return failed(domain.KindUnavailable, reply(code), nil)
	default:
		return failed(domain.KindUnknown, "", nil)
	}
}

// undialled says why no mail could be begun.
func undialled(err error) error {
	var answer *textproto.Error
	switch {
	case !errors.As(err, &answer):
		return failed(domain.KindUnavailable, "", nil)
	case unauthorised(answer.Code):
		return failed(domain.KindAuth, reply(answer.Code), nil)
	default:
		return failed(domain.KindUnavailable, reply(answer.Code), nil)
	}
}

// unauthorised tells the replies of RFC 4954 that speak of our credentials.
func unauthorised(code int) bool { return code == 530 || code == 534 || code == 535 || code == 538 }

func reply(code int) string { return fmt.Sprintf("smtp_%d", code) }

func failed(kind domain.Kind, reason string, err error) error {
	return &domain.UpstreamError{Kind: kind, Upstream: upstream, Act: "send", Reason: reason, Err: err}
}
