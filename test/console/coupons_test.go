package console

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pointbridge/test/world"
)

// row is one row of the coupon list as it is read.
type row struct {
	code, customer, amount, status, ends, action string
	cancel                                       string // the address of the row's button
}

func rowsOf(p world.SeenPage) (list []row) {
	for _, tr := range p.All("tr") {
		cells := append(world.Elements(tr, "th"), world.Elements(tr, "td")...)
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
		if len(list) != 10 {
			t.Fatalf("%v", list)
		}
		want := row{other, "Emily Carter 20001", "¥300", "Unused", list[0].ends, "Cancel", "/admin/coupons/" + other +
			"/cancel"}
		if list[0] != want || list[0].ends == "" {
			t.Errorf("%+v", list[0])
		}
	})
	t.Run("by customer, by code, its part, in lower case and full width", func(t *testing.T) {
		drawn := strings.ToLower(strings.Split(mine, "-")[1])
		for text, want := range map[string]string{"12345": mine, mine: mine, strings.ToLower(mine): mine, drawn: mine,
			drawn[:4]: mine, " １２３４５ ": mine, "20001": other} {
			p := v.Get("/admin/coupons?" + url.Values{"q": {text}}.Encode())
			if list := rowsOf(p); len(list) != 1 || list[0].code != want {
				t.Errorf("%q: %v", text, list)
			}
			if counts := countsOf(p); counts["All"] != 1 || counts["Unused"] != 1 || counts["Expired"] != 0 {
				t.Errorf("%q: %v", text, counts)
			}
		}
		for _, text := range []string{"ZZZZZZ", "%", "'", "<script>alert(1)</script>", "\x00", strings.Repeat("A", 500),
			"\xff"} {
			p := v.Get("/admin/coupons?" + url.Values{"q": {text}}.Encode())
			if p.Status != 200 || len(rowsOf(p)) != 0 || !strings.Contains(p.Text(), "Show all coupons") ||
				strings.Contains(p.Raw, "<script>alert") {
				t.Errorf("%q: %d %s", text, p.Status, p.Text())
			}
		}
	})
	t.Run("each filter shows as many as it says, and they add up to all", func(t *testing.T) {
		p := v.Get("/admin/coupons")
		counts, sum := countsOf(p), 0
		for _, name := range []string{"Unused", "Used", "Expired", "Cancelled", "On the way", "Suspended", "Forfeited",
			"Failed"} {
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
		if sum != counts["All"] || sum != 10 || counts["Expired"] != 2 {
			t.Errorf("%v", counts)
		}
	})
	t.Run("the orders", func(t *testing.T) {
		if list := rowsOf(v.Get("/admin/coupons?sort=amount")); list[0].amount != "¥700" || list[9].amount != "¥100" {
			t.Errorf("%v", list)
		}
		if list := rowsOf(v.Get("/admin/coupons?sort=end")); list[0].status != "Expired" || list[2].status != "Unused" {
			t.Errorf("%v", list)
		}
		if p := v.Get("/admin/coupons?sort=odd&status=odd&after=odd&before=%00"); p.Status != 200 ||
			len(rowsOf(p)) != 10 {
			t.Errorf("%d", p.Status)
		}
	})
	t.Run("a button only where it is of use, and to whom", func(t *testing.T) {
		for _, r := range rowsOf(v.Get("/admin/coupons")) {
			if (r.cancel != "") != (r.status == "Unused") || (r.cancel == "" && r.action != "–") {
				t.Errorf("%+v", r)
			}
		}
		for _, r := range rowsOf(looker.Get("/admin/coupons")) {
			if r.cancel != "" || r.action != "–" {
				t.Errorf("general staff can cancel: %+v", r)
			}
		}
	})
	t.Run("the same in Japanese", func(t *testing.T) {
		p := v.Submit(v.Get("/admin/coupons?status=expired&sort=end"), "/admin/language", nil)
		if list := rowsOf(p); len(list) != 2 || list[0].status != "期限切れ" ||
			p.URL.RawQuery != "status=expired&sort=end" {
			t.Errorf("%s %v", p.URL, list)
		}
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
	for _, query := range []string{"", "?sort=end", "?sort=amount", "?status=active", "?status=active&sort=amount",
		"?q=88"} {
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
