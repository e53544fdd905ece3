package browser

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/chromedp/chromedp"
)

// measure is a script that tells what the accessibility checker goes by on a page.
//
//go:embed examined.js
var measure string

// measured are the keys of a page: two documents of one shape, and two places with letters of one key, cannot get
// different answers of the checker, whatever is written there.
type measured struct {
	Shape  string   `json:"shape"`
	Places []string `json:"places"`

	// Checker is whether the checker is in the page already.
	Checker bool `json:"checker"`
}

// register remembers what was examined. The checker takes a second for a page, nearly all of it for the contrast of each
// letter with what it is painted on; hundreds of pages have the same few places for letters.
type register struct {
	mu   sync.Mutex
	keys map[string]bool
}

func newRegister() *register { return &register{keys: map[string]bool{}} }

// examined is the register of the package's tests.
var examined = newRegister()

// fresh gives what is left to be examined of a page, and takes note of it: whether its shape is new, and which of its
// places with letters are.
func (r *register) fresh(page measured) (shape bool, places []int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	takes := func(key string) bool {
		seen := r.keys[key]
		r.keys[key] = true
		return !seen
	}
	shape = takes("shape " + page.Shape)
	for i, key := range page.Places {
		if takes("place " + key) {
			places = append(places, i)
		}
	}
	return shape, places
}

// rulesOfLetters are those that the keys of places answer for; all others go by the document's shape. They go by colours
// that are seen, so that only they differ from theme to theme.
const rulesOfLetters = `["color-contrast", "link-in-text-block"]`

// examine runs the checker on what is fresh in the page. No rule that runs reads style sheets, so none are fetched.
const examine = `(async (shape, places) => {
	const found = {passes: 0, violations: []}, letters = ` + rulesOfLetters + `;
	const run = async (context, rules) => { const r = await axe.run(context, {resultTypes: ["violations"], preload: {assets: ["media"]}, ...rules});
		found.passes += r.passes.length;
		found.violations.push(...r.violations.map(v => v.id + ": " + v.help + " – " + v.nodes.map(n => n.target.join(" ") + " " + n.any.map(a => a.message).join("; ")).join(" | "))); };
	if (shape) await run(document, {rules: Object.fromEntries(letters.map(id => [id, {enabled: false}]))});
	if (places.length) await run({include: places.map(i => window.placesWithLetters[i])}, {runOnly: letters});
	return JSON.stringify(found);
})(%t, %s)`

// axe holds the page to the rules of the accessibility checker.
func (b *tab) axe(name string) {
	b.t.Helper()
	for _, v := range b.violations(name, examined) {
		b.t.Errorf("%s %s: %s", name, b.look, v)
	}
}

// checker is the accessibility checker's script, read once; it is empty where there is none.
var checker = sync.OnceValues(func() (string, error) {
	path := os.Getenv("AXE_CORE")
	if path == "" {
		return "", nil
	}
	script, err := os.ReadFile(path)
	return string(script), err
})

// violations are what the checker finds on the page, but for what it found elsewhere.
func (b *tab) violations(name string, known *register) []string {
	b.t.Helper()
	script, err := checker()
	if err != nil {
		b.t.Fatal(err)
	}
	if script == "" {
		if os.Getenv("POINTBRIDGE_TEST_ALL") != "" {
			b.t.Fatal("no accessibility checker: scripts/with-browser installs it")
		}
		b.t.Log("the accessibility checker is not here; left out (scripts/with-browser installs it)")
		return nil
	}
	page := ask(b, chromedp.Evaluate[measured](measure))
	if page.Shape == "" {
		b.t.Fatalf("%s %s: the page has no shape", name, b.look)
	}
	shape, places := known.fresh(page)
	if !shape && len(places) == 0 {
		return nil
	}
	list, err := json.Marshal(append([]int{}, places...))
	if err != nil {
		b.t.Fatal(err)
	}
	if !page.Checker {
		ask(b, chromedp.Evaluate[int](script+";0"))
	}
	raw := ask(b, chromedp.Evaluate[string](fmt.Sprintf(examine, shape, list), chromedp.EvalAwaitPromise))
	var found struct {
		Passes     int
		Violations []string
	}
	if err := json.Unmarshal([]byte(raw), &found); err != nil || shape && found.Passes == 0 {
		b.t.Fatalf("%s: the checker said %q, %v", name, raw, err)
	}
	return found.Violations
}
