package shopify

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
)

const (
	// renewBefore is how long before its end a token is renewed; a short-lived one at nine tenths of its life.
	renewBefore = 10 * time.Minute
	// renewAgain is how long a failed renewal rests while the old token is still good.
	renewAgain = 15 * time.Second
	// longestLife bounds what the grant says, so that it fits a duration.
	longestLife = 90 * 24 * time.Hour
)

// tokens hands out the access token: a fixed one, or one from the client-credentials grant, which lives about a day
// and has no refresh token: it is asked for again (shopify.dev, "Using the client credentials grant").
type tokens struct {
	fixed string
	url   string
	form  string
	core  *core
	group singleflight.Group

	mu    sync.Mutex
	value string
	renew time.Time // from here on a new one is asked for
	end   time.Time // zero: not told
}

func newTokens(cfg Config, base string, c *core) *tokens {
	form := url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {cfg.ClientID},
		"client_secret": {cfg.ClientSecret},
	}
	return &tokens{fixed: cfg.AccessToken, url: base + "/admin/oauth/access_token", form: form.Encode(), core: c}
}

func (t *tokens) renewable() bool { return t.fixed == "" }

// get returns a token that is good now. Near its end one caller renews it while the others go on with the old one.
// Errors: KindAuth, KindThrottled, KindUnavailable; never KindUnknown, because the call itself was not sent.
func (t *tokens) get(ctx context.Context) (string, error) {
	if t.fixed != "" {
		return t.fixed, nil
	}
	value, fresh := t.current()
	if fresh {
		return value, nil
	}
	// The renewal serves everybody, so it does not end with the caller who happened to start it.
	done := t.group.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.core.timeout)
		defer cancel()
		value, err := t.fetch(ctx)
		if err != nil {
			t.postpone()
		}
		return value, err
	})
	if value != "" {
		return value, nil
	}
	select {
	case got := <-done:
		if got.Err != nil {
			return "", copyOf(got.Err)
		}
		return got.Val.(string), nil
	case <-ctx.Done():
		return "", &domain.UpstreamError{Kind: domain.KindUnavailable, Reason: "token", Err: ctx.Err()}
	}
}

// current returns the token if it has not ended, and whether it need not be renewed yet.
func (t *tokens) current() (value string, fresh bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.core.clock.Now()
	if t.value == "" || !t.end.IsZero() && !now.Before(t.end) {
		return "", false
	}
	return t.value, t.end.IsZero() || now.Before(t.renew)
}

// drop forgets a token that Shopify did not accept, unless it has been replaced meanwhile.
func (t *tokens) drop(value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.value == value {
		t.value = ""
	}
}

func (t *tokens) fetch(ctx context.Context) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, strings.NewReader(t.form))
	if err != nil {
		return "", tokenError(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	asked := t.core.clock.Now()
	got, err := t.core.exchange(r)
	if err != nil {
		return "", tokenError(err)
	}
	if got.Status != http.StatusOK {
		return "", got.noGrant(asked)
	}
	var grant struct {
		AccessToken string  `json:"access_token"`
		ExpiresIn   float64 `json:"expires_in"` // seconds
	}
	if json.Unmarshal(got.Body, &grant) != nil || grant.AccessToken == "" {
		return "", tokenError(broken(errors.New("the grant has no token")))
	}
	t.keep(grant.AccessToken, asked, life(grant.ExpiresIn))
	t.core.log.Debug("shopify token renewed", "seconds", grant.ExpiresIn)
	return grant.AccessToken, nil
}

func life(seconds float64) time.Duration {
	if !(seconds > 0) {
		return 0
	}
	return time.Duration(min(seconds, longestLife.Seconds()) * float64(time.Second))
}

func (t *tokens) postpone() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.renew = t.core.clock.Now().Add(renewAgain)
}

func (t *tokens) keep(value string, asked time.Time, life time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.value, t.renew, t.end = value, time.Time{}, time.Time{}
	if life > 0 {
		t.end = asked.Add(life)
		t.renew = t.end.Add(-min(renewBefore, life/10))
	}
}

// notInstalled is Shopify's word, at the token endpoint alone and with status 400, for an app that its shop has
// removed.
const notInstalled = "app_not_installed"

// noGrant reads an answer of the token endpoint that is not 200. Only that the app itself is not accepted there says
// something about the app: 401, 403, or Shopify's own word for it. Wrong credentials (400, "invalid_client") are a
// setting's fault, and a frozen or locked store may thaw.
func (a answer) noGrant(asked time.Time) error {
	err := tokenError(a.refusal(asked))
	var said struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(a.Body, &said) // an answer without a word has none
	if a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden ||
		a.Status == http.StatusBadRequest && said.Error == notInstalled {
		err.Reason = domain.ReasonAppRefused
	}
	return err
}

// tokenError says what a failed renewal means for the call that needed it: whatever happened at the token endpoint,
// the call was not sent.
func tokenError(err error) *domain.UpstreamError {
	out := &domain.UpstreamError{Kind: domain.KindUnavailable, Reason: "token", RetryAfter: domain.RetryAfterOf(err),
		Err: err}
	var up *domain.UpstreamError
	if errors.As(err, &up) {
		up.Upstream, up.Act = "shopify", "token"
	}
	switch domain.KindOf(err) {
	case domain.KindThrottled:
		out.Kind = domain.KindThrottled
	case domain.KindAuth, domain.KindRefused:
		out.Kind = domain.KindAuth
	}
	return out
}

// copyOf keeps callers who share one failed renewal from writing into each other's error.
func copyOf(err error) error {
	var up *domain.UpstreamError
	if !errors.As(err, &up) {
		return err
	}
	own := *up
	return &own
}
