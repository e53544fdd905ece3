package identity

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/app"
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
		done, err := wrapped.RotateIdentity(t.Context(), s.Store, func(int) {})
		if err != nil || done == 0 {
			t.Errorf("%d digests were brought under the newer key: %v", done, err)
		}
		asks("after")
		if again, err := wrapped.RotateIdentity(t.Context(), s.Store, func(int) {}); err != nil || again != 0 {
			t.Errorf("%d are left: %v", again, err)
		}
		s.Answer(s.admin, http.MethodGet, "/v1/decisions", "", http.StatusOK)
	})
}
