package shopify

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/Khan/genqlient/graphql"

	"pointbridge/domain"
	"pointbridge/integrations/upstream"
)

const (
	defaultTimeout = 10 * time.Second
	// answerLimit bounds what is read of an answer, in bytes. The largest one asked for is a page of 50 orders.
	answerLimit = 4 << 20
)

// Client is one store's Admin API. It is safe for concurrent use; its views share one token and one cost budget.
type Client struct {
	*core
	line int // of the budget's queues
}

// core is what all views of a client share.
type core struct {
	http      *upstream.Client
	graphql   string // URL
	namespace string
	key       string
	timeout   time.Duration
	clock     domain.Clock
	circuit   Circuit
	log       *slog.Logger
	tokens    *tokens
	budget    *budget
	heard     func(at time.Time)
	device    string   // the attribute of an order that names the buyer's device
	said      sync.Map // the kinds of which the log knows that they are withheld
}

// New makes a client over the given HTTP client, whose transport should keep as many idle connections per host as
// calls are expected at once. Redirects are never followed: a redirected call would carry the token elsewhere.
func New(cfg Config, hc *http.Client) (*Client, error) {
	base, err := cfg.endpoint()
	if err != nil {
		return nil, err
	}
	c := &core{
		http:      upstream.New(hc, answerLimit),
		graphql:   base + "/admin/api/" + cfg.APIVersion + "/graphql.json",
		namespace: cfg.MetafieldNamespace,
		key:       cfg.MetafieldKey,
		timeout:   cfg.Timeout,
		clock:     cfg.Clock,
		circuit:   cfg.Circuit,
		log:       cfg.Logger,
		heard:     cfg.Heard,
		device:    cmp.Or(cfg.DeviceAttribute, DefaultDeviceAttribute),
	}
	if c.heard == nil {
		c.heard = func(time.Time) {}
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if c.clock == nil {
		c.clock = domain.SystemClock{}
	}
	if c.circuit == nil {
		c.circuit = alwaysClosed{}
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.budget = newBudget(c.clock)
	c.tokens = newTokens(cfg, base, c)
	return &Client{core: c}, nil
}

// Background returns a view of the client whose calls stand behind customers' calls when the cost budget is short.
func (c *Client) Background() *Client { return &Client{core: c.core, line: background} }

// Batch returns a view of the client whose calls take what all others leave of the cost budget.
func (c *Client) Batch() *Client { return &Client{core: c.core, line: batch} }

// lineOf is the queue in which a call waits: what is asked for as a part of a batch stands behind everything else,
// whichever view asks.
func (c *Client) lineOf(ctx context.Context) int {
	if domain.IsBatch(ctx) {
		return batch
	}
	return c.line
}

// call is one act; the generated operations send their requests through it. Its name stands in errors and logs.
type call struct {
	*Client
	name  string
	roots []string // the fields of the answer that the operation is about
	// withheld collects what an answer may lack for want of a right; nil where nothing may be lacking.
	withheld withheld
	// denied is the same for facts; nil for every other question.
	denied refusals
}

func (c *Client) act(name string, roots ...string) *call {
	return &call{Client: c, name: name, roots: roots}
}

// MakeRequest makes one attempt: wait for the budget, ask the circuit, send, classify. Its errors are
// *domain.UpstreamError of any kind but KindNotFound.
func (c *call) MakeRequest(ctx context.Context, req *graphql.Request, resp *graphql.Response) error {
	reserved, err := c.budget.acquire(ctx, req.OpName, c.lineOf(ctx))
	if err != nil {
		return c.fail(err)
	}
	if wait, ok := c.circuit.Allow(); !ok {
		c.budget.charge(reserved, spending{unsent: true})
		return c.fail(&domain.UpstreamError{Kind: domain.KindUnavailable, Reason: "circuit_open", RetryAfter: wait})
	}
	spent, err := c.send(ctx, req, resp.Data)
	c.budget.charge(reserved, spent)
	c.circuit.Report(err)
	if err != nil {
		return c.fail(err)
	}
	c.heard(c.clock.Now())
	return nil
}

// send renews the token once if Shopify does not accept it: a 401 proves that nothing was done.
func (c *call) send(ctx context.Context, req *graphql.Request, data any) (spending, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	token, err := c.tokens.get(ctx)
	if err != nil {
		return spending{unsent: true}, err
	}
	got, err := c.post(ctx, token, req)
	if got.Status == http.StatusUnauthorized && c.tokens.renewable() {
		c.tokens.drop(token)
		if token, err = c.tokens.get(ctx); err != nil {
			return spending{unsent: true}, err
		}
		got, err = c.post(ctx, token, req)
	}
	if err != nil {
		return spending{unsent: domain.KindOf(err) == domain.KindUnavailable}, err
	}
	if c.withheld != nil {
		return got.classifyShown(c.withheld, c.roots, data, c.clock.Now())
	}
	if c.denied != nil {
		return got.classifyFacts(c.denied, c.roots, data, c.clock.Now())
	}
	return got.classify(c.roots, data, c.clock.Now())
}

// fail completes an error with what the call knows.
func (c *call) fail(err error) error {
	var up *domain.UpstreamError
	if !errors.As(err, &up) {
		up = &domain.UpstreamError{Kind: domain.KindUnknown, Err: err}
	}
	up.Upstream, up.Act = "shopify", c.name
	if up.Kind == domain.KindThrottled {
		c.log.Warn("shopify asks to wait", "act", c.name, "reason", up.Reason, "wait", up.RetryAfter)
	}
	return up
}

type alwaysClosed struct{}

func (alwaysClosed) Allow() (time.Duration, bool) { return 0, true }
func (alwaysClosed) Report(error)                 {}
