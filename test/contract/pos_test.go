package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/poscheck"
	"pointbridge/integrations/pos/generic"
	"pointbridge/integrations/sim"
	simpos "pointbridge/integrations/sim/pos"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// guard stands before a POS and holds what goes to and fro against the document.
type guard struct {
	router routers.Router
	pos    http.Handler
	mu     sync.Mutex
	faults []string
	seen   map[string]bool // "POST /customers/{id}/points/deduct 201"
}

func guarded(t *testing.T, pos http.Handler) *guard {
	t.Helper()
	document := load(t, posDocument)
	document.Servers = openapi3.Servers{{URL: "/"}}
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		t.Fatal(err)
	}
	return &guard{router: router, pos: pos, seen: map[string]bool{}}
}

func (g *guard) fault(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(text) > 600 {
		text = text[:600]
	}
	g.faults = append(g.faults, text)
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	got := httptest.NewRecorder()
	route, params, err := g.router.FindRoute(r)
	if err != nil {
		g.fault("%s %s is not in the document", r.Method, r.URL.Path)
		g.pos.ServeHTTP(w, r)
		return
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
			IncludeResponseStatus: true}}
	asked := openapi3filter.ValidateRequest(r.Context(), in)
	r.Body = io.NopCloser(bytes.NewReader(body))
	g.pos.ServeHTTP(got, r)
	if refused := got.Code == http.StatusBadRequest; (asked != nil) != refused && got.Code/100 != 5 {
		g.fault("%s %s %s: the document says %v, the POS %d", r.Method, r.URL.Path, body, asked, got.Code)
	}
	answer := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: got.Code, Header: got.Header(),
		Options: in.Options}
	if err := openapi3filter.ValidateResponse(r.Context(), answer.SetBodyBytes(got.Body.Bytes())); err != nil {
		g.fault("%s %s: the answer %d %s: %v", r.Method, r.URL.Path, got.Code, got.Body, err)
	}
	g.seen[fmt.Sprintf("%s %s %d", r.Method, route.Path, got.Code)] = true
	for name, values := range got.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(got.Code)
	_, _ = w.Write(got.Body.Bytes())
}

// contractBed is a simulated POS behind a guard, and our client.
func contractBed(t *testing.T) (*guard, *generic.Client, *sim.Faults, string) {
	t.Helper()
	faults := &sim.Faults{}
	server, err := simpos.New(simpos.Config{Token: "token", Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	server.AddCustomer("8812370934", "Taro", 50)
	g := guarded(t, server)
	s := httptest.NewServer(g)
	t.Cleanup(s.Close)
	client, err := generic.New(generic.Config{URL: s.URL, Token: "token", Timeout: world.Patience, Replay: true,
		Lookup: coupons.LookupExact}, s.Client())
	if err != nil {
		t.Fatal(err)
	}
	return g, client, faults, s.URL
}

// TestTheContractsDocumentSaysWhatIsSentAndAnswered: our client's requests and the simulated POS's answers, each status
// that the document names among them, and what the document refuses the POS refuses as well.
//
// covers: H-09
func TestTheContractsDocumentSaysWhatIsSentAndAnswered(t *testing.T) {
	t.Parallel()
	g, client, faults, base := contractBed(t)
	report := poscheck.Suite{Ledger: client, Promised: client.Capabilities(), Member: "8812370934", Nobody: "0000000000",
		Clock: domain.SystemClock{}}.Run(t.Context())
	expect.MustEqual(t, "broken", len(report.Broken(client.Capabilities())), 0, report.Findings)
	move := func(path, key, body string) {
		request(t, http.MethodPost, base+"/customers/"+path, "token", key, body)
	}
	first := `{"amount": 1, "reason": "r", "reference": "R-1"}`
	for _, call := range []string{"deduct", "add"} {
		path, mine := "8812370934/points/"+call, strings.Replace(first, "R-1", "R-1-"+call, 1)
		move(path, "k1"+call, mine)
		move(path, "k1"+call, strings.Replace(first, "R-1", "R-2-"+call, 1)) // another body under the key
		move(path, "k2"+call, strings.Replace(mine, `1,`, `2,`, 1))          // and under the reference
		move(path, "k1"+call, mine)
		move("nobody/points/"+call, "k3"+call, first)
		move("8812370934/points/"+call, "", first)
		for _, odd := range []string{`{"amount": 0, "reason": "r", "reference": "R"}`,
			`{"amount": -1, "reason": "r", "reference": "R"}`, `{"amount": 1.5, "reason": "r", "reference": "R"}`,
			`{"amount": "1", "reason": "r", "reference": "R"}`, `{"amount": 1000000001, "reason": "r", "reference": "R"}`,
			`{"amount": 1, "reason": "", "reference": "R"}`, `{"amount": 1, "reason": "r", "reference": "R R"}`,
			`{"amount": 1, "reason": "r", "reference": "` + strings.Repeat("R", 41) + `"}`,
			`{"amount": 1, "reason": "r", "reference": "R", "more": 1}`, `{"amount": 1, "reason": "r"}`,
			`{"amount": 1, "reason": "` + strings.Repeat("あ", 201) + `", "reference": "R"}`, `[]`} {
			move("8812370934/points/"+call, "odd", odd)
		}
	}
	for _, act := range []string{"pos.balance", "pos.deduct", "pos.add", "pos.history"} {
		path := map[string]string{"pos.deduct": "/deduct", "pos.add": "/add", "pos.history": "/history"}[act]
		method, body := http.MethodGet, ""
		if act == "pos.deduct" || act == "pos.add" {
			method, body = http.MethodPost, strings.Replace(first, "R-1", "R-9"+act, 1)
		}
		for _, rule := range []sim.Rule{{Mode: sim.Throttle, RetryAfter: "30"}, {Mode: sim.Internal},
			{Mode: sim.Refuse, Reason: "forbidden"}, {Mode: sim.Refuse, Reason: "request_in_progress", RetryAfter: "1"}} {
			if rule.Reason == "request_in_progress" && body == "" {
				continue
			}
			rule.Act = act
			faults.Add(rule)
			request(t, method, base+"/customers/8812370934/points"+path, "token", "k9", body)
		}
		request(t, method, base+"/customers/8812370934/points"+path, "another", "k9", body)
		request(t, method, base+"/customers/8812370934/points"+path+"?limit=0&reference=", "token", "k9", body)
		request(t, method, base+"/customers/nobody/points"+path, "token", "k9", body)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, fault := range g.faults {
		t.Error(fault)
	}
	for path, item := range load(t, posDocument).Paths.Map() {
		for method, op := range item.Operations() {
			for status := range op.Responses.Map() {
				// A question for a balance has no parameter that could be wrong.
				if name := method + " " + path + " " + status; !g.seen[name] && name != "GET /customers/{id}/points 400" {
					t.Errorf("%s was never answered", name)
				}
			}
		}
	}
}

func request(t *testing.T, method, address, token, key, body string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := (&http.Client{}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// TestEveryDocumentedAnswerIsAnExample holds the examples against the golden files that our client is tested with.
func TestEveryDocumentedAnswerIsAnExample(t *testing.T) {
	t.Parallel()
	examples := load(t, posDocument).Components.Examples
	files, err := filepath.Glob("integrations/testdata/pos/*.json")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	same := map[string]string{"rate_limited_seconds": "rate_limited", "rate_limited_date": "rate_limited",
		"deduct_replayed_by_reference": "deduct_replayed"}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if other := same[name]; other != "" {
			name = other
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var golden struct {
			Body any `json:"body"`
		}
		if err := json.Unmarshal(raw, &golden); err != nil {
			t.Fatal(err)
		}
		if examples[name] == nil {
			t.Errorf("%s is no example of the document", name)
			continue
		}
		if difference := cmp.Diff(golden.Body, plain(t, examples[name].Value.Value)); difference != "" {
			t.Errorf("%s differs (- file, + document):\n%s", name, difference)
		}
	}
}

// plain is a value as JSON reads it.
func plain(t *testing.T, value any) (got any) {
	t.Helper()
	raw, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(raw, &got)
	}
	if err != nil {
		t.Fatal(err)
	}
	return got
}
