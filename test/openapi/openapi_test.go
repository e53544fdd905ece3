package openapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/test/expect"
	"pointbridge/test/openapi"
)

// told is a test that only keeps what it is told.
type told struct {
	testing.TB
	faults []string
}

func (t *told) Helper() {}

func (t *told) Errorf(format string, args ...any) {
	t.faults = append(t.faults, fmt.Sprintf(format, args...))
}

func TestWhatTheDocumentDoesNotSayIsNoticed(t *testing.T) {
	t.Parallel()
	const adjust = "/v2/loyalty/accounts/a/adjust"
	const sound = `{"idempotency_key":"k","adjust_points":{"points":1}}`
	const event = `{"event":{"id":"e","type":"ADJUST_POINTS","created_at":"x","loyalty_account_id":"a","source":"SQUARE"}}`
	for name, c := range map[string]struct {
		path, request string
		status        int
		answer        string
		faults        int
	}{
		"sound":                     {adjust, sound, 200, event, 0},
		"no key":                    {adjust, `{"adjust_points":{"points":1}}`, 200, event, 1},
		"a misspelt field":          {adjust, `{"idempotency_key":"k","adjust_points":{"point":1}}`, 200, event, 1},
		"one more field":            {adjust, `{"idempotency_key":"k","adjust_points":{"points":1,"x":1}}`, 200, event, 1},
		"half a point":              {adjust, `{"idempotency_key":"k","adjust_points":{"points":0.5}}`, 200, event, 1},
		"another route":             {"/v2/loyalty/elsewhere", sound, 200, event, 1},
		"an answer without an id":   {adjust, sound, 200, strings.Replace(event, `"id":"e",`, "", 1), 1},
		"a kind nobody knows":       {adjust, sound, 200, strings.Replace(event, "ADJUST", "MOVE", 1), 1},
		"one more field in answers": {adjust, sound, 200, `{"event":null,"x":1}`, 1},
		"an HTML page":              {adjust, sound, 200, "<html>", 1},
		"errors":                    {adjust, sound, 400, `{"errors":[{"category":"API_ERROR","code":"BAD_REQUEST"}]}`, 0},
		"errors that are none":      {adjust, sound, 400, `{"code":"no"}`, 1},
		"an error nobody knows":     {adjust, sound, 400, `{"errors":[{"category":"API_ERROR","code":"NEVER"}]}`, 1},
	} {
		heard := &told{TB: t}
		doc := openapi.Load(t, "../../integrations/pos/square/wire/schema/loyalty.json", "Error")
		r := httptest.NewRequest("POST", c.path, strings.NewReader(c.request))
		r.Header.Set("Content-Type", "application/json")
		doc.Exchanges(heard, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.answer))
		})).ServeHTTP(httptest.NewRecorder(), r)
		expect.Equal(t, "faults", len(heard.faults), c.faults, name, strings.Join(heard.faults, "; "))
	}
}
