package story

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestTheDemoHasRefundsOfYesterday: whoever tries the demo out finds what was given back yesterday, by whom and why, in
// the report, and each coupon with its points taken and given back in the POS.
func TestTheDemoHasRefundsOfYesterday(t *testing.T) {
	t.Parallel()
	midday, _ := world.Midday()
	file, _ := world.StartFreshDemo(t, t.TempDir(), midday)
	v := world.ConsoleVisitor(t, file, "system_admin")
	people := v.Get("/admin/refunds?range=yesterday")
	people.Has(t, "Ethan Lee", "Ueda Kenji", "500 points")
	reasons := v.Get("/admin/refunds?range=yesterday&by=reason")
	reasons.Has(t, "Issued in error", "Customer's request", "Order was cancelled", "Other")
	today := v.Get("/admin/refunds?range=today").Text()
	expect.That(t, "nobody gave points back today", !strings.Contains(today, "Ethan Lee"), today)
	manager := world.Caller{T: t, Base: file.API, Key: file.Keys["store_manager"]}
	got := manager.Do("GET", "/v1/coupons?status=cancelled", "", "")
	expect.MustEqual(t, "got.Status", got.Status, http.StatusOK, got.Raw)
	list, _ := got.Body["items"].([]any)
	expect.MustEqual(t, "coupons that are cancelled", len(list), 4, got.Raw)
	for _, each := range list {
		code, _ := each.(map[string]any)["code"].(string)
		moves, _ := world.CouponAt(t, manager, code)["movements"].([]any)
		expect.MustEqual(t, "movements of "+code, len(moves), 2)
		for _, m := range moves {
			expect.Equal(t, "the state of a movement", m.(map[string]any)["state"], "applied")
		}
	}
}
