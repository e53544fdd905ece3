package console

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// row is one row of the coupon list as it is read.
type row struct {
	code, customer, amount, status, ends, action string
	cancel                                       string // the address of the row's button
}

func rowsOf(p world.SeenPage) (list []row) {
	for _, tr := range p.All("tr") {
		cells := slices.DeleteFunc(append(world.Elements(tr, "th"), world.Elements(tr, "td")...), boxed)
		if len(cells) == 5 && world.Attribute(cells[4], "class") == "of-action" { // a member's own do not say whose
			cells = slices.Insert(cells, 1, &html.Node{})
		}
		if len(cells) != 6 || len(world.Elements(tr, "td")) == 0 {
			continue
		}
		r := row{world.TextOf(cells[0]), world.TextOf(cells[1]), world.TextOf(cells[2]), world.TextOf(cells[3]),
			world.TextOf(cells[4]), world.TextOf(cells[5]), ""}
		if links := world.Elements(cells[5], "a"); len(links) == 1 {
			r.cancel = world.Attribute(links[0], "href")
		}
		list = append(list, r)
	}
	return list
}

// codesOf are the codes of a list, whatever columns it has.
func codesOf(p world.SeenPage) (codes []string) {
	for _, tr := range p.All("tr") {
		cells := slices.DeleteFunc(append(world.Elements(tr, "th"), world.Elements(tr, "td")...), boxed)
		if len(cells) > 0 && len(world.Elements(tr, "td")) > 0 {
			codes = append(codes, world.TextOf(cells[0]))
		}
	}
	return codes
}

// boxed reports whether a cell holds the box by which a coupon is chosen.
func boxed(cell *html.Node) bool { return world.Attribute(cell, "class") == "of-pick" }

// counts are the list's filters with the figures on them.
func countsOf(p world.SeenPage) map[string]int {
	counts := map[string]int{}
	for _, a := range p.All("a") {
		if spans := world.Elements(a, "span"); len(spans) == 1 && world.Attribute(spans[0], "class") == "count" {
			n := 0
			_, _ = fmt.Sscan(world.TextOf(spans[0]), &n)
			counts[strings.TrimSpace(strings.TrimSuffix(world.TextOf(a), world.TextOf(spans[0])))] = n
		}
	}
	return counts
}

// covers: 004-10, 004-11, 004-12, 004-13, 004-15, 004-46, 004-59
func TestConsoleCouponList(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	mine, other := world.MadeCoupon(t, file, "12345", 700), world.MadeCoupon(t, file, "20001", 300)
	v, looker := world.ConsoleVisitor(t, file, "ec_admin"), world.ConsoleVisitor(t, file, "staff")

	t.Run("the five columns and the end", func(t *testing.T) {
		list := rowsOf(v.Get("/admin/coupons"))
		expect.MustEqual(t, "len(list)", len(list), 14, list)
		want := row{other, "Emily Carter 20001", "¥300", "Unused", list[0].ends, "Cancel", "/admin/coupons/" + other +
			"/cancel"}
		expect.MustEqual(t, "list[0]", list[0], want)
		expect.That(t, `list[0].ends != ""`, list[0].ends != "")
	})
	t.Run("by customer, by code, its part, in lower case and full width", func(t *testing.T) {
		drawn := strings.ToLower(strings.Split(mine, "-")[1])
		for text, want := range map[string]string{"12345": mine, mine: mine, strings.ToLower(mine): mine, drawn: mine,
			drawn[:4]: mine, " １２３４５ ": mine, "20001": other} {
			p := v.Get("/admin/coupons?" + url.Values{"q": {text}}.Encode())
			list := rowsOf(p)
			expect.MustEqual(t, "len(list)", len(list), 1, text, list)
			expect.Equal(t, "list[0].code", list[0].code, want, text)
			counts := countsOf(p)
			expect.Equal(t, `counts["All"]`, counts["All"], 1, text, counts)
			expect.Equal(t, `counts["Unused"]`, counts["Unused"], 1, text, counts)
			expect.Equal(t, `counts["Expired"]`, counts["Expired"], 0, text, counts)
		}
		for _, text := range []string{"ZZZZZZ", "%", "'", "<script>alert(1)</script>", "\x00", strings.Repeat("A", 500),
			"\xff"} {
			p := v.Get("/admin/coupons?" + url.Values{"q": {text}}.Encode())
			expect.Equal(t, "p.Status", p.Status, 200, text, p.Text)
			expect.MustEqual(t, "len(rowsOf(p))", len(rowsOf(p)), 0, text, p.Text)
			expect.That(t, `p.Text() to contain "Show all coupons"`, strings.Contains(p.Text(), "Show all coupons"),
				text, p.Text)
			expect.That(t, `p.Raw not to contain "<script>alert"`, !strings.Contains(p.Raw, "<script>alert"), text,
				p.Raw, p.Text)
		}
	})
	t.Run("each filter shows as many as it says, and they add up to all", func(t *testing.T) {
		p := v.Get("/admin/coupons")
		counts, sum := countsOf(p), 0
		for _, name := range []string{"Unused", "Used", "Expired", "Cancelled", "On the way", "Suspended", "Forfeited"} {
			var at string
			for _, a := range p.All("a") {
				if strings.HasPrefix(world.TextOf(a), name+" ") {
					at = world.Attribute(a, "href")
				}
			}
			n := len(rowsOf(v.Get(at)))
			if shown, ok := counts[name]; !ok || shown != n || at == "" {
				t.Errorf("%s: %d shown, %d said", name, n, shown)
			}
			sum += n
		}
		expect.Equal(t, "sum", sum, counts["All"], counts)
		expect.Equal(t, "sum", sum, 14, counts)
		expect.Equal(t, `counts["Expired"]`, counts["Expired"], 2, counts)
	})
	t.Run("the orders", func(t *testing.T) {
		list := rowsOf(v.Get("/admin/coupons?sort=amount"))
		expect.MustEqual(t, "list[0].amount", list[0].amount, "¥700")
		expect.Equal(t, "list[13].amount", list[13].amount, "¥100")
		list = rowsOf(v.Get("/admin/coupons?sort=end"))
		expect.MustEqual(t, "list[0].status", list[0].status, "Expired")
		expect.Equal(t, "list[2].status", list[2].status, "Unused")
		p := v.Get("/admin/coupons?col=points&sort=points_least")
		codes := codesOf(p)
		expect.MustEqual(t, "len(codes)", len(codes), 14, p.Text())
		expect.That(t, "the fewest points come first, whatever the days", strings.HasSuffix(codes[0], "-100") &&
			strings.HasSuffix(codes[13], "-700"), codes)
		codes = codesOf(v.Get(p.Link("Points ↑")))
		expect.MustEqual(t, "len(codes)", len(codes), 14)
		expect.That(t, "the column's head turns the order", strings.HasSuffix(codes[0], "-700") &&
			strings.HasSuffix(codes[13], "-100"), codes)
		p = v.Get("/admin/coupons?sort=odd&status=odd&after=odd&before=%00")
		expect.Equal(t, "p.Status", p.Status, 200)
		expect.Equal(t, "len(rowsOf(p))", len(rowsOf(p)), 14)
	})
	t.Run("a button only where it is of use, and to whom", func(t *testing.T) {
		for _, r := range rowsOf(v.Get("/admin/coupons")) {
			expect.Equal(t, `r.cancel != ""`, r.cancel != "", r.status == "Unused")
			expect.That(t, `r.cancel != "" || r.action == "–"`, r.cancel != "" || r.action == "–", r.cancel, r.action)
		}
		for _, r := range rowsOf(looker.Get("/admin/coupons")) {
			if r.cancel != "" || r.action != "–" {
				t.Errorf("general staff can cancel: %+v", r)
			}
		}
	})
	t.Run("the same in Japanese", func(t *testing.T) {
		p := v.Submit(v.Get("/admin/coupons?status=expired&sort=end"), "/admin/language", nil)
		list := rowsOf(p)
		expect.MustEqual(t, "len(list)", len(list), 2, p.URL, list)
		expect.Equal(t, "list[0].status", list[0].status, "期限切れ", p.URL)
		expect.Equal(t, "p.URL.RawQuery", p.URL.RawQuery, "status=expired&sort=end", p.URL)
	})
}

func TestConsoleCouponPages(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	for i, c := range file.Customers {
		if i == 3 || i >= 4 && i < 12 {
			continue // too poor, or the owner of a coupon already
		}
		world.MadeCoupon(t, file, c.ID, 100)
		world.MadeCoupon(t, file, c.ID, 200)
	}
	v := world.ConsoleVisitor(t, file, "staff")
	for _, query := range []string{"", "?sort=end", "?sort=amount", "?sort=points", "?status=active",
		"?status=active&sort=amount", "?q=88"} {
		p := v.Get("/admin/coupons" + query)
		all := countsOf(p)["All"]
		if strings.Contains(query, "active") {
			all = countsOf(p)["Unused"]
		}
		var forth, back []string
		pages := 0
		for {
			pages++
			for _, r := range rowsOf(p) {
				forth = append(forth, r.code)
			}
			next := p.Link("Next page →")
			if next == "" {
				break
			}
			p = v.Get(next)
		}
		for {
			var codes []string
			for _, r := range rowsOf(p) {
				codes = append(codes, r.code)
			}
			back = append(codes, back...)
			previous := p.Link("← Previous page")
			if previous == "" {
				break
			}
			p = v.Get(previous)
		}
		once := slices.Clone(forth)
		slices.Sort(once)
		if pages < 3 || len(slices.Compact(once)) != all || len(forth) != all || !slices.Equal(forth, back) {
			t.Errorf("%s: %d pages, %d forth, %d back, %d in all", query, pages, len(forth), len(back), all)
		}
	}
}
