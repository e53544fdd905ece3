package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pointbridge/api/pages"
	"pointbridge/domain"
)

// covers: H-20
func TestRequestLimit(t *testing.T) {
	t.Parallel()
	const mine, theirs = "/v1/customers/" + yamada + "/points", "/v1/customers/" + suzuki + "/points"
	t.Run("the 61st request in a minute gives 429 with Retry-After, and another customer is not affected",
		func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			for range 60 {
				s.call(domain.RolePOS, http.MethodGet, mine, "").want(t, 200, "")
				s.clock.Advance(500 * time.Millisecond)
			}
			got := s.call(domain.RolePOS, http.MethodGet, mine, "").want(t, 429, domain.CodeRateLimited)
			if got.header.Get("Retry-After") != "30" {
				t.Errorf("Retry-After is %s", got.header.Get("Retry-After"))
			}
			if s.service.called() != 60 {
				t.Errorf("the service was called %d times", s.service.called())
			}
			s.call(domain.RolePOS, http.MethodGet, theirs, "").want(t, 200, "")
			s.call(domain.RoleCustomer, http.MethodGet, mine, "").want(t, 200, "")
			s.clock.Advance(30 * time.Second)
			s.call(domain.RolePOS, http.MethodGet, mine, "").want(t, 200, "")
		})
	t.Run("all calls about a customer count together, refused input included", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, func(d *Deps) { d.Limits.PerCustomer = 3 })
		s.call(domain.RoleCustomer, http.MethodGet, "/v1/customers/me/points", "").want(t, 200, "")
		s.call(domain.RoleCustomer, http.MethodGet, mine, "").want(t, 200, "")
		s.call(domain.RoleCustomer, http.MethodPost, conversions, `{"points":"x"}`, keyed("k")).want(t, 422,
			domain.CodeValidation)
		s.call(domain.RoleCustomer, http.MethodPost, conversions, `{"points":500}`, keyed("k")).want(t, 429,
			domain.CodeRateLimited)
	})
}

func TestFailedSignInLimit(t *testing.T) {
	t.Parallel()
	forged := header("Authorization", "Bearer pb_0123456789ab_0123456789012345678901234567890123456789012")
	t.Run("too many wrong keys of one address are told to wait, and those of another are not", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, func(d *Deps) { d.Limits.FailedSignIns = 3 })
		for range 3 {
			s.call("", http.MethodGet, "/v1/coupons", "", forged).want(t, 401, domain.CodeUnauthenticated)
		}
		got := s.call("", http.MethodGet, "/v1/coupons", "", forged).want(t, 429, domain.CodeRateLimited)
		if got.header.Get("Retry-After") != "60" {
			t.Errorf("Retry-After %s", got.header.Get("Retry-After"))
		}
		s.call("", http.MethodGet, "/v1/coupons", "", forged, from("198.51.100.7")).want(t, 401,
			domain.CodeUnauthenticated)
		s.call("", http.MethodGet, "/v1/coupons", "").want(t, 401, domain.CodeUnauthenticated)
		s.clock.Advance(time.Minute)
		s.call("", http.MethodGet, "/v1/coupons", "", forged).want(t, 401, domain.CodeUnauthenticated)
	})
	t.Run("a right key is let in at such an address although it was never seen before, a person's token and session too", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, func(d *Deps) { d.Limits.FailedSignIns = 3 })
		person, token := s.person(domain.RoleStaff)
		session := s.session(person)
		for range 10 {
			s.call("", http.MethodGet, "/v1/coupons", "", forged)
		}
		for _, role := range []domain.Role{domain.RoleStaff, domain.RoleStoreManager, domain.RoleSystemAdmin} {
			s.call(role, http.MethodGet, "/v1/coupons", "").want(t, 200, "")
		}
		for _, credential := range []string{token, session} {
			s.call("", http.MethodGet, "/v1/coupons", "", as(credential)).want(t, 200, "")
		}
	})
	t.Run("a wrong secret behind a prefix that exists is answered like one behind a prefix that does not",
		func(t *testing.T) {
			t.Parallel()
			s := newShop(t, func(d *Deps) { d.Limits.FailedSignIns = 3 })
			right := s.tokens[domain.RoleStaff]
			wrong := header("Authorization", "Bearer "+right[:len(right)-4]+"AAAA")
			for i := range 6 {
				one := s.call("", http.MethodGet, "/v1/coupons", "", wrong, from("198.51.100.1"))
				other := s.call("", http.MethodGet, "/v1/coupons", "", forged, from("198.51.100.2"))
				if one.status != other.status || one.header.Get("Retry-After") != other.header.Get("Retry-After") ||
					one.raw != other.raw {
					t.Errorf("attempt %d: %d and %d", i, one.status, other.status)
				}
			}
			s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons", "", from("198.51.100.1")).want(t, 200, "")
		})
	t.Run("keys are looked up a few at a time for such an address, and a right one waits its turn", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, func(d *Deps) { d.Limits.FailedSignIns = 1 })
		s.call("", http.MethodGet, "/v1/coupons", "", forged).want(t, 401, domain.CodeUnauthenticated)
		for range doubtfulAtOnce {
			s.api.signIn.doubtful <- struct{}{}
		}
		in := make(chan int)
		go func() { in <- s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons", "").status }()
		s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons", "", from("198.51.100.7")).want(t, 200, "")
		<-s.api.signIn.doubtful
		if status := <-in; status != http.StatusOK {
			t.Errorf("the right key was answered with %d", status)
		}
	})
}

func TestAProxyThatNobodyBelievesIsTold(t *testing.T) {
	t.Parallel()
	const told = "a proxy is not believed"
	forwarded := header("X-Forwarded-For", "203.0.113.1")
	count := func(s *shop) (n int) {
		for _, line := range s.log.lines() {
			if line["msg"] == told && line["level"] == "WARN" {
				n++
			}
		}
		return n
	}
	missing := func(s *shop) string {
		return s.call("", http.MethodGet, "/readyz", "").want(t, 200, "").raw
	}
	t.Run("once an hour in the log, and at /readyz for an hour", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		if strings.Contains(missing(s), "TRUSTED_PROXIES") || count(s) != 0 {
			t.Error("it is told of nothing")
		}
		for range 3 {
			s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons", "", forwarded).want(t, 200, "")
		}
		if !strings.Contains(missing(s), "TRUSTED_PROXIES") || count(s) != 1 {
			t.Errorf("%s, told %d times", missing(s), count(s))
		}
		s.clock.Advance(time.Hour)
		if strings.Contains(missing(s), "TRUSTED_PROXIES") {
			t.Error("it is told after an hour in which none came")
		}
		s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons", "", forwarded).want(t, 200, "")
		if count(s) != 2 {
			t.Errorf("told %d times", count(s))
		}
	})
	t.Run("not where proxies are named, and not because of what Shopify sends", func(t *testing.T) {
		t.Parallel()
		named := newShop(t, func(d *Deps) { d.TrustedProxies = []string{"192.0.2.0/24"} })
		named.call(domain.RoleStaff, http.MethodGet, "/v1/coupons", "", forwarded).want(t, 200, "")
		bare := newShop(t)
		bare.call("", http.MethodGet, "/proxy/v1/customers/me/points", "", forwarded)
		for _, s := range []*shop{named, bare} {
			if count(s) != 0 || strings.Contains(missing(s), "TRUSTED_PROXIES") {
				t.Errorf("it is told: %s", missing(s))
			}
		}
	})
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"192.0.2.1": "192.0.2.1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"fe80::1%eth0": "fe80::/64", "::ffff:192.0.2.1": "::ffff:192.0.2.1", "": "", "pipe": "pipe"} {
		if got := network(address); got != want {
			t.Errorf("%q counts as %q, want %q", address, got, want)
		}
	}
	forged := header("Authorization", "Bearer pb_0123456789ab_0123456789012345678901234567890123456789012")
	claimed := func(i int) request { return header("X-Forwarded-For", "203.0.113."+strconv.Itoa(i)) }
	t.Run("nobody is believed who claims another address", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, func(d *Deps) { d.Limits.FailedSignIns = 1 })
		s.call("", http.MethodGet, "/v1/coupons", "", forged, claimed(1)).want(t, 401, "")
		s.call("", http.MethodGet, "/v1/coupons", "", forged, claimed(2)).want(t, 429, "")
	})
	t.Run("a trusted proxy is", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, func(d *Deps) { d.Limits.FailedSignIns = 1; d.TrustedProxies = []string{"192.0.2.0/24"} })
		s.call("", http.MethodGet, "/v1/coupons", "", forged, claimed(1)).want(t, 401, "")
		s.call("", http.MethodGet, "/v1/coupons", "", forged, claimed(2)).want(t, 401, "")
	})
	t.Run("a header that the proxy does not write is the client's own", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, func(d *Deps) { d.Limits.FailedSignIns = 1; d.TrustedProxies = []string{"192.0.2.0/24"} })
		s.call("", http.MethodGet, "/v1/coupons", "", forged, header("X-Real-IP", "203.0.113.1")).want(t, 401, "")
		s.call("", http.MethodGet, "/v1/coupons", "", forged, header("X-Real-IP", "203.0.113.2")).want(t, 429, "")
	})
	if _, err := New(Deps{Shared: pages.Shared{Locale: "ja"}, TrustedProxies: []string{"the proxy"}}); err == nil {
		t.Error("a proxy address that is none was accepted")
	}
}

// TestLimiterNeverLetsMoreThrough compares with a count of everything that was ever let through.
func TestLimiterNeverLetsMoreThrough(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		l, now := newLimiter(limit, time.Second), time.Unix(1_700_000_000, 0)
		var passed []time.Time
		for range 40 {
			now = now.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "pause")) * time.Millisecond)
			recent := 0
			for _, at := range passed {
				if now.Sub(at) < time.Second {
					recent++
				}
			}
			wait, ok := l.take("k", now)
			if ok != (recent < limit) {
				t.Fatalf("%d of %d in the last second: %v", recent, limit, ok)
			}
			if ok {
				passed = append(passed, now)
				continue
			}
			if _, early := newestOf(l).take("k", now.Add(wait-1)); early {
				t.Fatalf("there was room before %s were over", wait)
			}
			if _, ok := newestOf(l).take("k", now.Add(wait)); !ok {
				t.Fatalf("there is no room after %s", wait)
			}
		}
	})
}

// newestOf copies a limiter's one line, so that a question does not count.
func newestOf(l *limiter) *limiter {
	twin := newLimiter(l.limit, l.window)
	entry, _ := l.lines["k"].Value.(*line)
	twin.line("k").marks = append([]int64(nil), entry.marks...)
	return twin
}

func TestLimiterMemoryIsBounded(t *testing.T) {
	t.Parallel()
	l, now := newLimiter(2, time.Minute), time.Unix(1_700_000_000, 0)
	l.take("first", now)
	for i := range limiterLines + 50 {
		l.take("busy", now.Add(time.Duration(i)))
		l.take(fmt.Sprint(i), now)
	}
	if len(l.lines) != limiterLines || l.order.Len() != limiterLines {
		t.Errorf("%d keys are remembered", len(l.lines))
	}
	if _, ok := l.take("busy", now); ok {
		t.Error("a busy key was forgotten before a quiet one")
	}
	if l.full("first", now) != 0 || l.lines["first"] != nil {
		t.Error("the quietest key was not forgotten")
	}
}

func TestLimiterWithManyAtOnce(t *testing.T) {
	t.Parallel()
	l, now := newLimiter(60, time.Minute), time.Unix(1_700_000_000, 0)
	var passed atomic.Int64
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			if _, ok := l.take("k", now); ok {
				passed.Add(1)
			}
		})
	}
	all.Wait()
	if passed.Load() != 60 {
		t.Errorf("%d of 200 passed", passed.Load())
	}
}

func TestKeyCacheIsBounded(t *testing.T) {
	t.Parallel()
	keys := &fakeKeys{rows: map[string]domain.APIKey{}}
	s := newSignIn(keys, nil, time.Now, newLimiter(1, time.Minute), slog.New(slog.DiscardHandler))
	for i := range 3 * keysMax {
		s.remember(strconv.Itoa(i), cachedKey{})
	}
	if len(s.cache) > keysMax {
		t.Errorf("%d keys are kept", len(s.cache))
	}
}
