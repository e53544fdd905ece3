package process

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
	"pointbridge/tools/bench"
)

// TestKeysOfARunningProcess makes and revokes keys beside a process that serves and is never told.
// covers: H-01
func TestKeysOfARunningProcess(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := world.NewProcesses(t, db)
		p := b.Start()
		member := b.Member(p)
		token := b.Once("key", "create", "--role", "pos", "--name", "second POS")
		with := world.Caller{T: t, Base: p.Base, Key: token}
		t.Run("a key made while the process runs opens at once", func(t *testing.T) {
			got := with.Do("GET", "/v1/customers/"+member+"/points", "", "")
			expect.MustEqual(t, "got.Status", got.Status, http.StatusOK, got.Raw)
			expect.MustEqual(t, `got.Body["balance"]`, got.Body["balance"], 1250.0, got.Raw)
		})
		t.Run("a revoked key is refused without a restart, and others are not", func(t *testing.T) {
			b.On(t).Once("key", "revoke", strings.Split(token, "_")[1])
			var got world.Answer
			world.Eventually(t, "the key is refused", func() bool {
				got = with.Do("GET", "/v1/customers/"+member+"/points", "", "")
				return got.Status != http.StatusOK
			})
			expect.MustEqual(t, "got.Status", got.Status, http.StatusUnauthorized, got.Raw)
			expect.MustEqual(t, `got.Body["code"]`, got.Body["code"], "unauthenticated", got.Raw)
			calls := b.POS.Requests()["pos.deduct"]
			{
				got := with.Do("POST", "/v1/customers/"+member+"/conversions", "k",
					`{"points": 500}`)
				expect.MustEqual(t, "got.Status", got.Status, http.StatusUnauthorized, got.Raw)
			}
			if n := b.POS.Requests()["pos.deduct"]; n != calls {
				t.Fatalf("the POS was called %d times", n-calls)
			}
			if got := p.POS().Do("GET", "/v1/customers/"+member+"/points", "", ""); got.Status != http.StatusOK {
				t.Fatalf("the other key: %d %s", got.Status, got.Raw)
			}
		})
		t.Run("a key is revoked once, and only if it exists", func(t *testing.T) {
			for _, prefix := range []string{strings.Split(token, "_")[1], "nobody00"} {
				if err := bench.RunOnce(t.Context(), b.Env, nil, "key", "revoke", prefix); err == nil {
					t.Errorf("%s was revoked", prefix)
				}
			}
		})
	})
}
