package shopify

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/upstream"
)

// tokenStore grants numbered tokens and accepts only the newest.
type tokenStore struct {
	mu      sync.Mutex
	grants  int
	calls   int
	valid   string
	life    int // seconds
	down    int // status of the token endpoint, if not 0
	body    string
	latency time.Duration
}

func (s *tokenStore) transport() *stub {
	return &stub{answer: func(r *http.Request, body string) (*http.Response, error) {
		if s.latency > 0 {
			<-time.After(s.latency)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "/admin/oauth/access_token") {
			return s.grant(body), nil
		}
		s.calls++
		if r.Header.Get("X-Shopify-Access-Token") != s.valid {
			return reply(http.StatusUnauthorized, `{"errors":"[API] Invalid API key or access token"}`), nil
		}
		return reply(http.StatusOK, `{"data":{"shop":{"myshopifyDomain":"example-store.myshopify.com"}}}`), nil
	}}
}

func (s *tokenStore) grant(body string) *http.Response {
	if s.down != 0 {
		return reply(s.down, s.body)
	}
	form, err := url.ParseQuery(body)
	if err != nil || form.Get("grant_type") != "client_credentials" || form.Get("client_id") != "id" ||
		form.Get("client_secret") != clientSecret {
		return reply(http.StatusBadRequest, `{"error":"invalid_client"}`)
	}
	s.grants++
	s.valid = fmt.Sprintf("shpat_%d", s.grants)
	return reply(http.StatusOK, fmt.Sprintf(`{"access_token":%q,"scope":"write_discounts","expires_in":%d}`, s.valid,
		s.life))
}

func (s *tokenStore) counts() (grants, calls int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grants, s.calls
}

func credentials(t *testing.T, s *tokenStore) *Client {
	t.Helper()
	cfg := testConfig()
	cfg.AccessToken, cfg.ClientID, cfg.ClientSecret = "", "id", clientSecret
	return newTestClient(t, cfg, s.transport())
}

func TestTokenIsRenewedBeforeItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &tokenStore{life: 86399, latency: 100 * time.Millisecond}
		c := credentials(t, s)
		for range 49 { // two days, once an hour
			began := time.Now()
			wantOutcome(t, c.Ping(t.Context()), "", "")
			if took := time.Since(began); took > 200*time.Millisecond {
				t.Errorf("a call waited %v", took)
			}
			synctest.Wait()
			<-time.After(time.Hour)
		}
		if grants, calls := s.counts(); grants < 2 || grants > 4 || calls > 51 {
			t.Errorf("%d grants, %d calls", grants, calls)
		}
	})
}

func TestTokenNearItsEndHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &tokenStore{life: 3600, latency: time.Second}
		c := credentials(t, s)
		wantOutcome(t, c.Ping(t.Context()), "", "")
		<-time.After(3600*time.Second - 5*time.Minute)
		began := time.Now()
		value, err := c.tokens.get(t.Context())
		if err != nil || value != "shpat_1" || time.Since(began) != 0 {
			t.Errorf("%v %v after %v", value, err, time.Since(began))
		}
		<-time.After(2 * time.Second)
		if value, _ := c.tokens.get(t.Context()); value != "shpat_2" {
			t.Errorf("still %v", value)
		}
	})
}

func TestTokenOneGrantForManyCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &tokenStore{life: 86399, latency: time.Second}
		c := credentials(t, s)
		var wg sync.WaitGroup
		var failed atomic.Int64
		for range 20 {
			wg.Go(func() {
				if _, err := c.tokens.get(t.Context()); err != nil {
					failed.Add(1)
				}
			})
		}
		wg.Wait()
		if grants, _ := s.counts(); grants != 1 || failed.Load() != 0 {
			t.Errorf("%d grants, %d failures", grants, failed.Load())
		}
	})
}

func TestTokenIsRenewedOnceAfter401(t *testing.T) {
	t.Parallel()
	t.Run("revoked: one new token, one more attempt", func(t *testing.T) {
		t.Parallel()
		s := &tokenStore{life: 86399}
		c := credentials(t, s)
		wantOutcome(t, c.Ping(t.Context()), "", "")
		s.mu.Lock()
		s.valid = "revoked"
		s.mu.Unlock()
		wantOutcome(t, c.Ping(t.Context()), "", "")
		if grants, calls := s.counts(); grants != 2 || calls != 3 {
			t.Errorf("%d grants, %d calls", grants, calls)
		}
	})
	t.Run("a fixed token is not tried again", func(t *testing.T) {
		t.Parallel()
		s := &tokenStore{valid: "another"}
		wantOutcome(t, newTestClient(t, testConfig(), s.transport()).Ping(t.Context()), domain.KindAuth, "http_401")
		if grants, calls := s.counts(); grants != 0 || calls != 1 {
			t.Errorf("%d grants, %d calls", grants, calls)
		}
	})
	t.Run("never accepted: two attempts, then an operator has to act", func(t *testing.T) {
		t.Parallel()
		c := credentials(t, &tokenStore{})
		s := &stub{answer: func(r *http.Request, _ string) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "access_token") {
				return reply(200, `{"access_token":"shpat_x","expires_in":60}`), nil
			}
			return reply(401, ``), nil
		}}
		c.http = upstream.New(&http.Client{Transport: s}, answerLimit)
		wantOutcome(t, c.Ping(t.Context()), domain.KindAuth, "http_401")
		if n := len(s.sent()); n != 4 {
			t.Errorf("%d requests, want 2 grants and 2 calls", n)
		}
	})
}

func TestTokenFailuresSendNoCall(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		body   string
		kind   domain.Kind
		reason string
	}{
		"internal error":          {500, ``, domain.KindUnavailable, "token"},
		"away":                    {503, ``, domain.KindUnavailable, "token"},
		"too many":                {429, ``, domain.KindThrottled, "token"},
		"redirect":                {302, ``, domain.KindUnavailable, "token"},
		"wrong credentials":       {400, `{"error":"invalid_client"}`, domain.KindAuth, "token"},
		"no word":                 {400, `<html>Oauth error app_not_installed</html>`, domain.KindAuth, "token"},
		"frozen store":            {402, ``, domain.KindAuth, "token"},
		"no such store":           {404, `{"errors":"Not Found"}`, domain.KindAuth, "token"},
		"locked store":            {423, ``, domain.KindAuth, "token"},
		"security rejection":      {430, ``, domain.KindAuth, "token"},
		"word at the wrong place": {402, `{"error":"app_not_installed"}`, domain.KindAuth, "token"},

		"the app is not accepted": {401, ``, domain.KindAuth, domain.ReasonAppRefused},
		"the app is forbidden":    {403, ``, domain.KindAuth, domain.ReasonAppRefused},
		"the app is not installed": {400, `{"error":"app_not_installed","error_description":"-"}`, domain.KindAuth,
			domain.ReasonAppRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &tokenStore{down: tc.status, body: tc.body}
			wantOutcome(t, credentials(t, s).Ping(t.Context()), tc.kind, tc.reason)
			if _, calls := s.counts(); calls != 0 {
				t.Errorf("%d calls went out", calls)
			}
		})
	}
}

func TestAFixedTokenThatIsRefusedSaysNothingAboutTheApp(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 402, 403, 404, 423, 430} {
		err := newTestClient(t, testConfig(), always(status, ``)).Ping(t.Context())
		wantOutcome(t, err, domain.KindAuth, fmt.Sprintf("http_%d", status))
	}
}

func TestOnlyACallThatWasDoneIsHeard(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		`{"data":{"shop":{"myshopifyDomain":"example-store.myshopify.com"}}}`: 1,
		`{"errors":[{"extensions":{"code":"SHOP_INACTIVE"}}]}`:                0,
		`{}`: 0,
	} {
		var heard atomic.Int64
		cfg := testConfig()
		cfg.Heard = func(time.Time) { heard.Add(1) }
		_ = newTestClient(t, cfg, always(200, body)).Ping(t.Context())
		if heard.Load() != int64(want) {
			t.Errorf("%s is heard %d times", body, heard.Load())
		}
	}
}

func TestTokenRenewalFailureLeavesTheOldTokenInUse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &tokenStore{life: 3600}
		c := credentials(t, s)
		wantOutcome(t, c.Ping(t.Context()), "", "")
		s.mu.Lock()
		s.down = 500
		s.mu.Unlock()
		<-time.After(3600*time.Second - time.Minute)
		wantOutcome(t, c.Ping(t.Context()), "", "")
		synctest.Wait()
		<-time.After(2 * time.Minute)
		wantOutcome(t, c.Ping(t.Context()), domain.KindUnavailable, "token")
	})
}
