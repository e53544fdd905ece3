// Package mail writes and sends mails; it is the only package that knows go-mail.
package mail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
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
	// Locale is the language of customers who have not chosen one.
	Locale string
	// Zone is the shop's; nil reads UTC.
	Zone *time.Location
	// Clock dates the mails; nil reads the machine's.
	Clock func() time.Time
}

// Mailer implements notices.Mailer. It makes one attempt per mail.
type Mailer struct {
	cfg    Config
	from   *netmail.Address
	domain string
	texts  texts
}

// New checks the settings and reads the templates.
func New(cfg Config) (*Mailer, error) {
	from, err := netmail.ParseAddress(cfg.From)
	if err != nil {
		return nil, errors.New("MAIL_FROM is not an address")
	}
	texts, err := readTexts()
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
	return &Mailer{cfg: cfg, from: from, domain: host, texts: texts}, nil
}

// Send implements notices.Mailer.
func (m *Mailer) Send(ctx context.Context, mail notices.Mail) error {
	msg, err := m.message(mail)
	if err != nil {
		return failed(domain.KindRefused, "not_sendable", err)
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
	return m.send(ctx, msg)
}

func (m *Mailer) send(ctx context.Context, msg *gomail.Msg) error {
	var line wire
	client, err := m.client(&line)
	if err != nil {
		return failed(domain.KindUnavailable, "not_configured", nil)
	}
	ctx, cancel := context.WithTimeout(ctx, m.cfg.Timeout)
	defer cancel()
	defer line.cut()
	if err := client.DialWithContext(ctx); err != nil {
		return undialled(err)
	}
	stop := context.AfterFunc(ctx, line.cut)
	defer stop()
	err = client.Send(msg)
	_ = client.Close()
	if msg.IsDelivered() { // what went wrong after the server took it does not count
		return nil
	}
	return classify(err)
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
