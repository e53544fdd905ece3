package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pointbridge/demo"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestACustomersPageTellsOfEachCodeAndItsUse: without a look into the shop's orders.
// covers: 002-40
func TestACustomersPageTellsOfEachCodeAndItsUse(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	looker := world.ConsoleVisitor(t, file, "staff")
	used, kept := world.MadeCoupon(t, file, "12345", 100), world.MadeCoupon(t, file, "12345", 200)
	world.CheckOut(t, file, "7001000002", used)
	said := map[string]string{}
	world.Eventually(t, "the use is known", func() bool {
		for _, r := range rowsOf(looker.Get("/admin/customers/12345")) {
			said[r.code] = r.status
		}
		return said[used] == "Used"
	})
	expect.Equal(t, "codes", len(said), 2)
	expect.Equal(t, "the one that was used", said[used], "Used")
	expect.Equal(t, "the other one", said[kept], "Unused")
	looker.Get("/admin/coupons/"+used).Has(t, "#1001")
}

// covers: 000-03, H-21
func TestConsoleCustomer(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	manager, looker := world.ConsoleVisitor(t, file, "store_manager"), world.ConsoleVisitor(t, file, "staff")
	first, second, third := world.MadeCoupon(t, file, "12345", 100), world.MadeCoupon(t, file, "12345", 200),
		world.MadeCoupon(t, file, "12345", 300)
	const at = "/admin/customers/12345"

	t.Run("who it is, and their coupons, and no address of theirs", func(t *testing.T) {
		p := looker.Get(at)
		p.Has(t, "Suzuki Hanako", "12345", "Linked", "Not locked")
		list := rowsOf(p)
		expect.MustEqual(t, "len(list)", len(list), 3, list)
		expect.MustEqual(t, "list[0].code", list[0].code, third)
		expect.Equal(t, "list[2].code", list[2].code, first)
		if strings.Contains(p.Raw, "suzuki.hanako@") {
			t.Error("the mail address is shown")
		}
		expect.Equal(t, `p.Link("Linked")`, p.Link("Linked"), "https://"+demo.DemoShop+"/admin/customers/7001000002")
	})
	t.Run("a lock is seen by all and lifted by those who may", func(t *testing.T) {
		world.Statement(t, data, `UPDATE customers SET locked_until = '2099-01-01 00:00:00+00:00' WHERE id = '12345'`)
		p := looker.Get(at)
		p.Has(t, "Conversions are locked")
		if p.Form(at+"/unlock") != nil {
			t.Error("general staff are shown the button")
		}
		forged := url.Values{"form_token": {world.FieldsOf(p.Form("/admin/sign-out")).Get("form_token")}}
		got := looker.Post(at+"/unlock", forged)
		expect.Equal(t, "got.Status", got.Status, http.StatusForbidden)
		got = manager.Submit(manager.Get(at), at+"/unlock", nil)
		expect.Equal(t, "got.URL.Path", got.URL.Path, at, got.Status, got.Text)
		expect.Equal(t, `got.Form(at+"/unlock")`, got.Form(at+"/unlock"), nil, got.Status, got.Text)
		looker.Get(at).Has(t, "Not locked")
	})
	t.Run("a chain of reissues is walked by links", func(t *testing.T) {
		world.Statement(t, data, `UPDATE coupons SET superseded_by = ? WHERE code = ?`, second, first)
		world.Statement(t, data, `UPDATE coupons SET reissued_from = ?, superseded_by = ? WHERE code = ?`, first, third,
			second)
		world.Statement(t, data, `UPDATE coupons SET reissued_from = ? WHERE code = ?`, second, third)
		for _, code := range []string{first, second, third} {
			p := looker.Get("/admin/coupons/" + code)
			for _, other := range []string{first, second, third} {
				if (p.Link(other) == "/admin/coupons/"+other) != (other != code) {
					t.Errorf("%s leads to %q for %s", code, p.Link(other), other)
				}
			}
		}
		if p := looker.Get("/admin/coupons/" + strings.ToLower(first)); p.Status != http.StatusOK {
			t.Errorf("in lower case: %d", p.Status)
		}
	})
}
