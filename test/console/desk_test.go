package console

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
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// covers: 004-24, 004-37, 004-50, 004-55
func TestConsoleAudit(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	v := world.ConsoleVisitor(t, file, "ec_admin")
	code := world.MadeCoupon(t, file, "12345", 700)
	memo := `=HYPERLINK("https://evil.example","x")`
	v.Submit(endingOf(v, "cancel", code, "other", memo), "/admin/coupons/"+code+"/cancel", nil)
	v.Ended(code, "Cancelled")

	t.Run("each step of a code, with who, when and how it ended", func(t *testing.T) {
		p := v.Get("/admin/audit?coupon=" + strings.ToLower(code))
		p.Has(t, "Started converting 700 points", "The code was made in Shopify", "Started the cancellation",
			"700 points were returned in the POS", "conversion.started", "Ueda Kenji")
		lines := 0
		for _, li := range p.All("li") {
			if strings.HasPrefix(world.Attribute(li, "class"), "card line") {
				lines++
				if len(world.Elements(li, "time")) == 0 || len(world.Elements(li, "details")) != 1 ||
					!strings.Contains(world.TextOf(li), code) {
					t.Errorf("a line says %s", world.TextOf(li))
				}
			}
		}
		if lines < 5 {
			t.Errorf("%d lines", lines)
		}
		world.Eventually(t, "the lines are sealed", func() bool { return !strings.Contains(v.Get("/admin/audit?coupon="+code).Text(), "not sealed yet") })
	})
	t.Run("filters choose, pages go on, and what cannot be read is said at its field", func(t *testing.T) {
		p := v.Get("/admin/audit?coupon=" + code + "&action=points.taken&from=2020-01-01&to=2999-12-31")
		if n := strings.Count(p.Raw, `class="card line`); n != 1 {
			t.Errorf("%d lines", n)
		}
		if n := strings.Count(v.Get("/admin/audit?actor=staff:999").Raw, `class="card line`); n != 0 {
			t.Errorf("%d lines of nobody", n)
		}
		first := v.Get("/admin/audit")
		seen := strings.Count(first.Raw, `class="card line`)
		for _, a := range first.All("a") {
			if world.Attribute(a, "rel") == "next" {
				if next := v.Get(world.Attribute(a, "href")); next.Status != 200 || !strings.Contains(next.Raw,
					`class="card line`) {
					t.Errorf("the next page: %d", next.Status)
				}
			}
		}
		if seen == 0 {
			t.Error("nothing is in the audit")
		}
		for _, query := range []string{"coupon=zzz", "from=yesterday", "from=2026-02-02&to=2026-02-01",
			"action=%3Cscript%3E"} {
			p := v.Get("/admin/audit?" + query)
			expect.Equal(t, "p.Status", p.Status, http.StatusUnprocessableEntity, query)
			expect.That(t, "p.Raw to contain `aria-invalid=\"true\"`", strings.Contains(p.Raw, `aria-invalid="true"`),
				query, p.Raw)
		}
	})
	t.Run("the sealed export holds, and one that was changed does not", func(t *testing.T) {
		p := v.Get("/admin/audit/export?format=sealed")
		expect.MustEqual(t, "p.Status", p.Status, 200, p.Header)
		expect.MustThat(t, `p.Header.Get("Content-Disposition") to begin with "attachment"`,
			strings.HasPrefix(p.Header.Get("Content-Disposition"), "attachment"), p.Header.Get("Content-Disposition"),
			p.Header)
		path := filepath.Join(t.TempDir(), "audit.jsonl")
		verify := func(content string) (int, string) {
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			status, out, errs := world.RunAudit(t, nil, "verify", "--file", path)
			return status, out + errs
		}
		status, out := verify(p.Raw)
		expect.Equal(t, "status", status, 0)
		expect.That(t, `out not to begin with "0 rows"`, !strings.HasPrefix(out, "0 rows"), out)
		at := strings.LastIndex(p.Raw, "points.given_back") // the demo has older ones
		expect.MustThat(t, "points were given back", at > 0, p.Raw)
		changed := p.Raw[:at] + "points.given_bacK" + p.Raw[at+len("points.given_bacK"):]
		status, out = verify(changed)
		expect.That(t, "changed != p.Raw", changed != p.Raw, status, changed)
		expect.That(t, "status != 0", status != 0)
		expect.That(t, "out to contain code", strings.Contains(out, code), status, code, out)
	})
	t.Run("the table is as long as the audit, and no cell is a formula", func(t *testing.T) {
		world.Statement(t, data, `UPDATE staff SET name = '=cmd|calc' WHERE role = 'store_manager'`)
		m := world.ConsoleVisitor(t, file, "store_manager")
		m.Submit(m.Get("/admin/account"), "/admin/sign-out", nil)
		p := v.Get("/admin/audit/export?format=csv")
		rows, err := csv.NewReader(strings.NewReader(p.Raw)).ReadAll()
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
		if !strings.Contains(p.Raw, "'=cmd|calc") {
			t.Error("the name is not there, made harmless")
		}
		got := v.Get("/admin/audit/export?format=xls")
		expect.Equal(t, "got.Status", got.Status, http.StatusUnprocessableEntity)
	})
	t.Run("who may not read the audit gets none of it", func(t *testing.T) {
		for _, role := range []string{"staff", "store_manager"} {
			other := world.ConsoleVisitor(t, file, role)
			for _, path := range []string{"/admin/audit", "/admin/audit/export?format=sealed",
				"/admin/audit/export?format=csv"} {
				if p := other.Get(path); p.Status != http.StatusForbidden || strings.Contains(p.Raw, code) {
					t.Errorf("%s at %s: %d", role, path, p.Status)
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
func shownOnce(t *testing.T, v *world.Visitor, p world.SeenPage, secret *regexp.Regexp, path string) string {
	t.Helper()
	found := secret.FindString(p.Text())
	expect.MustEqual(t, "p.Status", p.Status, http.StatusOK, p.Text)
	expect.MustThat(t, `found != ""`, found != "", p.Text)
	if strings.Contains(p.URL.String(), found) || p.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("it can be found again: %s, %v", p.URL, p.Header)
	}
	for _, later := range []string{path, "/admin/staff", "/admin/audit", "/admin/audit/export?format=csv"} {
		if strings.Contains(v.Get(later).Raw, found) {
			t.Errorf("%s shows it again", later)
		}
	}
	return found
}

// covers: 004-50
func TestConsoleStaff(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "system_admin")
	var at, password string
	t.Run("somebody is added, with a password that is shown once and works", func(t *testing.T) {
		p := v.Submit(v.Get("/admin/staff"), "/admin/staff", url.Values{"name": {"Nakata Rin"},
			"email": {"rin@example.com"}, "role": {"store_manager"}, "customer_id": {"20002"}})
		for _, a := range p.All("a") {
			if world.TextOf(a) == "Nakata Rin" {
				at = world.Attribute(a, "href")
			}
		}
		password = shownOnce(t, v, p, drawnPassword, at)
		rin := world.NewVisitor(t, file.API)
		got := rin.Submit(rin.Get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {"rin@example.com"},
			"password": {password}})
		expect.That(t, `got.URL.Path != "/admin/sign-in"`, got.URL.Path != "/admin/sign-in", got.Status, got.Text)
		again := v.Submit(p, "/admin/staff", url.Values{"name": {"Other"}, "email": {"rin@example.com"},
			"role": {"staff"}})
		if again.Status != http.StatusConflict || !strings.Contains(again.Raw, `value="Other"`) {
			t.Errorf("the same address again: %d", again.Status)
		}
		wrong := v.Submit(p, "/admin/staff", url.Values{"name": {"Other"}, "email": {"no address"}, "role": {"staff"}})
		expect.Equal(t, "wrong.Status", wrong.Status, http.StatusUnprocessableEntity, wrong.Text)
		expect.That(t, `wrong.Text() to contain "e-mail address"`, strings.Contains(wrong.Text(), "e-mail address"),
			wrong.Text)
		expect.That(t, "wrong.Raw to contain `value=\"Other\"`", strings.Contains(wrong.Raw, `value="Other"`),
			wrong.Raw, wrong.Text)
	})
	t.Run("name, role and member number change; out and in again; a new password", func(t *testing.T) {
		v.Submit(v.Get(at), at, url.Values{"name": {"Nakata Rin (Kobe)"}, "role": {"staff"},
			"customer_id": {"20001"}}).Has(t, "Nakata Rin (Kobe)", "General staff")
		shownOnce(t, v, v.Submit(v.Get(at), at+"/password", nil), drawnPassword, at)
		token := world.FieldsOf(v.Get(at).Form("/admin/sign-out")).Get("form_token")
		v.Post(at, url.Values{"form_token": {token}, "disabled": {"yes"}}).Has(t, "Not let in")
		rin := world.NewVisitor(t, file.API)
		got := rin.Submit(rin.Get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {"rin@example.com"},
			"password": {password}})
		expect.Equal(t, "got.Status", got.Status, http.StatusUnauthorized)
		if got := v.Post(at, url.Values{"form_token": {token}, "disabled": {"no"}}); strings.Contains(got.Headline(),
			"Not let in") {
			t.Error("still not let in")
		}
	})
	t.Run("a token is made by its person alone, shown once, works, and ends when an admin revokes it",
		func(t *testing.T) {
			const mine, at = "/admin/account/tokens", "/admin/staff/1"
			mori := world.ConsoleVisitor(t, file, "staff")
			p := mori.Submit(mori.Get(mine), mine, url.Values{"name": {"nightly report"}})
			token := shownOnce(t, mori, p, drawnKey, mine)
			if p := v.Get(at); p.Form(at+"/tokens") != nil || !strings.Contains(p.Text(), "nightly report") {
				t.Errorf("the admin sees %s", p.Text())
			}
			forged := world.FieldsOf(v.Get(mine).Form(mine))
			forged.Set("name", "for somebody else")
			if p := v.Post(at+"/tokens", forged); p.Status != http.StatusNotFound || drawnKey.MatchString(p.Raw) {
				t.Errorf("an admin made a token for somebody else: %d", p.Status)
			}
			use := world.Caller{T: t, Base: file.API, Key: token}
			got := use.Do("GET", "/v1/coupons", "", "")
			expect.MustEqual(t, "got.Status", got.Status, http.StatusOK, got.Raw)
			v.Submit(v.Get(at), at+"/tokens/revoke", nil)
			world.Eventually(t, "the token is dead", func() bool { return use.Do("GET", "/v1/coupons", "", "").Status == http.StatusUnauthorized })
			v.Get("/admin/audit?action=token.revoked").Has(t, "token.revoked")
		})
	t.Run("a POS's key is shown once, works, and ends when it is revoked", func(t *testing.T) {
		p := v.Submit(v.Get("/admin/staff"), "/admin/keys", url.Values{"name": {"second POS"}, "role": {"pos"}})
		key := shownOnce(t, v, p, drawnKey, "/admin/staff")
		use := world.Caller{T: t, Base: file.API, Key: key}
		got := use.Do("GET", "/v1/customers/12345/points", "", "")
		expect.MustEqual(t, "got.Status", got.Status, http.StatusOK, got.Raw)
		prefix, _ := domain.APIKeyPrefix(key)
		token := world.FieldsOf(p.Form("/admin/sign-out")).Get("form_token")
		v.Post("/admin/keys/revoke", url.Values{"form_token": {token}, "prefix": {prefix}})
		world.Eventually(t, "the key is dead", func() bool {
			return use.Do("GET", "/v1/customers/12345/points", "", "").Status == http.StatusUnauthorized
		})
		v.Get("/admin/audit?action=key.created").Has(t, "key.created", "Okada Yui")
		for field, value := range map[string]string{"owner": "nobody@example.com", "life": "0",
			"role": "store_manager"} {
			form := url.Values{"name": {"x"}, "role": {"pos"}}
			form.Set(field, value)
			if got := v.Submit(v.Get("/admin/staff"), "/admin/keys",
				form); got.Status != http.StatusUnprocessableEntity || drawnKey.MatchString(got.Raw) {
				t.Errorf("a key with the %s %s: %d", field, value, got.Status)
			}
		}
		made := v.Submit(v.Get("/admin/staff"), "/admin/keys", url.Values{"name": {"web shop"}, "role": {"ec_admin"},
			"owner": {"EC@example.com"}, "life": {"30"}})
		world.Caller{T: t, Base: file.API, Key: shownOnce(t, v, made, drawnKey, "/admin/staff")}.Do("GET",
			"/v1/coupons", "", "")
		v.Get("/admin/staff").Has(t, "answered for by ec@example.com", "last used", "Does not end", "never used")
		if got := v.Submit(v.Get("/admin/staff"), "/admin/keys", url.Values{"name": {"x"},
			"role": {"customer"}}); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("a customer's key: %d", got.Status)
		}
	})
	t.Run("the last system admin stays one, and is told so", func(t *testing.T) {
		mine := ""
		for _, a := range v.Get("/admin/staff").All("a") {
			if strings.HasPrefix(world.Attribute(a, "href"), "/admin/staff/") &&
				strings.Contains(world.TextOf(a.Parent.Parent), "System admin") {
				mine = world.Attribute(a, "href")
			}
		}
		p := v.Submit(v.Get(mine), mine, url.Values{"role": {"staff"}})
		expect.Equal(t, "p.Status", p.Status, http.StatusConflict, p.Text)
		expect.That(t, `p.Text() to contain "last system admin"`, strings.Contains(p.Text(), "last system admin"),
			p.Text)
	})
	t.Run("nobody else sees it or does it, and a form without the token does nothing", func(t *testing.T) {
		for _, role := range []string{"staff", "store_manager", "ec_admin"} {
			other := world.ConsoleVisitor(t, file, role)
			token := world.FieldsOf(other.Get("/admin/account").Form("/admin/sign-out")).Get("form_token")
			p := other.Get("/admin/staff")
			expect.Equal(t, "p.Status", p.Status, http.StatusForbidden, role)
			expect.That(t, "other.Get(\"/admin/account\").Raw not to contain `href=\"/admin/staff\"`",
				!strings.Contains(other.Get("/admin/account").Raw, `href="/admin/staff"`), role)
			for _, path := range []string{"/admin/staff", "/admin/keys", "/admin/keys/revoke", at, at + "/password",
				at + "/tokens/revoke"} {
				if p := other.Post(path, url.Values{"form_token": {token}, "name": {"x"},
					"role": {"system_admin"}}); p.Status != http.StatusForbidden {
					t.Errorf("%s at %s: %d", role, path, p.Status)
				}
			}
		}
		p := v.Post("/admin/keys", url.Values{"form_token": {"made up"}, "name": {"x"}, "role": {"pos"}})
		expect.Equal(t, "p.Status", p.Status, http.StatusForbidden)
		expect.That(t, "!drawnKey.MatchString(p.Raw)", !drawnKey.MatchString(p.Raw), p.Raw)
	})
}
