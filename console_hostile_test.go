package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pointbridge/api/web"
	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/store/storetest"
)

const hostilePassword = "a password of nobody else"

// hostile is what somebody writes who wants a page to do something else.
const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script>{{ shop.name }}{% assign x = 1 %}` + "\u202e'; --"

// TestPagesOfAProcess: a process as merchants run it, on each database, with people who send it what no page would.
func TestPagesOfAProcess(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := newProcBed(t, db, "LOG_LEVEL=debug", "SHOP_LOCALE=en", "SIGN_IN_FAILURES_ADDRESS=1000")
		if err := b.out.populate(people()); err != nil {
			t.Fatal(err)
		}
		team := newStaff(b.store, staff.Limits{Window: time.Minute, PerEmail: 100, PerAddress: 100, Life: time.Hour})
		boss, _, err := team.Add(t.Context(), domain.System(), staff.Person{Email: "secret.boss@example.com", Name: "Boss " + strings.ReplaceAll(hostile, "\u202e", ""), Role: domain.RoleSystemAdmin, Password: hostilePassword})
		if err != nil {
			t.Fatal(err)
		}
		p := b.start()
		file := demoFile{API: p.base, Staff: []demoPerson{{Email: boss.Email, Password: hostilePassword, Role: string(boss.Role)}}}
		link := fmt.Sprintf(`{"shopify_customer_id": "7001000001", "name": %q}`, strings.ReplaceAll(hostile, "\u202e", ""))
		if got := p.till().do("PUT", "/v1/customers/8812370934", "", link); got.status != http.StatusCreated {
			t.Fatalf("%d %s", got.status, got.raw)
		}
		made := p.till().do("POST", "/v1/customers/8812370934/conversions", "one", `{"points": 500}`)
		code, _ := made.body["code"].(string)
		if made.status != http.StatusCreated {
			t.Fatalf("%d %s", made.status, made.raw)
		}
		h := &hostileVisit{t, p, consoleVisitor(t, file, "system_admin"), code, boss.ID}
		h.texts()
		h.readers()
		h.note()
		p.terminate()
		await(t, "the process ends", p.ended)
		h.log()
	})
}

type hostileVisit struct {
	t    *testing.T
	p    *proc
	v    *visitor
	code string
	self int64
}

func (h *hostileVisit) address(path string) string {
	path = strings.ReplaceAll(strings.ReplaceAll(path, ":code", h.code), "/customers/:id", "/customers/8812370934")
	return strings.ReplaceAll(path, ":id", fmt.Sprint(h.self))
}

// texts sends what is no text in every field, parameter and place of an address: it is refused, and is no fault of ours.
func (h *hostileVisit) texts() {
	h.t.Helper()
	token := fieldsOf(h.v.get("/admin/account").form("/admin/sign-out")).Get("form_token")
	for _, r := range web.Rights() {
		for _, bad := range []string{"\x00", "\xff", "x\x00y", strings.Repeat("é", 5000)} {
			path := h.address(r.Path)
			if r.Method == http.MethodGet {
				values := url.Values{}
				for _, name := range []string{"q", "status", "sort", "after", "before", "coupon", "actor", "action", "from", "to", "cursor", "kind", "back", "points"} {
					values.Set(name, bad)
				}
				if p := h.v.get(path + "?" + values.Encode()); p.status >= 500 {
					h.t.Errorf("GET %s with %.9q: %d", r.Path, bad, p.status)
				}
				path = strings.NewReplacer(":code", url.PathEscape(bad), ":id", url.PathEscape(bad)).Replace(r.Path)
				if p := h.v.get(path); p.status >= 500 || strings.Contains(r.Path, ":") && p.status != http.StatusNotFound {
					h.t.Errorf("GET %s at %.9q: %d", r.Path, bad, p.status)
				}
				continue
			}
			values := url.Values{"form_token": {token}}
			for _, name := range []string{"email", "password", "back", "name", "role", "customer_id", "disabled", "prefix", "token", "reason", "note", "key", "outcome",
				"language", "current_password", "new_password", "again"} {
				values.Set(name, bad)
			}
			if p := h.v.post(path, values); p.status >= 500 || p.status < 400 {
				h.t.Errorf("POST %s with %.9q: %d", r.Path, bad, p.status)
			}
		}
	}
	for _, path := range []string{"/v1/audit?actor=%00", "/v1/audit?actor=%ff", "/v1/coupons?q=%00"} {
		if got := h.api("GET", path, ""); got.status != http.StatusUnprocessableEntity {
			h.t.Errorf("%s: %d %s", path, got.status, got.raw)
		}
	}
	for _, path := range []string{"/v1/refunds/%00", "/v1/refunds/%ff"} {
		if got := h.api("GET", path, ""); got.status != http.StatusNotFound {
			h.t.Errorf("%s: %d %s", path, got.status, got.raw)
		}
	}
	if got := (caller{h.t, h.p.base, ""}).do("POST", "/v1/session", "", `{"email": "a\u0000@example.com", "password": "\u0000"}`); got.status != http.StatusUnauthorized {
		h.t.Errorf("a sign-in: %d %s", got.status, got.raw)
	}
}

// api makes a call with the visitor's own session, as a token.
func (h *hostileVisit) api(method, path, body string) answer {
	h.t.Helper()
	in := caller{h.t, h.p.base, ""}.do("POST", "/v1/session", "", fmt.Sprintf(`{"email": "secret.boss@example.com", "password": %q}`, hostilePassword))
	token, _ := in.body["token"].(string)
	return caller{h.t, h.p.base, token}.do(method, path, "", body)
}

// readers: what people wrote is read on every page and does nothing there.
func (h *hostileVisit) readers() {
	h.t.Helper()
	for _, r := range web.Rights() {
		if r.Method != http.MethodGet || strings.Contains(r.Path, "/export") || strings.Contains(r.Path, "/reviews/:id") || r.Path == "/admin/sign-in" {
			continue
		}
		p := h.v.get(h.address(r.Path) + "?q=" + url.QueryEscape(hostile) + "&coupon=" + url.QueryEscape(hostile) + "&action=" + url.QueryEscape(hostile) + "&actor=" + url.QueryEscape(hostile))
		if p.status >= 500 || len(p.all("img")) > 1 {
			h.t.Errorf("%s: %d, %d pictures", r.Path, p.status, len(p.all("img")))
		}
		if !strings.HasSuffix(r.Path, "/progress") {
			wellKept(h.t, r.Path, p)
		}
	}
	out := newVisitor(h.t, h.p.base)
	p := out.post("/admin/sign-in", url.Values{"email": {hostile}, "password": {"x"}, "back": {hostile}})
	if p.status != http.StatusUnauthorized || !strings.Contains(p.text()+attributes(p, "value"), "alert(2)") {
		h.t.Errorf("%d", p.status)
	}
	wellKept(h.t, "sign-in", p)
}

func attributes(p seenPage, name string) string {
	_, values := p.with(name)
	return strings.Join(values, "\n")
}

// note: 2,000 characters of any script are kept and shown as they were written.
// covers: 004-52
func (h *hostileVisit) note() {
	h.t.Helper()
	note := hostile + strings.Repeat("買", 1800)
	base := "/admin/coupons/" + h.code + "/cancel"
	asked := h.v.submit(h.v.get(base), base+"/confirm", url.Values{"reason": {"other"}, "note": {note}})
	wellKept(h.t, "the second page", asked)
	back := h.v.get(base + "/confirm")
	if back.url.Path != base || back.status != http.StatusOK {
		h.t.Errorf("the second page's address leads to %s, %d", back.url, back.status)
	}
	done := h.v.submit(asked, base, nil)
	if done.url.Path != "/admin/coupons/"+h.code || !strings.Contains(done.text(), strings.Join(strings.Fields(note), " ")) {
		h.t.Fatalf("the cancellation with its note ended at %d %s\n%s", done.status, done.url, done.text())
	}
	wellKept(h.t, "the coupon", done)
}

// log: no request ended in a fault of ours, and no line holds what people wrote, a code or a credential.
func (h *hostileVisit) log() {
	h.t.Helper()
	here, err := url.Parse(h.p.base)
	if err != nil {
		h.t.Fatal(err)
	}
	private := []string{h.code, "secret.boss", hostilePassword, "onerror", "Boss", "form_token", "8812370934", "買買"}
	for _, c := range h.v.client.Jar.Cookies(here) {
		private = append(private, c.Value)
	}
	lines := 0
	for line := range strings.Lines(h.p.log.String()) {
		lines++
		for _, word := range private {
			if len(word) > 2 && strings.Contains(line, word) {
				h.t.Errorf("%q stands in the log: %s", word, line)
			}
		}
		if strings.Contains(line, `"level":"ERROR"`) && strings.Contains(line, `"msg":"request"`) {
			h.t.Errorf("a fault: %s", line)
		}
	}
	if lines < 100 {
		h.t.Errorf("%d lines", lines)
	}
}
