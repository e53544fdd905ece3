package console

import (
	"strings"
	"testing"

	"pointbridge/test/world"
)

// TestConsoleRisk: a review's page shows the score, what it is made of, and leads to the earlier reviews and their
// orders.
// covers: 003-17
func TestConsoleRisk(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	v := world.ConsoleVisitor(t, file, "store_manager")
	first, second := world.MadeCoupon(t, file, "12345", 300), world.MadeCoupon(t, file, "20001", 300)
	world.OpenReview(t, data, first, "order_cancelled", "gid://shopify/Order/990001", "customer")
	world.OpenReview(t, data, second, "order_cancelled", "gid://shopify/Order/990002", "declined")
	earlier, at := reviewOfCoupon(t, v, first), reviewOfCoupon(t, v, second)
	p := v.Get(at)
	p.Has(t, "Risk score: 15 of 100", "It decides nothing", "payment was declined", "+15")
	if strings.Contains(p.Raw, earlier) {
		t.Error("a stranger's review is shown")
	}
	for _, id := range []string{"12345", "20001"} {
		world.Statement(t, data, `UPDATE customers SET email_key = 'taro@example.com' WHERE id = ?`, id)
	}
	p = v.Get(at)
	p.Has(t, "Risk score: 40 of 100", "Cases of this person about other orders in the 30 days before: 1",
		"Other members with the same e-mail address: 1", "Cases about this person's orders in the last 30 days: 2",
		"Earlier cases of this person", "same e-mail address", "#1099", first)
	for _, link := range []string{`href="` + earlier + `"`, "/admin/orders/990001", "/admin/coupons/" + first} {
		if !strings.Contains(p.Raw, link) {
			t.Errorf("nothing leads to %s", link)
		}
	}
	if got := strings.Join(outcomesOn(p), " "); got != "return_points refuse" {
		t.Errorf("what can be decided has changed: %s", got)
	}
	v.Submit(p, "/admin/language", nil)
	v.Get(at).Has(t, "リスクスコア：40／100", "同一人物の過去の案件", "メールアドレスが同じ")
}
