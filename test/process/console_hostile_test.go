package process

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pointbridge/api/console"
	"pointbridge/app"
	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

const hostilePassword = "a password of nobody else"

// hostile is what somebody writes who wants a page to do something else.
const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script>{{ shop.name }}{% assign x = 1 %}` +
	"\u202e'; --"

// TestPagesOfAProcess: a process as merchants run it, on each database, with people who send it what no page would.
func TestPagesOfAProcess(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := world.NewProcesses(t, db, "LOG_LEVEL=debug", "SHOP_LOCALE=en", "SIGN_IN_FAILURES_ADDRESS=1000")
		if err := b.Populate(demo.People()); err != nil {
			t.Fatal(err)
		}
		team := app.NewStaff(b.Store, staff.Limits{Window: time.Minute, PerEmail: 100, PerAddress: 100,
			Life: time.Hour})
		boss, _, err := team.Add(t.Context(), domain.System(), staff.Person{Email: "secret.boss@example.com",
			Name: "Boss " + strings.ReplaceAll(hostile, "\u202e", ""), Role: domain.RoleSystemAdmin,
			Password: hostilePassword})
		if err != nil {
			t.Fatal(err)
		}
		p := b.Start()
		file := demo.File{API: p.Base, Staff: []demo.SignIn{{Email: boss.Email, Password: hostilePassword,
			Role: string(boss.Role)}}}
		link := fmt.Sprintf(`{"shopify_customer_id": "7001000001", "name": %q}`, strings.ReplaceAll(hostile, "\u202e",
			""))
		got := p.POS().Do("PUT", "/v1/customers/8812370934", "", link)
		expect.MustEqual(t, "got.Status", got.Status, http.StatusCreated, got.Raw)
		made := p.POS().Do("POST", "/v1/customers/8812370934/conversions", "one", `{"points": 500}`)
		code, _ := made.Body["code"].(string)
		expect.MustEqual(t, "made.Status", made.Status, http.StatusCreated, made.Raw)
		h := &hostilePerson{t, p, world.ConsoleVisitor(t, file, "system_admin"), code, boss.ID}
		h.texts()
		h.readers()
		h.note()
		p.Terminate()
		world.Await(t, "the process ends", p.Ended)
		h.log()
	})
}

type hostilePerson struct {
	t    *testing.T
	p    *world.Proc
	v    *world.Visitor
	code string
	self int64
}

func (h *hostilePerson) address(path string) string {
	path = strings.ReplaceAll(strings.ReplaceAll(path, ":code", h.code), "/customers/:id", "/customers/8812370934")
	return strings.ReplaceAll(path, ":id", fmt.Sprint(h.self))
}

// texts sends what is no text in every field, parameter and place of an address: it is refused, and is no fault of
// ours.
func (h *hostilePerson) texts() {
	h.t.Helper()
	token := world.FieldsOf(h.v.Get("/admin/account").Form("/admin/sign-out")).Get("form_token")
	for _, r := range console.Rights() {
		for _, bad := range []string{"\x00", "\xff", "x\x00y", strings.Repeat("é", 5000)} {
			path := h.address(r.Path)
			if r.Method == http.MethodGet {
				values := url.Values{}
				for _, name := range []string{"q", "status", "sort", "after", "before", "coupon", "actor", "action",
					"from", "to", "cursor", "kind", "back", "points"} {
					values.Set(name, bad)
				}
				if p := h.v.Get(path + "?" + values.Encode()); p.Status >= 500 {
					h.t.Errorf("GET %s with %.9q: %d", r.Path, bad, p.Status)
				}
				path = strings.NewReplacer(":code", url.PathEscape(bad), ":id", url.PathEscape(bad)).Replace(r.Path)
				if p := h.v.Get(path); p.Status >= 500 || strings.Contains(r.Path, ":") &&
					p.Status != http.StatusNotFound {
					h.t.Errorf("GET %s at %.9q: %d", r.Path, bad, p.Status)
				}
				continue
			}
			values := url.Values{"form_token": {token}}
			for _, name := range []string{"email", "password", "back", "name", "role", "customer_id", "disabled",
				"prefix", "token", "reason", "note", "key", "outcome",
				"language", "current_password", "new_password", "again"} {
				values.Set(name, bad)
			}
			if p := h.v.Post(path, values); p.Status >= 500 || p.Status < 400 {
				h.t.Errorf("POST %s with %.9q: %d", r.Path, bad, p.Status)
			}
		}
	}
	for _, path := range []string{"/v1/audit?actor=%00", "/v1/audit?actor=%ff", "/v1/coupons?q=%00"} {
		got := h.api("GET", path, "")
		expect.Equal(h.t, "got.Status", got.Status, http.StatusUnprocessableEntity, path, got.Raw)
	}
	for _, path := range []string{"/v1/refunds/%00", "/v1/refunds/%ff"} {
		got := h.api("GET", path, "")
		expect.Equal(h.t, "got.Status", got.Status, http.StatusNotFound, path, got.Raw)
	}
	if got := (world.Caller{T: h.t, Base: h.p.Base, Key: ""}).Do("POST", "/v1/session", "",
		`{"email": "a\u0000@example.com", "password": "\u0000"}`); got.Status != http.StatusUnauthorized {
		h.t.Errorf("a sign-in: %d %s", got.Status, got.Raw)
	}
}

// api makes a call with the visitor's own session, as a token.
func (h *hostilePerson) api(method, path, body string) world.Answer {
	h.t.Helper()
	in := world.Caller{T: h.t, Base: h.p.Base, Key: ""}.Do("POST", "/v1/session", "",
		fmt.Sprintf(`{"email": "secret.boss@example.com", "password": %q}`, hostilePassword))
	token, _ := in.Body["token"].(string)
	return world.Caller{T: h.t, Base: h.p.Base, Key: token}.Do(method, path, "", body)
}

// readers: what people wrote is read on every page and does nothing there.
func (h *hostilePerson) readers() {
	h.t.Helper()
	for _, r := range console.Rights() {
		if r.Method != http.MethodGet || strings.Contains(r.Path, "/export") || strings.Contains(r.Path,
			"/reviews/:id") || r.Path == "/admin/sign-in" {
			continue
		}
		p := h.v.Get(h.address(r.Path) + "?q=" + url.QueryEscape(hostile) + "&coupon=" + url.QueryEscape(hostile) +
			"&action=" + url.QueryEscape(hostile) + "&actor=" + url.QueryEscape(hostile))
		if p.Status >= 500 || len(p.All("img")) > 1 {
			h.t.Errorf("%s: %d, %d pictures", r.Path, p.Status, len(p.All("img")))
		}
		if !strings.HasSuffix(r.Path, "/progress") {
			world.WellKept(h.t, r.Path, p)
		}
	}
	out := world.NewVisitor(h.t, h.p.Base)
	p := out.Post("/admin/sign-in", url.Values{"email": {hostile}, "password": {"x"}, "back": {hostile}})
	expect.Equal(h.t, "p.Status", p.Status, http.StatusUnauthorized)
	expect.That(h.t, `p.Text()+attributes(p, "value") to contain "alert(2)"`,
		strings.Contains(p.Text()+attributes(p, "value"), "alert(2)"))
	world.WellKept(h.t, "sign-in", p)
}

func attributes(p world.SeenPage, name string) string {
	_, values := p.With(name)
	return strings.Join(values, "\n")
}

// note: 2,000 characters of any script are kept and shown as they were written.
// covers: 004-52
func (h *hostilePerson) note() {
	h.t.Helper()
	note := hostile + strings.Repeat("買", 1800)
	base := "/admin/coupons/" + h.code + "/cancel"
	asked := h.v.Submit(h.v.Get(base), base+"/confirm", url.Values{"reason": {"other"}, "note": {note}})
	world.WellKept(h.t, "the second page", asked)
	back := h.v.Get(base + "/confirm")
	if back.URL.Path != base || back.Status != http.StatusOK {
		h.t.Errorf("the second page's address leads to %s, %d", back.URL, back.Status)
	}
	done := h.v.Submit(asked, base, nil)
	if done.URL.Path != "/admin/coupons/"+h.code || !strings.Contains(done.Text(), strings.Join(strings.Fields(note),
		" ")) {
		h.t.Fatalf("the cancellation with its note ended at %d %s\n%s", done.Status, done.URL, done.Text())
	}
	world.WellKept(h.t, "the coupon", done)
}

// log: no request ended in a fault of ours, and no line holds what people wrote, a code or a credential.
func (h *hostilePerson) log() {
	h.t.Helper()
	here, err := url.Parse(h.p.Base)
	if err != nil {
		h.t.Fatal(err)
	}
	private := []string{h.code, "secret.boss", hostilePassword, "onerror", "Boss", "form_token", "8812370934", "買買"}
	for _, c := range h.v.Client.Jar.Cookies(here) {
		private = append(private, c.Value)
	}
	lines := 0
	for line := range strings.Lines(h.p.Log.String()) {
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
