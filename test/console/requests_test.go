package console

import (
	"net/url"
	"strings"
	"testing"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestAClerkAsksAndAManagerDecides goes the whole way over the pages: general staff ask, the manager's menu counts it,
// the manager approves, the points are back, and the clerk's menu says that there is an answer.
func TestAClerkAsksAndAManagerDecides(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	clerk, manager := world.ConsoleVisitor(t, file, "staff"), world.ConsoleVisitor(t, file, "store_manager")
	before := balanceOf(t, file, "12345")
	code := world.MadeCoupon(t, file, "12345", 300)
	at := "/admin/coupons/" + code

	p := clerk.Get(at)
	expect.Equal(t, "no button to cancel", p.Link("Cancel coupon"), "")
	p = clerk.Get(p.Link("Ask to undo a mistake"))
	p = clerk.Submit(p, at+"/ask", nil) // the reason stands in it already
	p.Has(t, "Request to cancel", "Waiting")
	request := p.URL.Path
	clerk.Get(at).Has(t, "Requests to cancel:")
	forged := url.Values{"form_token": {world.FieldsOf(p.Form("/admin/sign-out")).Get("form_token")}, "decision": {"approve"}}
	expect.Equal(t, "a clerk decides nothing", clerk.Post(request+"/decision", forged).Status, 403)

	list := manager.Get("/admin/requests")
	list.Has(t, code)
	expect.That(t, "the menu counts it", strings.Contains(list.Raw, `class="count"`))
	p = manager.Get(request)
	p = manager.Submit(p, request+"/decision", url.Values{"decision": {"refuse"}})
	p.Has(t, "Say why you refuse")
	manager.Submit(p, request+"/decision", url.Values{"decision": {"approve"}, "note": {"ok"}})
	manager.Ended(code, "Cancelled")
	expect.Equal(t, "the points are back", balanceOf(t, file, "12345"), before)
	manager.Get(at).Has(t, "Approved the request of")
	expect.That(t, "the clerk's menu counts the answer", strings.Contains(clerk.Get("/admin/coupons").Raw, `class="count">1`))
	clerk.Get("/admin/requests").Has(t, "Approved")
}

// TestWhoHasOnlyANameFindsTheCode types it into the first field that the console shows, and is led on; campaigns stand
// in the menu by their own name.
func TestWhoHasOnlyANameFindsTheCode(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "staff")
	code := world.MadeCoupon(t, file, "12345", 100)
	list := v.Get("/admin/coupons?q=Suzuki")
	list.Has(t, "member number and code alone")
	found := v.Get(list.Link("Look for “Suzuki” among names, addresses, phone and order numbers, too"))
	found.Has(t, "Suzuki Hanako", code)
	expect.Equal(t, "campaigns in the menu", list.Link("Campaigns"), "/admin/campaigns")
}

// TestManyCouponsAreCancelledAtOnce chooses coupons in the list, looks at what will happen, and finds a result for each.
func TestManyCouponsAreCancelledAtOnce(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "store_manager")
	before := balanceOf(t, file, "12345")
	first, second := world.MadeCoupon(t, file, "12345", 100), world.MadeCoupon(t, file, "12345", 200)
	list := v.Get("/admin/coupons?q=12345")
	none := v.Submit(list, "/admin/bulk/new", url.Values{"kind": {"cancel"}})
	none.Has(t, "Choose coupons in the list", "Back to the list of coupons")
	expect.That(t, "no word of 0 coupons, nor of the API", !strings.Contains(none.Text(), "cannot be undone") &&
		!strings.Contains(none.Text(), `"errors"`), none.Text())
	p := v.Submit(list, "/admin/bulk/new", url.Values{"kind": {"cancel"}, "pick_" + first: {"1"}, "pick_" + second: {"1"}})
	p.Has(t, "Coupons that are cancelled: 2", "300 points")
	p = v.Submit(p, "/admin/bulk", nil)
	p.Has(t, "Choose a reason from the list")
	p = v.Submit(p, "/admin/bulk", url.Values{"reason": {"issued_in_error"}})
	job := p.URL.Path
	v.Ended(first, "Cancelled")
	v.Ended(second, "Cancelled")
	world.Eventually(t, "the job is done", func() bool { return !strings.Contains(v.Get(job).Raw, `http-equiv="refresh"`) })
	v.Get(job).Has(t, first, second, "Done")
	expect.Equal(t, "the points are back", balanceOf(t, file, "12345"), before)
}
