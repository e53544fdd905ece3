package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// endingOf takes a coupon to the second page of its ending.
func endingOf(v *visitor, kind, code, reason, note string) seenPage {
	v.t.Helper()
	at := "/admin/coupons/" + code + "/" + kind
	return v.submit(v.get(at), at+"/confirm", url.Values{"reason": {reason}, "note": {note}})
}

// ended looks at a coupon's page until it is at rest.
func (v *visitor) ended(code, status string) (p seenPage) {
	v.t.Helper()
	eventually(v.t, code+" is "+status, func() bool {
		p = v.get("/admin/coupons/" + code)
		return strings.Contains(p.headline(), status)
	})
	return p
}

func (p seenPage) headline() string {
	for _, h := range p.all("h1") {
		return textOf(h)
	}
	return ""
}

// byID is the element with this id.
func (p seenPage) byID(id string) *html.Node {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && attribute(n, "id") == id {
			return n
		}
	}
	return nil
}

func (p seenPage) has(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.text(), text) {
			t.Errorf("%s does not say %q\n%s", p.url, text, p.text())
		}
	}
}

// TestConsoleCancel is the article's story by mouse: 1,250 points, a coupon of 500, cancelled by a store manager.
// covers: 004-16, 004-24, 004-35, 004-36, 004-47, 004-51, 004-52, 004-53
func TestConsoleCancel(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	v := consoleVisitor(t, file, "store_manager")
	code := madeCoupon(t, file, "8812370934", 500)
	at := "/admin/coupons/" + code
	memo := strings.Repeat("買い間違い<script>alert(1)</script>😀\n\"'&", 200)
	memo = strings.TrimSpace(string([]rune(memo)[:2000]))

	t.Run("a reason of the list is needed, the memo is bounded, and what was typed stays", func(t *testing.T) {
		for _, tc := range []struct{ reason, note, wrong string }{
			{"", "kept words", "Choose a reason"}, {"because", "kept words", "Choose a reason"}, {"other", strings.Repeat("字", 2001), "2,000 characters at most"},
		} {
			p := endingOf(v, "cancel", code, tc.reason, tc.note)
			if p.status != http.StatusUnprocessableEntity || p.form(at+"/cancel/confirm") == nil || !strings.Contains(p.raw, tc.note) {
				t.Errorf("%q: %d", tc.reason, p.status)
			}
			p.has(t, tc.wrong)
			if tc.reason == "other" && fieldsOf(p.form(at+"/cancel/confirm")).Get("reason") != "other" {
				t.Error("the reason was forgotten")
			}
		}
	})
	var confirm, done seenPage
	t.Run("everything is shown before anything is done", func(t *testing.T) {
		form := v.get(at + "/cancel")
		form.has(t, code, "Yamada Taro", "8812370934", "500 points", "gets a mail")
		confirm = v.submit(form, at+"/cancel/confirm", url.Values{"reason": {"customer_request"}, "note": {strings.ReplaceAll(memo, "\n", "\r\n")}})
		confirm.has(t, code, "Yamada Taro", "¥500", "Customer's request", "Ethan Lee", "return 500 points")
		back := v.submit(confirm, at+"/cancel", url.Values{"change": {"1"}, "key": {""}})
		if fieldsOf(confirm.form(at+"/cancel")).Get("key") == "" || back.status == http.StatusSeeOther {
			t.Error("no key was drawn")
		}
		if status := couponAt(t, staffCaller(t, file), code)["status"]; status != "active" {
			t.Fatalf("the coupon is %v", status)
		}
	})
	t.Run("the store manager cancels; a name in the form is nobody's", func(t *testing.T) {
		p := v.submit(confirm, at+"/cancel", url.Values{"cancelled_by": {"Somebody Else"}, "CancelledBy": {"Somebody Else"}})
		if p.url.Path != at {
			t.Fatalf("%d %s\n%s", p.status, p.url, p.text())
		}
		if steps := p.byID("progress-title"); steps != nil {
			p.has(t, "End the code in Shopify", "Wait for late orders", "Return the points in the till", "Done")
			if !strings.Contains(p.raw, `role="status"`) || !strings.Contains(p.raw, `data-poll="`+at+`/progress"`) || !strings.Contains(p.raw, `<noscript><meta http-equiv="refresh"`) {
				t.Error("nobody asks how it goes on")
			}
		}
		done = v.ended(code, "Cancelled")
		done.has(t, "Ethan Lee", "Customer's request", "The code is dead, and 500 points are back")
		if strings.Contains(done.raw, "Somebody Else") || strings.Contains(done.raw, "data-poll") {
			t.Error("a name in the form was taken over, or the page still asks how it goes on")
		}
	})
	t.Run("2,000 characters of any script are kept and shown as they are", func(t *testing.T) {
		if got := couponAt(t, staffCaller(t, file), code)["note"]; got != memo {
			t.Errorf("%q", got)
		}
		for n := range done.root.Descendants() {
			if n.Type == html.ElementNode && attribute(n, "class") == "memo" && n.FirstChild.Data != memo {
				t.Errorf("%q", n.FirstChild.Data)
			}
			if n.Type == html.ElementNode && n.Data == "script" && attribute(n, "src") == "" {
				t.Error("the memo runs")
			}
		}
	})
	t.Run("1,250 → 750 → 1,250", func(t *testing.T) { done.has(t, "1,250 → 750 → 1,250", "1,250 → 750", "750 → 1,250") })
	t.Run("each movement is one click from the other", func(t *testing.T) {
		for from, to := range map[string]string{"take": "CANCEL-" + code, "give_back": "COUPON-" + code} {
			for _, a := range elements(done.byID(from), "a") {
				if other := done.byID(strings.TrimPrefix(attribute(a, "href"), "#")); textOf(a) != to || other == nil || !strings.Contains(textOf(other), to) {
					t.Errorf("%s leads to %s", from, textOf(a))
				}
			}
			if len(elements(done.byID(from), "a")) != 1 {
				t.Errorf("%s leads nowhere", from)
			}
		}
	})
	t.Run("the history is told in words", func(t *testing.T) {
		done.has(t, "Started converting 500 points", "500 points were taken in the till", "can be used", "Started the cancellation (reason: Customer's request)",
			"The code was ended in Shopify", "500 points were returned in the till")
		if len(elements(done.byID("main"), "code")) != 0 {
			t.Error("a line has no words")
		}
	})
	t.Run("the page tells how far the mails are, and that the shop shows the newest state", func(t *testing.T) {
		eventually(t, "both are dealt with", func() bool {
			text := v.get(at).text()
			return strings.Contains(text, "Issued done") && strings.Contains(text, "Cancelled done") && strings.Contains(text, "Shows the latest state")
		})
	})
	t.Run("the same page sent again changes nothing, another one is told why", func(t *testing.T) {
		if p := v.submit(confirm, at+"/cancel", nil); p.status != 200 || p.url.Path != at {
			t.Errorf("%d %s", p.status, p.url)
		}
		p := v.submit(confirm, at+"/cancel", url.Values{"key": {"another"}})
		if p.status != http.StatusConflict || !strings.Contains(p.headline(), code) {
			t.Errorf("%d", p.status)
		}
		p.has(t, "This coupon is cancelled already", "Cancelling was refused: This coupon is cancelled already")
		if got := couponAt(t, staffCaller(t, file), code)["movements"].([]any); len(got) != 2 {
			t.Errorf("%v", got)
		}
		if p := v.get(at + "/cancel"); p.status != http.StatusConflict {
			t.Errorf("%d", p.status)
		}
	})
	t.Run("the fragment of a coupon at rest sends the page there", func(t *testing.T) {
		if p := v.get(at + "/progress"); !strings.Contains(p.raw, `data-done="`+at+`"`) || strings.Contains(p.raw, "<html") {
			t.Errorf("%s", p.raw)
		}
	})
	t.Run("an unknown code is an error page of its own", func(t *testing.T) {
		for _, path := range []string{"/admin/coupons/X-234567-1", "/admin/coupons/X-234567-1/cancel", "/admin/coupons/X-234567-1/progress", "/admin/customers/nobody"} {
			if p := v.get(path); p.status != http.StatusNotFound || !strings.Contains(p.text(), "Back to the start") {
				t.Errorf("%s: %d", path, p.status)
			}
		}
	})
}

func staffCaller(t *testing.T, file demoFile) caller { return caller{t, file.API, file.Keys["staff"]} }

// TestConsoleCancelPerRole: each role sees what it may do, and is refused the rest however it asks.
// covers: 004-46, 004-47, 004-48, 004-49
func TestConsoleCancelPerRole(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	for i, tc := range []struct {
		name, role string
		may        bool
	}{
		{"general staff look", "staff", false}, {"the store manager cancels", "store_manager", true},
		{"the EC admin cancels", "ec_admin", true}, {"the system admin cancels, marked as an emergency", "system_admin", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := consoleVisitor(t, file, tc.role)
			code := madeCoupon(t, file, "12345", 100*(i+1))
			at := "/admin/coupons/" + code
			p := v.get(at)
			if p.status != 200 || (p.link("Cancel coupon") == at+"/cancel") != tc.may || (p.link("Suspend") == at+"/suspend") != tc.may {
				t.Fatalf("%d %s", p.status, p.text())
			}
			if tc.may {
				if got := v.submit(endingOf(v, "cancel", code, "issued_in_error", ""), at+"/cancel", nil); got.url.Path != at {
					t.Fatalf("%d %s", got.status, got.text())
				}
				if p := v.ended(code, "Cancelled"); strings.Contains(p.text(), "emergency") != (tc.role == "system_admin") {
					t.Errorf("%s", p.text())
				}
				return
			}
			forged := url.Values{"form_token": {fieldsOf(p.form("/admin/sign-out")).Get("form_token")}, "reason": {"other"}, "key": {"forged"}}
			for _, path := range []string{"/cancel", "/cancel/confirm", "/suspend", "/suspend/confirm"} {
				if got := v.post(at+path, forged); got.status != http.StatusForbidden {
					t.Errorf("%s: %d", path, got.status)
				}
			}
			if got := v.get(at + "/cancel"); got.status != http.StatusForbidden {
				t.Errorf("%d", got.status)
			}
			if status := couponAt(t, staffCaller(t, file), code)["status"]; status != "active" {
				t.Errorf("%v", status)
			}
		})
	}
	t.Run("a form of another site, and one without its token, cancel nothing", func(t *testing.T) {
		v := consoleVisitor(t, file, "ec_admin")
		code := madeCoupon(t, file, "12345", 500)
		fields := fieldsOf(endingOf(v, "cancel", code, "other", "").form("/admin/coupons/" + code + "/cancel"))
		foreign := v.send(http.MethodPost, "/admin/coupons/"+code+"/cancel", strings.NewReader(fields.Encode()), http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}})
		fields.Set("form_token", "made up")
		bare := v.post("/admin/coupons/"+code+"/cancel", fields)
		if foreign.status != http.StatusForbidden || bare.status != http.StatusForbidden || couponAt(t, staffCaller(t, file), code)["status"] != "active" {
			t.Errorf("%d %d", foreign.status, bare.status)
		}
	})
}

// TestConsoleRefusals: what became of a coupon between the page and the click is told on the coupon's own page.
// covers: 000-13, 004-08, 004-15, 004-17, 004-28
func TestConsoleRefusals(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := startDemo(t, data)
	v := consoleVisitor(t, file, "store_manager")
	told := func(t *testing.T, p seenPage, code, status, says string) {
		t.Helper()
		if p.status != http.StatusConflict && p.status != http.StatusForbidden || !strings.Contains(p.headline(), code) || !strings.Contains(p.headline(), status) {
			t.Fatalf("%d %s", p.status, p.text())
		}
		p.has(t, says)
		if p.link("Cancel coupon") != "" && status != "Unused" {
			t.Error("there is still a button")
		}
	}
	t.Run("the end passes between the page and the click", func(t *testing.T) {
		code := madeCoupon(t, file, "12345", 100)
		page := endingOf(v, "cancel", code, "other", "")
		passEnd(t, data, code)
		p := v.submit(page, "/admin/coupons/"+code+"/cancel", nil)
		told(t, p, code, "Expired", "The coupon became invalid at its end")
		told(t, v.get("/admin/coupons/"+code+"/suspend"), code, "Expired", "its points do not come back")
	})
	t.Run("an order comes between; the page names it and leads to it", func(t *testing.T) {
		code := madeCoupon(t, file, "8812370934", 200)
		page := endingOf(v, "cancel", code, "other", "")
		order := checkOut(t, file, "7001000001", code)
		p := v.submit(page, "/admin/coupons/"+code+"/cancel", nil)
		told(t, p, code, "Used", "This coupon has been used")
		p = v.get("/admin/coupons/" + code)
		number := order[strings.LastIndexByte(order, '/')+1:]
		if got := p.link(fmt.Sprint(couponAt(t, staffCaller(t, file), code)["used_order"])); got != "https://"+demoShop+"/admin/orders/"+number {
			t.Errorf("%q, the order is %s", got, order)
		}
		p.has(t, "Used by order #")
		for _, r := range rowsOf(v.get("/admin/coupons?q=" + code)) {
			if r.status != "Used" || r.action != "–" {
				t.Errorf("a used coupon can be cancelled: %+v", r)
			}
		}
	})
	t.Run("nobody ends a coupon of their own", func(t *testing.T) {
		own := file.Customers[len(file.Customers)-1].ID
		code := madeCoupon(t, file, own, 100)
		p := v.get("/admin/coupons/" + code)
		if p.link("Cancel coupon") != "" || rowsOf(v.get("/admin/coupons?q=" + own))[0].action != "–" {
			t.Error("there is a button")
		}
		p.has(t, "It is your own coupon")
		forged := url.Values{"form_token": {fieldsOf(p.form("/admin/sign-out")).Get("form_token")}, "reason": {"other"}, "key": {"forged"}}
		told(t, v.post("/admin/coupons/"+code+"/cancel", forged), code, "Unused", "This is your own coupon")
		told(t, v.get("/admin/coupons/"+code+"/cancel"), code, "Unused", "This is your own coupon")
	})
	t.Run("suspended in two steps: the code is dead, the points are held", func(t *testing.T) {
		code := madeCoupon(t, file, "8812370934", 100)
		page := endingOf(v, "suspend", code, "other", "odd")
		page.has(t, "held until the case is decided")
		if p := v.submit(page, "/admin/coupons/"+code+"/suspend", nil); p.url.Path != "/admin/coupons/"+code {
			t.Fatalf("%d %s", p.status, p.text())
		}
		p := v.ended(code, "Suspended")
		p.has(t, "Suspended on suspicion of fraud")
		told(t, v.get("/admin/coupons/"+code+"/cancel"), code, "Suspended", "A coupon that is Suspended cannot be cancelled")
		if counts := countsOf(v.get("/admin/coupons")); counts["Suspended"] != 1 {
			t.Errorf("%v", counts)
		}
	})
}

// passEnd makes a coupon's end be long ago.
func passEnd(t *testing.T, data, code string) {
	t.Helper()
	statement(t, data, `UPDATE coupons SET created_at = '2025-01-01 00:00:00+00:00', expires_at = '2025-02-01 00:00:00+00:00' WHERE code = ?`, code)
}

// statement changes one row of a demo's database.
func statement(t *testing.T, data, text string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(data, "pointbridge.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	done, err := db.ExecContext(t.Context(), text, args...)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := done.RowsAffected(); n != 1 {
		t.Fatalf("%d rows were changed", n)
	}
}

// checkOut places an order with a code and gives the order's gid.
func checkOut(t *testing.T, file demoFile, customer, code string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, file.API+shopifyPath+"/_sim/checkout",
		strings.NewReader(fmt.Sprintf(`{"customer":%q,"codes":[%q],"subtotal":"3000"}`, customer, code)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Shopify-Access-Token", file.Shopify.AccessToken)
	res, err := httpClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var order struct {
		ID string `json:"order_id"`
	}
	if err := json.NewDecoder(res.Body).Decode(&order); err != nil || res.StatusCode != http.StatusCreated || order.ID == "" {
		t.Fatalf("%d %v %v", res.StatusCode, order, err)
	}
	return order.ID
}
