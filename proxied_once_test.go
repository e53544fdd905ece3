package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pointbridge/integrations/store/storetest"
)

// proxied is a query as the shop's proxy signs it for the member at a moment.
func (w *hookWorld) proxied(at time.Time) string {
	q := url.Values{"shop": {demoShop}, "logged_in_customer_id": {strings.TrimPrefix(hookGID, "gid://shopify/Customer/")},
		"path_prefix": {"/apps/pointbridge"}, "timestamp": {strconv.FormatInt(at.Unix(), 10)}}
	var pairs []string
	for name, values := range q {
		pairs = append(pairs, name+"="+values[0])
	}
	slices.Sort(pairs)
	mac := hmac.New(sha256.New, []byte(w.creds.ClientSecret))
	_, _ = mac.Write([]byte(strings.Join(pairs, "")))
	q.Set("signature", hex.EncodeToString(mac.Sum(nil)))
	return q.Encode()
}

func askApp(t *testing.T, a *app, method, target, key, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", key)
	}
	res := httptest.NewRecorder()
	a.handler.ServeHTTP(res, r)
	return res
}

// TestASignedChangeIsGoodOnce replays an address that the shop signed, as somebody could who has seen it in a log.
func TestASignedChangeIsGoodOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newHookWorld(t, db)
		cfg, err := LoadConfig(w.env)
		if err != nil {
			t.Fatal(err)
		}
		other, err := newApp(t.Context(), cfg, slog.New(slog.DiscardHandler)) // another process on the same database
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = other.close() })
		const path = "/proxy/v1/customers/me/conversions?"
		signed, next := w.proxied(time.Now()), w.proxied(time.Now().Add(time.Second))
		first := askApp(t, w.app, http.MethodPost, path+signed, "first", `{"points":100}`)
		if first.Code != http.StatusCreated {
			t.Fatalf("%d %s", first.Code, first.Body)
		}
		for name, a := range map[string]*app{"the same process": w.app, "another process": other} {
			again := askApp(t, a, http.MethodPost, path+signed, "first", `{"points":100}`)
			if again.Code != http.StatusCreated || again.Header().Get("Idempotent-Replayed") != "true" {
				t.Errorf("%s: the same request again is answered %d %s", name, again.Code, again.Body)
			}
			used := askApp(t, a, http.MethodPost, path+signed, "second-"+strconv.Itoa(len(name)), `{"points":100}`)
			if used.Code != http.StatusTooManyRequests || used.Header().Get("Retry-After") != "1" {
				t.Errorf("%s: another request under the same signature is answered %d %s", name, used.Code, used.Body)
			}
			if got := askApp(t, a, http.MethodGet, "/proxy/v1/customers/me/points?"+signed, "", ""); got.Code != http.StatusOK {
				t.Errorf("%s: looking is answered %d", name, got.Code)
			}
		}
		if balance, _ := w.out.pos.Balance(hookMember); balance != 1150 {
			t.Errorf("the balance is %d", balance)
		}
		// The honest one signs anew, also for a request that was sent before.
		if got := askApp(t, other, http.MethodPost, path+next, "first", `{"points":100}`); got.Code != http.StatusCreated || got.Header().Get("Idempotent-Replayed") != "true" {
			t.Errorf("the same request, signed anew, is answered %d %s", got.Code, got.Body)
		}
		if got := askApp(t, w.app, http.MethodPost, path+next, "third", `{"points":100}`); got.Code != http.StatusCreated {
			t.Errorf("a new request, signed anew, is answered %d %s", got.Code, got.Body)
		}
	})
}

// TestARefusedChangeUsesNothingUp: who mistyped may try again at once.
func TestARefusedChangeUsesNothingUp(t *testing.T) {
	t.Parallel()
	w := newHookWorld(t, storetest.SQLite(t))
	path := "/proxy/v1/customers/me/conversions?" + w.proxied(time.Now())
	if got := askApp(t, w.app, http.MethodPost, path, "a", `{"points":150}`); got.Code != http.StatusUnprocessableEntity {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	if got := askApp(t, w.app, http.MethodPost, path, "b", `{"points":100}`); got.Code != http.StatusCreated {
		t.Errorf("%d %s", got.Code, got.Body)
	}
}
