package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/chromedp/chromedp"
)

// checker is the script of the accessibility checker.
var checker = sync.OnceValues(func() (string, error) {
	script, err := os.ReadFile(os.Getenv("AXE_CORE"))
	return string(script) + ";0", err
})

// accessible has the checker look at the page. What it would load before (sounds and styles of other hosts) no page has.
// Half of its time goes into what stands behind each text, point by point. That depends on the colours and, where things
// lie over one another, on the layout, which nothing but an open menu does: it looks for it once in each theme, while
// legible asks the boxes around the texts in every look. The rest depends on the elements that are shown.
const accessible = `axe.run(document, {resultTypes: ["violations"], preload: false, rules: {"color-contrast": {enabled: %t}}}).then(
	r => JSON.stringify({passes: r.passes.length, violations: r.violations.map(v => v.id + ": " + v.help + " – " +
		v.nodes.map(n => n.target.join(" ") + " " + n.any.map(a => a.message).join("; ")).join(" | "))}))`

// axe runs the accessibility checker in the page.
func (b *tab) axe(name string) {
	b.t.Helper()
	if os.Getenv("AXE_CORE") == "" {
		if os.Getenv("POINTBRIDGE_TEST_ALL") != "" {
			b.t.Fatal("no accessibility checker: scripts/with-browser installs it")
		}
		b.t.Log("the accessibility checker is not here; left out (scripts/with-browser installs it)")
		return
	}
	script, err := checker()
	if err != nil {
		b.t.Fatal(err)
	}
	ask(b, chromedp.Evaluate[int](script))
	raw := ask(b, chromedp.Evaluate[string](fmt.Sprintf(accessible, !b.look.sameColours), chromedp.EvalAwaitPromise))
	var found struct {
		Passes     int
		Violations []string
	}
	if err := json.Unmarshal([]byte(raw), &found); err != nil || found.Passes == 0 {
		b.t.Fatalf("%s: the checker said %q, %v", name, raw, err)
	}
	for _, v := range found.Violations {
		b.t.Errorf("%s %s: %s", name, b.look, v)
	}
}
