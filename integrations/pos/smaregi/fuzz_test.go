package smaregi_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"pointbridge/integrations/pos/smaregi"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// record is a handler's answer without a network.
func record(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	res := w.Result()
	res.Request = r
	return res
}

func hears(t *testing.T, body string) *smaregi.Client {
	t.Helper()
	c, err := smaregi.New(smaregi.Config{Account: account, ClientID: "a", ClientSecret: "s", Clock: clock,
		Timeout: patience}, &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		return record(saying(200, asJSON, body), r), nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var aNumber = regexp.MustCompile(`"-?[0-9]+"`)

// FuzzAnswers: whatever Smaregi says, the readers do not panic, and what they believe names the member and whole
// numbers in text.
func FuzzAnswers(f *testing.F) {
	f.Add(changed)
	f.Add(balanceOf)
	f.Add(`{"customerId":"8812370934","customerCode":"C"}`)
	f.Add(`[null,{"point":null}]`)
	f.Add(`{"point":"1e3","customerId":"8812370934"}`)
	f.Fuzz(func(t *testing.T, body string) {
		c := hears(t, body)
		if took, err := c.Deduct(t.Context(), take()); err == nil && (took.Points != -500 || *took.Balance < 0 ||
			!strings.Contains(body, taro) || !aNumber.MatchString(body)) {
			t.Fatalf("applied, with %d left", *took.Balance)
		}
		if _, err := c.Balance(t.Context(), taro); err == nil && !aNumber.MatchString(body) {
			t.Fatal("a balance came from nonsense")
		}
		_, _ = c.Entries(t.Context(), taro, now.Add(-time.Minute), now)
	})
}

// FuzzTransactions: an entry that is believed has an id, lies in the window, and did to the balance what it says.
func FuzzTransactions(f *testing.F) {
	f.Add("1", "2026-11-21T10:02:03+09:00", "7", "0", "500", "1250", "750", taro)
	f.Add("1", "2026-11-21T01:02:03Z", "7", "-500", "0", "1250", "750", taro)
	f.Add("1", "2026-11-21T01:02:03Z", "7", "500", "0", "1250", "750", taro)
	f.Add("1", "2026-11-21T01:02:03Z", "6", "500", "0", "", "x", "1")
	f.Fuzz(func(t *testing.T, id, at, division, given, spent, before, after, member string) {
		row := map[string]string{"transactionHeadId": id, "transactionDateTime": at,
			"transactionHeadDivision": division, "newPoint": given, "spendPoint": spent, "point": before, "totalPoint": after, "customerId": member}
		got, err := told(t, []map[string]string{row}).Entries(t.Context(), taro, now.Add(-time.Minute), now)
		if err != nil || len(got) == 0 {
			return
		}
		e := got[0]
		if member != taro || e.ID != id || e.At.Before(now.Add(-time.Minute)) || e.At.After(now) ||
			*e.PreviousBalance+e.Points != *e.Balance || e.Foreign != (division != "6" && division != "7") ||
			(division == "6" && e.Points < 0) || (division == "7" && e.Points > 0) {
			t.Fatalf("%v is believed to be %+v", row, e)
		}
	})
}
