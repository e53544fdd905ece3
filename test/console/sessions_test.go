package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pointbridge/demo"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

func employee(t *testing.T, file demo.File, role string) demo.SignIn {
	t.Helper()
	for _, p := range file.Staff {
		if p.Role == role {
			return p
		}
	}
	t.Fatalf("nobody is %s", role)
	return demo.SignIn{}
}

// covers: H-02
func TestConsoleSessions(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	t.Run("a sign-in page that was open meanwhile still lets in, and ends the session before", func(t *testing.T) {
		v := world.NewVisitor(t, file.API)
		open := v.Get("/admin/sign-in")
		first, second := employee(t, file, "staff"), employee(t, file, "ec_admin")
		v.Submit(open, "/admin/sign-in", url.Values{"email": {first.Email}, "password": {first.Password}})
		before := v.Cookie()
		p := v.Submit(open, "/admin/sign-in", url.Values{"email": {second.Email}, "password": {second.Password}})
		expect.MustEqual(t, "p.Status", p.Status, http.StatusOK, p.Text)
		expect.MustThat(t, "v.SignedInAs() to contain second.Email", strings.Contains(v.SignedInAs(), second.Email),
			second.Email, v.SignedInAs, p.Text)
		expect.MustThat(t, "v.Cookie() != before", v.Cookie() != before, p.Text)
		if got := world.NewVisitor(t, file.API).Bearing(before).SignedInAs(); got != "" {
			t.Errorf("the session before is alive: %s", got)
		}
		if p := v.Submit(open, "/admin/language", nil); p.Status != http.StatusOK {
			t.Errorf("its other form: %d", p.Status)
		}
	})
	t.Run("nobody is signed in by a session that somebody else chose", func(t *testing.T) {
		for _, chosen := range []string{"pbs_chosen", strings.Repeat("A", 64), file.Keys["system_admin"],
			"eyJhbGciOiJIUzI1NiJ9.e30.c2ln", ""} {
			v := world.NewVisitor(t, file.API).Bearing(chosen)
			if got := v.SignedInAs(); got != "" {
				t.Errorf("%q is somebody: %s", chosen, got)
			}
			p := employee(t, file, "staff")
			v.Submit(v.Get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {p.Email},
				"password": {p.Password}})
			if v.Cookie() == chosen || v.SignedInAs() == "" {
				t.Errorf("%q was kept", chosen)
			}
		}
	})
	t.Run("the cookie opens no API, a token no page, and what Shopify signed for a customer neither",
		func(t *testing.T) {
			v := world.ConsoleVisitor(t, file, "system_admin")
			for _, path := range []string{"/v1/coupons", "/v1/session", "/v1/staff"} {
				if p := v.Get(path); p.Status != http.StatusUnauthorized {
					t.Errorf("the cookie opens %s: %d", path, p.Status)
				}
			}
			for _, token := range []string{v.Cookie(), file.Keys["system_admin"]} {
				p := world.NewVisitor(t, file.API).Send(http.MethodGet, "/admin/account", nil,
					http.Header{"Authorization": {"Bearer " + token}})
				if p.URL.Path != "/admin/sign-in" {
					t.Errorf("a token opens %s", p.URL)
				}
			}
			shopper, _ := world.InShop(t, file, "7001000001")
			if got := shopper.SignedInAs(); got != "" {
				t.Errorf("a customer is %s", got)
			}
			if p := v.Get("/proxy/"); p.Status != http.StatusUnauthorized {
				t.Errorf("staff see the customer's page: %d", p.Status)
			}
		})
	t.Run("another role, another password, and an account that is closed end every session at once",
		func(t *testing.T) {
			boss := world.ConsoleVisitor(t, file, "system_admin")
			form := boss.Get("/admin/staff")
			for name, end := range map[string]func(path string){
				"role": func(path string) {
					boss.Submit(boss.Get(path), path, url.Values{"name": {"Somebody"}, "role": {"store_manager"}})
				},
				"password": func(path string) { boss.Submit(boss.Get(path), path+"/password", nil) },
				"closed":   func(path string) { boss.Post(path, tokenAnd(form, url.Values{"disabled": {"yes"}})) },
				"sign-out": func(path string) { boss.Submit(boss.Get(path), path+"/sign-out", nil) },
			} {
				email := name + "@example.com"
				p := boss.Submit(boss.Get("/admin/staff"), "/admin/staff", url.Values{"name": {"Somebody"},
					"email": {email}, "role": {"staff"}})
				secret, _ := p.With("id")
				password := ""
				for _, n := range secret {
					if world.Attribute(n, "id") == "secret" {
						password = world.TextOf(n)
					}
				}
				v := world.NewVisitor(t, file.API)
				v.ReplaceDrawn(email, password, "a password of "+name+" alone")
				if v.SignedInAs() == "" {
					t.Fatalf("%s cannot sign in\n%s", email, p.Text())
				}
				end(staffAddress(t, boss, email))
				if v.SignedInAs() != "" {
					t.Errorf("%s: still signed in", name)
				}
			}
		})
	t.Run("failed sign-ins on the page wait, whoever it is about", func(t *testing.T) {
		for _, email := range []string{employee(t, file, "store_manager").Email, "nobody@example.com"} {
			v := world.NewVisitor(t, file.API)
			status := 0
			for range 7 {
				p := v.Submit(v.Get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {email},
					"password": {"a wrong password"}})
				if status = p.Status; status == http.StatusTooManyRequests && p.Header.Get("Retry-After") == "" {
					t.Errorf("%s is not told how long to wait", email)
				}
			}
			expect.Equal(t, "status", status, http.StatusTooManyRequests, email)
		}
	})
	t.Run("HEAD is answered, and other methods are refused on a page", func(t *testing.T) {
		v := world.ConsoleVisitor(t, file, "staff")
		for _, path := range []string{"/admin/coupons", "/healthz", "/docs"} {
			if p := v.Send(http.MethodHead, path, nil, nil); p.Status != http.StatusOK || p.Raw != "" {
				t.Errorf("HEAD %s: %d, %d bytes", path, p.Status, len(p.Raw))
			}
		}
		p := v.Send(http.MethodPut, "/admin/coupons", nil, nil)
		expect.Equal(t, "p.Status", p.Status, http.StatusMethodNotAllowed, p.Header)
		expect.That(t, `p.Header.Get("Allow") != ""`, p.Header.Get("Allow") != "", p.Header)
		expect.That(t, `p.Header.Get("Content-Type") to begin with "text/html"`,
			strings.HasPrefix(p.Header.Get("Content-Type"), "text/html"), p.Header.Get("Content-Type"), p.Header)
		for form, page := range map[string]string{"/admin/account/password": "/admin/account",
			"/admin/sign-out": "/admin/coupons", "/admin/language": "/admin/coupons"} {
			if p := v.Get(form); p.URL.Path != page || p.Status != http.StatusOK {
				t.Errorf("%s leads to %s, %d", form, p.URL, p.Status)
			}
		}
	})
}

// tokenAnd is these fields with the token of one of the page's forms.
func tokenAnd(p world.SeenPage, fields url.Values) url.Values {
	fields.Set("form_token", world.FieldsOf(p.Form("/admin/sign-out")).Get("form_token"))
	return fields
}

// staffAddress is the page of the person with this mail address.
func staffAddress(t *testing.T, boss *world.Visitor, email string) string {
	t.Helper()
	for _, tr := range boss.Get("/admin/staff").All("tr") {
		if strings.Contains(world.TextOf(tr), email) {
			return world.Attribute(world.Elements(tr, "a")[0], "href")
		}
	}
	t.Fatalf("%s is not listed", email)
	return ""
}
