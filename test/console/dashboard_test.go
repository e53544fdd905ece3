package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// barsOf reads what a chart's bars stand for, by day.
func barsOf(t *testing.T, p world.SeenPage, kind string) map[string]string {
	t.Helper()
	bars := map[string]string{}
	for _, f := range p.All("figure") {
		if !strings.Contains(world.Attribute(f, "class"), kind) {
			continue
		}
		tallest, most := 0.0, 0.0
		for _, r := range world.Elements(f, "rect") {
			bars[world.Attribute(r, "data-day")] = world.Attribute(r, "data-count")
			height, err := strconv.ParseFloat(world.Attribute(r, "height"), 64)
			if err != nil {
				t.Fatal(err)
			}
			n, _ := strconv.ParseFloat(world.Attribute(r, "data-count"), 64)
			if (n > most) != (height > tallest) {
				t.Errorf("%s: %v is drawn %v high", kind, n, height)
			}
			tallest, most = max(tallest, height), max(most, n)
		}
		if len(world.Elements(f, "title")) == 0 || len(world.Elements(f, "desc")) != 1 {
			t.Errorf("%s has no words", kind)
		}
	}
	return bars
}

// tableOf reads the cells of the table with this id, row by row.
func tableOf(p world.SeenPage, id string) (rows [][]string) {
	table := p.ByID(id)
	if table == nil {
		return nil
	}
	for _, tr := range world.Elements(table, "tr") {
		var row []string
		for n := range tr.ChildNodes() {
			if n.Type == html.ElementNode {
				if times := world.Elements(n, "time"); len(times) == 1 {
					row = append(row, world.Attribute(times[0], "datetime"))
				} else {
					row = append(row, world.TextOf(n))
				}
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// covers: 001-42, 001-50, 004-50
func TestConsoleDashboard(t *testing.T) {
	t.Parallel()
	midday, zone := world.Midday()
	file, _ := world.StartFreshDemo(t, t.TempDir(), midday)
	v := world.ConsoleVisitor(t, file, "ec_admin")
	code := world.MadeCoupon(t, file, "12345", 700)
	world.MadeCoupon(t, file, "20001", 300)
	v.Submit(endingOf(v, "cancel", code, "customer_request", ""), "/admin/coupons/"+code+"/cancel", nil)
	v.Ended(code, "Cancelled")
	admin, _ := world.SignIn(t, file, "ec_admin")
	kinds := []string{"issued", "used", "expired", "cancelled"}

	t.Run("of each of those outside it is told when it was last asked", func(t *testing.T) {
		for _, light := range []string{"light-pos", "light-shop", "light-mail", "light-settings"} { // the mail, for one, goes in its own time
			world.Eventually(t, light+" was asked", func() bool {
				return strings.Contains(world.TextOf(v.Get("/admin/dashboard").ByID(light)), "Last asked:")
			})
		}
	})
	t.Run("the charts, their table and the summary tell the same figures", func(t *testing.T) {
		p := v.Get("/admin/dashboard")
		expect.MustEqual(t, "p.Status", p.Status, http.StatusOK, p.Text)
		today := time.Now().In(zone)
		summary := admin.Do("GET", "/v1/reports/summary?from="+today.AddDate(0, 0, -27).Format(time.DateOnly), "", "").Body
		days, _ := summary["days"].([]any)
		rows := tableOf(p, "days")
		if len(days) != 28 || len(rows) != 31 {
			t.Fatalf("%d days, %d rows", len(days), len(rows))
		}
		happened := 0.0
		for column, kind := range kinds {
			bars := barsOf(t, p, kind)
			sum := 0.0
			for i, d := range days {
				day, _ := d.(map[string]any)
				count, _ := day[kind].(map[string]any)
				n, _ := count["coupons"].(float64)
				sum += n
				row := rows[len(rows)-3-i]
				date := fmt.Sprint(day["date"])
				if want := fmt.Sprint(n); bars[date] != want || row[0] != date || row[column+1] != want {
					t.Errorf("%s on %s: the summary has %v, the chart %q, the table %v", kind, date, n, bars[date], row)
				}
			}
			if got := rows[len(rows)-2][column+1]; got != fmt.Sprint(sum) {
				t.Errorf("%s: %s in all, not %v", kind, got, sum)
			}
			happened += sum
		}
		if happened < 3 {
			t.Errorf("%v things happened", happened)
		}
		standing, _ := summary["standing"].(map[string]any)
		active, _ := standing["active"].(map[string]any)
		if got := strings.ReplaceAll(world.TextOf(p.ByID("outstanding")), ",", ""); got != fmt.Sprint(active["points"])+
			" points" {
			t.Errorf("outstanding: %s, not %v", got, active["points"])
		}
		p.Has(t, "Customer's request", "No trouble", "Comparison of the books", "Coupons on the way", "Open reviews")
		if strings.Contains(p.Raw, "style=") || strings.Contains(p.Raw, "<script>") {
			t.Error("style or script stands in the page itself")
		}
	})
	t.Run("a refused attempt is counted", func(t *testing.T) {
		count := func(p world.SeenPage) int {
			n, _ := strconv.Atoi(world.TextOf(p.ByID("blocked")))
			return n
		}
		before := count(v.Get("/admin/dashboard"))
		staff := world.ConsoleVisitor(t, file, "staff")
		token := world.FieldsOf(staff.Get("/admin/account").Form("/admin/sign-out")).Get("form_token")
		staff.Post("/admin/coupons/"+code+"/cancel", url.Values{"form_token": {token}})
		world.Eventually(t, "it is counted", func() bool { return count(v.Get("/admin/dashboard")) == before+1 })
		v.Get("/admin/dashboard").Has(t, "Without the right")
	})
	t.Run("everybody's page has the parts that their rights show, and no way to the others", func(t *testing.T) {
		parts := []string{"refunds-yesterday", "reviews", "outstanding", "blocked", "condition", "standing", "days"}
		for role, shown := range map[string]string{"staff": "standing days",
			"store_manager": "refunds-yesterday reviews standing days",
			"system_admin":  "refunds-yesterday reviews outstanding blocked condition standing days"} {
			p := world.ConsoleVisitor(t, file, role).Get("/admin/dashboard")
			expect.Equal(t, "p.Status", p.Status, 200, role)
			for _, part := range parts {
				expect.Equal(t, "it shows "+part, p.ByID(part) != nil, slices.Contains(strings.Fields(shown), part), role)
			}
		}
	})
	t.Run("days are those that the address asks for, beside those before; what it does not know is said", func(t *testing.T) {
		rows := tableOf(v.Get("/admin/dashboard?range=yesterday"), "days")
		expect.MustEqual(t, "len(rows)", len(rows), 4, rows)
		expect.Equal(t, "the sum of one day", rows[2][1], rows[1][1])
		rows = tableOf(v.Get("/admin/dashboard?from=2026-01-01&to=2026-02-28"), "days")
		expect.Equal(t, "len(rows)", len(rows), 62)
		for _, query := range []string{"range=odd", "from=2026-02-30", "from=2026-03-01&to=2026-02-01", "from=2024-01-01&to=2026-01-01",
			"range=all", "to=2026-02-01"} {
			p := v.Get("/admin/dashboard?" + query)
			expect.Equal(t, "p.Status", p.Status, 422, query)
			p.Has(t, "does not know")
		}
	})
	t.Run("both languages have every word", func(t *testing.T) {
		v.Submit(v.Get("/admin/dashboard"), "/admin/language", nil)
		p := v.Get("/admin/dashboard")
		p.Has(t, "ダッシュボード", "未使用クーポンのポイント", "お客様のご要望")
		if strings.Contains(p.Text(), "dashboard.") {
			t.Error("a key shows")
		}
	})
}
