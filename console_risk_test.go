package main

import (
	"strings"
	"testing"
)

// TestConsoleRisk: a case's page shows the score, what it is made of, and leads to the earlier cases and their orders.
// covers: 003-17
func TestConsoleRisk(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := startDemo(t, data)
	v := consoleVisitor(t, file, "store_manager")
	first, second := madeCoupon(t, file, "12345", 300), madeCoupon(t, file, "20001", 300)
	openCase(t, data, first, "order_cancelled", "gid://shopify/Order/990001", "customer")
	openCase(t, data, second, "order_cancelled", "gid://shopify/Order/990002", "declined")
	earlier, at := caseOfCoupon(t, v, first), caseOfCoupon(t, v, second)
	p := v.get(at)
	p.has(t, "Risk score: 15 of 100", "It decides nothing", "payment was declined", "+15")
	if strings.Contains(p.raw, earlier) {
		t.Error("a stranger's case is shown")
	}
	for _, id := range []string{"12345", "20001"} {
		statement(t, data, `UPDATE customers SET email_key = 'taro@example.com' WHERE id = ?`, id)
	}
	p = v.get(at)
	p.has(t, "Risk score: 40 of 100", "Cases of this person about other orders in the 30 days before: 1", "Other members with the same e-mail address: 1",
		"Cases about this person's orders in the last 30 days: 2", "Earlier cases of this person", "same e-mail address", "#1099", first)
	for _, link := range []string{`href="` + earlier + `"`, "/admin/orders/990001", "/admin/coupons/" + first} {
		if !strings.Contains(p.raw, link) {
			t.Errorf("nothing leads to %s", link)
		}
	}
	if got := strings.Join(outcomesOn(p), " "); got != "return_points refuse" {
		t.Errorf("what can be decided has changed: %s", got)
	}
	v.submit(p, "/admin/language", nil)
	v.get(at).has(t, "リスクスコア：40／100", "同一人物の過去の案件", "メールアドレスが同じ")
}
