package browser

import (
	"encoding/json"
	"os"

	"github.com/chromedp/chromedp"
)

// axe runs the accessibility checker in the page.
func (b *tab) axe(name string) {
	b.t.Helper()
	path := os.Getenv("AXE_CORE")
	if path == "" {
		if os.Getenv("POINTBRIDGE_TEST_ALL") != "" {
			b.t.Fatal("no accessibility checker: scripts/with-browser installs it")
		}
		b.t.Log("the accessibility checker is not here; left out (scripts/with-browser installs it)")
		return
	}
	script, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	ask(b, chromedp.Evaluate[int](string(script)+";0"))
	raw := ask(b, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify({passes: r.passes.length,
		violations: r.violations.map(v => v.id + ": " + v.help + " – " + v.nodes.map(n => n.target.join(" ") + " " + n.any.map(a => a.message).join("; ")).join(" | "))}))`,
		chromedp.EvalAwaitPromise))
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
