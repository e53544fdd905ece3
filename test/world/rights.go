package world

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"pointbridge/test/expect"
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
	expect.That(t, `policy to contain "default-src 'none'"`, strings.Contains(policy, "default-src 'none'"), name,
		policy)
	expect.That(t, `policy to contain "frame-ancestors 'none'"`, strings.Contains(policy, "frame-ancestors 'none'"),
		name, policy)
	expect.That(t, `policy to contain "form-action 'self'"`, strings.Contains(policy, "form-action 'self'"), name,
		policy)
	expect.That(t, `policy not to contain "unsafe"`, !strings.Contains(policy, "unsafe"), name, policy)
	for n := range p.Root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "script" && Attribute(n, "src") == "" || n.Data == "style" {
			t.Errorf("%s holds a <%s> of its own", name, n.Data)
		}
		for _, a := range n.Attr {
			expect.That(t, `a.Key != "style"`, a.Key != "style", name, a.Val)
			expect.That(t, `a.Key not to begin with "on"`, !strings.HasPrefix(a.Key, "on"), name, a.Key, a.Val)
			expect.That(t, `strings.TrimSpace(strings.ToLower(a.Val)) not to begin with "javascript:"`,
				!strings.HasPrefix(strings.TrimSpace(strings.ToLower(a.Val)), "javascript:"), name, a.Val)
		}
	}
	for _, f := range p.All("form") {
		if Attribute(f, "method") == "post" && FieldsOf(f).Get("form_token") == "" &&
			Attribute(f, "action") != "/admin/sign-in" && p.Form("/admin/sign-out") != nil {
			t.Errorf("%s: the form for %s has no token", name, Attribute(f, "action"))
		}
	}
}
