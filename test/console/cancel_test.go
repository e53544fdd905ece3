package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"pointbridge/demo"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// endingOf takes a coupon to the second page of its ending.
func endingOf(v *world.Visitor, kind, code, reason, note string) world.SeenPage {
	v.T.Helper()
	at := "/admin/coupons/" + code + "/" + kind
	return v.Submit(v.Get(at), at+"/confirm", url.Values{"reason": {reason}, "note": {note}})
}

// TestConsoleCancel is the article's story by mouse: 1,250 points, a coupon of 500, cancelled by a store manager.
// covers: 004-16, 004-24, 004-35, 004-36, 004-47, 004-51, 004-52, 004-53
func TestConsoleCancel(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "store_manager")
	code := world.MadeCoupon(t, file, "8812370934", 500)
	at := "/admin/coupons/" + code
	memo := strings.Repeat("買い間違い<script>alert(1)</script>😀\n\"'&", 200)
	memo = strings.TrimSpace(string([]rune(memo)[:2000]))

	t.Run("a reason of the list is needed, the memo is bounded, and what was typed stays", func(t *testing.T) {
		for _, tc := range []struct{ reason, note, wrong string }{
			{"", "kept words", "Choose a reason"}, {"because", "kept words", "Choose a reason"},
			{"other", strings.Repeat("字", 2001), "2,000 characters at most"},
		} {
			p := endingOf(v, "cancel", code, tc.reason, tc.note)
			expect.Equal(t, "p.Status", p.Status, http.StatusUnprocessableEntity, tc.reason)
			expect.MustThat(t, `p.Form(at+"/cancel/confirm") != nil`, p.Form(at+"/cancel/confirm") != nil, tc.reason)
			expect.That(t, "p.Raw to contain tc.note", strings.Contains(p.Raw, tc.note), tc.note, p.Raw, tc.reason)
			p.Has(t, tc.wrong)
			if tc.reason == "other" && world.FieldsOf(p.Form(at+"/cancel/confirm")).Get("reason") != "other" {
				t.Error("the reason was forgotten")
			}
		}
	})
	var confirm, done world.SeenPage
	t.Run("everything is shown before anything is done", func(t *testing.T) {
		form := v.Get(at + "/cancel")
		form.Has(t, code, "Yamada Taro", "8812370934", "500 points", "gets a mail")
		confirm = v.Submit(form, at+"/cancel/confirm", url.Values{"reason": {"customer_request"},
			"note": {strings.ReplaceAll(memo, "\n", "\r\n")}})
		confirm.Has(t, code, "Yamada Taro", "¥500", "Customer's request", "Ethan Lee", "return 500 points")
		back := v.Submit(confirm, at+"/cancel", url.Values{"change": {"1"}, "key": {""}})
		if world.FieldsOf(confirm.Form(at+"/cancel")).Get("key") == "" || back.Status == http.StatusSeeOther {
			t.Error("no key was drawn")
		}
		if status := world.CouponAt(t, staffCaller(t, file), code)["status"]; status != "active" {
			t.Fatalf("the coupon is %v", status)
		}
	})
	t.Run("the store manager cancels; a name in the form is nobody's", func(t *testing.T) {
		p := v.Submit(confirm, at+"/cancel", url.Values{"cancelled_by": {"Somebody Else"},
			"CancelledBy": {"Somebody Else"}})
		expect.MustEqual(t, "p.URL.Path", p.URL.Path, at, p.Status, p.URL, p.Text)
		if steps := p.ByID("progress-title"); steps != nil {
			p.Has(t, "End the code in Shopify", "Wait for late orders", "Return the points in the POS", "Done")
			if !strings.Contains(p.Raw, `role="status"`) || !strings.Contains(p.Raw, `data-poll="`+at+`/progress"`) ||
				!strings.Contains(p.Raw, `<noscript><meta http-equiv="refresh"`) {
				t.Error("nobody asks how it goes on")
			}
		}
		done = v.Ended(code, "Cancelled")
		done.Has(t, "Ethan Lee", "Customer's request", "The code is deactivated, and 500 points are back")
		if strings.Contains(done.Raw, "Somebody Else") || strings.Contains(done.Raw, "data-poll") {
			t.Error("a name in the form was taken over, or the page still asks how it goes on")
		}
	})
	t.Run("2,000 characters of any script are kept and shown as they are", func(t *testing.T) {
		got := world.CouponAt(t, staffCaller(t, file), code)["note"]
		expect.Equal[any](t, "got", got, memo)
		for n := range done.Root.Descendants() {
			expect.That(t, `n.Type != html.ElementNode || world.Attribute(…) != "memo" || n.FirstChild.Data == memo`,
				n.Type != html.ElementNode || world.Attribute(n, "class") != "memo" || n.FirstChild.Data == memo,
				n.Type, memo)
			if n.Type == html.ElementNode && n.Data == "script" && world.Attribute(n, "src") == "" {
				t.Error("the memo runs")
			}
		}
	})
	t.Run("1,250 → 750 → 1,250", func(t *testing.T) { done.Has(t, "1,250 → 750 → 1,250", "1,250 → 750", "750 → 1,250") })
	t.Run("each movement is one click from the other", func(t *testing.T) {
		for from, to := range map[string]string{"take": "CANCEL-" + code, "give_back": "COUPON-" + code} {
			for _, a := range world.Elements(done.ByID(from), "a") {
				if other := done.ByID(strings.TrimPrefix(world.Attribute(a, "href"), "#")); world.TextOf(a) != to ||
					other == nil || !strings.Contains(world.TextOf(other), to) {
					t.Errorf("%s leads to %s", from, world.TextOf(a))
				}
			}
			if len(world.Elements(done.ByID(from), "a")) != 1 {
				t.Errorf("%s leads nowhere", from)
			}
		}
	})
	t.Run("the history is told in words", func(t *testing.T) {
		done.Has(t, "Started converting 500 points", "500 points were taken in the POS", "can be used",
			"Started the cancellation (reason: Customer's request)", "The code was ended in Shopify",
			"500 points were returned in the POS")
		if len(world.Elements(done.ByID("main"), "code")) != 0 {
			t.Error("a line has no words")
		}
	})
	t.Run("the page tells how far the mails are, and that the shop shows the newest state", func(t *testing.T) {
		world.Eventually(t, "both are dealt with", func() bool {
			text := v.Get(at).Text()
			return strings.Count(text, "taken by the mail server") == 2 &&
				strings.Contains(text, "Shows the latest state")
		})
	})
	t.Run("the same page sent again changes nothing, another one is told why", func(t *testing.T) {
		{
			p := v.Submit(confirm, at+"/cancel", nil)
			expect.Equal(t, "p.Status", p.Status, 200, p.URL)
			expect.Equal(t, "p.URL.Path", p.URL.Path, at, p.URL)
		}
		p := v.Submit(confirm, at+"/cancel", url.Values{"key": {"another"}})
		expect.Equal(t, "p.Status", p.Status, http.StatusConflict)
		expect.That(t, "p.Headline() to contain code", strings.Contains(p.Headline(), code), code, p.Headline)
		p.Has(t, "This coupon is cancelled already", "Cancelling was refused: This coupon is cancelled already")
		got := world.CouponAt(t, staffCaller(t, file), code)["movements"].([]any)
		expect.Equal(t, "len(got)", len(got), 2, got)
		expect.Equal(t, `v.Get(at + "/cancel").Status`, v.Get(at+"/cancel").Status, http.StatusConflict)
	})
	t.Run("the fragment of a coupon at rest sends the page there", func(t *testing.T) {
		p := v.Get(at + "/progress")
		expect.That(t, "p.Raw to contain `data-done=\"`+at+`\"`", strings.Contains(p.Raw, `data-done="`+at+`"`),
			`data-done="`+at+`"`, p.Raw)
		expect.That(t, `p.Raw not to contain "<html"`, !strings.Contains(p.Raw, "<html"), p.Raw)
	})
	t.Run("an unknown code is an error page of its own", func(t *testing.T) {
		for _, path := range []string{"/admin/coupons/X-234567-1", "/admin/coupons/X-234567-1/cancel",
			"/admin/coupons/X-234567-1/progress", "/admin/customers/nobody"} {
			p := v.Get(path)
			expect.Equal(t, "p.Status", p.Status, http.StatusNotFound, path)
			expect.That(t, `p.Text() to contain "Back to the start"`, strings.Contains(p.Text(), "Back to the start"),
				path, p.Text)
		}
	})
}

func staffCaller(t *testing.T, file demo.File) world.Caller {
	return world.Caller{T: t, Base: file.API, Key: file.Keys["staff"]}
}

// TestConsoleCancelPerRole: each role sees what it may do, and is refused the rest however it asks.
// covers: 004-46, 004-47, 004-48, 004-49
func TestConsoleCancelPerRole(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	for i, tc := range []struct {
		name, role string
		may        bool
	}{
		{"general staff look", "staff", false}, {"the store manager cancels", "store_manager", true},
		{"the EC admin cancels", "ec_admin", true}, {"the system admin cancels, marked as an emergency", "system_admin",
			true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := world.ConsoleVisitor(t, file, tc.role)
			code := world.MadeCoupon(t, file, "12345", 100*(i+1))
			at := "/admin/coupons/" + code
			p := v.Get(at)
			expect.MustEqual(t, "p.Status", p.Status, 200, p.Text)
			expect.MustEqual(t, `p.Link("Cancel coupon") == at+"/cancel"`, p.Link("Cancel coupon") == at+"/cancel",
				tc.may, p.Text)
			expect.MustEqual(t, `p.Link("Suspend") == at+ "/suspend"`, p.Link("Suspend") == at+"/suspend", tc.may,
				p.Text)
			if tc.may {
				got := v.Submit(endingOf(v, "cancel", code, "issued_in_error", ""), at+"/cancel", nil)
				expect.MustEqual(t, "got.URL.Path", got.URL.Path, at, got.Status, got.Text)
				p := v.Ended(code, "Cancelled")
				expect.Equal(t, `strings.Contains(p.Text(), "emergency")`, strings.Contains(p.Text(), "emergency"),
					tc.role == "system_admin", p.Text)
				return
			}
			forged := url.Values{"form_token": {world.FieldsOf(p.Form("/admin/sign-out")).Get("form_token")},
				"reason": {"other"}, "key": {"forged"}}
			for _, path := range []string{"/cancel", "/cancel/confirm", "/suspend", "/suspend/confirm"} {
				got := v.Post(at+path, forged)
				expect.Equal(t, "got.Status", got.Status, http.StatusForbidden, path)
			}
			expect.Equal(t, `v.Get(at + "/cancel").Status`, v.Get(at+"/cancel").Status, http.StatusForbidden)
			status := world.CouponAt(t, staffCaller(t, file), code)["status"]
			expect.Equal(t, "status", status, "active")
		})
	}
	t.Run("a form of another site, and one without its token, cancel nothing", func(t *testing.T) {
		v := world.ConsoleVisitor(t, file, "ec_admin")
		code := world.MadeCoupon(t, file, "12345", 500)
		fields := world.FieldsOf(endingOf(v, "cancel", code, "customer_request", "").Form("/admin/coupons/" + code + "/cancel"))
		foreign := v.Send(http.MethodPost, "/admin/coupons/"+code+"/cancel", strings.NewReader(fields.Encode()),
			http.Header{
				"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {"https://evil.example"},
				"Sec-Fetch-Site": {"cross-site"}})
		fields.Set("form_token", "made up")
		bare := v.Post("/admin/coupons/"+code+"/cancel", fields)
		expect.Equal(t, "foreign.Status", foreign.Status, http.StatusForbidden)
		expect.Equal(t, "bare.Status", bare.Status, http.StatusForbidden)
		expect.Equal(t, `world.CouponAt(t, staffCaller(t, file), code)["status"]`,
			world.CouponAt(t, staffCaller(t, file), code)["status"], "active")
	})
}

// TestConsoleRefusals: what became of a coupon between the page and the click is told on the coupon's own page.
// covers: 000-13, 004-08, 004-15, 004-17, 004-28
func TestConsoleRefusals(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	v := world.ConsoleVisitor(t, file, "store_manager")
	told := func(t *testing.T, p world.SeenPage, code, status, says string) {
		t.Helper()
		expect.MustThat(t, "p.Status == http.StatusConflict || p.Status == http.StatusForbidden",
			p.Status == http.StatusConflict || p.Status == http.StatusForbidden, p.Status, p.Text)
		expect.MustThat(t, "p.Headline() to contain code", strings.Contains(p.Headline(), code), code, p.Headline,
			p.Status, p.Text)
		expect.MustThat(t, "p.Headline() to contain status", strings.Contains(p.Headline(), status), status, p.Headline,
			p.Status, p.Text)
		p.Has(t, says)
		if p.Link("Cancel coupon") != "" && status != "Unused" {
			t.Error("there is still a button")
		}
	}
	t.Run("the end passes between the page and the click", func(t *testing.T) {
		code := world.MadeCoupon(t, file, "12345", 100)
		page := endingOf(v, "cancel", code, "customer_request", "")
		passEnd(t, data, code)
		p := v.Submit(page, "/admin/coupons/"+code+"/cancel", nil)
		told(t, p, code, "Expired", "The coupon became invalid at its end")
		told(t, v.Get("/admin/coupons/"+code+"/suspend"), code, "Expired", "its points do not come back")
	})
	t.Run("an order comes between; the page names it and leads to it", func(t *testing.T) {
		code := world.MadeCoupon(t, file, "8812370934", 200)
		page := endingOf(v, "cancel", code, "customer_request", "")
		order := world.CheckOut(t, file, "7001000001", code)
		p := v.Submit(page, "/admin/coupons/"+code+"/cancel", nil)
		told(t, p, code, "Used", "This coupon has been used")
		p = v.Get("/admin/coupons/" + code)
		number := order[strings.LastIndexByte(order, '/')+1:]
		if got := p.Link(fmt.Sprint(world.CouponAt(t, staffCaller(t, file), code)["used_order"])); got != "https://"+
			demo.DemoShop+"/admin/orders/"+number {
			t.Errorf("%q, the order is %s", got, order)
		}
		p.Has(t, "Used by order #")
		for _, r := range rowsOf(v.Get("/admin/coupons?q=" + code)) {
			if r.status != "Used" || r.action != "–" {
				t.Errorf("a used coupon can be cancelled: %+v", r)
			}
		}
	})
	t.Run("nobody ends a coupon of their own", func(t *testing.T) {
		own := file.Customers[len(file.Customers)-1].ID
		code := world.MadeCoupon(t, file, own, 100)
		p := v.Get("/admin/coupons/" + code)
		if p.Link("Cancel coupon") != "" || rowsOf(v.Get("/admin/coupons?q=" + own))[0].action != "–" {
			t.Error("there is a button")
		}
		p.Has(t, "It is your own coupon")
		forged := url.Values{"form_token": {world.FieldsOf(p.Form("/admin/sign-out")).Get("form_token")},
			"reason": {"other"}, "key": {"forged"}}
		told(t, v.Post("/admin/coupons/"+code+"/cancel", forged), code, "Unused", "This is your own coupon")
		told(t, v.Get("/admin/coupons/"+code+"/cancel"), code, "Unused", "This is your own coupon")
	})
	t.Run("suspended in two steps: the code is deactivated, the points are held", func(t *testing.T) {
		code := world.MadeCoupon(t, file, "8812370934", 100)
		page := endingOf(v, "suspend", code, "other", "odd")
		page.Has(t, "held until the case is decided")
		{
			p := v.Submit(page, "/admin/coupons/"+code+"/suspend", nil)
			expect.MustEqual(t, "p.URL.Path", p.URL.Path, "/admin/coupons/"+code, p.Status, p.Text)
		}
		p := v.Ended(code, "Suspended")
		p.Has(t, "Suspended on suspicion of fraud")
		told(t, v.Get("/admin/coupons/"+code+"/cancel"), code, "Suspended",
			"A coupon that is Suspended cannot be cancelled")
		counts := countsOf(v.Get("/admin/coupons"))
		expect.Equal(t, `counts["Suspended"]`, counts["Suspended"], 1, counts)
	})
}

// passEnd makes a coupon's end be long ago.
func passEnd(t *testing.T, data, code string) {
	t.Helper()
	world.Statement(t, data, `UPDATE coupons SET created_at = '2025-01-01 00:00:00+00:00', expires_at = '2025-02-01 00:00:00+00:00' WHERE code = ?`, code)
}
