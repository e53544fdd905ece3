package smaregi_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/pos/smaregi"
	"pointbridge/test/expect"
)

// lock is a Smaregi that takes one token, counts what it is asked for, and lets tests change its mind.
type lock struct {
	tokens, calls atomic.Int64
	taken         atomic.Value // the token that is taken now
	grant         func(n int64) (int, string)
	during        func() // while a token is asked for
	answer        string
}

func (l *lock) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if strings.HasSuffix(r.URL.Path, "/token") {
		if l.during != nil {
			l.during()
		}
		status, body := l.grant(l.tokens.Add(1))
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
		return
	}
	l.calls.Add(1)
	if r.Header.Get("Authorization") != "Bearer "+l.taken.Load().(string) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	_, _ = w.Write([]byte(l.answer))
}

const balanceOf = `[{"customerId":"` + taro + `","point":"1250"}]`

// numbered grants token1, token2 and so on, each for an hour, and takes the latest.
func numbered() *lock {
	l := &lock{answer: balanceOf}
	l.taken.Store("")
	l.grant = func(n int64) (int, string) {
		l.taken.Store("token" + strconv.FormatInt(n, 10))
		return 200, `{"access_token":"token` + strconv.FormatInt(n, 10) + `","token_type":"Bearer","expires_in":3600}`
	}
	return l
}

func (l *lock) counts(t *testing.T, tokens, calls int64) {
	t.Helper()
	expect.Equal(t, "requests for a token", l.tokens.Load(), tokens)
	expect.Equal(t, "calls", l.calls.Load(), calls)
}

// moving is a clock that tests move.
type moving struct {
	mu sync.Mutex
	at time.Time
}

func (m *moving) Now() time.Time { m.mu.Lock(); defer m.mu.Unlock(); return m.at }

func (m *moving) pass(d time.Duration) { m.mu.Lock(); defer m.mu.Unlock(); m.at = m.at.Add(d) }

func TestTokens_OneServesUntilItNearsItsEnd(t *testing.T) {
	t.Parallel()
	l, clock := numbered(), &moving{at: now}
	c := client(t, l, func(cfg *smaregi.Config) { cfg.Clock = clock.Now })
	for range 3 {
		clock.pass(10 * time.Minute)
		_, err := c.Balance(t.Context(), taro)
		expect.MustEqual(t, "err", err, nil)
	}
	l.counts(t, 1, 3)
	clock.pass(36 * time.Minute) // an hour less four minutes after it was asked for
	_, err := c.Balance(t.Context(), taro)
	expect.MustEqual(t, "err", err, nil)
	l.counts(t, 2, 4)
}

// However many callers need a token, one asks for it.
func TestTokens_OneCallerAsksForAll(t *testing.T) {
	t.Parallel()
	l := numbered()
	together, arrived := make(chan struct{}), atomic.Int64{}
	l.during = func() { <-together }
	c := client(t, l)
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if arrived.Add(1) == 20 {
				close(together)
			}
			if _, err := c.Balance(t.Context(), taro); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	l.counts(t, 1, 20)
}

// A caller who gives up leaves the others their token.
func TestTokens_WhoGivesUpTakesNobodyAlong(t *testing.T) {
	t.Parallel()
	l := numbered()
	asked, goOn := make(chan struct{}), make(chan struct{})
	l.during = func() { close(asked); <-goOn }
	c := client(t, l)
	ctx, giveUp := contextOf(t)
	first := make(chan error, 1)
	go func() { _, err := c.Balance(ctx, taro); first <- err }()
	<-asked
	giveUp()
	expect.Equal(t, "domain.KindOf(err)", domain.KindOf(<-first), domain.KindUnavailable)
	close(goOn)
	_, err := c.Balance(t.Context(), taro)
	expect.MustEqual(t, "err", err, nil)
	l.counts(t, 1, 1)
}

// A token that is not taken says that nothing was booked: the call is made once more under a new one, and only once.
func TestTokens_Renewals(t *testing.T) {
	t.Parallel()
	t.Run("once", func(t *testing.T) {
		t.Parallel()
		l := numbered()
		c := client(t, l)
		_, err := c.Balance(t.Context(), taro)
		expect.MustEqual(t, "err", err, nil)
		l.taken.Store("somebody else's") // ours was revoked; the next grant is taken again
		_, err = c.Balance(t.Context(), taro)
		expect.MustEqual(t, "err", err, nil)
		l.counts(t, 2, 3)
	})
	t.Run("all callers under one new token", func(t *testing.T) {
		t.Parallel()
		l := numbered()
		c := client(t, l)
		_, err := c.Balance(t.Context(), taro)
		expect.MustEqual(t, "err", err, nil)
		l.taken.Store("none")
		var wait sync.WaitGroup
		for range 10 {
			wait.Go(func() {
				if _, err := c.Balance(t.Context(), taro); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		expect.Equal(t, "requests for a token", l.tokens.Load(), 2)
	})
	t.Run("not twice", func(t *testing.T) {
		t.Parallel()
		l := numbered()
		l.grant = func(int64) (int, string) { return 200, `{"access_token":"never"}` }
		_, err := client(t, l).Deduct(t.Context(), take())
		refused(t, err, domain.KindAuth, "", 0)
		l.counts(t, 2, 2)
	})
	t.Run("no grant", func(t *testing.T) {
		t.Parallel()
		refusing := readGolden(t, "token_refused")
		_, err := client(t, refusing).Deduct(t.Context(), take())
		refused(t, err, domain.KindAuth, "token", 0)
	})
	t.Run("documented", func(t *testing.T) {
		t.Parallel()
		got, err := client(t, answers(t, "unauthorized", "deduct")).Deduct(t.Context(), take())
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "got.ID", got.ID, "1001")
	})
}

// Whatever happens at the token's address, the call itself was not sent: never unknown, never refused.
func TestTokens_OddGrants(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   domain.Kind
	}{
		"400":                    {400, `{"error":"invalid_scope"}`, domain.KindAuth},
		"403":                    {403, "", domain.KindAuth},
		"404, no such contract":  {404, "", domain.KindAuth},
		"429":                    {429, "", domain.KindThrottled},
		"500":                    {500, "", domain.KindUnavailable},
		"302":                    {302, "", domain.KindUnavailable},
		"a page":                 {200, "<html>", domain.KindUnavailable},
		"nothing":                {200, "", domain.KindUnavailable},
		"no token":               {200, `{"expires_in":3600}`, domain.KindUnavailable},
		"a token of two words":   {200, `{"access_token":"a b"}`, domain.KindUnavailable},
		"a token of two lines":   {200, `{"access_token":"a\r\nX: y"}`, domain.KindUnavailable},
		"another kind of token":  {200, `{"access_token":"a","token_type":"mac"}`, domain.KindUnavailable},
		"a life below zero":      {200, `{"access_token":"a","expires_in":-1}`, domain.KindUnavailable},
		"a life that is no time": {200, `{"access_token":"a","expires_in":"soon"}`, domain.KindUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := numbered()
			l.grant = func(int64) (int, string) { return c.status, c.body }
			_, err := client(t, l).Deduct(t.Context(), take())
			expect.MustThat(t, "err != nil", err != nil)
			expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), c.want, err)
			tellsNothing(t, err)
			l.counts(t, 1, 0)
		})
	}
	t.Run("nobody is there", func(t *testing.T) {
		t.Parallel()
		gone := httptest.NewServer(http.NotFoundHandler())
		gone.Close()
		c := client(t, numbered(), func(cfg *smaregi.Config) { cfg.TokenURL = gone.URL })
		_, err := c.Deduct(t.Context(), take())
		expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnavailable, err)
	})
}
