package smaregi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"pointbridge/integrations/sim"
	"pointbridge/integrations/sim/smaregi"
	"pointbridge/test/expect"
)

const (
	account = "sb_example1"
	taro    = "8812370934"
	api     = "/" + account + "/pos/"
	add     = api + "customers/" + taro + "/point/add"
)

// till is a Smaregi with Taro in it, and a clock that stands still until it is moved.
type till struct {
	*smaregi.Server
	t      *testing.T
	faults *sim.Faults
	now    *time.Time
	bearer string
}

func open(t *testing.T, change ...func(*smaregi.Config)) till {
	t.Helper()
	at := time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC)
	s := till{t: t, faults: &sim.Faults{}, now: &at}
	cfg := smaregi.Config{Account: account, ClientID: "app", ClientSecret: "hidden", Faults: s.faults,
		Clock: func() time.Time { return *s.now }}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	if s.Server, err = smaregi.New(cfg); err != nil {
		t.Fatal(err)
	}
	s.AddMember(smaregi.Member{ID: taro, Code: "C-70934", Points: 1250, ExpireOn: "2027-03-31"})
	return s
}

// reply is what was answered.
type reply struct {
	status int
	header http.Header
	body   any
}

func (r reply) field(name string) string {
	m, _ := r.body.(map[string]any)
	text, _ := m[name].(string)
	return text
}

func (s till) send(method, path, kind, body string, auth func(*http.Request)) reply {
	s.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Content-Type", kind)
	auth(req)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	raw, err := io.ReadAll(w.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	r := reply{status: w.Code, header: w.Header()}
	if err := json.Unmarshal(raw, &r.body); err != nil {
		s.t.Fatalf("%s %s answered %q", method, path, raw)
	}
	return r
}

func (s till) token(scope string) string {
	s.t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {scope}}
	return s.send("POST", "/app/"+account+"/token", "application/x-www-form-urlencoded", form.Encode(),
		func(r *http.Request) { r.SetBasicAuth("app", "hidden") }).field("access_token")
}

const allScopes = "pos.customers:read pos.customers:write pos.transactions:read"

func (s till) call(method, path, body string) reply {
	s.t.Helper()
	token := s.bearer
	if token == "" {
		token = s.token(allScopes)
	}
	return s.send(method, path, "application/json", body, func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+token)
	})
}

func (s till) change(body string) reply { s.t.Helper(); return s.call("POST", add, body) }

func (s till) says(r reply, status int) {
	s.t.Helper()
	expect.Equal(s.t, "status", r.status, status, r.body)
	if kind := r.header.Get("Content-Type"); status >= 400 && kind != "application/problem+json" {
		s.t.Errorf("the error is told as %q", kind)
	}
}

func (s till) rests(points int64, transactions int) {
	s.t.Helper()
	got, _ := s.Balance(taro)
	expect.Equal(s.t, "the balance", got, points)
	expect.Equal(s.t, "transactions", len(s.Transactions()), transactions)
}

func TestAccess(t *testing.T) {
	t.Parallel()
	s := open(t)
	bearer := func(token string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	}
	get := func(path, token string) reply { return s.send("GET", path, "", "", bearer(token)) }
	points := api + "customers/point?customer_id=" + taro
	good := s.token(allScopes)
	s.says(get(points, good), 200)
	s.says(get(points, "made up"), 401)
	s.says(get("/another/pos/customers/point?customer_id="+taro, good), 401)
	s.says(s.send("POST", add, "application/json", `{"point":"1"}`, bearer(s.token("pos.customers:read"))), 403)
	s.says(get(api+"transactions", s.token("pos.customers:read")), 403)
	*s.now = s.now.Add(time.Hour)
	s.says(get(points, good), 401)
	s.RevokeTokens()
	for _, path := range []string{"/_sim/members", "/_sim/transactions", "/_sim/faults"} {
		s.says(s.send("GET", path, "", "", bearer(good)), 401)
	}
	expect.Equal(t, "members", len(s.send("GET", "/_sim/members", "", "", func(r *http.Request) {
		r.SetBasicAuth("app", "hidden")
	}).body.([]any)), 1)
	for name, c := range map[string]struct {
		path, form, secret string
		want               int
	}{
		"another secret":   {"/app/" + account + "/token", "grant_type=client_credentials", "guess", 401},
		"another contract": {"/app/other/token", "grant_type=client_credentials", "hidden", 401},
		"another grant":    {"/app/" + account + "/token", "grant_type=password", "hidden", 400},
	} {
		r := s.send("POST", c.path, "application/x-www-form-urlencoded", c.form, func(r *http.Request) {
			r.SetBasicAuth("app", c.secret)
		})
		expect.Equal(t, name, r.status, c.want)
	}
}

func TestChanges_WhatIsNotTaken(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, body := range []string{"", "{}", `{"point":500}`, `{"point":"5.5"}`, `{"point":""}`,
		`{"point":"1000000000"}`, `{"point":"500","reason":"x"}`, `{"points":"500"}`, `{"point":"500","pointExpireDate":"tomorrow"}`,
		`{"point":"500"}{"point":"500"}`, `{"point":"-1251"}`} {
		s.says(s.change(body), 400)
	}
	s.says(s.call("POST", api+"customers/1/point/add", `{"point":"1"}`), 404)
	s.rests(1250, 0)
}

// Smaregi books out what has expired before it adds, and takes nothing from what is gone.
func TestChanges_ExpiryComesFirst(t *testing.T) {
	t.Parallel()
	s := open(t)
	*s.now = time.Date(2027, 3, 31, 14, 59, 59, 0, time.UTC) // the last second of the last day in Japan
	s.says(s.change(`{"point":"-250"}`), 200)
	*s.now = s.now.Add(time.Second)
	s.says(s.change(`{"point":"-1"}`), 400)
	s.rests(0, 2)
	r := s.change(`{"point":"300","pointExpireDate":"2027-12-31"}`)
	expect.Equal(t, "point", r.field("point"), "300")
	expect.Equal(t, "pointExpireDate", r.field("pointExpireDate"), "2027-12-31")
	s.rests(300, 3)
}

func TestTransactions_Search(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.AddMember(smaregi.Member{ID: "2", Code: "C-2", Points: 10})
	for i := range 5 {
		s.change(`{"point":"-100"}`)
		if i == 2 {
			s.Sell("2", 0, 5)
		}
		*s.now = s.now.Add(24 * time.Hour)
	}
	const day = "&transaction_date_time-from=2026-11-21T00:00:00%2B09:00&transaction_date_time-to="
	const wide = day + "2026-11-30T00:00:00%2B09:00"
	list := func(q string) int {
		r := s.call("GET", api+"transactions?"+strings.TrimPrefix(q, "&"), "")
		rows, _ := r.body.([]any)
		if r.status != 200 {
			return -r.status
		}
		return len(rows)
	}
	for q, want := range map[string]int{
		"":                                   -400,
		"customer_code=C-70934":              -400, // without a window
		wide:                                 6,
		"customer_code=C-70934" + wide:       5,
		"customer_code=C-2" + wide:           1,
		"customer_code=nobody" + wide:        0,
		"customer_code=" + wide:              -400,
		"customer_id=" + taro + wide:         -400, // there is no such filter
		"transaction_head_division=1" + wide: 1,
		"transaction_head_division=6" + wide: 0,
		day + "2026-11-21T10:02:03%2B09:00":  1,
		day + "2026-11-21T10:02:02%2B09:00":  0,
		day + "2026-12-22T00:00:00%2B09:00":  6,
		day + "2026-12-22T00:00:01%2B09:00":  -400, // more than 31 days
		"limit=2" + wide:                     2,
		"limit=2&page=3" + wide:              2,
		"limit=2&page=4" + wide:              0,
		"limit=0" + wide:                     -400,
		"limit=1001" + wide:                  -400,
		"page=0" + wide:                      -400,
		strings.Replace(wide, "2026-11-21T", "2026-12-01T", 1):                -400, // backwards
		strings.Replace(wide, "2026-11-21T00:00:00%2B09:00", "2026-11-21", 1): -400,
	} {
		expect.Equal(t, q, list(q), want)
	}
}

// What is told to fail fails as told, before or after it was booked.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rule         sim.Rule
		status       int
		transactions int
	}{
		"refused":         {sim.Rule{Mode: sim.Refuse}, 400, 0},
		"throttled":       {sim.Rule{Mode: sim.Throttle, RetryAfter: "7"}, 429, 0},
		"an error before": {sim.Rule{Mode: sim.Internal}, 500, 0},
		"an error after":  {sim.Rule{Mode: sim.InternalAfter}, 500, 1},
		"another member":  {sim.Rule{Mode: sim.Refuse, Match: func(id string) bool { return id != taro }}, 200, 1},
	} {
		s := open(t)
		c.rule.Act = "pos.deduct"
		s.faults.Add(c.rule)
		r := s.change(`{"point":"-500"}`)
		s.says(r, c.status)
		expect.Equal(t, "Retry-After", r.header.Get("Retry-After"), c.rule.RetryAfter, name)
		expect.Equal(t, name, len(s.Transactions()), c.transactions)
	}
}

// Reads and writes are counted apart, requests for a token among the writes.
func TestLimits(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *smaregi.Config) { c.ReadsPerSecond, c.WritesPerSecond = 2, 2 })
	s.bearer = s.token(allScopes)
	points := api + "customers/point?customer_id=" + taro
	for _, want := range []int{200, 200, 429} {
		s.says(s.call("GET", points, ""), want)
	}
	s.says(s.change(`{"point":"-1"}`), 200)
	r := s.change(`{"point":"-1"}`)
	s.says(r, 429)
	expect.Equal(t, "Retry-After", r.header.Get("Retry-After"), "1")
	*s.now = s.now.Add(time.Second)
	s.says(s.change(`{"point":"-1"}`), 200)
	s.rests(1248, 2)
}

// A process that is killed leaves everything that it answered.
func TestJournal(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/journal"
	s := open(t, func(c *smaregi.Config) { c.Path = path })
	s.change(`{"point":"-500"}`)
	s.change(`{"point":"200","pointExpireDate":"2027-12-31"}`)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, func(c *smaregi.Config) { c.Path = path })
	again.rests(950, 2)
	m, _ := again.Member(taro)
	expect.Equal(t, "the day", m.ExpireOn, "2027-12-31")
	again.change(`{"point":"-50"}`)
	list := again.Transactions()
	expect.Equal(t, "the next id", list[2].ID, "1003")
}
