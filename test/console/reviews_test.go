package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pointbridge/demo"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// reviewOfCoupon finds the open review of a coupon in the list and gives its address.
func reviewOfCoupon(t *testing.T, v *world.Visitor, code string) string {
	t.Helper()
	list := v.Get("/admin/reviews")
	for _, a := range list.All("a") {
		if world.Attribute(a, "aria-label") == "Look at the case of "+code {
			return world.Attribute(a, "href")
		}
	}
	t.Fatalf("no review of %s\n%s", code, list.Text())
	return ""
}

// outcomesOn lists what a review's page offers.
func outcomesOn(p world.SeenPage) (list []string) {
	for _, n := range p.All("input") {
		if world.Attribute(n, "type") == "radio" && world.Attribute(n, "name") == "outcome" {
			list = append(list, world.Attribute(n, "value"))
		}
	}
	return list
}

func balanceOf(t *testing.T, file demo.File, customer string) float64 {
	t.Helper()
	balance, _ := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}.Do("GET", "/v1/customers/"+customer+
		"/points", "", "").Body["balance"].(float64)
	return balance
}

// covers: 004-06
func TestConsoleReviewOneClick(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	v := world.ConsoleVisitor(t, file, "store_manager")
	if p := v.Get("/admin/reviews"); !strings.Contains(p.Text(), "Nothing waits for a decision") {
		t.Errorf("an empty list says %s", p.Text())
	}
	before := balanceOf(t, file, "12345")
	code := world.MadeCoupon(t, file, "12345", 700)
	world.OpenReview(t, data, code, "order_cancelled", "gid://shopify/Order/990001", "customer")
	at := reviewOfCoupon(t, v, code)
	t.Run("the list shows it with one click; clicking twice cancels once and returns the points once",
		func(t *testing.T) {
			list := v.Get("/admin/reviews")
			list.Has(t, code, "Order cancelled", "Cancel and return points", "Suzuki Hanako")
			p := v.Submit(list, at+"/decision", nil)
			expect.MustEqual(t, "p.URL.Path", p.URL.Path, at, p.URL, p.Text)
			expect.MustEqual(t, "p.Status", p.Status, http.StatusOK, p.URL, p.Text)
			p.Has(t, "Decided", "Return the points", "Ethan Lee")
			if again := v.Submit(list, at+"/decision", nil); again.URL.Path != at || again.Status != http.StatusOK {
				t.Errorf("the same form again: %d\n%s", again.Status, again.Text())
			}
			v.Ended(code, "Cancelled")
			if got := balanceOf(t, file, "12345"); got != before {
				t.Errorf("the balance is %v, it was %v", got, before)
			}
			if got := v.Get("/admin/coupons/" + code).Text(); strings.Count(got, "CANCEL-"+code) == 0 {
				t.Errorf("no movement gives the points back\n%s", got)
			}
		})
	t.Run("somebody who comes later is told who has decided what", func(t *testing.T) {
		late := world.ConsoleVisitor(t, file, "ec_admin")
		token := world.FieldsOf(late.Get("/admin/reviews").Form("/admin/sign-out")).Get("form_token")
		p := late.Post(at+"/decision", url.Values{"form_token": {token}, "outcome": {"return_points"}, "key": {"late"}})
		expect.MustEqual(t, "p.Status", p.Status, http.StatusConflict, p.Text)
		p.Has(t, "Somebody else has decided meanwhile", "Ethan Lee decided: Return the points")
	})
	t.Run("decided reviews have their own list", func(t *testing.T) {
		p := v.Get("/admin/reviews?status=closed")
		p.Has(t, code, "Return the points", "Ethan Lee")
		if p.Form(at+"/decision") != nil {
			t.Error("a decided review can be decided")
		}
		if got := v.Get("/admin/reviews?kind=suspected_fraud").Text(); strings.Contains(got, code) {
			t.Errorf("another kind shows it: %s", got)
		}
	})
}

// covers: 003-17, 004-07, 004-24
func TestConsoleReviewOutcomes(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	v := world.ConsoleVisitor(t, file, "ec_admin")
	code := world.MadeCoupon(t, file, "20001", 300)
	order := world.CheckOut(t, file, customerGID(file, "20001"), code)
	world.Eventually(t, "the coupon is used", func() bool { return world.CouponAt(t, staffCaller(t, file), code)["status"] == "used" })
	world.OpenReview(t, data, code, "order_refunded", order, "refunded")
	at := reviewOfCoupon(t, v, code)

	t.Run("everything that the decision needs is on the page", func(t *testing.T) {
		p := v.Get(at)
		p.Has(t, "Order refunded", "refunded in full", "#1099", code, "300 points", "Emily Carter",
			"Cases about this person's orders in the last 30 days: 1")
		if got := strings.Join(outcomesOn(p), " "); got != "reissue grant_points refuse" {
			t.Errorf("outcomes: %s", got)
		}
		if !strings.Contains(p.Raw, "/admin/orders/"+order[strings.LastIndex(order, "/")+1:]) {
			t.Error("nothing leads to the order in the store's admin")
		}
		if strings.Contains(p.Text(), "Cancel and return points") {
			t.Error("a used code can be cancelled with one click")
		}
	})
	t.Run("what is missing is asked for, and what was typed stays", func(t *testing.T) {
		for _, tc := range []struct{ outcome, note, wrong string }{
			{"", "kept words", "Choose one of the outcomes"}, {"forfeit", "kept words", "Choose one of the outcomes"},
			{"refuse", " ", "Say why in the note"}, {"refuse", strings.Repeat("字", 2001), "The note is too long"},
		} {
			p := v.Submit(v.Get(at), at+"/decision", url.Values{"outcome": {tc.outcome}, "note": {tc.note}})
			expect.Equal(t, "p.Status", p.Status, http.StatusUnprocessableEntity, tc.outcome, p.Text)
			expect.That(t, "p.Raw to contain `aria-invalid=\"true\"`", strings.Contains(p.Raw, `aria-invalid="true"`),
				p.Raw, tc.outcome, p.Text)
			expect.That(t, "p.Raw to contain tc.note", strings.Contains(p.Raw, tc.note), tc.note, p.Raw, tc.outcome,
				p.Text)
			p.Has(t, tc.wrong)
		}
	})
	t.Run("a first person's proposal, and that a second one has to agree", func(t *testing.T) {
		world.Statement(t, data, `UPDATE reviews SET proposed_outcome = 'reissue', proposed_note = 'looks right', proposed_by = 'Ethan Lee', proposed_actor = 'staff:999',
			proposed_at = ? WHERE coupon_id = (SELECT id FROM coupons WHERE code = ?)`, time.Now().UTC(), code)
		v.Get(at).Has(t, "Ethan Lee proposes: Reissue", "a second person has to agree", "looks right")
		v.Get("/admin/reviews").Has(t, "Needs a second person")
	})
	t.Run("refused with a note of any script; it is in the audit", func(t *testing.T) {
		note := "返品なし\n<script>alert(1)</script>"
		p := v.Submit(v.Get(at), at+"/decision", url.Values{"outcome": {"refuse"},
			"note": {strings.ReplaceAll(note, "\n", "\r\n")}})
		expect.MustEqual(t, "p.URL.Path", p.URL.Path, at, p.Status, p.Text)
		p.Has(t, "Give nothing", "返品なし")
		expect.That(t, `p.Raw not to contain "<script>alert"`, !strings.Contains(p.Raw, "<script>alert"), p.Raw)
		expect.Equal(t, "len(outcomesOn(p))", len(outcomesOn(p)), 0)
		v.Get("/admin/audit?coupon="+code).Has(t, "Decided the case: refuse")
		v.Get("/admin/coupons/"+code).Has(t, "Decided the case: refuse")
	})
}

// covers: 004-08
func TestConsoleReviewOfFraud(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "store_manager")
	for i, outcome := range []string{"forfeit", "return_points"} {
		t.Run("held until it is decided: "+outcome, func(t *testing.T) {
			before := balanceOf(t, file, "12345")
			points := 100 * (i + 1)
			code := world.MadeCoupon(t, file, "12345", points)
			v.Submit(endingOf(v, "suspend", code, "other", "one address, many members"), "/admin/coupons/"+code+
				"/suspend", nil)
			v.Ended(code, "Suspended")
			at := reviewOfCoupon(t, v, code)
			p := v.Get(at)
			p.Has(t, "Suspected fraud", "one address, many members", "points are held until you decide")
			if got := strings.Join(outcomesOn(p), " "); got != "return_points forfeit" {
				t.Errorf("outcomes: %s", got)
			}
			if balanceOf(t, file, "12345") != before-float64(points) {
				t.Error("points moved before the decision")
			}
			asks := v.PostOnce(at+"/decision", url.Values{"form_token": {world.FieldsOf(p.Form(at + "/decision")).Get("form_token")},
				"key": {"asked-once"}, "outcome": {outcome}, "note": {"checked"}})
			asks.Has(t, "a decision cannot be taken back")
			v.Submit(p, at+"/decision", url.Values{"outcome": {outcome}, "note": {"checked"}})
			if outcome == "forfeit" { // nobody decides that alone
				v.Get(at).Has(t, "proposes")
				other := world.ConsoleVisitor(t, file, "ec_admin")
				other.Submit(other.Get(at), at+"/decision", url.Values{"outcome": {outcome}, "note": {"agreed"}})
			}
			want, left := "Forfeited", before-float64(points)
			if outcome == "return_points" {
				want, left = "Cancelled", before
			}
			v.Ended(code, want)
			if got := balanceOf(t, file, "12345"); got != left {
				t.Errorf("the balance is %v, want %v", got, left)
			}
		})
	}
}

// covers: 004-50
func TestConsoleReviewRights(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	code := world.MadeCoupon(t, file, "12345", 700)
	world.OpenReview(t, data, code, "order_cancelled", "gid://shopify/Order/990002", "declined")
	manager := world.ConsoleVisitor(t, file, "store_manager")
	at := reviewOfCoupon(t, manager, code)
	t.Run("general staff see no reviews and decide none", func(t *testing.T) {
		v := world.ConsoleVisitor(t, file, "staff")
		home := v.Get("/admin/account")
		if strings.Contains(home.Raw, `href="/admin/reviews"`) {
			t.Error("the menu names what staff may not do")
		}
		for _, path := range []string{"/admin/reviews", at} {
			expect.Equal(t, "v.Get(path).Status", v.Get(path).Status, http.StatusForbidden, path)
		}
		token := world.FieldsOf(home.Form("/admin/sign-out")).Get("form_token")
		p := v.Post(at+"/decision", url.Values{"form_token": {token}, "outcome": {"return_points"}, "key": {"k"}})
		expect.Equal(t, "p.Status", p.Status, http.StatusForbidden)
		world.ConsoleVisitor(t, file, "system_admin").Get("/admin/audit?action=access.refused").Has(t, "access.refused")
	})
	t.Run("a form without the session's token decides nothing", func(t *testing.T) {
		p := manager.Post(at+"/decision", url.Values{"form_token": {"made up"}, "outcome": {"return_points"},
			"key": {"k"}})
		expect.Equal(t, "p.Status", p.Status, http.StatusForbidden)
	})
	t.Run("one's own coupon is somebody else's to decide", func(t *testing.T) {
		world.Statement(t, data, `UPDATE staff SET customer_id = '12345' WHERE role = 'store_manager'`)
		world.Eventually(t, "the member number is known", func() bool { return strings.Contains(manager.Get(at).Text(), "about your own coupon") })
		p := manager.Get(at)
		token := world.FieldsOf(p.Form("/admin/sign-out")).Get("form_token")
		expect.MustEqual(t, "len(outcomesOn(p))", len(outcomesOn(p)), 0, p.Text)
		expect.That(t, `p.Text() not to contain "Cancel and return points"`,
			!strings.Contains(p.Text(), "Cancel and return points"), p.Text)
		got := manager.Post(at+"/decision", url.Values{"form_token": {token}, "outcome": {"return_points"},
			"key": {"k2"}})
		expect.That(t, "got.Status >= 400", got.Status >= 400, got.Status)
	})
	for _, path := range []string{"/admin/reviews/0", "/admin/reviews/x", "/admin/reviews/999999"} {
		p := world.ConsoleVisitor(t, file, "ec_admin").Get(path)
		expect.Equal(t, "p.Status", p.Status, http.StatusNotFound, path)
	}
	if got := world.CouponAt(t, staffCaller(t, file), code)["status"]; got != "active" {
		t.Errorf("the coupon is %v", got)
	}
}

func customerGID(file demo.File, id string) string {
	for _, c := range file.Customers {
		if c.ID == id {
			return fmt.Sprint(c.Shopify)
		}
	}
	return ""
}

// TestConsoleReviewOfARestoredCoupon: whoever decides about a coupon that was restored in doubt reads what the POS, Shopify
// and the metafield showed, and what does not agree, in words; of two restorations it is the newer one that counts.
func TestConsoleReviewOfARestoredCoupon(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, stop := world.StartDemo(t, data)
	t.Cleanup(stop)
	code := world.MadeCoupon(t, file, "12345", 700)
	world.OpenReview(t, data, code, "restored", "", "")
	for minute, detail := range []string{
		`{"pos": "nothing", "shop": "nothing", "metafield": "nothing", "doubts": ["points_not_taken"]}`,
		`{"pos": "COUPON-X", "shop": "gid://shopify/DiscountCodeNode/7 ACTIVE", "metafield": "active",
			"doubts": ["discount_differs", "other_points"], "differs": ["amount", "ends_at"]}`} {
		world.Statement(t, data, `INSERT INTO audit (at, actor, actor_name, action, code, coupon_id, customer_id, from_status, to_status,
			outcome, detail) SELECT ?, 'system', 'Pointbridge', 'books.restored', code, id, customer_id, '', status, 'ok', ? FROM coupons
			WHERE code = ?`, time.Now().UTC().Add(time.Duration(minute)*time.Minute), detail, code)
	}
	v := world.ConsoleVisitor(t, file, "store_manager")
	page := v.Get(reviewOfCoupon(t, v, code)).Text()
	for _, want := range []string{"COUPON-X", "gid://shopify/DiscountCodeNode/7 ACTIVE", "Unused",
		"Its code can be spent, and is not as it was made.", "The POS shows other points than the code or the metafield.",
		"the amount", "its end"} {
		expect.That(t, "the page says "+want, strings.Contains(page, want), page)
	}
	expect.That(t, "the older one is not shown", !strings.Contains(page, "does not show that its points were taken"), page)
}
