package square_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pointbridge/integrations/sim"
	"pointbridge/integrations/sim/square"
	"pointbridge/test/expect"
	"pointbridge/test/openapi"
)

const (
	token    = "token"
	taro     = "Q8002FAM9V1EZ0ADB2T5609X6N"
	phone    = "819012345678"
	account  = "5adcb100-07f1-4ee7-b8c6-6bb9ebc474bd"
	document = "../../pos/square/wire/schema/loyalty.json"
)

var start = time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC)

// till is a simulated Square, all of whose answers are held against the document.
type till struct {
	*square.Server
	t    *testing.T
	held http.Handler
}

func open(t *testing.T, change ...func(*square.Config)) till {
	t.Helper()
	cfg := square.Config{Token: token, Clock: func() time.Time { return start }, Faults: &sim.Faults{}}
	for _, c := range change {
		c(&cfg)
	}
	s, err := square.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, id := range []string{taro, phone, account} {
		s.AddCustomer(id, "", 1250)
	}
	return till{s, t, openapi.Load(t, document, "Error").Exchanges(t, s)}
}

// call makes a request that is sound by the document, and gives the status and the answer.
func (s till) call(method, path, body string) (int, map[string]any) {
	s.t.Helper()
	r := httptest.NewRequest(method, "/v2/loyalty"+path, strings.NewReader(body))
	if body == "" {
		r.Body = http.NoBody
	}
	return s.send(s.held, r)
}

func (s till) send(to http.Handler, r *http.Request) (int, map[string]any) {
	s.t.Helper()
	r.Header.Set("Content-Type", "application/json")
	if r.Header.Get("Authorization") == "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	to.ServeHTTP(w, r)
	var got map[string]any
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			s.t.Fatalf("%s: %v", w.Body, err)
		}
	}
	return w.Code, got
}

func (s till) adjust(key string, points int, reason string) (int, map[string]any) {
	s.t.Helper()
	return s.call("POST", "/accounts/"+account+"/adjust",
		fmt.Sprintf(`{"idempotency_key":%q,"adjust_points":{"points":%d,"reason":%q}}`, key, points, reason))
}

func (s till) wants(status int, got map[string]any, wantStatus int, code string) {
	s.t.Helper()
	expect.Equal(s.t, "the status", status, wantStatus, got)
	expect.Equal(s.t, "the code", codeOf(got), code, got)
}

func codeOf(got map[string]any) string {
	list, _ := got["errors"].([]any)
	if len(list) == 0 {
		return ""
	}
	first, _ := list[0].(map[string]any)
	code, _ := first["code"].(string)
	return code
}

func field(got map[string]any, path ...string) any {
	var at any = got
	for _, name := range path {
		in, _ := at.(map[string]any)
		at = in[name]
	}
	return at
}

func TestAKeyAppliesOnceAndBelongsToOneRequest(t *testing.T) {
	t.Parallel()
	s := open(t)
	_, first := s.adjust("k", -500, "Coupon conversion [COUPON-1]")
	status, again := s.adjust("k", -500, "Coupon conversion [COUPON-1]")
	s.wants(status, again, 200, "")
	expect.Equal(t, "the event", field(again, "event", "id"), field(first, "event", "id"))
	for _, other := range []func() (int, map[string]any){
		func() (int, map[string]any) { return s.adjust("k", -400, "Coupon conversion [COUPON-1]") },
		func() (int, map[string]any) { return s.adjust("k", -500, "Coupon conversion [COUPON-2]") },
		func() (int, map[string]any) {
			other := s.AddCustomer(taro, "", 0)
			return s.call("POST", "/accounts/"+other+"/adjust",
				`{"idempotency_key":"k","adjust_points":{"points":-500,"reason":"Coupon conversion [COUPON-1]"}}`)
		},
	} {
		status, got := other()
		s.wants(status, got, 400, "IDEMPOTENCY_KEY_REUSED")
	}
	points, _ := s.Balance(account)
	expect.Equal(t, "the balance", points, 750)
	s.ForgetKeys()
	status, got := s.adjust("k", -500, "Coupon conversion [COUPON-1]")
	s.wants(status, got, 200, "")
	expect.Equal(t, "events once the keys are forgotten", len(s.AllEntries()), 2)
}

func TestBelowZeroIsABareBadRequestUnlessItIsAllowed(t *testing.T) {
	t.Parallel()
	s := open(t)
	status, got := s.adjust("k1", -1251, "r")
	s.wants(status, got, 400, "BAD_REQUEST")
	expect.Equal(t, "events", len(s.AllEntries()), 0)
	status, got = s.call("POST", "/accounts/"+account+"/adjust",
		`{"idempotency_key":"k2","adjust_points":{"points":-1251},"allow_negative_balance":true}`)
	s.wants(status, got, 200, "")
	s.AdjustByHand(account, -49, "by hand")
	_, got = s.call("GET", "/accounts/"+account, "")
	expect.Equal(t, "the balance", field(got, "loyalty_account", "balance"), any(-50.0))
	status, got = s.adjust("k3", 10, "still below")
	s.wants(status, got, 200, "")
}

func TestWhatIsNotSoundIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	const moving = "/accounts/" + account + "/adjust"
	for name, c := range map[string]struct{ path, body, code string }{
		"no key": {moving, `{"adjust_points":{"points":1}}`, "MISSING_REQUIRED_PARAMETER"},
		"a key too long": {moving,
			`{"idempotency_key":"` + strings.Repeat("k", 129) + `","adjust_points":{"points":1}}`, "VALUE_TOO_LONG"},
		"a reason too long": {moving, `{"idempotency_key":"k","adjust_points":{"points":1,"reason":"` +
			strings.Repeat("あ", 3501) + `"}}`, "VALUE_TOO_LONG"},
		"nothing to move": {moving, `{"idempotency_key":"k","adjust_points":{"points":0}}`, "INVALID_VALUE"},
		"half a point":    {moving, `{"idempotency_key":"k","adjust_points":{"points":0.5}}`, "BAD_REQUEST"},
		"another field":   {moving, `{"idempotency_key":"k","adjust_points":{"points":1},"x":1}`, "BAD_REQUEST"},
		"nobody":          {"/accounts/nobody/adjust", `{"idempotency_key":"k","adjust_points":{"points":1}}`, "NOT_FOUND"},
		"both ways to search": {"/accounts/search", `{"query":{"customer_ids":["a"],"mappings":[{"phone_number":"+1"}]}}`,
			"BAD_REQUEST"},
		"more events than a page": {"/events/search", `{"limit":31}`, "BAD_REQUEST"},
		"a time nobody can read": {"/events/search",
			`{"query":{"filter":{"date_time_filter":{"created_at":{"start_at":"soon"}}}}}`, "BAD_REQUEST"},
		"a cursor of nobody's": {"/events/search", `{"cursor":"x"}`, "BAD_REQUEST"},
		"no such route":        {"/elsewhere", `{}`, "NOT_FOUND"},
	} {
		status, got := s.send(s.Server, httptest.NewRequest("POST", "/v2/loyalty"+c.path, strings.NewReader(c.body)))
		expect.Equal(t, "the code", codeOf(got), c.code, name, status)
	}
	for header, value := range map[string]string{"Authorization": "Bearer wrong", "Square-Version": "yesterday"} {
		r := httptest.NewRequest("GET", "/v2/loyalty/accounts/"+account, http.NoBody)
		r.Header.Set(header, value)
		status, got := s.send(s.Server, r)
		expect.That(t, "it is refused", status >= 400 && codeOf(got) != "", header)
	}
	expect.Equal(t, "events", len(s.AllEntries()), 0)
	if _, err := square.New(square.Config{}); err == nil {
		t.Error("opened without a token")
	}
}

func TestAccountsAreFoundAndAnEmptySearchFindsThemAll(t *testing.T) {
	t.Parallel()
	s := open(t)
	for body, want := range map[string]int{
		`{"query":{"customer_ids":["` + taro + `"]},"limit":2}`:      1,
		`{"query":{"mappings":[{"phone_number":"+` + phone + `"}]}}`: 1,
		`{"query":{"customer_ids":["nobody"]}}`:                      0,
		`{"query":{"mappings":[{"phone_number":"` + phone + `"}]}}`:  0,
		`{"query":{}}`: 3, `{}`: 3, `{"limit":2}`: 2, `{"cursor":"2","limit":2}`: 1,
	} {
		status, got := s.call("POST", "/accounts/search", body)
		list, _ := got["loyalty_accounts"].([]any)
		s.wants(status, got, 200, "")
		expect.Equal(t, "accounts", len(list), want, body)
	}
	status, got := s.call("GET", "/accounts/nobody", "")
	s.wants(status, got, 404, "NOT_FOUND")
}

func TestEventsComeNewestFirstPageByPageThroughTheirFilters(t *testing.T) {
	t.Parallel()
	at := start
	s := open(t, func(c *square.Config) { c.Clock = func() time.Time { return at } })
	for n := range 7 {
		at = start.Add(time.Duration(n) * time.Minute)
		s.AdjustByHand(account, 1, fmt.Sprint("by hand ", n))
		s.SellAtPOS(account, 1)
		s.AdjustByHand(taro, 1, "somebody else's")
	}
	const filter = `{"query":{"filter":{"loyalty_account_filter":{"loyalty_account_id":"` + account +
		`"},"type_filter":{"types":["ADJUST_POINTS"]}%s}},"limit":3%s}`
	read := func(body string) (reasons []any, cursor string) {
		_, got := s.call("POST", "/events/search", body)
		list, _ := got["events"].([]any)
		for _, e := range list {
			in, _ := e.(map[string]any)
			reasons = append(reasons, field(in, "adjust_points", "reason"))
		}
		cursor, _ = got["cursor"].(string)
		return reasons, cursor
	}
	var seen []any
	for cursor, more := "", true; more; more = cursor != "" {
		part, rest := "", ""
		if cursor != "" {
			rest = `,"cursor":"` + cursor + `"`
		}
		reasons, next := read(fmt.Sprintf(filter, part, rest))
		seen, cursor = append(seen, reasons...), next
		s.AdjustByHand(account, 1, "while it is read")
	}
	expect.Equal(t, "the order", fmt.Sprint(seen),
		"[by hand 6 by hand 5 by hand 4 by hand 3 by hand 2 by hand 1 by hand 0]")
	between := `,"date_time_filter":{"created_at":{"start_at":"2026-11-21T01:03:03Z","end_at":"2026-11-21T01:05:03.000Z"}}`
	reasons, _ := read(fmt.Sprintf(filter, between, ""))
	expect.Equal(t, "between", fmt.Sprint(reasons), "[by hand 2 by hand 1]")
	_, got := s.call("POST", "/events/search", `{}`)
	all, _ := got["events"].([]any)
	expect.Equal(t, "a page of everything", len(all), 24)
}

func TestFaultsGoWrongAsTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule   sim.Rule
		status int
		code   string
		events int
	}{
		{sim.Rule{Mode: sim.Refuse, Reason: "insufficient_points"}, 400, "BAD_REQUEST", 0},
		{sim.Rule{Mode: sim.Refuse, Reason: "forbidden"}, 403, "FORBIDDEN", 0},
		{sim.Rule{Mode: sim.Refuse, Reason: "customer_not_found"}, 404, "NOT_FOUND", 0},
		{sim.Rule{Mode: sim.Throttle, RetryAfter: "7"}, 429, "RATE_LIMITED", 0},
		{sim.Rule{Mode: sim.Internal}, 500, "INTERNAL_SERVER_ERROR", 0},
		{sim.Rule{Mode: sim.InternalAfter}, 500, "INTERNAL_SERVER_ERROR", 1},
	} {
		faults := &sim.Faults{}
		s := open(t, func(cfg *square.Config) { cfg.Faults = faults })
		c.rule.Act = "pos.deduct"
		c.rule.Match = func(subject string) bool { return subject == "COUPON-1" }
		faults.Add(c.rule)
		status, got := s.adjust("k1", -1, "another [COUPON-2]")
		s.wants(status, got, 200, "")
		status, got = s.adjust("k2", -1, "Coupon conversion [COUPON-1]")
		s.wants(status, got, c.status, c.code)
		expect.Equal(t, "events", len(s.AllEntries()), 1+c.events, c.rule.Mode)
	}
}

func TestAJournalOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "square.jsonl")
	kept := func(c *square.Config) { c.Path = path }
	s := open(t, kept)
	_, first := s.adjust("k", -500, "Coupon conversion [COUPON-1]")
	s.AdjustByHand(taro, -2000, "by hand")
	expect.MustEqual(t, "closing", s.Close(), nil)
	status, got := s.adjust("k2", -1, "r")
	s.wants(status, got, 500, "INTERNAL_SERVER_ERROR")

	s = open(t, kept)
	for id, want := range map[string]int64{account: 750, taro: -750, phone: 1250} {
		points, _ := s.Balance(id)
		expect.Equal(t, "the balance", points, want, id)
	}
	_, again := s.adjust("k", -500, "Coupon conversion [COUPON-1]")
	expect.Equal(t, "the event", field(again, "event", "id"), field(first, "event", "id"))
	for path, want := range map[string]string{"/_sim/customers": `"points":-750`, "/_sim/entries": `[COUPON-1]`} {
		r := httptest.NewRequest("GET", path, http.NoBody)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		expect.That(t, want, bytes.Contains(w.Body.Bytes(), []byte(want)), w.Body.String())
	}
	expect.Equal(t, "requests", s.Requests()["pos.deduct"], 1)
}
