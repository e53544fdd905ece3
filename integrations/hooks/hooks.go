// Package hooks posts events to the merchant's own systems, signed by Standard Webhooks
// (https://www.standardwebhooks.com): the headers webhook-id, webhook-timestamp (seconds) and webhook-signature, which
// holds "v1," and HMAC-SHA256 in base64 over "<id>.<timestamp>.<body>" once for each secret that is good.
package hooks

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"pointbridge/domain"
	"pointbridge/domain/events"
	"pointbridge/integrations/upstream"
)

const (
	timeout     = 10 * time.Second
	answerLimit = 64 << 10
	// ReasonInside says that the address leads where it must not.
	ReasonInside = "address_inside"
)

// errInside is what a connection is refused with that would lead inside.
var errInside = errors.New("the address leads into a network that is not allowed")

// Sender posts events.
type Sender struct {
	now           func() time.Time
	secret, plain *upstream.Client
}

// New makes a sender. It connects to addresses of the public internet, by TLS, and to those of the given networks, also
// without. Where a name leads is looked at when the connection is made, so that it cannot lead elsewhere after a check.
// No proxy of the environment is used: it would make the connection in our place.
func New(allowed []netip.Prefix, now func() time.Time) *Sender {
	return &Sender{now: now,
		secret: upstream.New(&http.Client{Transport: through(outside(allowed))}, answerLimit),
		plain:  upstream.New(&http.Client{Transport: through(only(allowed))}, answerLimit)}
}

type control func(network, address string, conn syscall.RawConn) error

func through(c control) *http.Transport {
	t := upstream.Transport()
	t.Proxy = nil
	t.DialContext = (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second, Control: c}).DialContext
	t.ResponseHeaderTimeout = timeout
	t.MaxIdleConnsPerHost = 4
	return t
}

// outside refuses every network that is not of the public internet, but for the given ones.
func outside(allowed []netip.Prefix) control {
	var v4, v6 []netip.Prefix
	for _, p := range allowed {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	guard := ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
	return func(network, address string, conn syscall.RawConn) error {
		if guard.Safe(network, address, conn) != nil {
			return errInside
		}
		return nil
	}
}

// only lets nothing through but the given networks.
func only(allowed []netip.Prefix) control {
	return func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !slices.ContainsFunc(allowed, func(p netip.Prefix) bool { return p.Contains(to.Addr().Unmap()) }) {
			return errInside
		}
		return nil
	}
}

// Send implements events.Sender. Whatever is not taken for certain is an error: a refusal too, because somebody will
// put right what is wrong there, and a repeated event does no harm.
func (s *Sender) Send(ctx context.Context, m events.Message) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := request(ctx, m)
	if err != nil {
		return 0, failed(domain.KindUnavailable, "unsendable", 0, nil)
	}
	client := s.secret
	if req.URL.Scheme == "http" {
		client = s.plain
	}
	res, err := client.Do(req)
	switch {
	case res.Status >= 200 && res.Status < 300: // also where the rest of the answer is missing or too long
		return res.Status, nil
	case errors.Is(err, errInside):
		return 0, failed(domain.KindUnavailable, ReasonInside, 0, nil)
	case err != nil:
		return res.Status, failed(upstream.Outcome(err), "", 0, err)
	case res.Status == http.StatusTooManyRequests || res.Status == http.StatusServiceUnavailable:
		return res.Status, failed(domain.KindThrottled, "status_"+strconv.Itoa(res.Status), res.RetryAfter(s.now()), nil)
	default:
		return res.Status, failed(domain.KindUnknown, "status_"+strconv.Itoa(res.Status), 0, nil)
	}
}

func request(ctx context.Context, m events.Message) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return nil, err
	}
	var signatures []string
	for _, secret := range m.Secrets {
		hook, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return nil, err
		}
		signature, err := hook.Sign(m.ID, m.At, m.Body)
		if err != nil {
			return nil, err
		}
		signatures = append(signatures, signature)
	}
	if len(signatures) == 0 {
		return nil, errors.New("nothing to sign with")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Pointbridge-Events")
	req.Header.Set(standardwebhooks.HeaderWebhookID, m.ID)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(m.At.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return req, nil
}

func failed(kind domain.Kind, reason string, wait time.Duration, err error) error {
	return &domain.UpstreamError{Kind: kind, Upstream: "events", Act: "deliver", Reason: reason, RetryAfter: wait, Err: err}
}
