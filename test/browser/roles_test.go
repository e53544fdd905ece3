package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"pointbridge/test/world"
)

// roleLooks are a phone, a tablet, a small desk and a large one.
var roleLooks = []look{{lang: "ja", width: 360}, {lang: "en", width: 768}, {lang: "en", width: 1280}, {lang: "ja",
	width: 1280, dark: true}, {lang: "ja", width: 1440}}

// auditor is a role of the merchant's own that reads everything and changes nothing.
const auditor = `g, auditor, staff
p, auditor, audit, read
p, auditor, reports, read
p, auditor, reviews, read
p, auditor, refund_reports, read
`

// refusedLinks are the links of a page that whoever sees it may not follow, or that lead nowhere.
const refusedLinks = `Promise.all([...new Set([...document.querySelectorAll("a[href^='/admin']:not([download])")].map(a =>
	a.getAttribute("href")))].map(async href => (await fetch(href)).ok ? "" : href)).then(list => list.filter(Boolean))`

// TestBrowserOfEachRole: whoever signs in sees a dashboard of their own, and pages to which every link leads, whatever
// their window: those who look, those who correct, those who answer for the figures, and a role of the merchant's own.
func TestBrowserOfEachRole(t *testing.T) {
	t.Parallel()
	chromium(t)
	data := t.TempDir()
	policy := filepath.Join(t.TempDir(), "policy.csv")
	if err := os.WriteFile(policy, []byte(auditor), 0o600); err != nil {
		t.Fatal(err)
	}
	file, _ := world.StartDemo(t, data, "POLICY_FILE="+policy)
	see := func(role, signsIn string) {
		for _, l := range roleLooks {
			t.Run(role+"-"+l.String(), func(t *testing.T) {
				b := openTab(t, file.API, l)
				b.signIn(file, signsIn)
				for name, address := range map[string]string{"dashboard": "/admin/dashboard", "coupons": "/admin/coupons",
					"members": "/admin/customers", "yesterday": "/admin/coupons?on=cancelled&range=yesterday"} {
					// Lists are looked at in every window elsewhere, and links are the same in each.
					widest := l.width >= 1440
					if !widest && name != "dashboard" {
						continue
					}
					b.open(address)
					b.inspect("role-" + role + "-" + name)
					if !widest {
						continue
					}
					if refused := ask(b, chromedp.Evaluate[[]string](refusedLinks, chromedp.EvalAwaitPromise)); len(refused) != 0 {
						t.Errorf("%s at %s: links that a %s may not follow: %s", name, l, role, strings.Join(refused, " "))
					}
				}
			})
		}
	}
	for _, p := range file.Staff {
		see(p.Role, p.Role)
	}
	world.Statement(t, data, `UPDATE staff SET role = 'auditor' WHERE email = 'staff@example.com'`)
	see("auditor", "staff")
}

// tallestHeader is one line where the menu is behind its button, and two where it is not.
func tallestHeader(width int64) float64 {
	if width < 960 {
		return 64
	}
	return 104
}

// tops holds the header to a line or two, however many pages somebody may go to.
func (b *tab) tops(name string) {
	b.t.Helper()
	high := js[float64](b, `document.querySelector("header.top .menu")?.closest("header").getBoundingClientRect().height ?? 0`)
	if most := tallestHeader(b.look.width); high > most {
		b.t.Errorf("%s %s: the header is %.0f high, more than %.0f", name, b.look, high, most)
	}
}
