package api

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reports"
	"pointbridge/test/expect"
)

// fakeReports is a book with a few lines in it, and the real desk before it.
type fakeReports struct {
	reports.Desk
	mu    sync.Mutex
	reads int
	days  []reports.Dated
	stand map[domain.Status]reports.Count
}

func newFakeReports(c *clock) *fakeReports {
	f := &fakeReports{}
	f.Desk = reports.Desk{Store: f, Refunds: f, Clock: waiting{c}, Zone: time.FixedZone("Asia/Tokyo", 9*60*60)}
	return f
}

type waiting struct{ *clock }

func (waiting) After(time.Duration) <-chan time.Time { return nil }

func (f *fakeReports) Figures(_ context.Context, now time.Time, within []reports.Stretch) (reports.Figures, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	out := reports.Figures{Standing: reports.NewStanding(now, f.stand, reports.Count{Coupons: 1, Points: 300})}
	for _, d := range f.days {
		for _, w := range within {
			if from, to := w.Day(w.From), w.Day(w.To-1); d.Day >= from && d.Day <= to {
				out.Days = append(out.Days, d)
			}
		}
	}
	return out, nil
}

func summaryShop(t *testing.T) *shop {
	s := newShop(t)
	day := func(date string) int64 {
		at, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		return at.Unix() / 86400
	}
	s.reports.stand = map[domain.Status]reports.Count{domain.Active: {Coupons: 3, Points: 1000},
		domain.Used: {Coupons: 2, Points: 500}, domain.Pending: {Coupons: 1, Points: 100}}
	s.reports.days = []reports.Dated{
		{Day: day("2026-02-27"), Key: reports.Key{Kind: reports.Issued}, Count: reports.Count{Coupons: 4, Points: 900}},
		{Day: day("2026-03-01"), Key: reports.Key{Kind: reports.Issued}, Count: reports.Count{Coupons: 2, Points: 700}},
		{Day: day("2026-03-01"), Key: reports.Key{Kind: reports.Cancelled, Detail: "other"},
			Count: reports.Count{Coupons: 1, Points: 200}},
		{Day: day("2026-03-01"), Key: reports.Key{Kind: reports.Refused, Detail: "cancellation.refused"},
			Count: reports.Count{Coupons: 3, Points: 0}},
		{Day: day("2026-03-01"), Key: reports.Key{Kind: reports.Refused, Detail: "=cmd|' /C calc'!A0"},
			Count: reports.Count{Coupons: 1, Points: 0}},
	}
	return s
}

func TestSummary(t *testing.T) {
	t.Parallel()
	t.Run("each day, the total, and what is outstanding now", func(t *testing.T) {
		t.Parallel()
		s := summaryShop(t)
		got := s.call(domain.RoleECAdmin, http.MethodGet, summaryPath+"?from=2026-02-27&to=2026-03-01", "").want(t, 200,
			"")
		if got.body["points_outstanding"] != 700.0 || got.body["time_zone"] != "Asia/Tokyo" ||
			got.body["as_of"] != "2026-03-01T12:00:00Z" {
			t.Errorf("got %s", got.raw)
		}
		standing, total := fmt.Sprint(got.body["standing"]), fmt.Sprint(got.body["total"])
		if !strings.Contains(standing, "active:map[coupons:2 points:700] all:map[coupons:6 points:1600]") ||
			!strings.Contains(standing, "expired:map[coupons:1 points:300]") ||
			!strings.Contains(standing, "on_the_way:map[coupons:1 points:100]") {
			t.Errorf("standing %s", standing)
		}
		if !strings.Contains(total, "issued:map[coupons:6 points:1600]") || !strings.Contains(total,
			"cancelled_by_reason:map[other:map[coupons:1 points:200]]") || !strings.Contains(total, "refused:4 ") {
			t.Errorf("total %s", total)
		}
		days, _ := got.body["days"].([]any)
		if len(days) != 3 || !strings.Contains(fmt.Sprint(days[1]), "date:2026-02-28") ||
			!strings.Contains(fmt.Sprint(days[1]), "issued:map[coupons:0 points:0]") {
			t.Errorf("days %v", days)
		}
	})
	t.Run("without dates it is the last thirty days of the shop", func(t *testing.T) {
		t.Parallel()
		s := summaryShop(t)
		s.clock.Advance(3 * time.Hour) // midnight in Tokyo
		got := s.call(domain.RoleSystemAdmin, http.MethodGet, summaryPath, "").want(t, 200, "")
		if days, _ := got.body["days"].([]any); got.body["from"] != "2026-02-01" || got.body["to"] != "2026-03-02" ||
			len(days) != 30 {
			t.Errorf("got %s", got.raw)
		}
	})
	t.Run("a period is at most 366 days, forwards, of days that exist", func(t *testing.T) {
		t.Parallel()
		s := summaryShop(t)
		for _, bad := range []string{"from=2026-03-02&to=2026-03-01", "from=2025-03-01&to=2026-03-02",
			"from=2026-02-30", "to=2026-13-01", "to=tomorrow", "from=1969-12-31&to=1970-01-01", "format=xml"} {
			s.call(domain.RoleECAdmin, http.MethodGet, summaryPath+"?"+bad, "").want(t, 422, domain.CodeValidation)
		}
		if s.reports.reads != 0 {
			t.Error("it was read all the same")
		}
		s.call(domain.RoleECAdmin, http.MethodGet, summaryPath+"?from=2024-01-01&to=2024-12-31", "").want(t, 200, "")
	})
}

func TestSummaryAsTable(t *testing.T) {
	t.Parallel()
	s := summaryShop(t)
	got := s.call(domain.RoleECAdmin, http.MethodGet, summaryPath+"?from=2026-02-27&to=2026-03-01&format=csv",
		"").want(t, 200, "")
	kind := got.header.Get("Content-Type")
	expect.That(t, `kind to begin with "text/csv"`, strings.HasPrefix(kind, "text/csv"), kind)
	expect.Equal(t, `got.header.Get("Content-Disposition")`, got.header.Get("Content-Disposition"),
		`attachment; filename="summary-2026-02-27-2026-03-01.csv"`)
	lines, err := csv.NewReader(strings.NewReader(got.raw)).ReadAll()
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "len(lines)", len(lines), 5, lines)
	cell := func(line int, name string) string { return lines[line][slices.Index(lines[0], name)] }
	if cell(1, "date") != "2026-02-27" || cell(1, "issued") != "4" || cell(2, "issued") != "0" ||
		cell(3, "cancelled_other_points") != "200" ||
		cell(4, "date") != "total" || cell(4, "issued_points") != "1600" || cell(4, "refused") != "4" ||
		cell(4, "points_outstanding") != "700" || cell(3, "points_outstanding") != "" {
		t.Errorf("got %s", got.raw)
	}
	if !slices.Contains(lines[0], "'=cmd|' /C calc'!A0") {
		t.Errorf("a spreadsheet would take a name for a formula: %v", lines[0])
	}
}

// Refunded has one refund of each of two people.
func (f *fakeReports) Refunded(_ context.Context, within []reports.Stretch) (list []reports.Refunded, err error) {
	for _, w := range within {
		list = append(list, reports.Refunded{Day: w.Day(w.From), Actor: "staff:1", Name: "=Ueda", Reason: "other",
			Count: reports.Count{Coupons: 1, Points: 200}}, reports.Refunded{Day: w.Day(w.From), Actor: "key:abc", Name: "Till",
			Reason: "other", Count: reports.Count{Coupons: 2, Points: 700}})
	}
	return list, nil
}

func TestTheRefundReportIsAskedForAsTheOthersAre(t *testing.T) {
	t.Parallel()
	s := summaryShop(t)
	const path = refundReportPath + "?from=2026-03-01&to=2026-03-02"
	got := s.call(domain.RoleStoreManager, http.MethodGet, path+"&by=person", "").want(t, 200, "")
	expect.That(t, "lines and total are there", strings.Contains(fmt.Sprint(got.body["lines"]), "map[coupons:2 key:key:abc name:Till points:700]") &&
		fmt.Sprint(got.body["total"]) == "map[coupons:3 points:900]", got.raw)
	table := s.call(domain.RoleStoreManager, http.MethodGet, path+"&by=person&format=csv", "")
	expect.Equal(t, "the table", string(table.raw),
		"\ufeffperson,name,coupons,points\r\nkey:abc,Till,2,700\r\nstaff:1,'=Ueda,1,200\r\ntotal,,3,900\r\n")
	for _, query := range []string{path + "&by=odd", refundReportPath + "?from=2026-03-02&to=2026-03-01",
		refundReportPath + "?from=2024-01-01&to=2026-03-01"} {
		s.call(domain.RoleStoreManager, http.MethodGet, query, "").want(t, 422, "validation_failed")
	}
	s.call(domain.RoleStaff, http.MethodGet, path, "").want(t, 403, "permission_denied")
}
