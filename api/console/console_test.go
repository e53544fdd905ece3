package console

import (
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/policies"
	"pointbridge/templates"
)

func newConsole(t *testing.T) *Console {
	t.Helper()
	rules, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	return consoleBy(t, rules)
}

func consoleBy(t *testing.T, rules *policies.Enforcer) *Console {
	t.Helper()
	base, err := pages.New(pages.Shared{Policy: rules, Secret: []byte(strings.Repeat("s", 32)), Locale: "ja",
		PublicURL: "https://points.example"}, pages.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	con, err := New(Deps{Base: base})
	if err != nil {
		t.Fatal(err)
	}
	return con
}

// asking is a request in English of somebody who is nobody.
func asking(con *Console, c *gin.Context) *request {
	return &request{Request: pages.Request{Base: con.deps.Base, Gin: c, Lang: "en"}, console: con}
}

// TestPagesNeedARight: every page but the way in names a right of the policy that some role has, and none that
// customers or the POS have only.
func TestPagesNeedARight(t *testing.T) {
	t.Parallel()
	con := newConsole(t)
	open := map[string]bool{signInPath: true, signInPath + "/passkey": true, providerPath: true, ProviderReturn: true,
		consolePath + "/language": true}
	seen := map[string]bool{}
	for _, r := range con.routes() {
		if name := r.Method + " " + r.Path; seen[name] {
			t.Errorf("%s is there twice", name)
		} else {
			seen[name] = true
		}
		if (r.May == access.Right{}) != open[r.Path] {
			t.Errorf("%s %s needs %v", r.Method, r.Path, r.May)
		}
		if (r.May != access.Right{}) && !con.deps.Policy.Permits(domain.Caller{Role: domain.RoleSystemAdmin},
			r.May.Object, r.May.Action) {
			t.Errorf("%s %s needs a right that not even a system admin has", r.Method, r.Path)
		}
	}
	if len(seen) < 5 {
		t.Fatalf("%d pages", len(seen))
	}
	for _, path := range freshForms { // a name that is no page's guards nothing
		if !seen[http.MethodPost+" "+path] {
			t.Errorf("there is no form %s", path)
		}
	}
	for stage, path := range halfWayPages {
		if !seen[http.MethodGet+" "+path] {
			t.Errorf("the stage %s leads to %s, which is no page", stage, path)
		}
	}
}

var said = regexp.MustCompile(`\.T "([a-z0-9_.]+)"`)

// TestEveryTextIsThere: what the templates name is said in each language. (That both languages say the same keys is
// checked at the start.)
func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	con := newConsole(t)
	files, err := fs.Glob(templates.Web, "web/*.html")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		text, err := templates.Web.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(text), -1) {
			found++
			if !con.deps.Words.Knows(m[1]) {
				t.Errorf("%s: nothing is said for %s", file, m[1])
			}
		}
	}
	for _, role := range domain.StaffRoles() {
		if !con.deps.Words.Knows("role." + string(role)) {
			t.Errorf("there is no word for %s", role)
		}
	}
	if found < 10 {
		t.Fatalf("%d texts", found)
	}
}

func TestLocalPath(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", "https://evil.example", "//evil.example", "/admin//evil.example", `/admin/\evil`,
		"/adminevil", "/admin/../x", "/v1/coupons", "/admin/x\r\ny"} {
		if got := localPath(path); got != consolePath {
			t.Errorf("%q leads to %q", path, got)
		}
	}
	for _, path := range []string{"/admin", "/admin/coupons?status=used&q=1", "/admin?x=1"} {
		if got := localPath(path); got != path {
			t.Errorf("%q leads to %q", path, got)
		}
	}
}
