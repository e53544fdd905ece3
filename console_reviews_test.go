package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// openCase writes a case about an order into a demo's database, as one that was cancelled leaves it.
func openCase(t *testing.T, data, code, kind, order, reason string) {
	t.Helper()
	statement(t, data, `INSERT INTO reviews (kind, coupon_id, opened_at, order_name, order_id, cause, reason)
		SELECT ?, id, ?, '#1099', ?, 'void', ? FROM coupons WHERE code = ?`, kind, time.Now().UTC(), order, reason, code)
}

// caseOfCoupon finds the open case of a coupon in the list and gives its address.
func caseOfCoupon(t *testing.T, v *visitor, code string) string {
	t.Helper()
	list := v.get("/admin/reviews")
	for _, a := range list.all("a") {
		if attribute(a, "aria-label") == "Look at the case of "+code {
			return attribute(a, "href")
		}
	}
	t.Fatalf("no case of %s\n%s", code, list.text())
	return ""
}

// outcomesOn lists what a case's page offers.
func outcomesOn(p seenPage) (list []string) {
	for _, n := range p.all("input") {
		if attribute(n, "type") == "radio" && attribute(n, "name") == "outcome" {
			list = append(list, attribute(n, "value"))
		}
	}
	return list
}

func balanceOf(t *testing.T, file demoFile, customer string) float64 {
	t.Helper()
	balance, _ := caller{t, file.API, file.Keys["pos"]}.do("GET", "/v1/customers/"+customer+"/points", "", "").body["balance"].(float64)
	return balance
}

// covers: 004-06
func TestConsoleReviewOneClick(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := startDemo(t, data)
	v := consoleVisitor(t, file, "store_manager")
	if p := v.get("/admin/reviews"); !strings.Contains(p.text(), "Nothing waits for a decision") {
		t.Errorf("an empty list says %s", p.text())
	}
	before := balanceOf(t, file, "12345")
	code := madeCoupon(t, file, "12345", 700)
	openCase(t, data, code, "order_cancelled", "gid://shopify/Order/990001", "customer")
	at := caseOfCoupon(t, v, code)
	t.Run("the list shows it with one click; clicking twice cancels once and returns the points once", func(t *testing.T) {
		list := v.get("/admin/reviews")
		list.has(t, code, "Order cancelled", "Cancel and return points", "Suzuki Hanako")
		p := v.submit(list, at+"/decision", nil)
		if p.url.Path != at || p.status != http.StatusOK {
			t.Fatalf("%d %s\n%s", p.status, p.url, p.text())
		}
		p.has(t, "Decided", "Return the points", "Ethan Lee")
		if again := v.submit(list, at+"/decision", nil); again.url.Path != at || again.status != http.StatusOK {
			t.Errorf("the same form again: %d\n%s", again.status, again.text())
		}
		v.ended(code, "Cancelled")
		if got := balanceOf(t, file, "12345"); got != before {
			t.Errorf("the balance is %v, it was %v", got, before)
		}
		if got := v.get("/admin/coupons/" + code).text(); strings.Count(got, "CANCEL-"+code) == 0 {
			t.Errorf("no movement gives the points back\n%s", got)
		}
	})
	t.Run("somebody who comes later is told who has decided what", func(t *testing.T) {
		late := consoleVisitor(t, file, "ec_admin")
		token := fieldsOf(late.get("/admin/reviews").form("/admin/sign-out")).Get("form_token")
		p := late.post(at+"/decision", url.Values{"form_token": {token}, "outcome": {"return_points"}, "key": {"late"}})
		if p.status != http.StatusConflict {
			t.Fatalf("%d\n%s", p.status, p.text())
		}
		p.has(t, "Somebody else has decided meanwhile", "Ethan Lee decided: Return the points")
	})
	t.Run("decided cases have their own list", func(t *testing.T) {
		p := v.get("/admin/reviews?status=closed")
		p.has(t, code, "Return the points", "Ethan Lee")
		if p.form(at+"/decision") != nil {
			t.Error("a decided case can be decided")
		}
		if got := v.get("/admin/reviews?kind=suspected_fraud").text(); strings.Contains(got, code) {
			t.Errorf("another kind shows it: %s", got)
		}
	})
}

// covers: 003-17, 004-07, 004-24
func TestConsoleReviewOutcomes(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := startDemo(t, data)
	v := consoleVisitor(t, file, "ec_admin")
	code := madeCoupon(t, file, "20001", 300)
	order := checkOut(t, file, customerGID(file, "20001"), code)
	eventually(t, "the coupon is used", func() bool { return couponAt(t, staffCaller(t, file), code)["status"] == "used" })
	openCase(t, data, code, "order_refunded", order, "refunded")
	at := caseOfCoupon(t, v, code)

	t.Run("everything that the decision needs is on the page", func(t *testing.T) {
		p := v.get(at)
		p.has(t, "Order refunded", "refunded in full", "#1099", code, "300 points", "Emily Carter", "Cases about this person's orders in the last 30 days: 1")
		if got := strings.Join(outcomesOn(p), " "); got != "reissue grant_points refuse" {
			t.Errorf("outcomes: %s", got)
		}
		if !strings.Contains(p.raw, "/admin/orders/"+order[strings.LastIndex(order, "/")+1:]) {
			t.Error("nothing leads to the order in the store's admin")
		}
		if strings.Contains(p.text(), "Cancel and return points") {
			t.Error("a used code can be cancelled with one click")
		}
	})
	t.Run("what is missing is asked for, and what was typed stays", func(t *testing.T) {
		for _, tc := range []struct{ outcome, note, wrong string }{
			{"", "kept words", "Choose one of the outcomes"}, {"forfeit", "kept words", "Choose one of the outcomes"},
			{"refuse", " ", "Say why nothing is given"}, {"refuse", strings.Repeat("字", 2001), "The note is too long"},
		} {
			p := v.submit(v.get(at), at+"/decision", url.Values{"outcome": {tc.outcome}, "note": {tc.note}})
			if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.raw, `aria-invalid="true"`) || !strings.Contains(p.raw, tc.note) {
				t.Errorf("%q: %d\n%s", tc.outcome, p.status, p.text())
			}
			p.has(t, tc.wrong)
		}
	})
	t.Run("a first person's proposal, and that a second one has to agree", func(t *testing.T) {
		statement(t, data, `UPDATE reviews SET proposed_outcome = 'reissue', proposed_note = 'looks right', proposed_by = 'Ethan Lee', proposed_actor = 'staff:999',
			proposed_at = ? WHERE coupon_id = (SELECT id FROM coupons WHERE code = ?)`, time.Now().UTC(), code)
		v.get(at).has(t, "Ethan Lee proposes: Reissue", "a second person has to agree", "looks right")
		v.get("/admin/reviews").has(t, "Needs a second person")
	})
	t.Run("refused with a note of any script; it is on record", func(t *testing.T) {
		note := "返品なし\n<script>alert(1)</script>"
		p := v.submit(v.get(at), at+"/decision", url.Values{"outcome": {"refuse"}, "note": {strings.ReplaceAll(note, "\n", "\r\n")}})
		if p.url.Path != at {
			t.Fatalf("%d\n%s", p.status, p.text())
		}
		p.has(t, "Give nothing", "返品なし")
		if strings.Contains(p.raw, "<script>alert") || len(outcomesOn(p)) != 0 {
			t.Errorf("%s", p.raw)
		}
		v.get("/admin/audit?coupon="+code).has(t, "Decided the case: refuse")
		v.get("/admin/coupons/"+code).has(t, "Decided the case: refuse")
	})
}

// covers: 004-08
func TestConsoleReviewOfFraud(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	v := consoleVisitor(t, file, "store_manager")
	for i, outcome := range []string{"forfeit", "return_points"} {
		t.Run("held until it is decided: "+outcome, func(t *testing.T) {
			before := balanceOf(t, file, "12345")
			points := 100 * (i + 1)
			code := madeCoupon(t, file, "12345", points)
			v.submit(endingOf(v, "suspend", code, "other", "one address, many members"), "/admin/coupons/"+code+"/suspend", nil)
			v.ended(code, "Suspended")
			at := caseOfCoupon(t, v, code)
			p := v.get(at)
			p.has(t, "Suspected fraud", "one address, many members", "points are held until you decide")
			if got := strings.Join(outcomesOn(p), " "); got != "return_points forfeit" {
				t.Errorf("outcomes: %s", got)
			}
			if balanceOf(t, file, "12345") != before-float64(points) {
				t.Error("points moved before the decision")
			}
			v.submit(p, at+"/decision", url.Values{"outcome": {outcome}, "note": {"checked"}})
			want, left := "Forfeited", before-float64(points)
			if outcome == "return_points" {
				want, left = "Cancelled", before
			}
			v.ended(code, want)
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
	file, _ := startDemo(t, data)
	code := madeCoupon(t, file, "12345", 700)
	openCase(t, data, code, "order_cancelled", "gid://shopify/Order/990002", "declined")
	manager := consoleVisitor(t, file, "store_manager")
	at := caseOfCoupon(t, manager, code)
	t.Run("general staff see no cases and decide none", func(t *testing.T) {
		v := consoleVisitor(t, file, "staff")
		home := v.get("/admin/account")
		if strings.Contains(home.raw, `href="/admin/reviews"`) {
			t.Error("the menu names what staff may not do")
		}
		for _, path := range []string{"/admin/reviews", at} {
			if p := v.get(path); p.status != http.StatusForbidden {
				t.Errorf("%s: %d", path, p.status)
			}
		}
		token := fieldsOf(home.form("/admin/sign-out")).Get("form_token")
		if p := v.post(at+"/decision", url.Values{"form_token": {token}, "outcome": {"return_points"}, "key": {"k"}}); p.status != http.StatusForbidden {
			t.Errorf("%d", p.status)
		}
		consoleVisitor(t, file, "system_admin").get("/admin/audit?action=access.refused").has(t, "access.refused")
	})
	t.Run("a form without the session's token decides nothing", func(t *testing.T) {
		if p := manager.post(at+"/decision", url.Values{"form_token": {"made up"}, "outcome": {"return_points"}, "key": {"k"}}); p.status != http.StatusForbidden {
			t.Errorf("%d", p.status)
		}
	})
	t.Run("one's own coupon is somebody else's to decide", func(t *testing.T) {
		statement(t, data, `UPDATE staff SET customer_id = '12345' WHERE role = 'store_manager'`)
		eventually(t, "the member number is known", func() bool { return strings.Contains(manager.get(at).text(), "about your own coupon") })
		p := manager.get(at)
		token := fieldsOf(p.form("/admin/sign-out")).Get("form_token")
		if len(outcomesOn(p)) != 0 || strings.Contains(p.text(), "Cancel and return points") {
			t.Errorf("%s", p.text())
		}
		if got := manager.post(at+"/decision", url.Values{"form_token": {token}, "outcome": {"return_points"}, "key": {"k2"}}); got.status < 400 {
			t.Errorf("%d", got.status)
		}
	})
	for _, path := range []string{"/admin/reviews/0", "/admin/reviews/x", "/admin/reviews/999999"} {
		if p := consoleVisitor(t, file, "ec_admin").get(path); p.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.status)
		}
	}
	if got := couponAt(t, staffCaller(t, file), code)["status"]; got != "active" {
		t.Errorf("the coupon is %v", got)
	}
}

func customerGID(file demoFile, id string) string {
	for _, c := range file.Customers {
		if c.ID == id {
			return fmt.Sprint(c.Shopify)
		}
	}
	return ""
}
