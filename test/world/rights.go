package world

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// WellKept looks at what a browser is told about a page, and at what stands in it.
func WellKept(t *testing.T, name string, p SeenPage) {
	t.Helper()
	for header, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "same-origin"} {
		if got := p.Header.Get(header); got != want {
			t.Errorf("%s: %s is %q", name, header, got)
		}
	}
	policy := p.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") ||
		!strings.Contains(policy, "form-action 'self'") || strings.Contains(policy, "unsafe") {
		t.Errorf("%s: %s", name, policy)
	}
	for n := range p.Root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "script" && Attribute(n, "src") == "" || n.Data == "style" {
			t.Errorf("%s holds a <%s> of its own", name, n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") ||
				strings.HasPrefix(strings.TrimSpace(strings.ToLower(a.Val)), "javascript:") {
				t.Errorf("%s: %s=%q", name, a.Key, a.Val)
			}
		}
	}
	for _, f := range p.All("form") {
		if Attribute(f, "method") == "post" && FieldsOf(f).Get("form_token") == "" &&
			Attribute(f, "action") != "/admin/sign-in" && p.Form("/admin/sign-out") != nil {
			t.Errorf("%s: the form for %s has no token", name, Attribute(f, "action"))
		}
	}
}
