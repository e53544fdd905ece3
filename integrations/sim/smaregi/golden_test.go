package smaregi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/integrations/sim"
	"pointbridge/integrations/sim/smaregi"
)

// golden is a documented request and its answer.
type golden struct {
	Source  string `json:"source"`
	Request struct {
		Method string            `json:"method"`
		Path   string            `json:"path"`
		Query  map[string]string `json:"query"`
		Form   map[string]string `json:"form"`
		Body   json.RawMessage   `json:"body"`
	} `json:"request"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    any               `json:"body"`
}

// scenarios are what happened before each documented request.
func scenarios() map[string]func(*till) {
	nothing := func(*till) {}
	take := func(s *till) { s.change(`{"point":"-500"}`) }
	lapsing := func(points int64) func(*till) {
		return func(s *till) {
			s.Change(taro, func(m *smaregi.Member) { m.Points, m.ExpireOn = points, "2026-11-20" })
		}
	}
	told := func(r sim.Rule) func(*till) { return func(s *till) { r.Act = "pos.deduct"; s.faults.Add(r) } }
	poor := func(s *till) { s.Change(taro, func(m *smaregi.Member) { m.Points = 320 }) }
	return map[string]func(*till){
		"balance":              nothing,
		"balance_after":        take,
		"balance_no_day":       func(s *till) { s.Change(taro, func(m *smaregi.Member) { m.ExpireOn = "" }) },
		"balance_nobody":       func(s *till) { s.forget() },
		"balance_too_few":      poor,
		"balance_lapsed_day":   lapsing(320),
		"deduct":               nothing,
		"deduct_without_ids":   func(s *till) { *s = open(s.t, func(c *smaregi.Config) { c.NoIDs = true }) },
		"deduct_too_few":       poor,
		"add":                  take,
		"add_with_day":         take,
		"add_after_lapse":      lapsing(320),
		"nobody":               func(s *till) { s.forget() },
		"bad_request":          told(sim.Rule{Mode: sim.Refuse, Reason: "pointが不正です。"}),
		"unauthorized":         func(s *till) { s.bearer = "made up" },
		"forbidden":            func(s *till) { s.bearer = s.token("pos.customers:read") },
		"rate_limited_seconds": told(sim.Rule{Mode: sim.Throttle, RetryAfter: "30"}),
		"rate_limited_date":    told(sim.Rule{Mode: sim.Throttle, RetryAfter: "Sat, 21 Nov 2026 01:02:33 GMT"}),
		"internal_error":       told(sim.Rule{Mode: sim.Internal}),
		"member":               nothing,
		"member_without_code":  func(s *till) { s.Change(taro, func(m *smaregi.Member) { m.Code = "" }) },
		"history": func(s *till) {
			take(s)
			s.Sell(taro, 10, 200)
			s.change(`{"point":"500"}`)
		},
		"history_end": take,
		"history_expired": func(s *till) {
			lapsing(1250)(s)
			s.call("GET", api+"customers/point?customer_id="+taro, "")
		},
		"token":         nothing,
		"token_refused": func(s *till) { s.bearer = "guess" },
	}
}

// forget makes a Smaregi in which nobody is known.
func (s *till) forget() {
	at := *s.now
	server, err := smaregi.New(smaregi.Config{Account: account, ClientID: "app", ClientSecret: "hidden",
		Clock: func() time.Time { return at }})
	if err != nil {
		s.t.Fatal(err)
	}
	s.Server = server
}

// Every documented request gets its documented answer.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/smaregi/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no documented answers", err)
	}
	known := scenarios()
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		scenario, ok := known[name]
		delete(known, name)
		if !ok {
			t.Errorf("nothing produces %s", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, want := open(t), read(t, file)
			scenario(&s)
			same(t, want, s.asks(want))
		})
	}
	for name := range known {
		t.Errorf("%s is documented nowhere", name)
	}
}

func read(t *testing.T, file string) (g golden) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(raw, &g)
	}
	if err != nil || g.Source == "" {
		t.Fatal("the file cannot be read, or has no source", err)
	}
	return g
}

func (s *till) asks(g golden) reply {
	q := url.Values{}
	for name, value := range g.Request.Query {
		q.Set(name, value)
	}
	if g.Request.Form == nil {
		return s.call(g.Request.Method, g.Request.Path+"?"+q.Encode(), string(g.Request.Body))
	}
	form := url.Values{}
	for name, value := range g.Request.Form {
		form.Set(name, value)
	}
	return s.send(g.Request.Method, g.Request.Path, "application/x-www-form-urlencoded", form.Encode(),
		func(r *http.Request) { r.SetBasicAuth("app", "hidden"+s.bearer) })
}

func same(t *testing.T, want golden, got reply) {
	t.Helper()
	if body, ok := got.body.(map[string]any); ok && got.field("access_token") != "" {
		body["access_token"] = "issued-token" // it is another one each time
	}
	if diff := cmp.Diff(want.Body, got.body); got.status != want.Status || diff != "" {
		t.Errorf("status %d, want %d; the body (-want +got):\n%s", got.status, want.Status, diff)
	}
	for name, value := range want.Headers {
		if got.header.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, got.header.Get(name), value)
		}
	}
}
