package main

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/integrations/store/storetest"
)

// TestKeysOfARunningProcess makes and revokes keys beside a process that serves and is never told.
// covers: H-01
func TestKeysOfARunningProcess(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := newProcBed(t, db)
		p := b.start()
		member := b.member(p)
		token := b.once("key", "create", "--role", "pos", "--name", "second till")
		with := caller{t, p.base, token}
		t.Run("a key made while the process runs opens at once", func(t *testing.T) {
			if got := with.do("GET", "/v1/customers/"+member+"/points", "", ""); got.status != http.StatusOK || got.body["balance"] != 1250.0 {
				t.Fatalf("%d %s", got.status, got.raw)
			}
		})
		t.Run("a revoked key is refused without a restart, and others are not", func(t *testing.T) {
			b.on(t).once("key", "revoke", strings.Split(token, "_")[1])
			var got answer
			eventually(t, "the key is refused", func() bool {
				got = with.do("GET", "/v1/customers/"+member+"/points", "", "")
				return got.status != http.StatusOK
			})
			if got.status != http.StatusUnauthorized || got.body["code"] != "unauthenticated" {
				t.Fatalf("%d %s", got.status, got.raw)
			}
			calls := b.out.pos.Requests()["pos.deduct"]
			if got := with.do("POST", "/v1/customers/"+member+"/conversions", "k", `{"points": 500}`); got.status != http.StatusUnauthorized {
				t.Fatalf("%d %s", got.status, got.raw)
			}
			if n := b.out.pos.Requests()["pos.deduct"]; n != calls {
				t.Fatalf("the till was called %d times", n-calls)
			}
			if got := p.till().do("GET", "/v1/customers/"+member+"/points", "", ""); got.status != http.StatusOK {
				t.Fatalf("the other key: %d %s", got.status, got.raw)
			}
		})
		t.Run("a key is revoked once, and only if it exists", func(t *testing.T) {
			for _, prefix := range []string{strings.Split(token, "_")[1], "nobody00"} {
				if err := oneShot(t.Context(), b.env, nil, "key", "revoke", prefix); err == nil {
					t.Errorf("%s was revoked", prefix)
				}
			}
		})
	})
}
