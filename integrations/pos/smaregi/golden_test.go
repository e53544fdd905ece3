package smaregi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/pos/smaregi"
	"pointbridge/test/expect"
)

const (
	account = "sb_example1"
	taro    = "8812370934"
	// patience is what a client has where an answer comes: its limit ends a test that would never end.
	patience = 5 * time.Minute
	// longEnough is a limit where none comes, with time for the question to be on its way.
	longEnough = 3 * time.Second
)

var now = time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC)

func clock() time.Time { return now }

// client makes one whose tokens and API are the handler's.
func client(t *testing.T, h http.Handler, change ...func(*smaregi.Config)) *smaregi.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	cfg := smaregi.Config{Account: account, ClientID: "app", ClientSecret: "hidden", APIURL: s.URL, TokenURL: s.URL,
		Timeout: patience, Clock: clock}
	for _, c := range change {
		c(&cfg)
	}
	c, err := smaregi.New(cfg, s.Client())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

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
	Body    json.RawMessage   `json:"body"`
}

func readGolden(t *testing.T, name string) (g golden) {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/smaregi/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	expect.MustEqual(t, "json.Unmarshal(raw, &g)", json.Unmarshal(raw, &g), nil, name)
	expect.MustThat(t, `g.Source != ""`, g.Source != "", name)
	return g
}

// smaregiOf answers requests with the golden answers, one after the other, and holds each request to what is
// documented of it. Requests for a token stand beside them.
type smaregiOf struct {
	t      *testing.T
	mu     sync.Mutex
	left   []golden
	tokens golden
}

func answers(t *testing.T, names ...string) *smaregiOf {
	t.Helper()
	s := &smaregiOf{t: t, tokens: readGolden(t, "token")}
	for _, name := range names {
		s.left = append(s.left, readGolden(t, name))
	}
	t.Cleanup(func() {
		if len(s.left) > 0 {
			t.Errorf("%d answers were not asked for", len(s.left))
		}
	})
	return s
}

func (s *smaregiOf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.tokens
	if r.URL.Path != g.Request.Path {
		if len(s.left) == 0 {
			s.t.Errorf("%s %s was asked for beside", r.Method, r.URL.Path)
			return
		}
		g, s.left = s.left[0], s.left[1:]
	}
	s.holds(r, g)
	g.ServeHTTP(w, r)
}

func (g golden) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	for name, value := range g.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(g.Status)
	_, _ = w.Write(g.Body)
}

func (s *smaregiOf) holds(r *http.Request, g golden) {
	s.t.Helper()
	if r.Method != g.Request.Method || r.URL.Path != g.Request.Path {
		s.t.Errorf("asked %s %s, documented is %s %s", r.Method, r.URL.Path, g.Request.Method, g.Request.Path)
	}
	if diff := cmp.Diff(values(g.Request.Query), r.URL.Query()); diff != "" {
		s.t.Errorf("the query differs (-documented +sent):\n%s", diff)
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	kind, want, got := "application/json", parsed(g.Request.Body), parsed(raw)
	if g.Request.Form != nil {
		sent, err := url.ParseQuery(string(raw))
		kind, want, got = "application/x-www-form-urlencoded", values(g.Request.Form), any(sent)
		if id, secret, ok := r.BasicAuth(); err != nil || !ok || id != "app" || secret != "hidden" {
			s.t.Error("the credentials do not stand in the header")
		}
	} else if r.Header.Get("Authorization") != "Bearer issued-token" {
		s.t.Error("the token does not stand in the header")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("the body differs (-documented +sent):\n%s", diff)
	}
	if r.Method == http.MethodPost && r.Header.Get("Content-Type") != kind {
		s.t.Errorf("the body is sent as %q", r.Header.Get("Content-Type"))
	}
}

func values(of map[string]string) url.Values {
	v := url.Values{}
	for name, value := range of {
		v.Set(name, value)
	}
	return v
}

func parsed(raw []byte) (v any) {
	_ = json.Unmarshal(raw, &v) // what is not JSON differs from what is
	return v
}

func take() domain.Movement {
	return domain.Movement{Kind: domain.Take, CustomerID: taro, Points: 500, Reference: "COUPON-70934-AB72CD-500",
		Key: "secret-key", Reason: domain.ReasonTake, CreatedAt: now}
}

func giveBack(expireOn string) domain.Movement {
	return domain.Movement{Kind: domain.GiveBack, CustomerID: taro, Points: 500, Reference: "CANCEL-70934-AB72CD-500",
		RelatedReference: "COUPON-70934-AB72CD-500", Key: "secret-key", Reason: domain.ReasonGiveBack, CreatedAt: now,
		PointsExpireOn: expireOn}
}

// documented is every answer that the tests below read; what else lies among the files is read by nothing.
var documented = map[string][]string{
	"TestGolden_Changes": {"deduct", "deduct_without_ids", "deduct_too_few", "balance_too_few", "balance", "add",
		"add_with_day", "add_after_lapse", "balance_after", "balance_lapsed_day", "nobody", "bad_request", "forbidden",
		"rate_limited_seconds", "rate_limited_date", "internal_error"},
	"TestGolden_Balance":  {"balance_no_day", "balance_nobody"},
	"TestGolden_Entries":  {"member", "member_without_code", "history", "history_end", "history_expired"},
	"TestTokens_Renewals": {"token", "token_refused", "unauthorized"},
}

func TestGolden_EveryDocumentedAnswerIsRead(t *testing.T) {
	t.Parallel()
	var names []string
	for _, list := range documented {
		names = append(names, list...)
	}
	all := " " + strings.Join(names, " ") + " "
	files, err := filepath.Glob("../../testdata/smaregi/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no documented answers", err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".json"); !strings.Contains(all, " "+name+" ") {
			t.Errorf("nothing reads %s", name)
		}
	}
}

// What each documented answer to a change of points means, and what was asked for it.
// covers: D-16
func TestGolden_Changes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		asks   []string
		m      domain.Movement
		want   domain.Kind // empty when it was applied
		reason string
		id     string
		after  int64
	}{
		"taken":                  {[]string{"deduct"}, take(), "", "", "1001", 750},
		"taken by the older API": {[]string{"deduct_without_ids"}, take(), "", "", "", 750},
		"too few": {
			[]string{"deduct_too_few", "balance_too_few"}, take(), domain.KindRefused,
			domain.ReasonInsufficientPoints, "", 320,
		},
		"refused, and there are enough": {
			[]string{"bad_request", "balance"}, take(), domain.KindRefused, "bad_request", "", 0,
		},
		"nobody": {
			[]string{"nobody"}, take(), domain.KindRefused, domain.ReasonCustomerNotFound, "", 0,
		},
		"forbidden": {[]string{"forbidden"}, take(), domain.KindAuth, "", "", 0},
		"too many, seconds": {
			[]string{"rate_limited_seconds"}, take(), domain.KindThrottled, "rate_limited", "", 0,
		},
		"too many, until a time": {
			[]string{"rate_limited_date"}, take(), domain.KindThrottled, "rate_limited", "", 0,
		},
		"an error of its own":        {[]string{"internal_error"}, take(), domain.KindUnknown, "", "", 0},
		"back, the day is not known": {[]string{"balance_after", "add"}, giveBack(""), "", "", "1002", 1250},
		"back, the day is the same": {
			[]string{"balance_after", "add"}, giveBack("2027-03-31"), "", "", "1002", 1250,
		},
		"back, the day was earlier": {
			[]string{"balance_after", "add"}, giveBack("2026-12-31"), "", "", "1002", 1250,
		},
		"back, the day was later": {
			[]string{"balance_after", "add_with_day"}, giveBack("2027-06-30"), "", "", "1002", 1250,
		},
		"back after others expired": {
			[]string{"balance_lapsed_day", "add_after_lapse"}, giveBack("2027-06-30"), "", "", "1002", 500,
		},
		"back, and gone at once": {
			[]string{"balance_lapsed_day"}, giveBack("2026-11-20"), domain.KindRefused, "points_expired", "", 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, cl := c, client(t, answers(t, c.asks...))
			move, points := cl.Deduct, int64(-500)
			if c.m.Kind == domain.GiveBack {
				move, points = cl.Add, 500
			}
			got, err := move(t.Context(), c.m)
			if c.want != "" {
				refused(t, err, c.want, c.reason, c.after)
				return
			}
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "got.ID", got.ID, c.id)
			expect.Equal(t, "got.Points", got.Points, points)
			expect.MustThat(t, "the balance to be told", got.Balance != nil)
			expect.Equal(t, "*got.Balance", *got.Balance, c.after)
			expect.That(t, "the time to be Smaregi's", got.At.Equal(now), got.At)
			expect.That(t, "a day on which points expire", strings.HasPrefix(got.PointsExpireOn, "2027-0"),
				got.PointsExpireOn)
		})
	}
}

func refused(t *testing.T, err error, kind domain.Kind, reason string, balance int64) {
	t.Helper()
	expect.MustThat(t, "err != nil", err != nil)
	expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), kind, err)
	expect.Equal(t, "domain.ReasonOf(err)", domain.ReasonOf(err), reason, err)
	tellsNothing(t, err)
	if kind == domain.KindThrottled {
		expect.Equal(t, "Retry-After", domain.RetryAfterOf(err), 30*time.Second)
	}
	if b := domain.BalanceOf(err); balance != 0 && (b == nil || *b != balance) {
		t.Error("the balance was not read")
	}
}

// tellsNothing holds an error's text to what may stand in a log.
func tellsNothing(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{"hidden", "issued-token", "secret-key", taro, "AB72CD", "/pos", account, "ポイント"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q stands in %v", secret, err)
		}
	}
}

func TestGolden_Balance(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]coupons.Balance{
		"balance":        {Points: 1250, AsOf: now, PointsExpireOn: "2027-03-31"},
		"balance_no_day": {Points: 1250, AsOf: now},
	} {
		got, err := client(t, answers(t, name)).Balance(t.Context(), taro)
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, name, got, want)
	}
	_, err := client(t, answers(t, "balance_nobody")).Balance(t.Context(), taro)
	expect.Equal(t, "domain.ReasonOf(err)", domain.ReasonOf(err), domain.ReasonCustomerNotFound, err)
}

// Sales and expired points are entries like any other; they count, and are nobody's movement.
func TestGolden_Entries(t *testing.T) {
	t.Parallel()
	ask := func(names ...string) ([]coupons.Entry, error) {
		return client(t, answers(t, names...)).
			Entries(t.Context(), taro, now.Add(-5*time.Minute), now.Add(5*time.Minute))
	}
	got, err := ask("member", "history", "history_end")
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "the number of entries", len(got), 3)
	for i, want := range []coupons.Entry{{ID: "1001", Points: -500}, {ID: "1002", Points: -190, Foreign: true},
		{ID: "1003", Points: 500}} {
		expect.Equal(t, "ID", got[i].ID, want.ID)
		expect.Equal(t, "Points of "+want.ID, got[i].Points, want.Points)
		expect.Equal(t, "Foreign of "+want.ID, got[i].Foreign, want.Foreign)
		expect.That(t, "the balances of "+want.ID+" to add up",
			*got[i].PreviousBalance+got[i].Points == *got[i].Balance, got[i])
		expect.That(t, "the time to be Smaregi's", got[i].At.Equal(now), got[i].At)
	}
	got, err = ask("member", "history_expired", "history_end")
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "the number of entries", len(got), 1)
	expect.Equal(t, "what expired", got[0].Points, -1250)
	expect.That(t, "what expired to be nobody's movement", got[0].Foreign)
	_, err = ask("member_without_code")
	expect.Equal(t, "domain.ReasonOf(err)", domain.ReasonOf(err), domain.ReasonAmbiguous, err)
	expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnknown, err)
}
