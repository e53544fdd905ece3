package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// covers: 000-03, H-21
func TestConsoleCustomer(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := startDemo(t, data)
	manager, looker := consoleVisitor(t, file, "store_manager"), consoleVisitor(t, file, "staff")
	first, second, third := madeCoupon(t, file, "12345", 100), madeCoupon(t, file, "12345", 200), madeCoupon(t, file, "12345", 300)
	const at = "/admin/customers/12345"

	t.Run("who it is, and their coupons, and no address of theirs", func(t *testing.T) {
		p := looker.get(at)
		p.has(t, "Suzuki Hanako", "12345", "Linked", "Not locked")
		if list := rowsOf(p); len(list) != 3 || list[0].code != third || list[2].code != first {
			t.Errorf("%v", list)
		}
		if strings.Contains(p.raw, "suzuki.hanako@") {
			t.Error("the mail address is shown")
		}
		if to := p.link("Linked"); to != "https://"+demoShop+"/admin/customers/7001000002" {
			t.Errorf("%s", to)
		}
	})
	t.Run("a lock is seen by all and lifted by those who may", func(t *testing.T) {
		statement(t, data, `UPDATE customers SET locked_until = '2099-01-01 00:00:00+00:00' WHERE id = '12345'`)
		p := looker.get(at)
		p.has(t, "Conversions are locked")
		if p.form(at+"/unlock") != nil {
			t.Error("general staff are shown the button")
		}
		forged := url.Values{"form_token": {fieldsOf(p.form("/admin/sign-out")).Get("form_token")}}
		if got := looker.post(at+"/unlock", forged); got.status != http.StatusForbidden {
			t.Errorf("%d", got.status)
		}
		if got := manager.submit(manager.get(at), at+"/unlock", nil); got.url.Path != at || got.form(at+"/unlock") != nil {
			t.Errorf("%d %s", got.status, got.text())
		}
		looker.get(at).has(t, "Not locked")
	})
	t.Run("a chain of reissues is walked by links", func(t *testing.T) {
		statement(t, data, `UPDATE coupons SET superseded_by = ? WHERE code = ?`, second, first)
		statement(t, data, `UPDATE coupons SET reissued_from = ?, superseded_by = ? WHERE code = ?`, first, third, second)
		statement(t, data, `UPDATE coupons SET reissued_from = ? WHERE code = ?`, second, third)
		for _, code := range []string{first, second, third} {
			p := looker.get("/admin/coupons/" + code)
			for _, other := range []string{first, second, third} {
				if (p.link(other) == "/admin/coupons/"+other) != (other != code) {
					t.Errorf("%s leads to %q for %s", code, p.link(other), other)
				}
			}
		}
		if p := looker.get("/admin/coupons/" + strings.ToLower(first)); p.status != http.StatusOK {
			t.Errorf("in lower case: %d", p.status)
		}
	})
}
