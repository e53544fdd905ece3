package main

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pointbridge/domain"
)

// covers: 004-24, 004-37, 004-50, 004-55
func TestConsoleAudit(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := startDemo(t, data)
	v := consoleVisitor(t, file, "ec_admin")
	code := madeCoupon(t, file, "12345", 700)
	memo := `=HYPERLINK("https://evil.example","x")`
	v.submit(endingOf(v, "cancel", code, "other", memo), "/admin/coupons/"+code+"/cancel", nil)
	v.ended(code, "Cancelled")

	t.Run("each step of a code, with who, when and how it ended", func(t *testing.T) {
		p := v.get("/admin/audit?coupon=" + strings.ToLower(code))
		p.has(t, "Started converting 700 points", "The code was made in Shopify", "Started the cancellation", "700 points were returned in the till", "conversion.started", "Ueda Kenji")
		lines := 0
		for _, li := range p.all("li") {
			if strings.HasPrefix(attribute(li, "class"), "card line") {
				lines++
				if len(elements(li, "time")) == 0 || len(elements(li, "details")) != 1 || !strings.Contains(textOf(li), code) {
					t.Errorf("a line says %s", textOf(li))
				}
			}
		}
		if lines < 5 {
			t.Errorf("%d lines", lines)
		}
		eventually(t, "the lines are sealed", func() bool { return !strings.Contains(v.get("/admin/audit?coupon="+code).text(), "not sealed yet") })
	})
	t.Run("filters choose, pages go on, and what cannot be read is said at its field", func(t *testing.T) {
		p := v.get("/admin/audit?coupon=" + code + "&action=points.taken&from=2020-01-01&to=2999-12-31")
		if n := strings.Count(p.raw, `class="card line`); n != 1 {
			t.Errorf("%d lines", n)
		}
		if n := strings.Count(v.get("/admin/audit?actor=staff:999").raw, `class="card line`); n != 0 {
			t.Errorf("%d lines of nobody", n)
		}
		first := v.get("/admin/audit")
		seen := strings.Count(first.raw, `class="card line`)
		for _, a := range first.all("a") {
			if attribute(a, "rel") == "next" {
				if next := v.get(attribute(a, "href")); next.status != 200 || !strings.Contains(next.raw, `class="card line`) {
					t.Errorf("the next page: %d", next.status)
				}
			}
		}
		if seen == 0 {
			t.Error("nothing is on record")
		}
		for _, query := range []string{"coupon=zzz", "from=yesterday", "from=2026-02-02&to=2026-02-01", "action=%3Cscript%3E"} {
			if p := v.get("/admin/audit?" + query); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.raw, `aria-invalid="true"`) {
				t.Errorf("%s: %d", query, p.status)
			}
		}
	})
	t.Run("the sealed export holds, and one that was changed does not", func(t *testing.T) {
		p := v.get("/admin/audit/export?format=sealed")
		if p.status != 200 || !strings.HasPrefix(p.header.Get("Content-Disposition"), "attachment") {
			t.Fatalf("%d %v", p.status, p.header)
		}
		path := filepath.Join(t.TempDir(), "audit.jsonl")
		verify := func(content string) (int, string) {
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			status, out, errs := runAudit(t, nil, "verify", "--file", path)
			return status, out + errs
		}
		if status, out := verify(p.raw); status != 0 || strings.HasPrefix(out, "0 rows") {
			t.Errorf("%d %s", status, out)
		}
		changed := strings.Replace(p.raw, "points.given_back", "points.given_bacK", 1)
		if status, out := verify(changed); changed == p.raw || status == 0 || !strings.Contains(out, code) {
			t.Errorf("%d %s", status, out)
		}
	})
	t.Run("the table is as long as the record, and no cell is a formula", func(t *testing.T) {
		statement(t, data, `UPDATE staff SET name = '=cmd|calc' WHERE role = 'store_manager'`)
		m := consoleVisitor(t, file, "store_manager")
		m.submit(m.get("/admin/account"), "/admin/sign-out", nil)
		p := v.get("/admin/audit/export?format=csv")
		rows, err := csv.NewReader(strings.NewReader(p.raw)).ReadAll()
		if err != nil || len(rows) < 10 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
					t.Errorf("a spreadsheet would run %q", cell)
				}
			}
		}
		if !strings.Contains(p.raw, "'=cmd|calc") {
			t.Error("the name is not there, made harmless")
		}
		if got := v.get("/admin/audit/export?format=xls"); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%d", got.status)
		}
	})
	t.Run("who may not read the record gets none of it", func(t *testing.T) {
		for _, role := range []string{"staff", "store_manager"} {
			other := consoleVisitor(t, file, role)
			for _, path := range []string{"/admin/audit", "/admin/audit/export?format=sealed", "/admin/audit/export?format=csv"} {
				if p := other.get(path); p.status != http.StatusForbidden || strings.Contains(p.raw, code) {
					t.Errorf("%s at %s: %d", role, path, p.status)
				}
			}
		}
	})
}

var (
	drawnPassword = regexp.MustCompile(`\b[a-z0-9]{5}(-[a-z0-9]{5}){3}\b`)
	drawnKey      = regexp.MustCompile(`\bpb_[0-9a-f]{12}_[A-Za-z0-9_-]{43}`)
)

// shownOnce finds the secret on the answer to a form, and sees that it is nowhere else.
func shownOnce(t *testing.T, v *visitor, p seenPage, secret *regexp.Regexp, path string) string {
	t.Helper()
	found := secret.FindString(p.text())
	if p.status != http.StatusOK || found == "" {
		t.Fatalf("%d\n%s", p.status, p.text())
	}
	if strings.Contains(p.url.String(), found) || p.header.Get("Cache-Control") != "no-store" {
		t.Errorf("it can be found again: %s, %v", p.url, p.header)
	}
	for _, later := range []string{path, "/admin/staff", "/admin/audit", "/admin/audit/export?format=csv"} {
		if strings.Contains(v.get(later).raw, found) {
			t.Errorf("%s shows it again", later)
		}
	}
	return found
}

// covers: 004-50
func TestConsoleStaff(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	v := consoleVisitor(t, file, "system_admin")
	var at, password string
	t.Run("somebody is added, with a password that is shown once and works", func(t *testing.T) {
		p := v.submit(v.get("/admin/staff"), "/admin/staff", url.Values{"name": {"Nakata Rin"}, "email": {"rin@example.com"}, "role": {"store_manager"}, "customer_id": {"20002"}})
		for _, a := range p.all("a") {
			if textOf(a) == "Nakata Rin" {
				at = attribute(a, "href")
			}
		}
		password = shownOnce(t, v, p, drawnPassword, at)
		rin := newVisitor(t, file.API)
		if got := rin.submit(rin.get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {"rin@example.com"}, "password": {password}}); got.url.Path == "/admin/sign-in" {
			t.Errorf("%d %s", got.status, got.text())
		}
		again := v.submit(p, "/admin/staff", url.Values{"name": {"Other"}, "email": {"rin@example.com"}, "role": {"staff"}})
		if again.status != http.StatusConflict || !strings.Contains(again.raw, `value="Other"`) {
			t.Errorf("the same address again: %d", again.status)
		}
		wrong := v.submit(p, "/admin/staff", url.Values{"name": {"Other"}, "email": {"no address"}, "role": {"staff"}})
		if wrong.status != http.StatusUnprocessableEntity || !strings.Contains(wrong.text(), "e-mail address") || !strings.Contains(wrong.raw, `value="Other"`) {
			t.Errorf("%d %s", wrong.status, wrong.text())
		}
	})
	t.Run("name, role and member number change; out and in again; a new password", func(t *testing.T) {
		v.submit(v.get(at), at, url.Values{"name": {"Nakata Rin (Kobe)"}, "role": {"staff"}, "customer_id": {"20001"}}).has(t, "Nakata Rin (Kobe)", "General staff")
		shownOnce(t, v, v.submit(v.get(at), at+"/password", nil), drawnPassword, at)
		token := fieldsOf(v.get(at).form("/admin/sign-out")).Get("form_token")
		v.post(at, url.Values{"form_token": {token}, "disabled": {"yes"}}).has(t, "Not let in")
		rin := newVisitor(t, file.API)
		if got := rin.submit(rin.get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {"rin@example.com"}, "password": {password}}); got.status != http.StatusUnauthorized {
			t.Errorf("%d", got.status)
		}
		if got := v.post(at, url.Values{"form_token": {token}, "disabled": {"no"}}); strings.Contains(got.headline(), "Not let in") {
			t.Error("still not let in")
		}
	})
	t.Run("a token is made by its person alone, shown once, works, and ends when an admin revokes it", func(t *testing.T) {
		const mine, at = "/admin/account/tokens", "/admin/staff/1"
		mori := consoleVisitor(t, file, "staff")
		p := mori.submit(mori.get(mine), mine, url.Values{"name": {"nightly report"}})
		token := shownOnce(t, mori, p, drawnKey, mine)
		if p := v.get(at); p.form(at+"/tokens") != nil || !strings.Contains(p.text(), "nightly report") {
			t.Errorf("the admin sees %s", p.text())
		}
		forged := fieldsOf(v.get(mine).form(mine))
		forged.Set("name", "for somebody else")
		if p := v.post(at+"/tokens", forged); p.status != http.StatusNotFound || drawnKey.MatchString(p.raw) {
			t.Errorf("an admin made a token for somebody else: %d", p.status)
		}
		use := caller{t, file.API, token}
		if got := use.do("GET", "/v1/coupons", "", ""); got.status != http.StatusOK {
			t.Fatalf("%d %s", got.status, got.raw)
		}
		v.submit(v.get(at), at+"/tokens/revoke", nil)
		eventually(t, "the token is dead", func() bool { return use.do("GET", "/v1/coupons", "", "").status == http.StatusUnauthorized })
		v.get("/admin/audit?action=token.revoked").has(t, "token.revoked")
	})
	t.Run("a till's key is shown once, works, and ends when it is revoked", func(t *testing.T) {
		p := v.submit(v.get("/admin/staff"), "/admin/keys", url.Values{"name": {"second till"}, "role": {"pos"}})
		key := shownOnce(t, v, p, drawnKey, "/admin/staff")
		use := caller{t, file.API, key}
		if got := use.do("GET", "/v1/customers/12345/points", "", ""); got.status != http.StatusOK {
			t.Fatalf("%d %s", got.status, got.raw)
		}
		prefix, _ := domain.APIKeyPrefix(key)
		token := fieldsOf(p.form("/admin/sign-out")).Get("form_token")
		v.post("/admin/keys/revoke", url.Values{"form_token": {token}, "prefix": {prefix}})
		eventually(t, "the key is dead", func() bool {
			return use.do("GET", "/v1/customers/12345/points", "", "").status == http.StatusUnauthorized
		})
		v.get("/admin/audit?action=key.created").has(t, "key.created", "Okada Yui")
		for field, value := range map[string]string{"owner": "nobody@example.com", "life": "0", "role": "store_manager"} {
			form := url.Values{"name": {"x"}, "role": {"pos"}}
			form.Set(field, value)
			if got := v.submit(v.get("/admin/staff"), "/admin/keys", form); got.status != http.StatusUnprocessableEntity || drawnKey.MatchString(got.raw) {
				t.Errorf("a key with the %s %s: %d", field, value, got.status)
			}
		}
		made := v.submit(v.get("/admin/staff"), "/admin/keys", url.Values{"name": {"web shop"}, "role": {"ec_admin"}, "owner": {"EC@example.com"}, "life": {"30"}})
		caller{t, file.API, shownOnce(t, v, made, drawnKey, "/admin/staff")}.do("GET", "/v1/coupons", "", "")
		v.get("/admin/staff").has(t, "answered for by ec@example.com", "last used", "Does not end", "never used")
		if got := v.submit(v.get("/admin/staff"), "/admin/keys", url.Values{"name": {"x"}, "role": {"customer"}}); got.status != http.StatusUnprocessableEntity {
			t.Errorf("a customer's key: %d", got.status)
		}
	})
	t.Run("the last system admin stays one, and is told so", func(t *testing.T) {
		mine := ""
		for _, a := range v.get("/admin/staff").all("a") {
			if strings.HasPrefix(attribute(a, "href"), "/admin/staff/") && strings.Contains(textOf(a.Parent.Parent), "System admin") {
				mine = attribute(a, "href")
			}
		}
		p := v.submit(v.get(mine), mine, url.Values{"role": {"staff"}})
		if p.status != http.StatusConflict || !strings.Contains(p.text(), "last system admin") {
			t.Errorf("%d %s", p.status, p.text())
		}
	})
	t.Run("nobody else sees it or does it, and a form without the token does nothing", func(t *testing.T) {
		for _, role := range []string{"staff", "store_manager", "ec_admin"} {
			other := consoleVisitor(t, file, role)
			token := fieldsOf(other.get("/admin/account").form("/admin/sign-out")).Get("form_token")
			if p := other.get("/admin/staff"); p.status != http.StatusForbidden || strings.Contains(other.get("/admin/account").raw, `href="/admin/staff"`) {
				t.Errorf("%s: %d", role, p.status)
			}
			for _, path := range []string{"/admin/staff", "/admin/keys", "/admin/keys/revoke", at, at + "/password", at + "/tokens/revoke"} {
				if p := other.post(path, url.Values{"form_token": {token}, "name": {"x"}, "role": {"system_admin"}}); p.status != http.StatusForbidden {
					t.Errorf("%s at %s: %d", role, path, p.status)
				}
			}
		}
		if p := v.post("/admin/keys", url.Values{"form_token": {"made up"}, "name": {"x"}, "role": {"pos"}}); p.status != http.StatusForbidden || drawnKey.MatchString(p.raw) {
			t.Errorf("%d", p.status)
		}
	})
}
