package console

import (
	"bytes"
	"encoding/csv"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// cells reads a table's rows, whatever they are of.
func cells(n *html.Node) (rows [][]string) {
	for _, tr := range world.Elements(n, "tr") {
		var row []string
		for c := range tr.ChildNodes() {
			if c.Type == html.ElementNode {
				row = append(row, world.TextOf(c))
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// managersName is what the header calls whoever is signed in.
func managersName(v *world.Visitor) string {
	v.T.Helper()
	for _, a := range v.Get("/admin/account").All("a") {
		if names := world.Elements(a, "strong"); world.Attribute(a, "class") == "person" && len(names) == 1 {
			return world.TextOf(names[0])
		}
	}
	v.T.Fatal("nobody is named")
	return ""
}

// TestConsoleLists: a refund of today is found by its day, its person and its reason, on the page and in the files of
// it; a refused conversion is no coupon; what the address asks for and nobody knows is said.
func TestConsoleLists(t *testing.T) {
	t.Parallel()
	midday, _ := world.Midday()
	file, _ := world.StartFreshDemo(t, t.TempDir(), midday)
	code, kept := world.MadeCoupon(t, file, "12345", 700), world.MadeCoupon(t, file, "20001", 300)
	v, staff, admin := world.ConsoleVisitor(t, file, "store_manager"), world.ConsoleVisitor(t, file, "staff"),
		world.ConsoleVisitor(t, file, "ec_admin")
	v.Submit(endingOf(v, "cancel", code, "issued_in_error", ""), "/admin/coupons/"+code+"/cancel", nil)
	v.Ended(code, "Cancelled")

	t.Run("the report counts it by person, by reason and by day, and leads to the coupon", func(t *testing.T) {
		for by, name := range map[string]string{"person": managersName(v), "reason": "Issued in error", "day": ""} {
			p := v.Get("/admin/refunds?range=today&by=" + by)
			rows := cells(p.ByID("refunds-by"))
			expect.MustEqual(t, "len(rows)", len(rows), 3, by, rows)
			expect.That(t, "the line has the points", rows[1][1] == "1" && rows[1][2] == "700" && strings.HasPrefix(rows[1][0], name), rows)
			links := world.Elements(p.ByID("refunds-by"), "a")
			expect.MustEqual(t, "len(links)", len(links), 1, by)
			list := v.Get(world.Attribute(links[0], "href"))
			list.Has(t, code, "12345", "700", "Issued in error", managersName(v))
			expect.That(t, "another coupon is not in it", !strings.Contains(list.Raw, kept))
		}
		expect.Equal(t, "yesterday has what the demo began with", world.TextOf(v.Get("/admin/refunds").ByID("refunded")), "4")
	})
	t.Run("a refused conversion stands in its own list, and counts once", func(t *testing.T) {
		poor := file.Customers[3].ID
		blocked := func() int {
			n, _ := strconv.Atoi(world.TextOf(admin.Get("/admin/dashboard?range=today").ByID("blocked")))
			return n
		}
		before, all := blocked(), countsOf(v.Get("/admin/coupons"))["All"]
		got := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}.Do("POST", "/v1/customers/"+poor+"/conversions", "too-much",
			`{"points": 500}`)
		expect.MustEqual(t, "got.Status", got.Status, 422, got.Raw)
		world.Eventually(t, "it is counted", func() bool { return blocked() > before })
		expect.Equal(t, "blocked()", blocked(), before+1)
		expect.Equal(t, "all coupons", countsOf(v.Get("/admin/coupons"))["All"], all)
		list := v.Get("/admin/refused-conversions?range=today")
		list.Has(t, poor, "500", "Not enough points")
		expect.Equal(t, "len(rows)", len(cells(list.All("table")[0])), 2)
	})
	t.Run("the files have what is shown", func(t *testing.T) {
		query := "on=cancelled&range=today&col=customer&col=points&col=cancelled&col=by&col=reason"
		file := v.Get("/admin/coupons/export?format=csv&" + query)
		rest, marked := strings.CutPrefix(file.Raw, "\ufeff")
		expect.That(t, "it has a mark", marked)
		rows, err := csv.NewReader(strings.NewReader(rest)).ReadAll()
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(rows)", len(rows), 2, rows)
		expect.Equal(t, "heads", strings.Join(rows[0], "|"), "Code|Member number|Customer|Points|Refunded|Cancelled by|Reason")
		expect.That(t, "the row is the coupon's", rows[1][0] == code && rows[1][1] == "12345" && rows[1][3] == "700" &&
			rows[1][6] == "Issued in error" && len(rows[1][4]) == len("2006-01-02 15:04"), rows[1])
		book := v.Get("/admin/coupons/export?format=xlsx&" + query)
		expect.That(t, "it is a workbook", bytes.HasPrefix([]byte(book.Raw), []byte("PK")), book.Status)
		expect.Equal(t, "an odd format", v.Get("/admin/coupons/export?format=pdf").Status, 422)
		report := v.Get("/admin/refunds/export?format=csv&range=today&by=reason")
		expect.That(t, "the report is a file", strings.Contains(report.Raw, "Issued in error,1,700\r\nTotal,1,700"), report.Raw)
		admin.Get("/admin/audit?action=table.exported").Has(t, "Took a list along as a file (1 row).")
	})
	t.Run("a list is kept under a name, as it is asked for", func(t *testing.T) {
		query := "on=cancelled&range=yesterday&sort=points"
		p := v.Submit(v.Get("/admin/coupons?"+query), "/admin/views", url.Values{"name": {"Refunds of yesterday"}})
		expect.Equal(t, "p.URL.RawQuery", p.URL.RawQuery, query)
		at := p.Link("Refunds of yesterday")
		expect.Equal(t, "the view's address", at, "/admin/coupons?"+query)
		expect.That(t, "it is nobody else's", !strings.Contains(admin.Get("/admin/coupons").Raw, "Refunds of yesterday"))
		token := world.FieldsOf(p.Form("/admin/views")).Get("form_token")
		for _, odd := range []url.Values{{"name": {"x"}, "query": {"col=odd"}}, {"name": {"x"}, "query": {"range=odd"}},
			{"name": {" "}, "query": {""}}, {"name": {strings.Repeat("x", 61)}, "query": {""}}} {
			odd.Set("form_token", token)
			expect.Equal(t, "what nobody understands", v.Post("/admin/views", odd).Status, 422, odd)
		}
		for _, f := range p.All("form") {
			if strings.HasSuffix(world.Attribute(f, "action"), "/remove") {
				p = v.Submit(p, world.Attribute(f, "action"), nil)
				break
			}
		}
		expect.Equal(t, "the view is gone", p.Link("Refunds of yesterday"), "")
	})
	t.Run("what the address asks for and nobody knows is said", func(t *testing.T) {
		for _, query := range []string{"col=odd", "range=odd", "from=2026-02-30", "from=2026-03-02&to=2026-03-01", "on=odd",
			"by=staff:1", "on=cancelled&reason=odd", "to=2026-03-01"} {
			p := v.Get("/admin/coupons?" + query)
			expect.Equal(t, "p.Status", p.Status, 422, query)
			expect.Equal(t, "len(rowsOf(p))", len(rowsOf(p)), 0, query)
		}
		expect.Equal(t, "another line", v.Get("/admin/refunds?by=odd").Status, 422)
	})
	t.Run("general staff see no refund report", func(t *testing.T) {
		expect.Equal(t, "the page", staff.Get("/admin/refunds").Status, 403)
		for role, status := range map[string]int{"staff": 403, "store_manager": 200} {
			got := world.Caller{T: t, Base: file.API, Key: file.Keys[role]}.Do("GET", "/v1/reports/refunds?by=reason", "", "")
			expect.Equal(t, "the API", got.Status, status, role, got.Raw)
		}
	})
}
