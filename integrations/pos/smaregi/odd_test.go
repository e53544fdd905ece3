package smaregi_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/pos/smaregi"
	"pointbridge/test/expect"
)

func contextOf(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(t.Context())
}

// saying is a Smaregi that grants a token and then gives every call the same answer.
func saying(status int, kind, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/token") {
			_, _ = w.Write([]byte(`{"access_token":"issued-token","expires_in":3600}`))
			return
		}
		w.Header().Set("Location", "/elsewhere")
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

const (
	asJSON    = "application/json"
	asProblem = "application/problem+json"
	changed   = `{"customerId":"8812370934","point":"750","mile":"0","pointExpireDate":"2027-03-31",` +
		`"updDateTime":"2026-11-21T10:02:03+09:00","transactionHeadIds":["1001"]}`
)

func with(old, replacement string) string { return strings.Replace(changed, old, replacement, 1) }

// Nothing of this proves that points were taken, and nothing that they were not.
func TestOdd_AnswersAreUnknown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
	}{
		"a page":                          {200, "<html>"},
		"nothing":                         {200, ""},
		"null":                            {200, "null"},
		"a list":                          {200, "[" + changed + "]"},
		"half a document":                 {200, changed[:60]},
		"two documents":                   {200, changed + changed},
		"another member":                  {200, with("8812370934", "8812370935")},
		"no member":                       {200, with(`"customerId":"8812370934",`, "")},
		"the member as a number":          {200, with(`"8812370934"`, "8812370934")},
		"yesterday":                       {200, with("11-21T", "11-20T")},
		"the same time without a zone":    {200, with("+09:00", "")},
		"the same time in London":         {200, with("+09:00", "+00:00")},
		"tomorrow":                        {200, with("11-21T", "11-22T")},
		"no time":                         {200, with(`"updDateTime":"2026-11-21T10:02:03+09:00",`, "")},
		"no balance":                      {200, with(`"point":"750",`, "")},
		"a balance of null":               {200, with(`"750"`, "null")},
		"a blank balance":                 {200, with(`"750"`, `""`)},
		"a balance below zero":            {200, with(`"750"`, `"-750"`)},
		"a fraction":                      {200, with(`"750"`, `"750.5"`)},
		"an exponent":                     {200, with(`"750"`, `"75e1"`)},
		"a number that is none":           {200, with(`"750"`, `"many"`)},
		"a number with a space":           {200, with(`"750"`, `" 750"`)},
		"a number with a sign":            {200, with(`"750"`, `"+750"`)},
		"a number with a zero before it":  {200, with(`"750"`, `"0750"`)},
		"a number in full width":          {200, with(`"750"`, `"７５０"`)},
		"a number of thousands":           {200, with(`"750"`, `"1,750"`)},
		"beyond every balance":            {200, with(`"750"`, `"99999999999999999999"`)},
		"a JSON number":                   {200, with(`"750"`, `750`)},
		"an id that is none":              {200, with(`"1001"`, `"../1001"`)},
		"an id that is a number":          {200, with(`"1001"`, `1001`)},
		"ids that are no list":            {200, with(`["1001"]`, `"1001"`)},
		"an error with 200":               {200, `{"title":"Bad Request","status":400,"detail":"-500"}`},
		"a change without its figures":    {200, `{"customerId":"8812370934"}`},
		"created":                         {201, changed},
		"accepted":                        {202, changed},
		"no content":                      {204, ""},
		"moved":                           {301, ""},
		"see other":                       {303, changed},
		"not modified":                    {304, ""},
		"a redirect":                      {307, ""},
		"408":                             {408, ""},
		"409":                             {409, ""},
		"500 with an answer":              {500, changed},
		"503":                             {503, ""},
		"400 that says 500":               {400, `{"status":500}`},
		"400 that says 200":               {400, `{"status":200}`},
		"429 that says 503":               {429, `{"status":503}`},
		"more than anybody would write":   {200, strings.Repeat(" ", 1<<20) + changed},
		"a refusal longer than any":       {400, strings.Repeat(" ", 2<<20)},
		"the same, and another one after": {200, strings.TrimSuffix(changed, "}") + `,"customerId":"1"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind := asJSON
			if c.status >= 400 {
				kind = asProblem
			}
			got, err := client(t, saying(c.status, kind, c.body)).Deduct(t.Context(), take())
			expect.MustThat(t, "err != nil", err != nil, got)
			expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnknown, err)
			tellsNothing(t, err)
		})
	}
}

// What says that nothing was booked, by whomever it was said.
func TestOdd_ClearRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status     int
		kind, body string
		want       domain.Kind
		reason     string
	}{
		"400 of somebody on the way": {400, "text/html", "<html>", domain.KindRefused, "http_400"},
		"400 that says who": {
			400, asProblem, `{"detail":"Taro Yamada has 3 points"}`, domain.KindRefused, "bad_request",
		},
		"401":              {401, asProblem, "", domain.KindAuth, ""},
		"403":              {403, asProblem, "{}", domain.KindAuth, ""},
		"404 of the route": {404, "text/html", "", domain.KindRefused, "route_missing"},
		"404 of the member": {
			404, asProblem + "; charset=utf-8", "{}", domain.KindRefused, domain.ReasonCustomerNotFound,
		},
		"405":                {405, asProblem, "{}", domain.KindRefused, "http_405"},
		"429 without a time": {429, "", "", domain.KindThrottled, "rate_limited"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := client(t, saying(c.status, c.kind, c.body)).Deduct(t.Context(), take())
			expect.MustThat(t, "err != nil", err != nil)
			expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), c.want, err)
			expect.Equal(t, "domain.ReasonOf(err)", domain.ReasonOf(err), c.reason, err)
			if strings.Contains(err.Error(), "Taro") {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

// Odd balances are no balances. One below zero is a figure that the till can come to.
func TestOdd_Balances(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "{}", "null", "[null]", `[{}]`, `[{"customerId":"8812370934"}]`,
		`[{"customerId":"8812370934","point":1250}]`, `[{"customerId":"8812370934","point":"12.5"}]`,
		`[{"customerId":"8812370934","point":""}]`, `[{"customerId":"1","point":"5"}]`, "<html>",
		`{"title":"Bad Request","status":400}`, `[{"customerId":"8812370934","point":null}]`,
		`[{"customerId":"8812370934","point":"1,250"}]`, `[{"customerId":"8812370934","point":"-0"}]`,
		`[{"customerId":"8812370934","point":"5"},{"customerId":"8812370935","point":"5"}]`, `{"point":"5"}`} {
		_, err := client(t, saying(200, asJSON, body)).Balance(t.Context(), taro)
		expect.MustThat(t, "err != nil", err != nil, body)
		expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnknown, body, err)
	}
	const below = `[{"customerId":"8812370934","point":"-30","pointExpireDate":"0000-00-00"}]`
	got, err := client(t, saying(200, asJSON, below)).Balance(t.Context(), taro)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "got.Points", got.Points, -30)
	expect.Equal(t, "got.PointsExpireOn", got.PointsExpireOn, "")
}

// What cannot be a member of Smaregi, or a change that it takes, is not asked for.
func TestOdd_NothingIsSentInVain(t *testing.T) {
	t.Parallel()
	l := numbered()
	c := client(t, l)
	for _, id := range []string{"", "0", "007", "12345678901", "C-70934", "..", "1/point", "1?x", "１"} {
		m := take()
		m.CustomerID = id
		_, err := c.Deduct(t.Context(), m)
		expect.Equal(t, "Deduct", domain.ReasonOf(err), domain.ReasonCustomerNotFound, id)
		_, err = c.Add(t.Context(), m)
		expect.Equal(t, "Add", domain.ReasonOf(err), domain.ReasonCustomerNotFound, id)
		_, err = c.Balance(t.Context(), id)
		expect.Equal(t, "Balance", domain.ReasonOf(err), domain.ReasonCustomerNotFound, id)
		_, err = c.Entries(t.Context(), id, now, now)
		expect.Equal(t, "Entries", domain.ReasonOf(err), domain.ReasonCustomerNotFound, id)
	}
	for _, points := range []int64{0, -500, 1_000_000_000} {
		m := take()
		m.Points = points
		_, err := c.Deduct(t.Context(), m)
		expect.Equal(t, "Deduct", domain.ReasonOf(err), "invalid_amount", points)
		_, err = c.Add(t.Context(), m)
		expect.Equal(t, "Add", domain.ReasonOf(err), "invalid_amount", points)
	}
	_, err := c.Find(t.Context(), take())
	expect.Equal(t, "Find", domain.ReasonOf(err), domain.ReasonUnsupported)
	l.counts(t, 0, 0)
}

// A balance that cannot be read before points go back says nothing of them: they were not sent.
func TestOdd_WithoutABalanceNothingGoesBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   domain.Kind
		reason string
	}{
		"500":      {500, "", domain.KindUnavailable, "before_add"},
		"nonsense": {200, "<html>", domain.KindUnavailable, "before_add"},
		"429":      {429, "", domain.KindThrottled, "before_add"},
		"403":      {403, "", domain.KindAuth, "before_add"},
		"nobody":   {200, "[]", domain.KindRefused, domain.ReasonCustomerNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var posts atomic.Int64
			said := saying(c.status, asJSON, c.body)
			_, err := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/point/add") {
					posts.Add(1)
				}
				said.ServeHTTP(w, r)
			})).Add(t.Context(), giveBack(""))
			expect.MustThat(t, "err != nil", err != nil)
			expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), c.want, err)
			expect.Equal(t, "domain.ReasonOf(err)", domain.ReasonOf(err), c.reason, err)
			expect.Equal(t, "credits that were sent", posts.Load(), 0)
		})
	}
}

func TestOdd_NoRedirects(t *testing.T) {
	t.Parallel()
	l := numbered()
	var asked atomic.Int64
	c := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/token") {
			l.ServeHTTP(w, r)
			return
		}
		asked.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	_, err := c.Deduct(t.Context(), take())
	expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnknown, err)
	expect.Equal(t, "calls", asked.Load(), 1)
}

// Every fault of the settings is named, and none of them repeats a secret.
func TestOdd_Settings(t *testing.T) {
	t.Parallel()
	_, err := smaregi.New(smaregi.Config{Account: "a/b", ClientID: "a:b", APIURL: "ftp://x", TokenURL: "https://u:p@x"},
		&http.Client{})
	expect.MustThat(t, "err != nil", err != nil)
	for _, part := range []string{"contract id", "client id", "client secret", "http(s)"} {
		expect.That(t, part+" to be named", strings.Contains(err.Error(), part), err)
	}
	good := smaregi.Config{Account: account, ClientID: "a", ClientSecret: "s"}
	_, err = smaregi.New(good, &http.Client{})
	expect.Equal(t, "err", err, nil)
}

// Without addresses of its own the client goes to Smaregi, or to its sandbox by one setting.
func TestOdd_Hosts(t *testing.T) {
	t.Parallel()
	for sandbox, want := range map[bool][]string{false: {"id.smaregi.jp", "api.smaregi.jp"},
		true: {"id.smaregi.dev", "api.smaregi.dev"}} {
		var seen []string
		c, err := smaregi.New(smaregi.Config{Account: account, ClientID: "a", ClientSecret: "s", Sandbox: sandbox,
			Clock:   clock,
			Timeout: patience}, &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			seen = append(seen, r.URL.Scheme+"://"+r.URL.Host)
			return record(saying(200, asJSON, balanceOf), r), nil
		})})
		expect.MustEqual(t, "err", err, nil)
		_, err = c.Balance(t.Context(), taro)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "hosts", seen, []string{"https://" + want[0], "https://" + want[1]})
	}
}
