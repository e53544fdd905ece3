// Package generic talks to a POS that offers the neutral POS contract (docs/pos-contract.md): read a balance, take
// points, give points back, and find an entry by its reference.
package generic

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
	"pointbridge/integrations/upstream"
)

const (
	// pos is the name of this upstream in errors.
	pos = "pos"
	// answerLimit is far above any answer of the contract; a longer one makes no sense.
	answerLimit = 1 << 20
	// reasonLimit is how long a reason may be by the contract, in characters.
	reasonLimit    = 200
	defaultTimeout = 10 * time.Second
)

// Config says which POS, and what it promises.
type Config struct {
	URL   string
	Token string
	// Timeout bounds each call.
	Timeout time.Duration
	// Replay and Lookup are the POS's promises, see coupons.Capabilities.
	Replay bool
	Lookup coupons.Lookup // exact or none
	Clock  func() time.Time
}

// Client implements coupons.Ledger. It makes one attempt per call.
type Client struct {
	cfg  Config
	base *url.URL
	http *upstream.Client
}

// New checks the address and makes a client. It follows no redirects.
func New(cfg Config, client *http.Client) (*Client, error) {
	base, err := url.Parse(strings.TrimSuffix(cfg.URL, "/"))
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") {
		return nil, errors.New("the POS address is not an http(s) URL")
	}
	if cfg.Lookup != coupons.LookupExact {
		cfg.Lookup = coupons.LookupNone
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	return &Client{cfg: cfg, base: base, http: upstream.New(client, answerLimit)}, nil
}

// Capabilities returns the POS's promises.
func (c *Client) Capabilities() coupons.Capabilities {
	return coupons.Capabilities{Replay: c.cfg.Replay, Lookup: c.cfg.Lookup, GuardsBelowZero: true,
		ReasonLimit: reasonLimit}
}

// Balance implements coupons.Ledger.
func (c *Client) Balance(ctx context.Context, customerID string) (coupons.Balance, error) {
	a := call{act: "balance", method: http.MethodGet, customer: customerID, path: "points"}
	got, err := c.do(ctx, a)
	if err != nil {
		return coupons.Balance{}, err
	}
	var said struct {
		CustomerID string    `json:"customer_id"`
		Balance    *int64    `json:"balance"`
		AsOf       time.Time `json:"as_of"`
	}
	if err := json.Unmarshal(got.Body, &said); err != nil || said.Balance == nil || (said.CustomerID != "" &&
		said.CustomerID != customerID) {
		return coupons.Balance{}, a.failed(domain.KindUnknown, "nonsense", nil)
	}
	if said.AsOf.IsZero() {
		said.AsOf = c.cfg.Clock().UTC()
	}
	return coupons.Balance{Points: *said.Balance, AsOf: said.AsOf.UTC()}, nil
}

// Deduct implements coupons.Ledger.
func (c *Client) Deduct(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return c.move(ctx, "deduct", m, -m.Points)
}

// Add implements coupons.Ledger.
func (c *Client) Add(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return c.move(ctx, "add", m, m.Points)
}

func (c *Client) move(ctx context.Context, act string, m domain.Movement, points int64) (coupons.Entry, error) {
	a := call{act: act, method: http.MethodPost, customer: m.CustomerID, path: "points/" + act, key: m.Key,
		body: moveRequest{
			Amount: m.Points, Reason: m.Reason, Reference: m.Reference, RelatedReference: m.RelatedReference}}
	got, err := c.do(ctx, a)
	if err != nil {
		return coupons.Entry{}, err
	}
	return c.readMove(a, got, m, points)
}

// Find implements coupons.Ledger.
func (c *Client) Find(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	a := call{act: "find", method: http.MethodGet, customer: m.CustomerID, path: "points/history",
		query: url.Values{"reference": {m.Reference}}}
	if c.cfg.Lookup != coupons.LookupExact {
		return coupons.Entry{}, a.failed(domain.KindRefused, domain.ReasonUnsupported, nil)
	}
	got, err := c.do(ctx, a)
	if err != nil {
		return coupons.Entry{}, err
	}
	return readHistory(a, got.Body, m)
}

// call is one request to be made.
type call struct {
	act, method, customer, path, key string
	query                            url.Values
	body                             any
}

func (a call) failed(kind domain.Kind, reason string, err error) *domain.UpstreamError {
	return &domain.UpstreamError{Kind: kind, Upstream: pos, Act: a.act, Reason: reason, Err: err}
}

// do makes the request and gives an answer of 200 or 201; everything else is one of the outcomes.
func (c *Client) do(ctx context.Context, a call) (upstream.Answer, error) {
	if a.customer == "" || a.customer == "." || a.customer == ".." { // no id: a path would swallow it
		return upstream.Answer{}, a.failed(domain.KindRefused, domain.ReasonCustomerNotFound, nil)
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	req, err := c.request(ctx, a)
	if err != nil {
		return upstream.Answer{}, a.failed(domain.KindUnavailable, "", err)
	}
	got, err := c.http.Do(req)
	if err != nil {
		return upstream.Answer{}, a.failed(upstream.Outcome(err), "", err)
	}
	if got.Status == http.StatusOK || got.Status == http.StatusCreated {
		return got, nil
	}
	return upstream.Answer{}, c.classify(a, got)
}

func (c *Client) request(ctx context.Context, a call) (*http.Request, error) {
	u := c.base.JoinPath("customers", url.PathEscape(a.customer), a.path)
	u.RawQuery = a.query.Encode()
	var payload []byte
	if a.body != nil {
		var err error
		if payload, err = json.Marshal(a.body); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, a.method, u.String(), bytes.NewReader(payload))
	if err != nil {
		return nil, errors.New("the request cannot be made") // net/http's text holds the path, and that the customer
	}
	if a.body == nil {
		req.Body, req.ContentLength = http.NoBody, 0
	} else {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", a.key)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.cfg.Token)
	return req, nil
}
