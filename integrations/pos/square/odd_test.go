package square_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/integrations/pos/square"
	"pointbridge/test/expect"
)

// says is a Square that gives every request the same answer.
type says struct {
	status int
	body   string
}

func (s says) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", "/elsewhere")
	w.WriteHeader(s.status)
	_, _ = w.Write([]byte(s.body))
}

func fixed() time.Time { return now }

const event = `{"id":"e1","type":"ADJUST_POINTS","created_at":"2026-11-21T01:02:04Z",` +
	`"loyalty_account_id":"5adcb100-07f1-4ee7-b8c6-6bb9ebc474bd","source":"LOYALTY_API",` +
	`"adjust_points":{"loyalty_program_id":"p","points":-500,"reason":"Coupon conversion [COUPON-60X6N-AB72CD-500]"}}`

const refused = `{"category":"INVALID_REQUEST_ERROR","code":"BAD_REQUEST"}`

const whole = `{"event":` + event + `}`

func instead(old, new string) string { return strings.Replace(whole, old, new, 1) }

func problem(category, code string) string {
	return fmt.Sprintf(`{"errors":[{"category":%q,"code":%q,"detail":"Taro Yamada"}]}`, category, code)
}

// TestAnswersThatSettleNothing: none of them may be taken for a booking, nor for a refusal.
func TestAnswersThatSettleNothing(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]says{
		"another member's event":        {200, instead("5adcb100", "00000000")},
		"another reference":             {200, instead("AB72CD", "ZZZZZZ")},
		"the reference in other words":  {200, instead("[COUPON", "COUPON")},
		"the reference and more":        {200, instead("500]", "500] undone")},
		"no reason":                     {200, instead(`,"reason":"Coupon conversion [COUPON-60X6N-AB72CD-500]"`, "")},
		"another amount":                {200, instead("-500,", "-400,")},
		"another direction":             {200, instead("-500,", "500,")},
		"half a point":                  {200, instead("-500,", "-500.5,")},
		"points as text":                {200, instead("-500,", `"-500",`)},
		"beyond every whole number":     {200, instead("-500,", "-99999999999999999999,")},
		"no points":                     {200, instead(`"points":-500,`, "")},
		"another kind of event":         {200, instead("ADJUST_POINTS", "EXPIRE_POINTS")},
		"an event of the till":          {200, instead("LOYALTY_API", "SQUARE")},
		"an event without an id":        {200, instead(`"id":"e1",`, "")},
		"yesterday's date":              {200, instead("2026-11-21T01:02:04Z", "2026-11-20T01:02:04Z")},
		"no date":                       {200, instead("2026-11-21T01:02:04Z", "")},
		"a date nobody can read":        {200, instead("2026-11-21T01:02:04Z", "21.11.2026")},
		"an event and errors":           {200, instead("{", `{"errors":[`+refused+`],`)},
		"errors alone with a success":   {200, problem("INVALID_REQUEST_ERROR", "BAD_REQUEST")},
		"half a document":               {200, whole[:60]},
		"two documents":                 {200, whole + whole},
		"an HTML page":                  {200, "<html><title>Sign in</title>"},
		"nothing":                       {200, ""},
		"null":                          {200, "null"},
		"a list":                        {200, "[]"},
		"an empty object":               {200, "{}"},
		"no event":                      {200, `{"event":null}`},
		"201":                           {201, whole},
		"202":                           {202, whole},
		"204":                           {204, ""},
		"301":                           {301, ""},
		"302 with a refusal":            {302, problem("INVALID_REQUEST_ERROR", "BAD_REQUEST")},
		"307":                           {307, whole},
		"408":                           {408, ""},
		"409":                           {409, problem("INVALID_REQUEST_ERROR", "CONFLICT")},
		"409 with a refusal":            {409, problem("INVALID_REQUEST_ERROR", "BAD_REQUEST")},
		"400 of an internal error":      {400, problem("API_ERROR", "INTERNAL_SERVER_ERROR")},
		"400 in doubt":                  {400, problem("INVALID_REQUEST_ERROR", "GATEWAY_TIMEOUT")},
		"400 in doubt, among others":    {400, `{"errors":[` + refused + `,{"category":"API_ERROR","code":"X"}]}`},
		"429 in doubt":                  {429, problem("API_ERROR", "SERVICE_UNAVAILABLE")},
		"401 in doubt":                  {401, problem("API_ERROR", "TEMPORARY_ERROR")},
		"500":                           {500, whole},
		"500 with a refusal":            {500, problem("INVALID_REQUEST_ERROR", "BAD_REQUEST")},
		"502 of a proxy":                {502, "<html>"},
		"503 with a wait":               {503, problem("RATE_LIMIT_ERROR", "RATE_LIMITED")},
		"more than anybody would write": {200, strings.Repeat(" ", 1<<20) + whole},
		"a refusal that never ends":     {400, strings.Repeat(" ", 2<<20)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := client(t, s, patience, fixed).Deduct(t.Context(), take(jiro))
			expect.MustThat(t, "it was not taken for a booking", err != nil)
			wants(t, err, domain.KindUnknown, domain.ReasonOf(err))
		})
	}
	t.Run("and the one that does is believed", func(t *testing.T) {
		t.Parallel()
		for _, body := range []string{whole, "\ufeff" + whole, instead("{", `{"errors":[],"new":1,`)} {
			got, err := client(t, says{200, body}, patience, fixed).Deduct(t.Context(), take(jiro))
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "the points", got.Points, -500)
			expect.Equal(t, "the moment", got.At, now.Add(time.Second))
		}
	})
}

func TestClearRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		says
		kind   domain.Kind
		reason string
	}{
		"key used for something else": {says{400, problem("INVALID_REQUEST_ERROR", "IDEMPOTENCY_KEY_REUSED")},
			domain.KindRefused, domain.ReasonKeyReused},
		"no such account": {says{404, problem("INVALID_REQUEST_ERROR", "NOT_FOUND")},
			domain.KindRefused, domain.ReasonCustomerNotFound},
		"no such route":     {says{404, "not found"}, domain.KindRefused, "route_missing"},
		"a proxy's refusal": {says{422, `{"code":"no"}`}, domain.KindRefused, "http_422"},
		"405":               {says{405, ""}, domain.KindRefused, "http_405"},
		"a code nobody knows": {says{400, problem("INVALID_REQUEST_ERROR", "BRAND_NEW")},
			domain.KindRefused, "brand_new"},
		"a code in words":  {says{400, problem("X", "Taro Yamada has 3 points")}, domain.KindRefused, "other"},
		"a code at length": {says{400, problem("X", strings.Repeat("A", 65))}, domain.KindRefused, "other"},
		"a token that has ended": {says{401, problem("AUTHENTICATION_ERROR", "ACCESS_TOKEN_EXPIRED")},
			domain.KindAuth, "access_token_expired"},
		"401 of anybody": {says{401, ""}, domain.KindAuth, ""},
		"a scope that is missing": {says{403, problem("AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES")},
			domain.KindAuth, "insufficient_scopes"},
		"no subscription": {says{400, problem("MERCHANT_SUBSCRIPTION_ERROR", "MERCHANT_SUBSCRIPTION_NOT_FOUND")},
			domain.KindAuth, "merchant_subscription_not_found"},
		"a wait with another status": {says{400, problem("RATE_LIMIT_ERROR", "RATE_LIMITED")},
			domain.KindThrottled, "rate_limited"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := client(t, c.says, patience, fixed).Deduct(t.Context(), take(jiro))
			wants(t, err, c.kind, c.reason)
		})
	}
}

func TestASearchIsBelievedOnlyAboutTheMemberWhoWasAskedFor(t *testing.T) {
	t.Parallel()
	const one = `{"id":"a-1","program_id":"p","balance":7,"customer_id":"` + taro +
		`","mapping":{"phone_number":"+` + hanako + `"}}`
	list := func(accounts ...string) string { return `{"loyalty_accounts":[` + strings.Join(accounts, ",") + `]}` }
	for name, c := range map[string]struct {
		body   string
		kind   domain.Kind // of the balance; empty where it is told
		reason string
	}{
		"the one": {list(one), "", ""},
		"nobody":  {`{}`, domain.KindRefused, domain.ReasonCustomerNotFound},
		"two":     {list(one, strings.Replace(one, "a-1", "a-2", 1)), domain.KindRefused, "several_accounts"},
		"one and more to come": {strings.Replace(list(one), "]}", `],"cursor":"c"}`, 1),
			domain.KindRefused, "several_accounts"},
		"none and more to come": {`{"cursor":"c"}`, domain.KindUnknown, "nonsense"},
		"somebody else": {list(strings.NewReplacer(taro, "OTHER", hanako, "1").Replace(one)), domain.KindUnknown,
			"another_customer"},
		"somebody without a name": {list(`{"id":"a-1","program_id":"p","balance":7}`),
			domain.KindUnknown, "another_customer"},
		"no balance":           {list(strings.Replace(one, `"balance":7,`, "", 1)), domain.KindUnknown, "nonsense"},
		"half a point":         {list(strings.Replace(one, "7,", "7.5,", 1)), domain.KindUnknown, "nonsense"},
		"an id that is a path": {list(strings.Replace(one, "a-1", "../a", 1)), domain.KindUnknown, "nonsense"},
		"no id":                {list(strings.Replace(one, `"a-1"`, "null", 1)), domain.KindUnknown, "nonsense"},
		"an HTML page":         {"<html>", domain.KindUnknown, "nonsense"},
		"errors":               {problem("INVALID_REQUEST_ERROR", "BAD_REQUEST"), domain.KindUnknown, "contradiction"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, id := range []string{taro, hanako} {
				got, err := client(t, says{200, c.body}, patience, fixed).Balance(t.Context(), id)
				if c.kind == "" {
					expect.MustEqual(t, "err", err, nil)
					expect.Equal(t, "the balance", got.Points, 7)
					continue
				}
				wants(t, err, c.kind, c.reason)
			}
		})
	}
	t.Run("an account's own id is held against the answer", func(t *testing.T) {
		t.Parallel()
		for _, body := range []string{`{"loyalty_account":` + one + `}`, `{}`, "<html>",
			`{"loyalty_account":{"id":"` + jiro + `","program_id":"p"}}`} {
			_, err := client(t, says{200, body}, patience, fixed).Balance(t.Context(), jiro)
			expect.That(t, "it is not believed", domain.KindOf(err) == domain.KindUnknown && err != nil, body)
		}
	})
}

func TestNoRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	c := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}), patience, fixed)
	_, err := c.Deduct(t.Context(), take(jiro))
	wants(t, err, domain.KindUnknown, "")
	expect.Equal(t, "requests", asked.Load(), 1)
}

// paged is a Square whose search for events gives one page after the other.
type paged struct {
	pages []string
	asked *atomic.Int64
}

func (p paged) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	n := int(p.asked.Add(1)) - 1
	if n >= len(p.pages) {
		n = len(p.pages) - 1
	}
	_, _ = w.Write([]byte(p.pages[n]))
}

func TestWhatAScanProves(t *testing.T) {
	t.Parallel()
	other := strings.NewReplacer("e1", "e0", "AB72CD", "ZZZZZZ").Replace(event)
	page := func(cursor string, events ...string) string {
		return fmt.Sprintf(`{"events":[%s],"cursor":%q}`, strings.Join(events, ","), cursor)
	}
	with := func(old, new string) string { return strings.Replace(event, old, new, 1) }
	for name, c := range map[string]struct {
		pages  []string
		kind   domain.Kind // empty when it is found
		reason string
		asked  int64
	}{
		"the one":                    {[]string{page("", other, event)}, "", "", 1},
		"the one, a page later":      {[]string{page("1", other), page("", event)}, "", "", 2},
		"the one, and then the rest": {[]string{page("1", event), page("", other)}, "", "", 2},
		"none":                       {[]string{page("")}, domain.KindNotFound, "", 1},
		"an empty answer":            {[]string{`{}`}, domain.KindNotFound, "", 1},
		"none but others":            {[]string{page("1", other), page("", other)}, domain.KindNotFound, "", 2},
		"two on one page":            {[]string{page("", event, event)}, domain.KindUnknown, domain.ReasonAmbiguous, 1},
		"two on two pages": {[]string{page("1", event), page("", event)},
			domain.KindUnknown, domain.ReasonAmbiguous, 2},
		"another amount": {[]string{page("", with("-500,", "-400,"))},
			domain.KindUnknown, domain.ReasonAmbiguous, 1},
		"another direction": {[]string{page("", with("-500,", "500,"))},
			domain.KindUnknown, domain.ReasonAmbiguous, 1},
		"the till's own hand": {[]string{page("", with("LOYALTY_API", "SQUARE"))},
			domain.KindUnknown, domain.ReasonAmbiguous, 1},
		"quoted by somebody": {[]string{page("", with("500]", "500] undone"))},
			domain.KindUnknown, domain.ReasonAmbiguous, 1},
		"from yesterday": {[]string{page("", with("2026-11-21", "2026-11-20"))},
			domain.KindUnknown, domain.ReasonAmbiguous, 1},
		"of another member": {[]string{page("", with("5adcb100", "00000000"))},
			domain.KindUnknown, "not_filtered", 1},
		"a sale among them": {[]string{page("", with("ADJUST_POINTS", "ACCUMULATE_POINTS"))},
			domain.KindUnknown, "not_filtered", 1},
		"no figures": {[]string{page("", `{"id":"e","type":"ADJUST_POINTS","source":"SQUARE"}`)},
			domain.KindUnknown, "not_filtered", 1},
		"half a point":               {[]string{page("", with("-500,", "-500.5,"))}, domain.KindUnknown, "nonsense", 1},
		"an HTML page":               {[]string{"<html>"}, domain.KindUnknown, "nonsense", 1},
		"nonsense on the next page":  {[]string{page("1", event), "<html>"}, domain.KindUnknown, "nonsense", 2},
		"a cursor that stands still": {[]string{page("1", other), page("1", other)}, domain.KindUnknown, "endless", 2},
		"a cursor that comes round again": {[]string{page("1", other), page("2", event), page("1", other), page("")},
			domain.KindUnknown, "endless", 3},
		"an empty page before the rest": {[]string{page("1", other), page("2"), page("", event)}, "", "", 3},
		"empty pages to the end":        {[]string{page("1"), page("2"), page("")}, domain.KindNotFound, "", 3},
		"the oldest first":              {[]string{page("1", event), page("", other)}, "", "", 2},
		"a page of null":                {[]string{`{"events":null,"cursor":null}`}, domain.KindNotFound, "", 1},
		"events that are no list":       {[]string{`{"events":{"0":` + event + `}}`}, domain.KindUnknown, "nonsense", 1},
		"an event of null":              {[]string{`{"events":[null]}`}, domain.KindUnknown, "not_filtered", 1},
		"errors beside events": {[]string{`{"errors":[` + refused + `],"events":[` + event + `]}`},
			domain.KindUnknown, "contradiction", 1},
		"a cursor to nowhere": {[]string{page("1")}, domain.KindUnknown, "endless", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := paged{c.pages, &atomic.Int64{}}
			got, err := client(t, p, patience, fixed).Find(t.Context(), take(jiro))
			if c.kind == "" {
				expect.MustEqual(t, "err", err, nil)
				expect.Equal(t, "the event", got.ID, "e1")
				expect.Equal(t, "the points", got.Points, -500)
			} else {
				wants(t, err, c.kind, c.reason)
			}
			expect.Equal(t, "pages", p.asked.Load(), c.asked)
		})
	}
	t.Run("more than anybody reads", func(t *testing.T) {
		t.Parallel()
		p := paged{nil, &atomic.Int64{}}
		for n := range 30 {
			p.pages = append(p.pages, page(fmt.Sprint("c", n), other))
		}
		_, err := client(t, p, patience, fixed).Find(t.Context(), take(jiro))
		wants(t, err, domain.KindUnknown, domain.ReasonAmbiguous)
		expect.Equal(t, "pages", p.asked.Load(), 20)
	})
}

func TestAScanGoesThroughManyEventsAndFindsTheOne(t *testing.T) {
	t.Parallel()
	b := open(t, patience)
	first := take(taro)
	_, err := b.Deduct(t.Context(), first)
	expect.MustEqual(t, "err", err, nil)
	for n := range 65 {
		b.sim.AdjustByHand(taro, 1, fmt.Sprint("birthday ", n))
		b.sim.SellAtPOS(taro, 1)
	}
	got, err := b.Find(t.Context(), first)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "the event", got.ID, b.sim.AllEntries()[0].ID)
	expect.Equal(t, "pages", b.sim.Requests()["pos.history"], 3)
	unstamped := first
	unstamped.CreatedAt = time.Time{}
	_, err = b.Find(t.Context(), unstamped)
	expect.Equal(t, "without a time of its own", err, nil)
	second := first
	second.Reference = "COUPON-60X6N-ZZZZZZ-500"
	_, err = b.Find(t.Context(), second)
	wants(t, err, domain.KindNotFound, "")
}

func TestTheBooksReadEveryAdjustmentOnce(t *testing.T) {
	t.Parallel()
	b := open(t, patience)
	_, err := b.Deduct(t.Context(), take(taro))
	expect.MustEqual(t, "err", err, nil)
	_, err = b.Add(t.Context(), back(taro))
	expect.MustEqual(t, "err", err, nil)
	for n := range 40 {
		b.sim.AdjustByHand(taro, 1, fmt.Sprint("birthday ", n))
	}
	b.sim.SellAtPOS(taro, 100)
	seen := map[string]books.Entry{}
	q := books.HistoryQuery{CustomerID: taro, Limit: 200}
	for {
		page, err := b.History(t.Context(), q)
		expect.MustEqual(t, "err", err, nil)
		for _, e := range page.Entries {
			seen[e.ID] = e
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	expect.Equal(t, "entries", len(seen), 42)
	events := b.sim.AllEntries()
	expect.Equal(t, "the deduction", seen[events[0].ID].Reference, takeRef)
	expect.Equal(t, "its points", seen[events[0].ID].Points, -500)
	expect.Equal(t, "the credit", seen[events[1].ID].Reference, "CANCEL-60X6N-AB72CD-500")
	expect.Equal(t, "what it gives back", seen[events[1].ID].RelatedReference, takeRef)
	expect.Equal(t, "a hand's", seen[events[2].ID].Reference, "")
	later := books.HistoryQuery{CustomerID: taro, From: now.Add(time.Hour), To: now.Add(2 * time.Hour)}
	page, err := b.History(t.Context(), later)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "entries later", len(page.Entries), 0)
	undated := strings.Replace(event, "2026-11-21T01:02:04Z", "soon", 1)
	for _, body := range []string{`{"events":[` + undated + `]}`, "<html>"} {
		_, err := client(t, says{200, body}, patience, fixed).History(t.Context(), books.HistoryQuery{CustomerID: jiro})
		expect.That(t, "a page with a line nobody can read proves nothing", domain.KindOf(err) == domain.KindUnknown)
	}
}

// FuzzNoAnswerIsTakenForABooking: whatever a body is made of, points count as moved only where it says so of this
// movement.
func FuzzNoAnswerIsTakenForABooking(f *testing.F) {
	for _, body := range []string{whole, instead("-500,", "500,"), "{}", "[]", `{"event":{}}`, problem("X", "Y")} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		c, err := square.New(square.Config{URL: "http://pos.invalid", Clock: fixed},
			&http.Client{Transport: said(body)})
		expect.MustEqual(t, "err", err, nil)
		got, err := c.Deduct(t.Context(), take(jiro))
		if err == nil && (got.Points != -500 || !strings.Contains(body, "points")) {
			t.Errorf("%q was taken for %d points", body, got.Points)
		}
		if kind := domain.KindOf(err); err != nil && kind != domain.KindUnknown {
			t.Errorf("%q was taken for %s", body, kind)
		}
	})
}

// said is a network on which everybody says one thing.
type said string

func (s said) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(string(s))), Request: r}, nil
}
