package story

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"pointbridge/demo"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// pagesAtMost bounds the walk. Pages of one form, such as those of two coupons, are one.
const pagesAtMost = 90

var (
	leadsTo = map[string]bool{"href": true, "src": true, "action": true, "formaction": true, "poster": true}
	number  = regexp.MustCompile(`[0-9][0-9A-Za-z-]*`)
)

// demoLeadsNowhere walks the demo's pages, as a system admin and a customer of the shop, by every link there is:
// whoever tries it out on a machine without a network, or shows it to others, is led nowhere outside. The one exception
// are the console's links to the shop's own admin, which the demo shows as they are in earnest; they are not followed.
func demoLeadsNowhere(t *testing.T, file demo.File) {
	t.Helper()
	home, err := url.Parse(file.API)
	if err != nil {
		t.Fatal(err)
	}
	visitor := world.ConsoleVisitor(t, file, "system_admin")
	inShop, wallet := world.InShop(t, file, "7001000001")
	seen, walked := map[string]bool{}, 0
	look := func(v *world.Visitor, from ...*url.URL) {
		for len(from) > 0 && walked < pagesAtMost {
			at := from[0]
			from = from[1:]
			form := number.ReplaceAllString(at.Path, "#")
			if seen[form] {
				continue
			}
			seen[form] = true
			p := v.Get(at.RequestURI())
			walked++
			expect.Equal(t, "the host that "+at.Path+" leads to", p.URL.Host, home.Host)
			if !strings.Contains(p.Header.Get("Content-Type"), "html") && !strings.Contains(p.Header.Get("Content-Type"),
				"liquid") {
				continue
			}
			for _, to := range linksOf(t, p) {
				admin := to.Host == demo.DemoShop && strings.HasPrefix(to.Path, "/admin/")
				expect.That(t, "no link to another host", to.Host == "" || to.Host == home.Host || admin, at.Path,
					to.String())
				whole := p.URL.ResolveReference(to)
				if whole.Host == home.Host && whole.Scheme == home.Scheme {
					from = append(from, whole)
				}
			}
		}
	}
	look(inShop, wallet.URL)
	look(visitor, &url.URL{Path: "/"}, &url.URL{Path: "/admin/"}, &url.URL{Path: demo.StorePath + "/"})
	expect.That(t, "a walk worth its name", walked > 20, walked)
}

// linksOf are the addresses in a page, to be followed or fetched by a browser.
func linksOf(t *testing.T, p world.SeenPage) (list []*url.URL) {
	t.Helper()
	for n := range p.Root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			if !leadsTo[a.Key] || n.Data == "form" && strings.EqualFold(world.Attribute(n, "method"), "post") &&
				strings.HasPrefix(a.Val, "/") {
				continue // what a form changes is not walked
			}
			to, err := url.Parse(a.Val)
			if err != nil {
				t.Errorf("%s has the address %q", p.URL, a.Val)
				continue
			}
			list = append(list, to)
		}
	}
	return list
}
