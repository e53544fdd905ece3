package identity

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// TestAnotherKeyIsNoticedBeforeItRecognisesNobody: as long as there are no digests any key will do; then a start with
// another one is refused, one with a newer key behind the old one is not, and people are recognised before, during and
// after the rotation.
func TestAnotherKeyIsNoticedBeforeItRecognisesNobody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db, medium)
		newer := strings.Repeat("another key of digests ", 2)
		with := func(change func(*app.Config)) app.Config {
			cfg := s.App.Config
			change(&cfg)
			return cfg
		}
		other := with(func(c *app.Config) { c.IdentityKey = app.Secret(newer) })
		wrapped := with(func(c *app.Config) {
			c.IdentityKey, c.IdentityKeyOld = app.Secret(newer), []app.Secret{c.SecretKey}
		})
		for name, cfg := range map[string]app.Config{"another key": other, "the key": s.App.Config} {
			if err := cfg.KeepIdentityKeys(t.Context(), s.Store); err != nil {
				t.Errorf("before there is any digest, %s: %v", name, err)
			}
		}
		if err := s.App.Config.KeepIdentityKeys(t.Context(), s.Store); err != nil {
			t.Fatal(err)
		}
		s.used(taro)
		if err := other.KeepIdentityKeys(t.Context(), s.Store); err == nil || !strings.Contains(err.Error(),
			"IDENTITY_KEY") || strings.Contains(err.Error(), newer) {
			t.Errorf("another key is taken: %v", err)
		}
		if err := wrapped.KeepIdentityKeys(t.Context(), s.Store); err != nil {
			t.Fatal(err)
		}
		if err := s.App.Config.KeepIdentityKeys(t.Context(), s.Store); err == nil {
			t.Error("a process without the newer key starts")
		}
		service, err := wrapped.DecisionService(s.Store, app.Unwatched{})
		if err != nil {
			t.Fatal(err)
		}
		s.App.Decisions.Keys = service.Keys
		asks := func(when string) {
			d, err := service.SeeUse(t.Context(), world.OrderBefore(5000+s.orders, 0, "SUMMER-5000", taro))
			if s.orders++; err != nil || d.Answer.Reason != "already_used" {
				t.Errorf("%s the rotation: %s, %v", when, d.Answer.Outcome, err)
			}
		}
		asks("before")
		if done, waits, err := wrapped.RotateIdentity(t.Context(), s.Store, func(int) {}); err != nil || done != 0 || waits != 1 {
			t.Errorf("%d digests were brought under a key that others may lack, %v", done, err)
		}
		world.KeysOfOld(t, s.Store)
		if service, err = wrapped.DecisionService(s.Store, app.Unwatched{}); err != nil {
			t.Fatal(err)
		}
		done, _, err := wrapped.RotateIdentity(t.Context(), s.Store, func(int) {})
		if err != nil || done == 0 {
			t.Errorf("%d digests were brought under the newer key: %v", done, err)
		}
		asks("after")
		if again, _, err := wrapped.RotateIdentity(t.Context(), s.Store, func(int) {}); err != nil || again != 0 {
			t.Errorf("%d are left: %v", again, err)
		}
		s.Answer(s.admin, http.MethodGet, "/v1/decisions", "", http.StatusOK)
	})
}

// TestARollingRestartWithANewKeyTakesNobodyForAStranger: processes with the new key and without it find whom the other
// kind saw. Once the key is in use, one that lacks it decides nothing, forgets nobody and takes no points.
func TestARollingRestartWithANewKeyTakesNobodyForAStranger(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db, medium)
		cfg := s.App.Config
		if err := cfg.KeepIdentityKeys(t.Context(), s.Store); err != nil {
			t.Fatal(err)
		}
		cfg.IdentityKey, cfg.IdentityKeyOld = app.Secret(strings.Repeat("a newer key of digests ", 2)), []app.Secret{cfg.SecretKey}
		if err := cfg.KeepIdentityKeys(t.Context(), s.Store); err != nil {
			t.Fatal(err)
		}
		started := func(c app.Config) decisions.Service {
			made, err := c.DecisionService(s.Store, app.Unwatched{})
			if err != nil {
				t.Fatal(err)
			}
			return made
		}
		sees := func(by decisions.Service, n int, who identity.Shown) string {
			d, err := by.SeeUse(t.Context(), world.OrderBefore(n, 0, "SUMMER-1", who))
			if err != nil {
				return string(domain.CodeOf(err))
			}
			return string(d.Answer.Outcome)
		}
		other := identity.Shown{Emails: []string{"jiro@example.com"}}
		old, new := started(s.App.Config), started(cfg)
		for n, tc := range []struct {
			by   decisions.Service
			who  identity.Shown
			want string
		}{{new, taro, "allow"}, {old, taro, "refuse"}, {old, other, "allow"}, {new, other, "refuse"}} {
			if got := sees(tc.by, 6000+n, tc.who); got != tc.want {
				t.Errorf("order %d, while processes are started again: %s, want %s", n+1, got, tc.want)
			}
		}
		world.KeysOfOld(t, s.Store)
		if _, _, err := cfg.RotateIdentity(t.Context(), s.Store, func(int) {}); err != nil {
			t.Fatal(err)
		}
		old, new = started(s.App.Config), started(cfg)
		if got := sees(old, 6010, taro); got != string(domain.CodeUnavailable) {
			t.Errorf("a process without the key says %s", got)
		}
		refused, err := new.SeeUse(t.Context(), world.OrderBefore(6010, 0, "SUMMER-1", taro))
		if err != nil || refused.Answer.Outcome != decisions.Refuse {
			t.Errorf("a process with the key says %s, %v", refused.Answer.Outcome, err)
		}
		if _, err := old.Judge(t.Context(), domain.System(), refused.PublicID, decisions.NotAbuse, ""); domain.CodeOf(err) !=
			domain.CodeUnavailable {
			t.Errorf("a process without the key tells people apart: %v", err)
		}
		forget := func(c app.Config) error {
			_, err := c.Traces(s.Store, domain.SystemClock{}).Forget(t.Context(), "", "", taro.CustomerID)
			return err
		}
		if err := forget(s.App.Config); domain.CodeOf(err) != domain.CodeUnavailable {
			t.Errorf("a process without the key forgets: %v", err)
		}
		if err := forget(cfg); err != nil {
			t.Error(err)
		}
	})
}
