package generic_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/integrations/sim"
	simpos "pointbridge/integrations/sim/pos"
	"pointbridge/test/expect"
)

// covers: 004-36
func TestHistory_GoldenAnswers(t *testing.T) {
	t.Parallel()
	q := books.HistoryQuery{CustomerID: "8812370934"}
	for file, want := range map[string]struct {
		entries int
		next    string
	}{"history": {3, ""}, "history_first_page": {2, "1"}, "history_empty": {0, ""}} {
		page, err := client(t, readGolden(t, file), patience).History(t.Context(), q)
		if err != nil || len(page.Entries) != want.entries || page.Next != want.next {
			t.Errorf("%s is read as %+v, %v", file, page, err)
		}
	}
	page, err := client(t, readGolden(t, "history"), patience).History(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	sale, back, take := page.Entries[0], page.Entries[1], page.Entries[2]
	expect.MustEqual(t, "sale.Reference", sale.Reference, "", page)
	expect.MustEqual(t, "sale.Points", sale.Points, -200, page)
	expect.MustEqual(t, "take.Points", take.Points, -500, page)
	expect.MustEqual(t, "take.Reference", take.Reference, "COUPON-70934-AB12CD-500", page)
	expect.MustEqual(t, "back.Points", back.Points, 500, page)
	expect.MustEqual(t, "back.RelatedReference", back.RelatedReference, take.Reference, page)
	expect.MustEqual(t, "back.ID", back.ID, "e2", page)
	expect.MustEqual(t, "back.At.IsZero()", back.At.IsZero(), false, page)
	for file, want := range map[string]domain.Kind{"customer_not_found": domain.KindRefused,
		"unauthorized": domain.KindAuth, "forbidden": domain.KindAuth,
		"rate_limited_seconds": domain.KindThrottled, "invalid_request": domain.KindRefused} {
		_, err := client(t, readGolden(t, file), patience).History(t.Context(), q)
		expect.MustThat(t, "err != nil", err != nil, file)
		expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), want, file, err)
	}
}

// covers: H-09
func TestHistory_OddAnswersAreUnknown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
	}{
		"no list":                    {200, `{"next_cursor":null}`},
		"nothing":                    {200, ``},
		"half":                       {200, `{"entries":[`},
		"an entry without points":    {200, `{"entries":[{"entry_id":"e1"}]}`},
		"an entry of two minds":      {200, `{"entries":[{"deducted_amount":5,"added_amount":5}]}`},
		"a fraction":                 {200, `{"entries":[{"amount":0.5}]}`},
		"somebody else's":            {200, `{"entries":[{"amount":5,"customer_id":"2"}]}`},
		"the same page again":        {200, `{"entries":[{"amount":5}],"next_cursor":"7"}`},
		"an empty page that goes on": {200, `{"entries":[],"next_cursor":"8"}`},
		"an error":                   {500, `{"entries":[]}`},
		"another place":              {307, ``},
		"more than anybody writes":   {200, `{"entries":[` + strings.Repeat(" ", 2<<20) + `]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := client(t, answering(c.status, c.body), patience).History(t.Context(),
				books.HistoryQuery{CustomerID: "1", Cursor: "7"})
			expect.MustThat(t, "err != nil", err != nil)
			expect.MustEqual(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnknown, err)
			expect.MustEqual(t, "len(page.Entries)", len(page.Entries), 0, err)
		})
	}
	page, err := client(t, answering(200, `{"entries":[{"deducted_amount":5},{"added_amount":6}]}`),
		time.Second).History(t.Context(), books.HistoryQuery{CustomerID: "1"})
	if err != nil || page.Entries[0].Points != -5 || page.Entries[1].Points != 6 {
		t.Fatalf("plain figures read as %+v, %v", page, err)
	}
}

func TestHistory_AgainstTheSimulator(t *testing.T) {
	t.Parallel()
	faults := &sim.Faults{}
	at := now
	server, err := simpos.New(simpos.Config{Token: "token", Clock: func() time.Time { return at }, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	server.AddCustomer("1", "Taro", 100)
	for range 7 {
		at = at.Add(time.Second)
		server.SellAtPOS("1", 1)
	}
	posClient := client(t, server, patience)
	list := func(q books.HistoryQuery) string {
		t.Helper()
		q.CustomerID = "1"
		var ids []string
		for range 20 {
			page, err := posClient.History(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Entries {
				ids = append(ids, e.ID)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return strings.Join(ids, " ")
			}
			server.SellAtPOS("1", 1) // what arrives while pages are turned shifts nothing
		}
		return "no end"
	}
	if got := list(books.HistoryQuery{Limit: 3}); got != "e7 e6 e5 e4 e3 e2 e1" {
		t.Fatal(got)
	}
	if got := list(books.HistoryQuery{From: now.Add(2 * time.Second),
		To: now.Add(5 * time.Second)}); got != "e4 e3 e2" {
		t.Fatal(got)
	}
	if _, err := posClient.History(t.Context(),
		books.HistoryQuery{CustomerID: "9"}); domain.ReasonOf(err) != domain.ReasonCustomerNotFound {
		t.Fatal(err)
	}
	posClient = client(t, server, longEnough)
	for _, mode := range []sim.Mode{sim.Hang, sim.BrokenAnswer, sim.Internal} {
		faults.Add(sim.Rule{Act: "pos.history", Mode: mode})
		_, err := posClient.History(t.Context(), books.HistoryQuery{CustomerID: "1"})
		expect.MustThat(t, "err != nil", err != nil, mode)
		expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnknown, mode, err)
	}
}

// FuzzHistory: whatever a POS says, the reader does not panic, and every line it believes has a figure.
func FuzzHistory(f *testing.F) {
	f.Add(`{"entries":[` + whole + `],"next_cursor":"5"}`)
	f.Add(`{"entries":[null],"next_cursor":null}`)
	f.Fuzz(func(t *testing.T, body string) {
		page, err := hears(t, body).History(t.Context(), books.HistoryQuery{CustomerID: "1"})
		if err == nil && (!json.Valid([]byte(body)) || len(page.Entries) > strings.Count(strings.ToLower(body),
			"amount")) {
			t.Fatalf("believed %+v", page)
		}
	})
}
