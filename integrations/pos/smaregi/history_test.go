package smaregi_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/pos/smaregi"
	"pointbridge/test/expect"
)

// till answers questions about transactions with rows, and keeps the questions.
type till struct {
	mu    sync.Mutex
	asked []url.Values
	rows  func(q url.Values) any
}

func (s *till) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/token"):
		_, _ = w.Write([]byte(`{"access_token":"issued-token","expires_in":3600}`))
	case strings.HasSuffix(r.URL.Path, "/transactions"):
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Query())
		s.mu.Unlock()
		_ = json.NewEncoder(w).Encode(s.rows(r.URL.Query()))
	default:
		_, _ = w.Write([]byte(`{"customerId":"` + taro + `","customerCode":"C-70934"}`))
	}
}

// told makes a client that hears these rows on the first page, and none on the next.
func told(t *testing.T, rows any) *smaregi.Client {
	t.Helper()
	s := &till{rows: func(q url.Values) any {
		if q.Get("page") != "1" {
			return []any{}
		}
		return rows
	}}
	c, err := smaregi.New(smaregi.Config{Account: account, ClientID: "a", ClientSecret: "s", Clock: clock,
		Timeout: patience}, &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		return record(s, r), nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// row is a deduction of 500, changed by pairs of a field and its value.
func row(change ...string) map[string]any {
	r := map[string]any{"transactionHeadId": "1001", "transactionDateTime": "2026-11-21T10:02:03+09:00",
		"transactionHeadDivision": "7", "newPoint": "0", "spendPoint": "500", "point": "1250", "totalPoint": "750",
		"customerId": taro}
	for i := 0; i+1 < len(change); i += 2 {
		r[change[i]] = change[i+1]
	}
	return r
}

func without(r map[string]any, names ...string) map[string]any {
	r = maps.Clone(r)
	for _, name := range names {
		delete(r, name)
	}
	return r
}

// How Smaregi writes what its two kinds of change did is documented nowhere. Whichever way it is, the balances decide
// where they are told, and nothing is believed that contradicts itself.
func TestEntries_WhatARowDid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		row  map[string]any
		want int64 // zero: no entry
		err  string
	}{
		"spent":                            {row(), -500, ""},
		"given below zero":                 {row("newPoint", "-500", "spendPoint", "0"), -500, ""},
		"given, and the balances say less": {row("newPoint", "500", "spendPoint", "0"), -500, ""},
		"spent, and no balances":           {without(row(), "point", "totalPoint"), -500, ""},
		"given, and no balances": {
			without(row("newPoint", "500", "spendPoint", "0"), "point", "totalPoint"), 0, "ambiguous",
		},
		"another figure than the balances": {row("spendPoint", "400"), 0, "ambiguous"},
		"no figure":                        {without(row(), "newPoint", "spendPoint"), 0, "ambiguous"},
		"taken, and there is more": {
			row("totalPoint", "1750", "newPoint", "500", "spendPoint", "0"), 0, "ambiguous",
		},
		"added": {
			row("transactionHeadDivision", "6", "newPoint", "500", "spendPoint", "0", "totalPoint", "1750"),
			500, "",
		},
		"added, and there is less": {row("transactionHeadDivision", "6"), 0, "ambiguous"},
		"added nothing": {
			row("transactionHeadDivision", "6", "spendPoint", "0", "totalPoint", "1250"), 0, "ambiguous",
		},
		"expired": {row("transactionHeadDivision", "8"), -500, ""},
		"a sale that gave and took": {
			row("transactionHeadDivision", "1", "newPoint", "10", "totalPoint", "760"), -490, "",
		},
		"a sale the other way round": {
			row("transactionHeadDivision", "1", "totalPoint", "1750"), 0, "ambiguous",
		},
		"a return": {
			row("transactionHeadDivision", "1", "newPoint", "-10", "spendPoint", "0", "totalPoint", "1240"),
			-10, "",
		},
		"money put into the till": {
			without(row("transactionHeadDivision", "2"), "newPoint", "spendPoint", "point", "totalPoint"), 0,
			"",
		},
		"no kind":               {without(row(), "transactionHeadDivision"), 0, "ambiguous"},
		"another member's":      {row("customerId", "8812370935"), 0, "another_member"},
		"nobody's":              {without(row(), "customerId"), 0, "another_member"},
		"no id":                 {without(row(), "transactionHeadId"), 0, "nonsense"},
		"an id that is none":    {row("transactionHeadId", "x"), 0, "nonsense"},
		"no time":               {without(row(), "transactionDateTime"), 0, "nonsense"},
		"a time without a zone": {row("transactionDateTime", "2026-11-21T10:02:03"), 0, "nonsense"},
		"yesterday's": {
			row("transactionDateTime", "2026-11-20T10:02:03+09:00"), 0, "another_time",
		},
		"a second before the window": {
			row("transactionDateTime", "2026-11-21T09:57:02+09:00"), 0, "another_time",
		},
		"a second after the window": {
			row("transactionDateTime", "2026-11-21T10:07:04+09:00"), 0, "another_time",
		},
		"at its beginning":     {row("transactionDateTime", "2026-11-21T09:57:03+09:00"), -500, ""},
		"at its end":           {row("transactionDateTime", "2026-11-21T10:07:03+09:00"), -500, ""},
		"a fraction":           {row("spendPoint", "500.0"), 0, "nonsense"},
		"a blank":              {row("spendPoint", ""), 0, "nonsense"},
		"beyond every balance": {row("totalPoint", "9999999999999"), 0, "nonsense"},
		"a kind that is not known, and nothing": {
			row("transactionHeadDivision", "99", "spendPoint", "0", "totalPoint", "1250"), 0, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := told(t, []any{c.row}).
				Entries(t.Context(), taro, now.Add(-5*time.Minute), now.Add(5*time.Minute))
			if c.err != "" {
				expect.MustThat(t, "err != nil", err != nil, got)
				expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnknown, err)
				expect.Equal(t, "domain.ReasonOf(err)", domain.ReasonOf(err), c.err, err)
				tellsNothing(t, err)
				return
			}
			expect.MustEqual(t, "err", err, nil)
			if c.want == 0 {
				expect.Equal(t, "the number of entries", len(got), 0)
				return
			}
			expect.MustEqual(t, "the number of entries", len(got), 1)
			expect.Equal(t, "got[0].Points", got[0].Points, c.want)
		})
	}
}

// A list is whole or an error: one row that cannot be read makes the others worth nothing.
func TestEntries_WholeOrAnError(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string]any{
		"a bad row among good ones": []any{row(), row("transactionHeadId", "1002", "customerId", "1")},
		"the same row twice":        []any{row(), row()},
		"null for a row":            []any{row(), nil},
		"no list":                   map[string]any{"transactions": []any{row()}},
		"null":                      nil,
		"a sentence":                "none",
	} {
		got, err := told(t, rows).Entries(t.Context(), taro, now.Add(-5*time.Minute), now.Add(5*time.Minute))
		expect.That(t, "err != nil", err != nil, name, got)
		expect.Equal(t, name, domain.KindOf(err), domain.KindUnknown, err)
		expect.Equal(t, "entries of "+name, len(got), 0)
	}
}

// pages answers with so many rows, however many are asked for at most.
func pages(total, most int) func(url.Values) any {
	return func(q url.Values) any {
		page, _ := strconv.Atoi(q.Get("page"))
		list := []any{}
		for i := (page - 1) * most; i < min(page*most, total); i++ {
			list = append(list, row("transactionHeadId", strconv.Itoa(2000+i), "spendPoint", "1",
				"point", strconv.Itoa(5000-i), "totalPoint", strconv.Itoa(5000-i-1)))
		}
		return list
	}
}

// The last page is the one that is empty, whatever Smaregi puts on one at most.
func TestEntries_AllPages(t *testing.T) {
	t.Parallel()
	for _, most := range []int{100, 30, 1} {
		s := &till{rows: pages(90, most)}
		got, err := client(t, s, unlimited).Entries(t.Context(), taro, now, now)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "the number of entries", len(got), 90)
		for i, e := range got {
			expect.Equal(t, "ID", e.ID, strconv.Itoa(2000+i))
		}
		expect.Equal(t, "pages", len(s.asked), (90+most-1)/most+1)
	}
	t.Run("without an end", func(t *testing.T) {
		t.Parallel()
		_, err := client(t, &till{rows: pages(1<<20, 100)}, unlimited).
			Entries(t.Context(), taro, now, now)
		expect.Equal(t, "domain.ReasonOf(err)", domain.ReasonOf(err), domain.ReasonAmbiguous, err)
	})
	t.Run("the same page for ever", func(t *testing.T) {
		t.Parallel()
		_, err := client(t, &till{rows: func(url.Values) any { return []any{row()} }}).
			Entries(t.Context(), taro, now, now)
		expect.Equal(t, "domain.ReasonOf(err)", domain.ReasonOf(err), "repeated", err)
	})
}

// unlimited gives the client a clock on which no limit is ever reached.
func unlimited(cfg *smaregi.Config) {
	var mu sync.Mutex
	at := now
	cfg.Clock = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		at = at.Add(time.Second)
		return at
	}
}

// Windows are told in Japan's time, to the second, wide enough for any fraction of one, and at most thirty days long
// each; together they leave no second out and have none twice.
func TestEntries_Windows(t *testing.T) {
	t.Parallel()
	newYork := time.FixedZone("", -5*60*60)
	for name, c := range map[string]struct {
		from, to time.Time
		want     []string
	}{
		"a moment": {now, now, []string{"2026-11-21T10:02:03+09:00", "2026-11-21T10:02:03+09:00"}},
		"a fraction": {
			now.Add(time.Millisecond), now.Add(2 * time.Millisecond),
			[]string{"2026-11-21T10:02:03+09:00", "2026-11-21T10:02:04+09:00"},
		},
		"midnight in Japan": {
			time.Date(2026, 11, 20, 14, 59, 59, 0, time.UTC), time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC),
			[]string{"2026-11-20T23:59:59+09:00", "2026-11-21T00:00:00+09:00"}},
		"from another zone": {
			time.Date(2026, 12, 31, 10, 0, 0, 0, newYork), time.Date(2026, 12, 31, 10, 0, 1, 0, newYork),
			[]string{"2027-01-01T00:00:00+09:00", "2027-01-01T00:00:01+09:00"}},
		"thirty days": {
			now, now.Add(30*24*time.Hour - time.Second),
			[]string{"2026-11-21T10:02:03+09:00", "2026-12-21T10:02:02+09:00"},
		},
		"a second more": {now, now.Add(30 * 24 * time.Hour), []string{
			"2026-11-21T10:02:03+09:00", "2026-12-21T10:02:02+09:00",
			"2026-12-21T10:02:03+09:00", "2026-12-21T10:02:03+09:00"}},
	} {
		s := &till{rows: func(url.Values) any { return []any{} }}
		_, err := client(t, s).Entries(t.Context(), taro, c.from, c.to)
		expect.MustEqual(t, "err", err, nil, name)
		var got []string
		for _, q := range s.asked {
			got = append(got, q.Get("transaction_date_time-from"), q.Get("transaction_date_time-to"))
		}
		expect.Equal(t, name, got, c.want)
	}
	for name, c := range map[string][2]time.Time{"backwards": {now, now.Add(-time.Second)},
		"more than a year": {now, now.Add(400 * 24 * time.Hour)}} {
		s := &till{rows: func(url.Values) any { return []any{} }}
		_, err := client(t, s).Entries(t.Context(), taro, c[0], c[1])
		expect.Equal(t, name, domain.ReasonOf(err), "invalid_window", err)
		expect.Equal(t, "questions", len(s.asked), 0)
	}
}

// Entries come in the order in which they were booked: by time, and within a second by number, not by text.
func TestEntries_InOrder(t *testing.T) {
	t.Parallel()
	got, err := told(t, []any{
		row("transactionHeadId", "1000", "transactionDateTime", "2026-11-21T10:02:03+09:00"),
		row("transactionHeadId", "999", "transactionDateTime", "2026-11-21T01:02:03Z"),
		row("transactionHeadId", "1001", "transactionDateTime", "2026-11-21T10:02:02+09:00"),
	}).Entries(t.Context(), taro, now.Add(-time.Minute), now)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "the order", ids(got), []string{"1001", "999", "1000"})
}

func ids(of []coupons.Entry) (list []string) {
	for _, e := range of {
		list = append(list, e.ID)
	}
	return list
}
