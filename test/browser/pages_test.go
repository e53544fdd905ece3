package browser

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"pointbridge/demo"
	"pointbridge/domain/identity"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// pageLooks are the looks under which every page is seen: each width, each theme, each language. Those of the console come over
// a slow line in some.
var pageLooks = []look{{lang: "ja", width: 1280, slowLine: true}, {lang: "en", width: 1280, dark: true, sameElements: true},
	{lang: "ja", width: 360, dark: true}, {lang: "en", width: 360, sameElements: true},
	{lang: "en", width: 768, slowLine: true, sameColours: true}}

// gallery is a demo in which something of everything has happened, made for looking at.
type gallery struct {
	file                                  demo.File
	active, used, suspended, long, refund string
	decision                              string
	batch, list, endpoint                 string
	request, bulk                         string
}

const longName = "寿限無寿限無五劫の擦り切れ海砂利水魚の水行末雲来末風来末食う寝る処に住む処藪ら柑子の藪柑子 Bartholomew-Featherstonehaugh"

func newGallery(t *testing.T, data string) gallery {
	t.Helper()
	file, _ := world.StartDemo(t, data, "SELF_CANCEL_WITHIN=24h", "CONFIRM_ABOVE=500")
	g := gallery{file: file}
	manager := world.Caller{T: t, Base: file.API, Key: file.Keys["store_manager"]}
	note := strings.Repeat("買い間違いのためお客様のご要望によりキャンセルいたします。", 80)
	note = string([]rune(note)[:2000])
	end := func(code, act, note string) {
		t.Helper()
		got := manager.Do("POST", "/v1/coupons/"+code+"/"+act, act+code, fmt.Sprintf(`{"reason":"other","note":%q}`,
			note))
		expect.MustEqual(t, "got.Status", got.Status, 202, got.Raw)
	}
	g.active, g.used, g.suspended = world.MadeCoupon(t, file, taro, 100), world.MadeCoupon(t, file, taro, 200),
		world.MadeCoupon(t, file, taro, 300)
	g.long, g.refund = world.MadeCoupon(t, file, "12345", 400), world.MadeCoupon(t, file, "12345", 500)
	world.CheckOut(t, file, "7001000001", g.used)
	end(g.suspended, "suspension", note)
	end(g.long, "cancellation", note)
	for code, status := range map[string]string{g.used: "used", g.suspended: "suspended", g.long: "cancelled"} {
		world.Eventually(t, code+" is "+status, func() bool { return world.CouponAt(t, manager, code)["status"] == status })
	}
	world.OpenReview(t, data, g.used, "order_cancelled", "gid://shopify/Order/990001", "fraud")
	world.OpenReview(t, data, g.refund, "order_refunded", "gid://shopify/Order/990002", "refunded")
	world.Statement(t, data, `UPDATE reviews SET proposed_outcome = 'reissue', proposed_note = 'お得意様です', proposed_by = 'Ueda Kenji', proposed_actor = 'staff:3', proposed_at = opened_at WHERE cause = 'void' AND reason = 'fraud'`)
	world.Statement(t, data, `UPDATE customers SET name = ?, locked_until = '2099-01-01 00:00:00+00:00' WHERE id = '12345'`, longName)
	g.decision = decided(t, data, file)
	v := world.ConsoleVisitor(t, file, "ec_admin")
	g.batch = madeBatch(v, "cards", url.Values{"count": {"250000"}})
	v.Submit(v.Get(g.batch), g.batch+"/status", url.Values{"to": {"paused"}})
	g.list = madeBatch(v, "thanks", url.Values{"csv": {"customer_id\n20001\n12345\n20001\nNOBODY9\n"}})
	world.Eventually(t, "the list is done", func() bool { return strings.Contains(v.Get(g.list).Text(), "Done") })
	s := world.ConsoleVisitor(t, file, "system_admin")
	s.Submit(s.Get("/admin/event-endpoints"), "/admin/event-endpoints", url.Values{"url": {"https://erp.example.invalid/pointbridge"},
		"description": {note[:90]}, "kind_coupon.used": {"1"}})
	g.endpoint = anEndpoint.FindString(s.Get("/admin/event-endpoints").Raw)
	s.Submit(s.Get(g.endpoint), g.endpoint+"/test", nil)
	g.request, g.bulk = asked(t, file, g.active)
	return g
}

// anEndpoint is the address of an event endpoint's page.
var anEndpoint = regexp.MustCompile(`/admin/event-endpoints/whe_[a-z0-9]+`)

// asked makes a request to cancel a coupon and a bulk job that sends its mail again, and gives the addresses of both.
func asked(t *testing.T, file demo.File, code string) (request, bulk string) {
	t.Helper()
	clerk := world.Caller{T: t, Base: file.API, Key: file.Keys["staff"]}
	got := clerk.Do("POST", "/v1/coupons/"+code+"/cancel-requests", "ask", `{"reason":"issued_in_error","note":"間違えました"}`)
	expect.MustEqual(t, "got.Status", got.Status, 201, got.Raw)
	request = fmt.Sprintf("/admin/requests/%.0f", got.Body["id"])
	manager := world.Caller{T: t, Base: file.API, Key: file.Keys["store_manager"]}
	got = manager.Do("POST", "/v1/bulk-jobs", "again", `{"kind":"resend","codes":["`+code+`"]}`)
	expect.MustEqual(t, "got.Status", got.Status, 202, got.Raw)
	id := fmt.Sprint(got.Body["id"])
	world.Eventually(t, "the bulk job is done", func() bool {
		return manager.Do("GET", "/v1/bulk-jobs/"+id, "", "").Body["status"] == "done"
	})
	return request, "/admin/bulk/" + id
}

// madeBatch goes through both pages of a batch, and gives the address of the one that follows.
func madeBatch(v *world.Visitor, campaign string, fields url.Values) string {
	v.T.Helper()
	action := "/admin/campaigns/" + campaign + "/batches"
	return v.Submit(v.Submit(v.Get(action+"/new"), action+"/new", fields), action, nil).URL.Path
}

// decided makes a campaign whose protection refuses somebody who was here before, and gives the decision's id.
func decided(t *testing.T, data string, file demo.File) string {
	t.Helper()
	v := world.ConsoleVisitor(t, file, "ec_admin")
	v.Submit(v.Get("/admin/campaigns"), "/admin/campaigns", url.Values{"key": {"summer"}, "prefix": {"SUMMER-"},
		"name_en": {"Summer sale"}, "name_ja": {"夏の大感謝セール"}})
	v.Submit(v.Get("/admin/campaigns/summer/status?to=live"), "/admin/campaigns/summer/status", nil)
	v.Submit(v.Get("/admin/campaigns/summer/edit"), "/admin/campaigns/summer", url.Values{"mode": {"enforce"}, "preset": {"high"}})
	who := identity.Shown{CustomerID: "gid://shopify/Customer/42", Emails: []string{"taro@example.com"},
		Phones: []string{"090-1234-5678"}, IPs: []string{"198.51.100.7"}, Names: []string{"山田太郎"}}
	for n := range 3 {
		world.SeeInDemo(t, data, world.OrderBefore(1001+n, 9-n, fmt.Sprintf("SUMMER-%d", n), who))
	}
	server := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
	id := ""
	for _, shown := range []string{`{"phone":"09012345678"}`, `{"email":"other@example.com"}`,
		`{"email":"TARO@example.com","phone":"09012345678","name":"山田太郎"}`} {
		got := server.Do("POST", "/v1/decisions", "", `{"code":"SUMMER-9","stage":"checkout","customer":`+shown+
			`,"ip":"198.51.100.9"}`)
		expect.MustEqual(t, "got.Status", got.Status, 200, got.Raw)
		id, _ = got.Body["id"].(string)
	}
	v.Submit(v.Get("/admin/campaigns/summer/edit"), "/admin/campaigns/summer", url.Values{"preset": {"medium"}})
	return id
}

// consolePages are the pages of the console by name, as a system admin sees them.
func (g gallery) consolePages() map[string]string {
	pages := map[string]string{
		"coupons": "/admin/coupons", "coupons-none": "/admin/coupons?q=ZZZZZZ",
		"coupons-empty": "/admin/coupons?status=forfeited", "coupon-active": "/admin/coupons/" + g.active,
		"coupon-used": "/admin/coupons/" + g.used, "coupon-suspended": "/admin/coupons/" + g.suspended,
		"coupon-long": "/admin/coupons/" + g.long, "cancel": "/admin/coupons/" + g.active + "/cancel",
		"suspend": "/admin/coupons/" + g.active + "/suspend", "cancel-refused": "/admin/coupons/" + g.used + "/cancel",
		"search": "/admin/search?q=tar", "search-none": "/admin/search?q=zzzz", "members": "/admin/customers",
		"members-unlinked": "/admin/customers?show=unlinked", "member-convert": "/admin/customers/20001/convert",
		"customer": "/admin/customers/12345", "number": "/admin/customers/12345/number", "reviews": "/admin/reviews",
		"reviews-closed": "/admin/reviews?status=closed", "dashboard": "/admin/dashboard", "audit": "/admin/audit",
		"audit-wrong": "/admin/audit?from=odd&coupon=%25", "audit-none": "/admin/audit?action=nothing.happened",
		"staff": "/admin/staff", "event-endpoints": "/admin/event-endpoints", "person": "/admin/staff/1", "account": "/admin/account",
		"missing": "/admin/coupons/X-234567-1", "decisions": "/admin/decisions",
		"decisions-none": "/admin/decisions?state=judged", "decision": "/admin/decisions/" + g.decision,
		"decision-person": "/admin/decisions/" + g.decision + "/person", "campaigns": "/admin/campaigns",
		"campaign": "/admin/campaigns/summer", "campaign-points": "/admin/campaigns/points",
		"campaign-edit": "/admin/campaigns/summer/edit", "campaign-move": "/admin/campaigns/summer/status?to=ended",
		"campaign-new":   "/admin/campaign-templates/welcome",
		"campaign-cards": "/admin/campaigns/cards", "campaign-thanks": "/admin/campaigns/thanks",
		"campaign-partners": "/admin/campaigns/partners", "codes-shared": "/admin/campaigns/partners/codes",
		"codes-personal": "/admin/coupons?campaign=thanks", "codes-found": "/admin/coupons?q=WITH-MIKA",
		"batch": g.batch, "batch-list": g.list, "batch-stop": g.batch + "/stop",
		"batch-form": "/admin/campaigns/cards/batches/new", "batch-form-list": "/admin/campaigns/thanks/batches/new",
		"shared-form": "/admin/campaigns/partners/shared-codes/new",
		"shared-end":  "/admin/campaigns/partners/shared-codes/WITH-MIKA/end",
		"issue-form":  "/admin/campaigns/thanks/codes/new",
		"requests":    "/admin/requests", "requests-closed": "/admin/requests?state=closed",
		"ask": "/admin/coupons/" + g.active + "/ask", "bulk": "/admin/bulk", "bulk-job": g.bulk,
		"request": g.request, "help": "/admin/help/coupon",
		"undo":            "/admin/coupons/" + g.active + "/cancel?reason=issued_in_error",
		"coupons-refunds": "/admin/coupons?on=cancelled&range=28d", "coupons-wrong": "/admin/coupons?col=odd",
		"coupons-columns": "/admin/coupons?col=customer&col=issued&col=points&col=cancelled&col=by&col=reason&col=order",
		"refused":         "/admin/refused-conversions", "refunds": "/admin/refunds?range=28d",
		"refunds-days": "/admin/refunds?range=7d&by=day", "dashboard-wrong": "/admin/dashboard?from=odd",
		"identity": "/admin/identity", "identity-looked": "/admin/identity?days=30",
		"mails": "/admin/mails", "mail-reminder": "/admin/mails/reminder?in=en", "mail-notice": "/admin/mails/notice?in=ja",
		"event-endpoint": g.endpoint, "event-endpoint-remove": g.endpoint + "/remove",
	}
	for i := 1; i <= 3; i++ {
		pages[fmt.Sprint("case-", i)] = fmt.Sprint("/admin/reviews/", i)
	}
	return pages
}

// TestBrowserPages looks at every page there is, with much on it and with nothing, and at those of the console while
// they come over a slow line.
func TestBrowserPages(t *testing.T) {
	t.Parallel()
	chromium(t)
	g := newGallery(t, t.TempDir())
	for _, l := range pageLooks {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			quick := l
			quick.slowLine = false
			b := openTab(t, g.file.API, quick)
			b.outside(g)
			b.wallets()
			b.signIn(g.file, "system_admin")
			b.looks(l) // what is shown of a page stays where it is while the rest comes
			for name, address := range g.consolePages() {
				b.open(address)
				b.inspect("page-" + name)
			}
			b.looks(quick)
			b.wrongForms(g)
			b.press(signOutForm + " button")
			b.signIn(g.file, "staff")
			b.open("/admin/dashboard")
			b.inspect("page-denied")
		})
	}
}

// outside looks at what stands beside the service in a demo, and at what describes it.
func (b *tab) outside(g gallery) {
	b.t.Helper()
	b.open("/store/language/" + b.look.lang)
	for name, address := range map[string]string{"docs": "/docs", "docs-call": "/docs?call#post-v1-coupons-code-cancellation",
		"docs-problem": "/docs?problem#insufficient_points", "start": "/?lang=" + b.look.lang,
		"mailbox": strings.TrimPrefix(g.file.Mailbox, g.file.API) + "/",
		"store":   "/store/", "store-cart": "/store/cart", "store-orders": "/store/orders", "store-webhooks": "/store/deliveries", "store-missing": "/store/orders/4711"} {
		b.open(address)
		b.inspect("page-" + name)
	}
}

// wallets looks at the customer's page of people in different situations.
func (b *tab) wallets() {
	b.t.Helper()
	for name, number := range map[string]string{"full": "7001000001", "locked": "7001000002", "poor": "7001000004",
		"new": "7001000030"} {
		b.open("/store/")
		b.Do(chromedp.SetValue(chromedp.CSS(`select[name="customer"]`), number))
		b.press(`form[action="/store/customer"] button`)
		b.open(demo.WalletPath + "?locale=" + b.look.lang)
		b.inspect("page-wallet-" + name)
	}
	b.walletQuestions("7001000001")
	b.open(demo.WalletPath + "conversions/nothing?locale=" + b.look.lang)
	b.inspect("page-wallet-missing")
}

// walletQuestions looks at what the customer's page asks before a coupon is taken back, and before many points are
// spent.
func (b *tab) walletQuestions(number string) {
	b.t.Helper()
	b.open("/store/")
	b.Do(chromedp.SetValue(chromedp.CSS(`select[name="customer"]`), number))
	b.press(`form[action="/store/customer"] button`)
	b.open(demo.WalletPath + "?locale=" + b.look.lang)
	b.press(`form[action*="/undo"] button`)
	b.inspect("page-wallet-undo")
	b.open(demo.WalletPath + "?points=600&locale=" + b.look.lang)
	b.press("#pb-make")
	b.inspect("page-wallet-sure")
}

// wrongForms sends forms in which something is missing, past the browser's own check.
func (b *tab) wrongForms(g gallery) {
	b.t.Helper()
	b.open("/admin/coupons/" + g.active + "/cancel")
	js[bool](b, `(() => { document.querySelector("main form").noValidate = true; document.getElementById("note").value = "長".repeat(2100); return true; })()`)
	b.press("main form button")
	b.inspect("page-cancel-wrong")
	b.open("/admin/reviews/3")
	b.Do(chromedp.Click(chromedp.CSS(`#decide input[value="refuse"]`)))
	b.press("#decide button.main")
	b.inspect("page-case-wrong")
	b.wrongCodes()
	b.manyCoupons(g)
	b.open("/admin/account")
	b.Do(chromedp.SendKeys(chromedp.CSS(`[name="current_password"]`), "not this one"),
		chromedp.SendKeys(chromedp.CSS(`[name="new_password"]`), "a long new password"),
		chromedp.SendKeys(chromedp.CSS(`[name="again"]`), "another new password"))
	b.press(`form[action="/admin/account/password"] button`)
	b.inspect("page-account-wrong")
}

// wrongCodes sends the forms of codes with something wrong in them, and looks at what is said before a batch is made.
func (b *tab) wrongCodes() {
	b.t.Helper()
	b.open("/admin/campaigns/cards/batches/new")
	b.fill("count", "0")
	b.press("main form .buttons button.main")
	b.inspect("page-batch-wrong")
	b.fill("count", "300")
	b.press("main form .buttons button.main")
	b.inspect("page-batch-confirm")
	b.open("/admin/campaigns/thanks/batches/new")
	b.Do(chromedp.SetValue(chromedp.CSS(`#csv`), "email\nnobody\n"))
	b.press("main form .buttons button.main")
	b.inspect("page-batch-rows")
	b.open("/admin/campaigns/partners/shared-codes/new")
	b.fill("code", "OTHER-1", "owner", "サラ")
	b.press("main form .buttons button.main")
	b.inspect("page-shared-wrong")
	b.open("/admin/campaigns/thanks/codes/new")
	b.fill("to", "nobody")
	b.press("main form .buttons button.main")
	b.inspect("page-issue-wrong")
}

// manyCoupons looks at what is said before many coupons are cancelled at once, with the form's faults on it, and at the
// page that asks before a key is gone.
func (b *tab) manyCoupons(g gallery) {
	b.t.Helper()
	b.open("/admin/coupons?q=" + g.active)
	b.Do(chromedp.Click(chromedp.CSS(`input[name="pick_` + g.active + `"]`)))
	b.press(`#bulk button[value="cancel"]`)
	b.inspect("page-bulk-form")
	js[bool](b, `(() => { document.querySelector("main form:last-of-type").noValidate = true; return true; })()`)
	b.press("main form button.danger")
	b.inspect("page-bulk-wrong")
	b.open("/admin/staff")
	b.press(`form[action="/admin/keys/revoke"] button`)
	b.inspect("page-sure")
}

// TestBrowserEmpty looks at the console before anything has happened.
func TestBrowserEmpty(t *testing.T) {
	t.Parallel()
	chromium(t)
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	emptied(t, data)
	for _, l := range pageLooks[1:3] {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			b := openTab(t, file.API, l)
			b.open(demo.WalletPath)
			b.inspect("empty-wallet-guest")
			b.signIn(file, "system_admin")
			for page, says := range map[string]string{"coupons": l.in("クーポンはまだありません",
				"There are no coupons"), "reviews": l.in("案件はありません", "Nothing waits"),
				"dashboard": l.in("ダッシュボード", "Dashboard")} {
				b.open("/admin/" + page)
				b.shows(says)
				b.inspect("empty-" + page)
			}
		})
	}
}

// emptied takes the demo's coupons away, which the database itself would not allow.
func emptied(t *testing.T, data string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(data, "pointbridge.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, text := range []string{"DROP TRIGGER movements_are_kept", "DROP TRIGGER coupons_are_kept",
		"DELETE FROM movements", "DELETE FROM requests",
		"DELETE FROM reminders", "DELETE FROM coupons", "DELETE FROM tally_status", "DELETE FROM tally_slots"} {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}
