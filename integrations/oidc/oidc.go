// Package oidc is sign-in by an identity provider: OpenID Connect's authorization code flow with PKCE. It proves who
// came back; what that person may do is the domain's business.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/upstream"
)

const (
	// DefaultTimeout bounds everything one step asks of the provider.
	DefaultTimeout = 10 * time.Second
	// believed is how long the provider's description of itself is believed.
	believed = time.Hour
	// again is how long a provider that did not describe itself is not asked again, whoever wants to sign in.
	again = 5 * time.Second
)

// Config says which provider, and what this service is there. All of it is needed unless its comment says otherwise.
type Config struct {
	Issuer, ClientID, ClientSecret string
	// Scopes are what is asked for; "openid" is always.
	Scopes []string
	// RoleClaim is the claim that gives roles: a name, or names joined by dots that lead into it.
	RoleClaim string
	// TrustEmail takes mail addresses that the provider does not vouch for, for providers that never say.
	TrustEmail bool
	// ReturnURL is where the provider sends browsers after a sign-in, LeftURL after a sign-out.
	ReturnURL, LeftURL string
	// Timeout is DefaultTimeout when zero.
	Timeout time.Duration
	Now     func() time.Time
	// Transport carries the calls.
	Transport http.RoundTripper
}

// Client speaks with one provider. It implements staff.IdentityProvider.
type Client struct {
	cfg  Config
	http *http.Client

	// asking lets one ask at a time for the description; mu guards what is known of it.
	asking chan struct{}
	mu     sync.Mutex
	known  *described
	failed error
	until  time.Time // when a failure is over
}

var _ staff.IdentityProvider = (*Client)(nil)

// described is what the provider says of itself.
type described struct {
	provider *oidc.Provider
	oauth    oauth2.Config
	until    time.Time
	// leave is where browsers sign out, if anywhere; namesItself tells that every answer names the issuer.
	leave       string
	namesItself bool
}

// New makes a client. It asks nobody: a provider that does not answer keeps no service from starting.
func New(cfg Config) *Client {
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	return &Client{
		cfg:    cfg,
		asking: make(chan struct{}, 1),
		http:   upstream.For(secret{cfg.Transport}, maxAnswer, cfg.Timeout),
	}
}

// Address implements staff.IdentityProvider.
func (c *Client) Address(ctx context.Context, p staff.Binding) (string, error) {
	d, err := c.describe(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(p.Nonce), oauth2.S256ChallengeOption(p.Verifier)}
	if p.Again {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"))
	}
	return d.oauth.AuthCodeURL(p.State, options...), nil
}

// LeaveAddress implements staff.IdentityProvider. No token goes with it: the address would tell what the token holds.
func (c *Client) LeaveAddress(ctx context.Context) string {
	d, err := c.describe(ctx)
	if err != nil || d.leave == "" {
		return ""
	}
	to, err := url.Parse(d.leave)
	if err != nil {
		return ""
	}
	query := to.Query()
	query.Set("client_id", c.cfg.ClientID)
	query.Set("post_logout_redirect_uri", c.cfg.LeftURL)
	to.RawQuery = query.Encode()
	return to.String()
}

// SpeaksFor implements staff.IdentityProvider (RFC 9207).
func (c *Client) SpeaksFor(ctx context.Context, issuer string) (bool, error) {
	d, err := c.describe(ctx)
	if err != nil {
		return false, err
	}
	return issuer == c.cfg.Issuer || (issuer == "" && !d.namesItself), nil
}

// describe returns what the provider says of itself, and asks when that is too long ago. Everybody can ask for it, so
// the provider is asked by one at a time, and not again at once when it does not answer.
func (c *Client) describe(ctx context.Context) (*described, error) {
	if known, err := c.remembered(); known != nil || err != nil {
		return known, err
	}
	select {
	case c.asking <- struct{}{}:
	case <-ctx.Done():
		return nil, unavailable("describe itself", ctx.Err())
	}
	defer func() { <-c.asking }()
	if known, err := c.remembered(); known != nil || err != nil {
		return known, err
	}
	found, err := c.discover(ctx)
	if err != nil {
		err = unavailable("describe itself", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known, c.failed, c.until = found, err, c.cfg.Now().Add(again)
	return found, err
}

// remembered is the description, or the failure to get it, as long as either counts.
func (c *Client) remembered() (*described, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.cfg.Now()
	if c.known != nil && now.Before(c.known.until) {
		return c.known, nil
	}
	if c.failed != nil && now.Before(c.until) {
		return nil, c.failed
	}
	return nil, nil
}

func (c *Client) discover(ctx context.Context) (*described, error) {
	// The keys are read later, by whoever needs them first: the context must not end with this request.
	provider, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), c.http), c.cfg.Issuer)
	if err != nil {
		return nil, err
	}
	var more struct {
		Leave       string `json:"end_session_endpoint"`
		NamesItself bool   `json:"authorization_response_iss_parameter_supported"`
		// Methods are how a client may show its secret; the first of the two is what is meant when nothing is said.
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := provider.Claims(&more); err != nil {
		return nil, err
	}
	endpoint := provider.Endpoint()
	// The way is chosen here: whoever tries both sends a code twice, and a code that comes twice is a stolen one.
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if len(more.Methods) > 0 && !slices.Contains(more.Methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	for name, address := range map[string]string{"authorization": endpoint.AuthURL, "token": endpoint.TokenURL,
		"end_session": more.Leave} {
		if address == "" && name == "end_session" {
			continue
		}
		if u, err := url.Parse(address); err != nil || !private(u) {
			return nil, fmt.Errorf("the %s endpoint is neither https nor on this machine", name)
		}
	}
	return &described{
		provider:    provider,
		until:       c.cfg.Now().Add(believed),
		leave:       more.Leave,
		namesItself: more.NamesItself,
		oauth: oauth2.Config{ClientID: c.cfg.ClientID, ClientSecret: c.cfg.ClientSecret, Endpoint: endpoint,
			RedirectURL: c.cfg.ReturnURL, Scopes: c.scopes()},
	}, nil
}

func (c *Client) scopes() []string {
	scopes := []string{oidc.ScopeOpenID}
	for _, scope := range c.cfg.Scopes {
		if scope != oidc.ScopeOpenID {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// unavailable is for a provider that did not say: nothing is known, and nothing has changed.
func unavailable(what string, err error) error {
	return &domain.Error{
		Code: domain.CodeUpstreamUnavailable,
		Err:  fmt.Errorf("the identity provider did not %s: %w", what, cause(err)),
	}
}

// invalid is for an answer that proves nobody.
func invalid(err error) error {
	refused := domain.Refuse(domain.CodeIdentityRefused, "reason", staff.ReasonInvalid)
	refused.Err = cause(err)
	return refused
}

// cause is what may stand in a log: not the address, in which codes could be, and of the provider's own words a few.
func cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return errors.New(plain(err.Error()))
}
