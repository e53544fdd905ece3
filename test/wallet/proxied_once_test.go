package wallet

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"pointbridge/app"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

func askApp(t *testing.T, a *app.App, method, target, key, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", key)
	}
	res := httptest.NewRecorder()
	a.Handler.ServeHTTP(res, r)
	return res
}

// TestASignedChangeIsGoodOnce replays an address that the shop signed, as somebody could who has seen it in a log.
func TestASignedChangeIsGoodOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewHooks(t, db)
		other := w.Another(slog.DiscardHandler) // another process on the same database
		const path = "/proxy/v1/customers/me/conversions?"
		signed, next := w.Proxied(time.Now()), w.Proxied(time.Now().Add(time.Second))
		first := askApp(t, w.App, http.MethodPost, path+signed, "first", `{"points":100}`)
		expect.MustEqual(t, "first.Code", first.Code, http.StatusCreated, first.Body)
		for name, a := range map[string]*app.App{"the same process": w.App, "another process": other} {
			again := askApp(t, a, http.MethodPost, path+signed, "first", `{"points":100}`)
			if again.Code != http.StatusCreated || again.Header().Get("Idempotent-Replayed") != "true" {
				t.Errorf("%s: the same request again is answered %d %s", name, again.Code, again.Body)
			}
			used := askApp(t, a, http.MethodPost, path+signed, "second-"+strconv.Itoa(len(name)), `{"points":100}`)
			if used.Code != http.StatusTooManyRequests || used.Header().Get("Retry-After") != "1" {
				t.Errorf("%s: another request under the same signature is answered %d %s", name, used.Code, used.Body)
			}
			if got := askApp(t, a, http.MethodGet, "/proxy/v1/customers/me/points?"+signed, "",
				""); got.Code != http.StatusOK {
				t.Errorf("%s: looking is answered %d", name, got.Code)
			}
		}
		if balance, _ := w.POS.Balance(world.HookMember); balance != 1150 {
			t.Errorf("the balance is %d", balance)
		}
		// The honest one signs anew, also for a request that was sent before.
		if got := askApp(t, other, http.MethodPost, path+next, "first",
			`{"points":100}`); got.Code != http.StatusCreated || got.Header().Get("Idempotent-Replayed") != "true" {
			t.Errorf("the same request, signed anew, is answered %d %s", got.Code, got.Body)
		}
		if got := askApp(t, w.App, http.MethodPost, path+next, "third",
			`{"points":100}`); got.Code != http.StatusCreated {
			t.Errorf("a new request, signed anew, is answered %d %s", got.Code, got.Body)
		}
	})
}

// TestARefusedChangeUsesNothingUp: who mistyped may try again at once.
func TestARefusedChangeUsesNothingUp(t *testing.T) {
	t.Parallel()
	w := world.NewHooks(t, storetest.SQLite(t))
	path := "/proxy/v1/customers/me/conversions?" + w.Proxied(time.Now())
	got := askApp(t, w.App, http.MethodPost, path, "a", `{"points":150}`)
	expect.MustEqual(t, "got.Code", got.Code, http.StatusUnprocessableEntity, got.Body)
	got = askApp(t, w.App, http.MethodPost, path, "b", `{"points":100}`)
	expect.Equal(t, "got.Code", got.Code, http.StatusCreated, got.Body)
}
