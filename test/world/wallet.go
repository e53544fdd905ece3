package world

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"pointbridge/demo"
	"pointbridge/test/expect"
)

const WalletForm = Prefix + "/conversions"

// InShop is somebody in the simulated shop with a browser that runs no script, on the customer's page.
func InShop(t *testing.T, file demo.File, number string) (*Visitor, SeenPage) {
	t.Helper()
	v := NewVisitor(t, file.API)
	v.Get("/store/language/en")
	p := v.Post("/store/customer", url.Values{"customer": {number}, "back": {demo.WalletPath}})
	expect.MustEqual(t, "p.URL.Path", p.URL.Path, demo.WalletPath, p.URL, p.Text)
	expect.MustEqual(t, "p.Status", p.Status, http.StatusOK, p.URL, p.Text)
	return v, p
}

// WalletAction finds the address of the form, which carries the page's language.
func WalletAction(p SeenPage, path string) string {
	p.t.Helper()
	for _, f := range p.All("form") {
		if action := Attribute(f, "action"); strings.HasPrefix(action, path) {
			return action
		}
	}
	p.t.Fatalf("no form for %s\n%s", path, p.Text())
	return ""
}

// Chosen is the page with these points in its form.
func (v *Visitor) Chosen(points int) SeenPage {
	v.T.Helper()
	return v.Get(fmt.Sprintf("%s?points=%d", demo.WalletPath, points))
}

// Make sends the form of a page as it is.
func (v *Visitor) Make(p SeenPage, fields url.Values) SeenPage {
	v.T.Helper()
	return v.Submit(p, WalletAction(p, WalletForm), fields)
}

// With finds the elements that have this attribute, and its values.
func (p SeenPage) With(name string) (nodes []*html.Node, values []string) {
	for n := range p.Root.Descendants() {
		if n.Type == html.ElementNode && hasAttribute(n, name) {
			nodes, values = append(nodes, n), append(values, Attribute(n, name))
		}
	}
	return nodes, values
}
