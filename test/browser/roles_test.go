package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"pointbridge/demo"
	"pointbridge/test/world"
)

// roleLooks are a phone, a tablet, a small desk and a large one. The lists, which only the last one shows, are those of
// TestBrowserPages.
var roleLooks = []look{{lang: "ja", width: 360, sameColours: true}, {lang: "en", width: 768, sameColours: true},
	{lang: "en", width: 1280}, {lang: "ja", width: 1280, dark: true}, {lang: "ja", width: 1440, sameColours: true}}

// auditor is a role of the merchant's own that reads everything and changes nothing.
const auditor = `g, auditor, staff
p, auditor, audit, read
p, auditor, reports, read
p, auditor, reviews, read
p, auditor, refund_reports, read
`

// links are where the links of a page lead; refusedLinks are those of a list that whoever sees them may not follow, or
// that lead nowhere.
const (
	links        = `[...new Set([...document.querySelectorAll("a[href^='/admin']:not([download])")].map(a => a.getAttribute("href")))]`
	refusedLinks = `Promise.all(%s.map(async href => (await fetch(href)).ok ? "" : href)).then(list => list.filter(Boolean))`
)

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
	t.Run("the roles there are", func(t *testing.T) {
		for _, p := range file.Staff {
			t.Run(p.Role, func(t *testing.T) {
				t.Parallel()
				lookAround(t, file, p.Role, p.Role)
			})
		}
	})
	world.Statement(t, data, `UPDATE staff SET role = 'auditor' WHERE email = 'staff@example.com'`)
	lookAround(t, file, "auditor", "staff")
}

// lookAround has a person look at their dashboard in every window, and at their lists in the widest one. Lists are looked
// at in every window elsewhere, and links are the same in each.
func lookAround(t *testing.T, file demo.File, role, signsIn string) {
	t.Helper()
	tabs := map[string]*tab{}
	followed := map[string]bool{}
	for _, l := range roleLooks {
		b := tabs[l.lang]
		if b == nil {
			b = openTab(t, file.API, l)
			b.signIn(file, signsIn)
			tabs[l.lang] = b
		}
		b.looks(l)
		for name, address := range map[string]string{"dashboard": "/admin/dashboard", "coupons": "/admin/coupons",
			"members": "/admin/customers", "yesterday": "/admin/coupons?on=cancelled&range=yesterday"} {
			widest := l.width >= 1440
			if !widest && name != "dashboard" {
				continue
			}
			b.open(address)
			b.inspect("role-" + role + "-" + name)
			if widest {
				b.follows(name, followed)
			}
		}
	}
}

// follows goes where each link of a page leads, unless it was followed from another page.
func (b *tab) follows(name string, followed map[string]bool) {
	b.t.Helper()
	var fresh []string
	for _, href := range js[[]string](b, links) {
		if !followed[href] {
			followed[href] = true
			fresh = append(fresh, href)
		}
	}
	list, err := json.Marshal(fresh)
	if err != nil {
		b.t.Fatal(err)
	}
	refused := ask(b, chromedp.Evaluate[[]string](fmt.Sprintf(refusedLinks, list), chromedp.EvalAwaitPromise))
	if len(refused) != 0 {
		b.t.Errorf("%s at %s: links that lead nowhere or may not be followed: %s", name, b.look, strings.Join(refused, " "))
	}
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
