package smaregi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"pointbridge/domain"
	"pointbridge/integrations/upstream"
)

const (
	// scopes is what the app needs: members and their points, and the transactions that moved them.
	scopes = "pos.customers:read pos.customers:write pos.transactions:read"
	// renewBefore is how long before its end a token is renewed; a short-lived one at nine tenths of its life.
	renewBefore = 5 * time.Minute
	// longestLife bounds what a grant says, so that it fits a duration.
	longestLife = 90 * 24 * time.Hour
	mostToken   = 8 << 10
)

// tokens hands out the access token of the app (client credentials), which is asked for again when it nears its end,
// by one caller for all.
type tokens struct {
	cfg    Config
	url    string
	http   *upstream.Client
	limits *limits
	group  singleflight.Group

	mu    sync.Mutex
	value string
	renew time.Time // from here on a new one is asked for; zero: its life was not told
}

func newTokens(cfg Config, at *url.URL, client *upstream.Client, l *limits) *tokens {
	return &tokens{cfg: cfg, url: at.String(), http: client, limits: l}
}

// get returns a token that is good now. Errors: KindAuth, KindThrottled, KindUnavailable; never KindUnknown, because
// the call that needs it was not sent.
func (t *tokens) get(ctx context.Context, act string) (string, error) {
	if value := t.current(); value != "" {
		return value, nil
	}
	// The renewal serves everybody, so it does not end with the caller who happened to start it.
	done := t.group.DoChan("", func() (any, error) {
		if value := t.current(); value != "" { // somebody renewed it while this caller looked
			return value, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.cfg.Timeout)
		defer cancel()
		return t.fetch(ctx)
	})
	select {
	case got := <-done:
		if got.Err != nil {
			return "", forCall(act, got.Err)
		}
		return got.Val.(string), nil
	case <-ctx.Done():
		return "", failed(act, domain.KindUnavailable, "token", ctx.Err())
	}
}

func (t *tokens) current() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.renew.IsZero() && !t.cfg.Clock().Before(t.renew) {
		return ""
	}
	return t.value
}

// drop forgets a token that was not taken, unless it has been replaced meanwhile.
func (t *tokens) drop(value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.value == value {
		t.value, t.renew = "", time.Time{}
	}
}

func (t *tokens) fetch(ctx context.Context) (string, error) {
	const act = "token"
	if err := t.limits.turn(ctx, act, write); err != nil {
		return "", err
	}
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {scopes}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, strings.NewReader(form.Encode()))
	if err != nil {
		return "", failed(act, domain.KindUnavailable, "", errors.New("the request cannot be made"))
	}
	req.SetBasicAuth(t.cfg.ClientID, t.cfg.ClientSecret)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	asked := t.cfg.Clock()
	got, err := t.http.Do(req)
	if err != nil {
		return "", failed(act, domain.KindUnavailable, "", err)
	}
	if got.Status != http.StatusOK {
		return "", t.noGrant(got)
	}
	value, life, ok := readGrant(got.Body)
	if !ok {
		return "", failed(act, domain.KindUnavailable, "nonsense", nil)
	}
	t.keep(value, asked, life)
	return value, nil
}

// noGrant reads an answer that grants nothing: credentials that are not taken are an operator's to look at, and
// everything else may pass.
func (t *tokens) noGrant(got upstream.Answer) error {
	e := failed("token", domain.KindUnavailable, "", nil)
	e.RetryAfter = got.RetryAfter(t.cfg.Clock())
	switch got.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		e.Kind = domain.KindAuth
	case http.StatusTooManyRequests:
		e.Kind, e.Reason = domain.KindThrottled, "rate_limited"
		t.limits.pause(write, e.RetryAfter)
	}
	return e
}

// readGrant reads a token that can stand in a header, and its life, zero when it is not told.
func readGrant(body []byte) (value string, life time.Duration, ok bool) {
	var grant struct {
		AccessToken string  `json:"access_token"`
		TokenType   string  `json:"token_type"`
		ExpiresIn   float64 `json:"expires_in"` // seconds
	}
	if json.Unmarshal(body, &grant) != nil || grant.AccessToken == "" || len(grant.AccessToken) > mostToken ||
		(grant.TokenType != "" && !strings.EqualFold(grant.TokenType, "Bearer")) || grant.ExpiresIn < 0 {
		return "", 0, false
	}
	for _, c := range []byte(grant.AccessToken) {
		if c <= ' ' || c > '~' {
			return "", 0, false
		}
	}
	return grant.AccessToken, time.Duration(min(grant.ExpiresIn, longestLife.Seconds()) * float64(time.Second)), true
}

func (t *tokens) keep(value string, asked time.Time, life time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.value, t.renew = value, time.Time{}
	if life > 0 {
		t.renew = asked.Add(life - min(renewBefore, life/10))
	}
}

// forCall is what a failed renewal means for a call: an error of its own, because callers share the renewal.
func forCall(act string, err error) error {
	e := failed(act, domain.KindUnavailable, "token", err)
	e.RetryAfter = domain.RetryAfterOf(err)
	if kind := domain.KindOf(err); kind == domain.KindAuth || kind == domain.KindThrottled {
		e.Kind = kind
	}
	return e
}
