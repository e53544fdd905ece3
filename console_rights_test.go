package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"pointbridge/api/web"
	"pointbridge/domain"
	"pointbridge/policies"
)

// rightsWalk is every page of the console with each role, over real requests.
type rightsWalk struct {
	t     *testing.T
	file  demoFile
	rules *policies.Enforcer
	code  string // of a coupon
	audit caller // reads the record
}

// address fills the places of a path with things that are there.
func (w *rightsWalk) address(path string) string {
	w.t.Helper()
	path = strings.ReplaceAll(path, ":code", w.code)
	for part, id := range map[string]string{"customers": "12345", "staff": "1", "reviews": "1"} {
		path = strings.ReplaceAll(path, "/"+part+"/:id", "/"+part+"/"+id)
	}
	if strings.Contains(path, ":") {
		w.t.Fatalf("what is %s?", path)
	}
	return path
}

// refusals is how many refused attempts of the role's person are on record with this right.
func (w *rightsWalk) refusals(actor, right string) int {
	w.t.Helper()
	got := w.audit.do("GET", "/v1/audit?action=access.refused&limit=100&actor="+url.QueryEscape(actor), "", "")
	if got.status != http.StatusOK {
		w.t.Fatalf("%d %s", got.status, got.raw)
	}
	return strings.Count(string(got.raw), `"right":"`+right+`"`)
}

// covers: 004-46, 004-47, 004-48, 004-49, H-01
func TestConsoleRights(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	rules, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	made := caller{t, file.API, file.Keys["pos"]}.do("POST", "/v1/customers/12345/conversions", "walk", `{"points": 100}`)
	code, _ := made.body["code"].(string)
	w := &rightsWalk{t, file, rules, code, caller{t, file.API, file.Keys["system_admin"]}}
	for _, role := range domain.StaffRoles() {
		t.Run("every page as "+string(role), func(t *testing.T) {
			w := *w
			w.t = t
			w.walk(role)
		})
	}
	t.Run("nobody signed in sees or does anything", func(t *testing.T) {
		v := newVisitor(t, file.API)
		v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		for _, r := range web.Rights() {
			p := v.send(r.Method, w.address(r.Path), nil, sameOrigin(file.API))
			toSignIn := p.status == http.StatusSeeOther && strings.HasPrefix(p.header.Get("Location"), "/admin/sign-in")
			switch {
			case r.Object == "":
			case r.Method == http.MethodGet && !toSignIn, r.Method == http.MethodPost && p.status != http.StatusUnauthorized:
				t.Errorf("%s %s: %d", r.Method, r.Path, p.status)
			}
			if strings.Contains(p.text(), code) {
				t.Errorf("%s %s shows a coupon", r.Method, r.Path)
			}
		}
	})
}

func sameOrigin(base string) http.Header {
	return http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {base}, "Sec-Fetch-Site": {"same-origin"}}
}

func (w *rightsWalk) walk(role domain.Role) {
	t := w.t
	v := consoleVisitor(t, w.file, string(role))
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	token := fieldsOf(v.get("/admin/account").form("/admin/sign-out"))
	actor := "staff:" + string(rune('1'+slices.Index(domain.StaffRoles(), role)))
	for _, r := range web.Rights() {
		name, path := r.Method+" "+r.Path, w.address(r.Path)
		allowed := r.Object == "" || w.rules.Allow(role, r.Object, r.Action)
		if r.Method == http.MethodGet {
			p := v.get(path)
			if (p.status == http.StatusForbidden) == allowed || p.status >= 500 || p.status == http.StatusUnauthorized {
				t.Errorf("%s: %d, allowed %v", name, p.status, allowed)
			}
			wellKept(t, name, p)
			if !allowed && strings.Contains(p.text(), w.code) {
				t.Errorf("%s is refused and shows a coupon", name)
			}
			continue
		}
		if !allowed {
			right := r.Object + ":" + r.Action
			before := w.refusals(actor, right)
			if p := v.post(path, token); p.status != http.StatusForbidden {
				t.Errorf("%s: %d", name, p.status)
			}
			if n := w.refusals(actor, right) - before; n != 1 {
				t.Errorf("%s: %d refusals of %s by %s are on record", name, n, right, actor)
			}
			continue
		}
		if r.Object != "" {
			w.forged(v, name, path, token)
		}
	}
}

// forged sends forms that another site, or somebody without the page, could make a browser send.
func (w *rightsWalk) forged(v *visitor, name, path string, token url.Values) {
	w.t.Helper()
	for what, values := range map[string]url.Values{"no token": {}, "another token": {"form_token": {strings.Repeat("A", 43)}}} {
		if p := v.post(path, values); p.status != http.StatusForbidden {
			w.t.Errorf("%s with %s: %d", name, what, p.status)
		}
	}
	for _, origin := range []string{"https://evil.example", "null"} {
		header := sameOrigin(origin)
		header.Set("Sec-Fetch-Site", "cross-site")
		if p := v.send(http.MethodPost, path, strings.NewReader(token.Encode()), header); p.status != http.StatusForbidden {
			w.t.Errorf("%s from %s: %d", name, origin, p.status)
		}
	}
	if p := v.send(http.MethodPost, path+"?"+token.Encode(), nil, sameOrigin(w.file.API)); p.status != http.StatusForbidden {
		w.t.Errorf("%s with the token in the address: %d", name, p.status)
	}
	twice := url.Values{"form_token": {token.Get("form_token"), token.Get("form_token")}}
	if p := v.post(path, twice); p.status != http.StatusUnprocessableEntity {
		w.t.Errorf("%s with a field twice: %d", name, p.status)
	}
}

// wellKept looks at what a browser is told about a page, and at what stands in it.
func wellKept(t *testing.T, name string, p seenPage) {
	t.Helper()
	for header, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
		if got := p.header.Get(header); got != want {
			t.Errorf("%s: %s is %q", name, header, got)
		}
	}
	policy := p.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "form-action 'self'") || strings.Contains(policy, "unsafe") {
		t.Errorf("%s: %s", name, policy)
	}
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "script" && attribute(n, "src") == "" || n.Data == "style" {
			t.Errorf("%s holds a <%s> of its own", name, n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.TrimSpace(strings.ToLower(a.Val)), "javascript:") {
				t.Errorf("%s: %s=%q", name, a.Key, a.Val)
			}
		}
	}
	for _, f := range p.all("form") {
		if attribute(f, "method") == "post" && fieldsOf(f).Get("form_token") == "" && attribute(f, "action") != "/admin/sign-in" && p.form("/admin/sign-out") != nil {
			t.Errorf("%s: the form for %s has no token", name, attribute(f, "action"))
		}
	}
}
