package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pointbridge/api/console"
	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/policies"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// rightsWalk is every page of the console with each role, over real requests.
type rightsWalk struct {
	t     *testing.T
	file  demo.File
	rules *policies.Enforcer
	code  string       // of a coupon
	audit world.Caller // reads the audit
}

// address fills the places of a path with things that are there.
func (w *rightsWalk) address(path string) string {
	w.t.Helper()
	path = strings.ReplaceAll(strings.ReplaceAll(path, ":code", w.code), ":key", "points")
	path = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(path, ":template", "flash"), ":screen", "coupons"), ":kind", "reminder")
	for part, id := range map[string]string{"customers": "12345", "staff": "1", "reviews": "1", "decisions": "dec_x",
		"batches": "bat_abcdefghij", "views": "1", "event-endpoints": "whe_abcdefghijkl", "requests": "1",
		"bulk": "blk_abcdefghijklmnop"} {
		path = strings.ReplaceAll(path, "/"+part+"/:id", "/"+part+"/"+id)
	}
	if strings.Contains(path, ":") {
		w.t.Fatalf("what is %s?", path)
	}
	return path
}

// refusals is how many refused attempts of the role's person are in the audit with this right.
func (w *rightsWalk) refusals(actor, right string) int {
	w.t.Helper()
	got := w.audit.Do("GET", "/v1/audit?action=access.refused&limit=100&actor="+url.QueryEscape(actor), "", "")
	expect.MustEqual(w.t, "got.Status", got.Status, http.StatusOK, got.Raw)
	return strings.Count(string(got.Raw), `"right":"`+right+`"`)
}

// covers: 004-46, 004-47, 004-48, 004-49, H-01
func TestConsoleRights(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	rules, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	made := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}.Do("POST", "/v1/customers/12345/conversions",
		"walk", `{"points": 100}`)
	code, _ := made.Body["code"].(string)
	w := &rightsWalk{t, file, rules, code, world.Caller{T: t, Base: file.API, Key: file.Keys["system_admin"]}}
	for _, role := range domain.StaffRoles() {
		t.Run("every page as "+string(role), func(t *testing.T) {
			t.Parallel()
			w := *w
			w.t, w.audit.T = t, t
			w.Walk(role)
		})
	}
	t.Run("nobody signed in sees or does anything", func(t *testing.T) {
		t.Parallel()
		w := *w
		w.t = t
		v := world.NewVisitor(t, file.API)
		v.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		for _, r := range console.Rights() {
			p := v.Send(r.Method, w.address(r.Path), nil, sameOrigin(file.API))
			toSignIn := p.Status == http.StatusSeeOther && strings.HasPrefix(p.Header.Get("Location"), "/admin/sign-in")
			switch {
			case r.Object == "":
			case r.Method == http.MethodGet && !toSignIn, r.Method == http.MethodPost &&
				p.Status != http.StatusUnauthorized:
				t.Errorf("%s %s: %d", r.Method, r.Path, p.Status)
			}
			if strings.Contains(p.Text(), code) {
				t.Errorf("%s %s shows a coupon", r.Method, r.Path)
			}
		}
	})
}

func sameOrigin(base string) http.Header {
	return http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {base},
		"Sec-Fetch-Site": {"same-origin"}}
}

// getWhenFree asks for a page again that is told to come later: long readings take turns, and on a loaded machine those of
// the other roles, which walk beside, may take longer than a page waits.
func getWhenFree(v *world.Visitor, path string) world.SeenPage {
	p := v.Get(path)
	for range 20 {
		if p.Status != http.StatusServiceUnavailable {
			break
		}
		p = v.Get(path)
	}
	return p
}

func (w *rightsWalk) Walk(role domain.Role) {
	t := w.t
	v := world.ConsoleVisitor(t, w.file, string(role))
	v.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	token := world.FieldsOf(v.Get("/admin/account").Form("/admin/sign-out"))
	actor := "staff:" + string(rune('1'+slices.Index(domain.StaffRoles(), role)))
	refused := 0
	for _, r := range console.Rights() {
		name, path := r.Method+" "+r.Path, w.address(r.Path)
		allowed := r.Object == "" || w.rules.Allow(role, r.Object, r.Action)
		if r.Method == http.MethodGet {
			p := getWhenFree(v, path)
			if (p.Status == http.StatusForbidden) == allowed || p.Status >= 500 || p.Status == http.StatusUnauthorized {
				t.Errorf("%s: %d, allowed %v", name, p.Status, allowed)
			}
			if allowed && strings.HasSuffix(r.Path, "/mails/:kind/body") {
				w.boxed(name, p)
			} else {
				world.WellKept(t, name, p)
			}
			if !allowed && strings.Contains(p.Text(), w.code) {
				t.Errorf("%s is refused and shows a coupon", name)
			}
			continue
		}
		if !allowed {
			right, before := r.Object+":"+r.Action, 0
			refused++ // beyond so many of one person the audit counts them together
			told := refused <= audit.OwnEntries
			if told {
				before = w.refusals(actor, right)
			}
			expect.Equal(t, "v.Post(path, token).Status", v.Post(path, token).Status, http.StatusForbidden, name)
			if !told {
				continue
			}
			if n := w.refusals(actor, right) - before; n != 1 {
				t.Errorf("%s: %d refusals of %s by %s are in the audit", name, n, right, actor)
			}
			continue
		}
		if w.foreign(v, name, path, token); !slices.Contains(beforeSession, r.Path) {
			w.forged(v, name, path, token)
		}
	}
}

// beforeSession are the forms of whoever is not signed in: no token can belong to a session there, and that another site
// is refused is all there is.
var beforeSession = []string{"/admin/sign-in", "/admin/sign-in/passkey", "/admin/language"}

// boxed checks a mail as it is shown: no page of ours, which has styles in its lines as mails do, and can do nothing.
func (w *rightsWalk) boxed(name string, p world.SeenPage) {
	w.t.Helper()
	policy := p.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'"} {
		expect.That(w.t, "policy to contain "+part, strings.Contains(policy, part), name, policy)
	}
	expect.That(w.t, "a sandbox without exceptions", strings.HasSuffix(policy, "; sandbox"), name, policy)
	expect.That(w.t, "no script", !strings.Contains(policy, "script-src"), name, policy)
	expect.Equal(w.t, "kept by nobody", p.Header.Get("Cache-Control"), "no-store", name)
}

// foreign sends a form with all that belongs to it from another site.
func (w *rightsWalk) foreign(v *world.Visitor, name, path string, token url.Values) {
	w.t.Helper()
	// The last one is a browser that sends no Sec-Fetch-Site.
	for origin, site := range map[string]string{"https://evil.example": "cross-site", "null": "cross-site", "https://other.127.0.0.1": "same-site",
		"http://evil.example": ""} {
		header := sameOrigin(origin)
		if header.Set("Sec-Fetch-Site", site); site == "" {
			header.Del("Sec-Fetch-Site")
		}
		if p := v.Send(http.MethodPost, path, strings.NewReader(token.Encode()),
			header); p.Status != http.StatusForbidden {
			w.t.Errorf("%s from %s: %d", name, origin, p.Status)
		}
	}
}

// forged sends forms that somebody without the page could make a browser send.
func (w *rightsWalk) forged(v *world.Visitor, name, path string, token url.Values) {
	w.t.Helper()
	for what, values := range map[string]url.Values{"no token": {},
		"another token": {"form_token": {strings.Repeat("A", 43)}}} {
		if p := v.Post(path, values); p.Status != http.StatusForbidden {
			w.t.Errorf("%s with %s: %d", name, what, p.Status)
		}
	}
	if p := v.Send(http.MethodPost, path+"?"+token.Encode(), nil,
		sameOrigin(w.file.API)); p.Status != http.StatusForbidden {
		w.t.Errorf("%s with the token in the address: %d", name, p.Status)
	}
	twice := url.Values{"form_token": {token.Get("form_token"), token.Get("form_token")}}
	if p := v.Post(path, twice); p.Status != http.StatusUnprocessableEntity {
		w.t.Errorf("%s with a field twice: %d", name, p.Status)
	}
}
