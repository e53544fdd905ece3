// Package smaregi talks to Smaregi (スマレジ), a POS of Japan, through its platform API: read a member's points, take
// some, give some back, and list what moved them (docs/pos-smaregi.md).
//
// Smaregi keeps neither a key nor a text with a change of points. A change whose answer was lost can therefore not be
// sent again, and is found again by member, direction, amount and time alone: this package only says what Smaregi has
// written down, and the saga concludes.
package smaregi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/upstream"
)

const (
	// pos is the name of this upstream in errors.
	pos = "pos"
	// answerLimit is far above a full page of transactions with the few fields that are asked for.
	answerLimit    = 1 << 20
	defaultTimeout = 10 * time.Second
	// mostPoints is the most that Smaregi takes in one change: nine digits.
	mostPoints = 999_999_999
)

// The hosts of Smaregi.
const (
	productionAPI    = "https://api.smaregi.jp"
	productionTokens = "https://id.smaregi.jp"
	sandboxAPI       = "https://api.smaregi.dev"
	sandboxTokens    = "https://id.smaregi.dev"
)

// Config says which contract, and who asks.
type Config struct {
	// Account is the contract id (契約ID), which stands in every address.
	Account string
	// ClientID and ClientSecret are the app's, as Smaregi Developers shows them for the environment.
	ClientID, ClientSecret string
	// Sandbox chooses the hosts and the limits of the development environment.
	Sandbox bool
	// APIURL and TokenURL take the place of Smaregi's own hosts where a simulator stands in for it.
	APIURL, TokenURL string
	// Timeout bounds each call, waiting for its turn and renewing the token included.
	Timeout time.Duration
	Clock   func() time.Time
}

// Client implements coupons.Ledger and coupons.History. It makes one attempt per call.
type Client struct {
	cfg    Config
	base   *url.URL // up to and with /{contract}/pos
	http   *upstream.Client
	limits *limits
	tokens *tokens
}

// accountForm is what stands in an address as it is written.
var accountForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// New checks the settings, names everything that is wrong with them, and makes a client. It follows no redirects.
func New(cfg Config, client *http.Client) (*Client, error) {
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	base, err := host(cfg.APIURL, cfg.Sandbox, productionAPI, sandboxAPI)
	tokenHost, tokenErr := host(cfg.TokenURL, cfg.Sandbox, productionTokens, sandboxTokens)
	faults := []error{err, tokenErr}
	if !accountForm.MatchString(cfg.Account) {
		faults = append(faults, errors.New("the contract id is not made of letters and digits"))
	}
	if cfg.ClientID == "" || strings.Contains(cfg.ClientID, ":") {
		faults = append(faults, errors.New("the client id is missing, or has a colon"))
	}
	if cfg.ClientSecret == "" {
		faults = append(faults, errors.New("the client secret is missing"))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, base: base.JoinPath(cfg.Account, "pos"), http: upstream.New(client, answerLimit),
		limits: newLimits(cfg.Sandbox, cfg.Clock)}
	c.tokens = newTokens(cfg, tokenHost.JoinPath("app", cfg.Account, "token"), c.http, c.limits)
	return c, nil
}

func host(given string, sandbox bool, production, development string) (*url.URL, error) {
	switch {
	case given == "" && sandbox:
		given = development
	case given == "":
		given = production
	}
	u, err := url.Parse(strings.TrimSuffix(given, "/"))
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, errors.New("the address of Smaregi is not an http(s) URL")
	}
	return u, nil
}

// Capabilities returns what Smaregi's documents promise.
func (c *Client) Capabilities() coupons.Capabilities {
	return coupons.Capabilities{Lookup: coupons.LookupAmount, GuardsBelowZero: true}
}

// Balance implements coupons.Ledger.
func (c *Client) Balance(ctx context.Context, customerID string) (coupons.Balance, error) {
	const act = "balance"
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	if !isMember(customerID) {
		return coupons.Balance{}, nobody(act)
	}
	held, err := c.held(ctx, act, customerID)
	if err != nil {
		return coupons.Balance{}, err
	}
	return coupons.Balance{Points: held.points, AsOf: c.cfg.Clock().UTC(), PointsExpireOn: held.expireOn}, nil
}

// Find implements coupons.Ledger: Smaregi keeps no reference.
func (c *Client) Find(context.Context, domain.Movement) (coupons.Entry, error) {
	return coupons.Entry{}, failed("find", domain.KindRefused, domain.ReasonUnsupported, nil)
}

// Ping asks whether Smaregi answers and takes our credentials; what it answers does not matter. No member has the id 0.
func (c *Client) Ping(ctx context.Context) error {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	_, err := c.held(ctx, "ping", "0")
	if kind := domain.KindOf(err); err != nil && (kind == domain.KindUnavailable || kind == domain.KindUnknown ||
		kind == domain.KindAuth) {
		return err
	}
	return nil
}

func (c *Client) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.cfg.Timeout)
}

// memberForm is Smaregi's member id (会員ID), which its addresses and answers use. The member code (会員コード), which
// stands on cards and can be changed, is not one.
var memberForm = regexp.MustCompile(`^[1-9][0-9]{0,9}$`)

func isMember(id string) bool { return memberForm.MatchString(id) }

// nobody says of an id that cannot be a member's, without asking, that nobody has it.
func nobody(act string) error {
	return failed(act, domain.KindRefused, domain.ReasonCustomerNotFound, nil)
}
