package generic_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/pos/generic"
	"pointbridge/test/expect"
)

// answering is a POS that gives every request the same answer.
func answering(status int, body string) golden {
	return golden{Status: status, Headers: map[string]string{"Location": "/elsewhere"}, Body: []byte(body)}
}

func oddTake() domain.Movement {
	return domain.Movement{Kind: domain.Take, CustomerID: "1", Points: 500, Reference: "COUPON-1-AB72CD-500",
		Key: "secret-key", Reason: "r"}
}

const whole = `{"entry_id":"e","customer_id":"1","amount":-500,"previous_balance":1250,"balance":750,"reference":"COUPON-1-AB72CD-500"}`

func TestOddAnswersAreUnknown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
	}{
		"another reference":             {201, strings.Replace(whole, "AB72CD", "ZZZZZZ", 1)},
		"another amount":                {201, strings.Replace(whole, "-500,", "-400,", 1)},
		"another direction":             {201, strings.Replace(whole, "-500,", "500,", 1)},
		"another customer":              {201, strings.Replace(whole, `"1"`, `"2"`, 1)},
		"half a document":               {201, whole[:40]},
		"two documents":                 {201, whole + whole},
		"a page":                        {200, "<html>"},
		"nothing":                       {200, ""},
		"null":                          {200, "null"},
		"a list":                        {200, "[]"},
		"a fraction":                    {201, strings.Replace(whole, "-500,", "-500.5,", 1)},
		"a number as text":              {201, strings.Replace(whole, "-500,", `"-500",`, 1)},
		"beyond every integer":          {201, strings.Replace(whole, "-500,", "-99999999999999999999,", 1)},
		"no amount":                     {201, `{"entry_id":"e"}`},
		"success alone":                 {200, `{"success":true}`},
		"points added":                  {200, `{"success":true,"added_amount":500}`},
		"points added by a minus":       {200, `{"success":true,"added_amount":-500}`},
		"a deduction below zero":        {200, `{"success":true,"deducted_amount":-500}`},
		"two amounts that differ":       {200, `{"success":true,"amount":-500,"deducted_amount":400}`},
		"failed, and yet taken":         {200, `{"success":false,"deducted_amount":500}`},
		"failed, and yet less":          {200, `{"success":false,"previous_balance":1250,"new_balance":750}`},
		"failed, of another movement":   {200, `{"success":false,"reference":"COUPON-1-ZZZZZZ-500"}`},
		"failed, and still running":     {200, `{"success":false,"code":"request_in_progress"}`},
		"202":                           {202, whole},
		"204":                           {204, ""},
		"301":                           {301, ""},
		"303":                           {303, whole},
		"304":                           {304, ""},
		"307":                           {307, ""},
		"408":                           {408, ""},
		"409 without a code":            {409, ""},
		"409 with a refusal":            {409, `{"code":"insufficient_points"}`},
		"422 still running":             {422, `{"code":"request_in_progress"}`},
		"429 still running":             {429, `{"code":"request_in_progress"}`},
		"401 still running":             {401, `{"code":"request_in_progress"}`},
		"400 internal":                  {400, `{"code":"internal_error"}`},
		"500":                           {500, whole},
		"500 problem":                   {500, `{"status":500,"code":"internal_error"}`},
		"500 with a refusal":            {500, `{"code":"insufficient_points"}`},
		"503":                           {503, `{"code":"rate_limited"}`},
		"more than anybody would write": {200, strings.Repeat(" ", 1<<20) + whole},
		"a refusal that never ends":     {422, strings.Repeat(" ", 2<<20)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := client(t, answering(c.status, c.body), patience).Deduct(t.Context(), oddTake())
			expect.MustEqual(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnknown, err, got)
			expect.MustThat(t, "err != nil", err != nil, got)
			tellsNothing(t, err)
		})
	}
}

// tellsNothing holds an error's text to what may stand in a log.
func tellsNothing(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{"token", "secret-key", "8812370934", "AB72CD", "127.0.0.1/", "/customers"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q stands in %v", secret, err)
		}
	}
}

// covers: H-09
func TestClearRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		kind   domain.Kind
		reason string
	}{
		"404 of the route":  {404, "not found", domain.KindRefused, "route_missing"},
		"405":               {405, "", domain.KindRefused, "http_405"},
		"422 in words":      {422, `{"code":"Taro Yamada has 3 points"}`, domain.KindRefused, "other"},
		"422 at length":     {422, `{"code":"` + strings.Repeat("a", 65) + `"}`, domain.KindRefused, "other"},
		"400 of too many":   {400, `{"code":"rate_limited"}`, domain.KindThrottled, "rate_limited"},
		"a 200 that failed": {200, `{"success":false}`, domain.KindRefused, ""},
		"401":               {401, "", domain.KindAuth, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := client(t, answering(c.status, c.body), patience).Deduct(t.Context(), oddTake())
			expect.MustThat(t, "err != nil", err != nil)
			expect.MustEqual(t, "domain.KindOf(err)", domain.KindOf(err), c.kind, err)
			expect.MustEqual(t, "domain.ReasonOf(err)", domain.ReasonOf(err), c.reason, err)
			tellsNothing(t, err)
		})
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	const entry = `{"customer_id":"8812370934","amount":-500,"reference":"COUPON-70934-AB12CD-500"}`
	const other = `{"customer_id":"8812370934","amount":-200}`
	list := func(entries ...string) string {
		return `{"entries":[` + strings.Join(entries, ",") + `],"next_cursor":null}`
	}
	for name, c := range map[string]struct {
		status int
		body   string
		want   domain.Kind
	}{
		"one":                              {200, list(entry), ""},
		"one among others":                 {200, list(other, entry), ""},
		"none":                             {200, list(), domain.KindNotFound},
		"none on this page":                {200, `{"entries":[],"next_cursor":"1"}`, domain.KindUnknown},
		"none, and the filter was ignored": {200, list(other), domain.KindUnknown},
		"two":                              {200, list(entry, entry), domain.KindUnknown},
		"another amount": {200, list(strings.Replace(entry, "-500,", "-400,", 1)),
			domain.KindUnknown},
		"another direction": {200, list(strings.Replace(entry, "-500,", "500,", 1)),
			domain.KindUnknown},
		"another customer": {200, list(strings.Replace(entry, "8812370934", "1", 1)),
			domain.KindUnknown},
		"no list":                           {200, `{"next_cursor":null}`, domain.KindUnknown},
		"null":                              {200, `{"entries":null}`, domain.KindUnknown},
		"a page":                            {200, "<html>", domain.KindUnknown},
		"a redirect":                        {302, "", domain.KindUnknown},
		"a POS that failed":                 {500, list(), domain.KindUnknown},
		"nobody with this id is no absence": {404, `{"code":"customer_not_found"}`, domain.KindRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			finds(t, answering(c.status, c.body), c.want)
		})
	}
	for file, want := range map[string]domain.Kind{"history": "", "history_by_reference": "",
		"history_empty":      domain.KindNotFound,
		"history_first_page": domain.KindUnknown} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			finds(t, readGolden(t, file), want)
		})
	}
	t.Run("a POS that cannot be asked is not asked", func(t *testing.T) {
		t.Parallel()
		posClient, err := generic.New(generic.Config{URL: "http://127.0.0.1:1", Clock: clock}, &http.Client{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := posClient.Find(t.Context(), oddTake()); domain.ReasonOf(err) != domain.ReasonUnsupported {
			t.Fatal(err)
		}
	})
}

func finds(t *testing.T, server http.Handler, want domain.Kind) {
	t.Helper()
	m := domain.Movement{Kind: domain.Take, CustomerID: "8812370934", Points: 500, Reference: "COUPON-70934-AB12CD-500"}
	got, err := client(t, server, patience).Find(t.Context(), m)
	if want == "" {
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.Points", got.Points, -500)
		return
	}
	if err == nil || domain.KindOf(err) != want {
		t.Fatalf("%+v, %v, want %s", got, err, want)
	}
}

func TestBalanceAnswers(t *testing.T) {
	t.Parallel()
	if b, err := client(t, readGolden(t, "balance"), patience).Balance(t.Context(), "8812370934"); err != nil ||
		b.Points != 1250 || !b.AsOf.Equal(now) {
		t.Fatalf("balance: %+v, %v", b, err)
	}
	for _, body := range []string{"", "{}", `{"balance":1.5}`, `{"balance":null}`, `{"customer_id":"2","balance":5}`,
		`{"balance":5`, "<html>"} {
		b, err := client(t, answering(200, body), patience).Balance(t.Context(), "8812370934")
		expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnknown, body, err, b)
		expect.That(t, "err != nil", err != nil, body, b)
	}
}

// The id is one part of the path whatever it is made of; what a path would swallow is never asked for.
func TestCustomerIDs(t *testing.T) {
	t.Parallel()
	var asked atomic.Value
	posClient := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.URL.EscapedPath())
		_, _ = w.Write([]byte(`{"balance":5}`))
	}), patience)
	for id, want := range map[string]string{"a/b": "/customers/a%2Fb/points",
		"a b?c#d": "/customers/a%20b%3Fc%23d/points", "a%2Fb": "/customers/a%252Fb/points"} {
		asked.Store("")
		if _, err := posClient.Balance(t.Context(), id); err != nil || asked.Load() != want {
			t.Errorf("%q asked for %v, %v", id, asked.Load(), err)
		}
		asked.Store("")
		for _, none := range []string{"", ".", ".."} {
			if _, err := posClient.Balance(t.Context(), none); domain.KindOf(err) != domain.KindRefused ||
				asked.Load() != "" {
				t.Errorf("%q asked for %v, %v", none, asked.Load(), err)
			}
		}
	}
}

func TestNoRedirects(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	posClient := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}), patience)
	if _, err := posClient.Deduct(t.Context(), oddTake()); domain.KindOf(err) != domain.KindUnknown ||
		asked.Load() != 1 {
		t.Fatalf("asked %d times, %v", asked.Load(), err)
	}
}

func TestEveryDocumentedAnswerIsRead(t *testing.T) {
	t.Parallel()
	read := " history history_by_reference history_empty history_first_page balance "
	for _, c := range goldenOutcomes() {
		read += c.file + " "
	}
	files, err := filepath.Glob("../../testdata/pos/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".json"); !strings.Contains(read, " "+name+" ") {
			t.Errorf("nothing reads %s", name)
		}
	}
}

// TestAByteOrderMark: a POS that begins its answers with one, as some Windows programs do, is understood.
func TestAByteOrderMark(t *testing.T) {
	t.Parallel()
	got, err := client(t, answering(201, "\ufeff"+whole), patience).Deduct(t.Context(), oddTake())
	if err != nil {
		t.Fatal(err)
	}
	if got.Points != -500 || got.Balance == nil || *got.Balance != 750 {
		t.Errorf("moved %d points", got.Points)
	}
	refused := client(t, answering(422, "\ufeff"+`{"code":"insufficient_points"}`), patience)
	if _, err := refused.Deduct(t.Context(), oddTake()); domain.ReasonOf(err) != "insufficient_points" {
		t.Errorf("the refusal reads %v", err)
	}
}
