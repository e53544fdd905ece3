// Package square talks to Square Loyalty as the POS: a loyalty account's balance, its adjustment in both directions,
// and the events by which an adjustment is found again. Square does not answer with balances after an adjustment, has
// one field of free text, and looks for no reference; what follows from that stands here and nowhere else.
package square

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/pos/square/wire"
	"pointbridge/integrations/upstream"
)

const (
	// Production and Sandbox are Square's hosts.
	Production = "https://connect.squareup.com"
	Sandbox    = "https://connect.squareupsandbox.com"
	// Version is the release of the API that every call asks for: that of the document in wire/schema.
	Version = "2025-08-20"

	// pos is the name of this upstream in errors.
	pos = "pos"
	// answerLimit is far above any answer: a page of events with the longest of reasons is a fifth of it.
	answerLimit    = 1 << 20
	defaultTimeout = 10 * time.Second

	// reasonLimit and keyLimit are Square's, and so is the whole number of 32 bits that points are.
	reasonLimit = 3500
	keyLimit    = 128
	pointsLimit = 1<<31 - 1

	// keyTrusted is for how long a key is taken to be remembered. Square does not say how long it does; what is older
	// is looked for before it is sent again.
	keyTrusted = 10 * time.Minute
	// clockSlack is how far Square's clock may be from ours.
	clockSlack = 5 * time.Minute
)

// Config says how Square is reached.
type Config struct {
	// URL is another address than Square's own; Sandbox chooses among those two.
	URL     string
	Sandbox bool
	// Token is an access token with the scopes LOYALTY_READ and LOYALTY_WRITE.
	Token string
	// Timeout bounds each method, whatever number of calls it makes.
	Timeout time.Duration
	Clock   func() time.Time
}

// Client implements coupons.Ledger and books.POS. It makes one attempt per method.
type Client struct {
	cfg      Config
	base     *url.URL
	http     *upstream.Client
	accounts remembered
}

// New checks the address and makes a client. It follows no redirects.
func New(cfg Config, client *http.Client) (*Client, error) {
	if cfg.URL == "" {
		cfg.URL = Production
		if cfg.Sandbox {
			cfg.URL = Sandbox
		}
	}
	base, err := url.Parse(strings.TrimSuffix(cfg.URL, "/"))
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") {
		return nil, errors.New("the POS address is not an http(s) URL")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	return &Client{cfg: cfg, base: base, http: upstream.New(client, answerLimit)}, nil
}

// Capabilities returns what Square promises.
func (c *Client) Capabilities() coupons.Capabilities {
	return coupons.Capabilities{Replay: true, Lookup: coupons.LookupScan, GuardsBelowZero: true,
		ReasonLimit: reasonLimit}
}

// Balance implements coupons.Ledger. It can be below zero: a sale that is taken back at the till takes its points
// along.
func (c *Client) Balance(ctx context.Context, customerID string) (coupons.Balance, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	got, err := c.ask(ctx, "balance", whoIs(customerID))
	if err != nil {
		return coupons.Balance{}, err
	}
	return coupons.Balance{Points: got.points, AsOf: c.cfg.Clock().UTC()}, nil
}

// Deduct implements coupons.Ledger.
func (c *Client) Deduct(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return c.adjust(ctx, "deduct", m, -m.Points)
}

// Add implements coupons.Ledger.
func (c *Client) Add(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return c.adjust(ctx, "add", m, m.Points)
}

// call is one request to be made.
type call struct {
	act, method string
	path        []string
	body        any
	// ofAccount says that the path names an account, so that "not found" is said of that.
	ofAccount bool
}

func failed(act string, kind domain.Kind, reason string, err error) *domain.UpstreamError {
	return &domain.UpstreamError{Kind: kind, Upstream: pos, Act: act, Reason: reason, Err: err}
}

// do makes the request and reads an answer of 200 into the given place; everything else is one of the outcomes.
func (c *Client) do(ctx context.Context, a call, into any) error {
	req, err := c.request(ctx, a)
	if err != nil {
		return failed(a.act, domain.KindUnavailable, "", err)
	}
	got, err := c.http.Do(req)
	if err != nil {
		return failed(a.act, upstream.Outcome(err), "", err)
	}
	if got.Status != http.StatusOK {
		return c.classify(a, got)
	}
	// A success that also tells of errors is neither.
	if len(problems(got.Body)) > 0 {
		return failed(a.act, domain.KindUnknown, "contradiction", nil)
	}
	if err := json.Unmarshal(got.Body, into); err != nil {
		return failed(a.act, domain.KindUnknown, "nonsense", nil)
	}
	return nil
}

func (c *Client) request(ctx context.Context, a call) (*http.Request, error) {
	escaped := make([]string, len(a.path))
	for i, part := range a.path {
		escaped[i] = url.PathEscape(part)
	}
	u := c.base.JoinPath("v2", "loyalty").JoinPath(escaped...)
	var payload []byte
	if a.body != nil {
		var err error
		if payload, err = json.Marshal(a.body); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, a.method, u.String(), bytes.NewReader(payload))
	if err != nil {
		return nil, errors.New("the request cannot be made") // net/http's text holds the path
	}
	if a.body == nil {
		req.Body, req.ContentLength = http.NoBody, 0
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.cfg.Token)
	req.Header.Set("Square-Version", Version)
	return req, nil
}

// problems are the errors in a body of Square's; none where it is nobody's, or somebody else's.
func problems(body []byte) []wire.Error {
	var said struct {
		Errors []wire.Error `json:"errors"`
	}
	_ = json.Unmarshal(body, &said)
	return said.Errors
}
