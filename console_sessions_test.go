package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// signedInAs tells who the visitor is to the console; nobody is "".
func (v *visitor) signedInAs() string {
	v.t.Helper()
	p := v.get("/admin/account")
	if p.url.Path != "/admin/account" {
		return ""
	}
	return p.text()
}

// cookie is the visitor's session.
func (v *visitor) cookie() string {
	v.t.Helper()
	here, err := url.Parse(v.base)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range v.client.Jar.Cookies(here) {
		if c.Name == "pointbridge" {
			return c.Value
		}
	}
	return ""
}

// bearing sets the session cookie, as somebody could who had the browser in their hands.
func (v *visitor) bearing(value string) *visitor {
	v.t.Helper()
	here, err := url.Parse(v.base)
	if err != nil {
		v.t.Fatal(err)
	}
	v.client.Jar.SetCookies(here, []*http.Cookie{{Name: "pointbridge", Value: value, Path: "/"}})
	return v
}

// replaceDrawn signs in with a password that was drawn, chooses another one as the page asks for, and signs in with that.
func (v *visitor) replaceDrawn(email, drawn, chosen string) {
	v.t.Helper()
	p := v.submit(v.get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {email}, "password": {drawn}})
	if p.url.Path != "/admin/sign-in/password" {
		v.t.Fatalf("%s is led to %s", email, p.url)
	}
	v.submit(p, "/admin/sign-in/password", url.Values{"current_password": {drawn}, "new_password": {chosen}, "again": {chosen}})
	v.submit(v.get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {email}, "password": {chosen}})
}

func employee(t *testing.T, file demoFile, role string) demoPerson {
	t.Helper()
	for _, p := range file.Staff {
		if p.Role == role {
			return p
		}
	}
	t.Fatalf("nobody is %s", role)
	return demoPerson{}
}

// covers: H-02
func TestConsoleSessions(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	t.Run("a sign-in page that was open meanwhile still lets in, and ends the session before", func(t *testing.T) {
		v := newVisitor(t, file.API)
		open := v.get("/admin/sign-in")
		first, second := employee(t, file, "staff"), employee(t, file, "ec_admin")
		v.submit(open, "/admin/sign-in", url.Values{"email": {first.Email}, "password": {first.Password}})
		before := v.cookie()
		p := v.submit(open, "/admin/sign-in", url.Values{"email": {second.Email}, "password": {second.Password}})
		if p.status != http.StatusOK || !strings.Contains(v.signedInAs(), second.Email) || v.cookie() == before {
			t.Fatalf("%d %s", p.status, p.text())
		}
		if got := newVisitor(t, file.API).bearing(before).signedInAs(); got != "" {
			t.Errorf("the session before is alive: %s", got)
		}
		if p := v.submit(open, "/admin/language", nil); p.status != http.StatusOK {
			t.Errorf("its other form: %d", p.status)
		}
	})
	t.Run("nobody is signed in by a session that somebody else chose", func(t *testing.T) {
		for _, chosen := range []string{"pbs_chosen", strings.Repeat("A", 64), file.Keys["system_admin"], "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", ""} {
			v := newVisitor(t, file.API).bearing(chosen)
			if got := v.signedInAs(); got != "" {
				t.Errorf("%q is somebody: %s", chosen, got)
			}
			p := employee(t, file, "staff")
			v.submit(v.get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {p.Email}, "password": {p.Password}})
			if v.cookie() == chosen || v.signedInAs() == "" {
				t.Errorf("%q was kept", chosen)
			}
		}
	})
	t.Run("the cookie opens no API, a token no page, and what Shopify signed for a customer neither", func(t *testing.T) {
		v := consoleVisitor(t, file, "system_admin")
		for _, path := range []string{"/v1/coupons", "/v1/session", "/v1/staff"} {
			if p := v.get(path); p.status != http.StatusUnauthorized {
				t.Errorf("the cookie opens %s: %d", path, p.status)
			}
		}
		for _, token := range []string{v.cookie(), file.Keys["system_admin"]} {
			p := newVisitor(t, file.API).send(http.MethodGet, "/admin/account", nil, http.Header{"Authorization": {"Bearer " + token}})
			if p.url.Path != "/admin/sign-in" {
				t.Errorf("a token opens %s", p.url)
			}
		}
		shopper, _ := inShop(t, file, "7001000001")
		if got := shopper.signedInAs(); got != "" {
			t.Errorf("a customer is %s", got)
		}
		if p := v.get("/proxy/"); p.status != http.StatusUnauthorized {
			t.Errorf("staff see the customer's page: %d", p.status)
		}
	})
	t.Run("another role, another password, and an account that is closed end every session at once", func(t *testing.T) {
		boss := consoleVisitor(t, file, "system_admin")
		form := boss.get("/admin/staff")
		for name, end := range map[string]func(path string){
			"role": func(path string) {
				boss.submit(boss.get(path), path, url.Values{"name": {"Somebody"}, "role": {"store_manager"}})
			},
			"password": func(path string) { boss.submit(boss.get(path), path+"/password", nil) },
			"closed":   func(path string) { boss.post(path, tokenAnd(form, url.Values{"disabled": {"yes"}})) },
			"sign-out": func(path string) { boss.submit(boss.get(path), path+"/sign-out", nil) },
		} {
			email := name + "@example.com"
			p := boss.submit(boss.get("/admin/staff"), "/admin/staff", url.Values{"name": {"Somebody"}, "email": {email}, "role": {"staff"}})
			secret, _ := p.with("id")
			password := ""
			for _, n := range secret {
				if attribute(n, "id") == "secret" {
					password = textOf(n)
				}
			}
			v := newVisitor(t, file.API)
			v.replaceDrawn(email, password, "a password of "+name+" alone")
			if v.signedInAs() == "" {
				t.Fatalf("%s cannot sign in\n%s", email, p.text())
			}
			end(staffAddress(t, boss, email))
			if v.signedInAs() != "" {
				t.Errorf("%s: still signed in", name)
			}
		}
	})
	t.Run("failed sign-ins on the page wait, whoever it is about", func(t *testing.T) {
		for _, email := range []string{employee(t, file, "store_manager").Email, "nobody@example.com"} {
			v := newVisitor(t, file.API)
			status := 0
			for range 7 {
				p := v.submit(v.get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {email}, "password": {"a wrong password"}})
				if status = p.status; status == http.StatusTooManyRequests && p.header.Get("Retry-After") == "" {
					t.Errorf("%s is not told how long to wait", email)
				}
			}
			if status != http.StatusTooManyRequests {
				t.Errorf("%s: %d", email, status)
			}
		}
	})
	t.Run("HEAD is answered, and other methods are refused on a page", func(t *testing.T) {
		v := consoleVisitor(t, file, "staff")
		for _, path := range []string{"/admin/coupons", "/healthz", "/docs"} {
			if p := v.send(http.MethodHead, path, nil, nil); p.status != http.StatusOK || p.raw != "" {
				t.Errorf("HEAD %s: %d, %d bytes", path, p.status, len(p.raw))
			}
		}
		p := v.send(http.MethodPut, "/admin/coupons", nil, nil)
		if p.status != http.StatusMethodNotAllowed || p.header.Get("Allow") == "" || !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
			t.Errorf("%d %v", p.status, p.header)
		}
		for form, page := range map[string]string{"/admin/account/password": "/admin/account", "/admin/sign-out": "/admin/coupons", "/admin/language": "/admin/coupons"} {
			if p := v.get(form); p.url.Path != page || p.status != http.StatusOK {
				t.Errorf("%s leads to %s, %d", form, p.url, p.status)
			}
		}
	})
}

// tokenAnd is these fields with the token of one of the page's forms.
func tokenAnd(p seenPage, fields url.Values) url.Values {
	fields.Set("form_token", fieldsOf(p.form("/admin/sign-out")).Get("form_token"))
	return fields
}

// staffAddress is the page of the person with this mail address.
func staffAddress(t *testing.T, boss *visitor, email string) string {
	t.Helper()
	for _, tr := range boss.get("/admin/staff").all("tr") {
		if strings.Contains(textOf(tr), email) {
			return attribute(elements(tr, "a")[0], "href")
		}
	}
	t.Fatalf("%s is not listed", email)
	return ""
}
