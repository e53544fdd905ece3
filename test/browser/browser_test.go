package browser

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"pointbridge/demo"
	"pointbridge/test/world"
)

// look is how somebody looks at the pages.
type look struct {
	lang     string // "ja" or "en"
	width    int64
	dark     bool
	noScript bool
	slowLine bool
	// sameColours says that another look shows the same pages in the same colours, sameElements that others also show them in the
	// same language and in windows as narrow.
	sameColours, sameElements bool
}

func (l look) String() string {
	name := fmt.Sprintf("%s-%d", l.lang, l.width)
	if l.dark {
		name += "-dark"
	}
	if l.noScript {
		name += "-noscript"
	}
	if l.slowLine {
		name += "-slow"
	}
	return name
}

// looks are both languages, with and without script, on a phone and on a desk, light and dark.
var looks = []look{
	{lang: "ja", width: 1200}, {lang: "en", width: 1200, noScript: true},
	{lang: "en", width: 360, dark: true}, {lang: "ja", width: 360, noScript: true},
}

// tab is one person's browser with one page open. What the page loads from elsewhere, its errors, and violations of its
// policy are faults of the test.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
	look look
	// also is another host that the person goes to, by its address; empty for none.
	also string
}

func openTab(t *testing.T, base string, l look, alone ...chromedp.ExecAllocatorOption) *tab {
	t.Helper()
	b := &tab{t: t, ctx: profile(t, l.lang, alone...), base: base, look: l}
	if err := chromedp.Listen(b.ctx, b.watch); err != nil {
		t.Fatal(err)
	}
	tell(b, network.Enable, network.EnableParams{})
	tell(b, runtime.Enable, cdp.Empty{})
	tell(b, log.Enable, cdp.Empty{})
	// Somebody looks at each of the windows, however many are open.
	tell(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.looks(l)
	return b
}

// looks has the person look otherwise from now on.
func (b *tab) looks(l look) {
	b.t.Helper()
	b.look = l
	theme := "light"
	if l.dark {
		theme = "dark"
	}
	b.Do(chromedp.EmulateViewport(l.width, 900))
	tell(b, network.SetExtraHTTPHeaders,
		network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": l.lang}})
	tell(b, emulation.SetEmulatedMedia,
		emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme",
			Value: theme}}})
	tell(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.noScript})
	line := []*network.Conditions{}
	if l.slowLine {
		line = append(line, slowLine)
	}
	tell(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: line})
}

// slowLine shows a page piece by piece, as it comes over a bad line or from a loaded machine. In bytes a second.
var slowLine = &network.Conditions{Latency: 20, DownloadThroughput: 8_000, UploadThroughput: 50_000}

// tell sends the browser one command of its own.
func tell[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatalf("%s: %v", command.Method, err)
	}
}

// ask runs one step and gives what it found.
func ask[T any](b *tab, step chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, world.Patience)
	defer cancel()
	found, err := chromedp.Run(ctx, step)
	if err != nil {
		where, _ := chromedp.Run(b.ctx, chromedp.Location())
		b.t.Fatalf("%s at %s: %v", b.look, where, err)
	}
	return found
}

// watch takes note of what must not happen on a page.
func (b *tab) watch(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if url := e.Request.URL; !strings.HasPrefix(url, b.base) && (b.also == "" || !strings.HasPrefix(url, b.also)) &&
			!strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "about:") {
			b.t.Errorf("%s: a page asked another host: %s", b.look, url)
		}
	case *runtime.EventExceptionThrown:
		b.t.Errorf("%s: %s", b.look, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			b.t.Errorf("%s: the console says %v", b.look, e.Args)
		}
	case *log.EventEntryAdded:
		// That an answer is 4xx is written here as well; what the page may not do is what matters.
		if e.Entry.Source != log.EntrySourceNetwork && e.Entry.Level == log.EntryLevelError {
			b.t.Errorf("%s: the browser says %s %s", b.look, e.Entry.Text, e.Entry.URL)
		}
	}
}

// Do runs steps; each may take as long as a slow machine needs.
func (b *tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ask(b, chromedp.Steps(steps...))
}

func (b *tab) open(path string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, world.Patience)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, chromedp.Navigate(b.base+path), chromedp.WaitReady(chromedp.CSS("body")))
	if err != nil {
		b.t.Fatalf("%s: open %s: %v", b.look, path, err)
	}
	if res != nil && res.Status >= http.StatusInternalServerError {
		b.t.Errorf("%s: %s is answered with %d", b.look, path, res.Status)
	}
}

// signIn goes through the sign-in page. Who types there, key by key, is the test of the keyboard.
func (b *tab) signIn(file demo.File, role string) {
	b.t.Helper()
	for _, p := range file.Staff {
		if p.Role == role {
			b.open("/admin/sign-in?back=/admin/account")
			b.Do(chromedp.SetValue(chromedp.CSS("#email"), p.Email), chromedp.SetValue(chromedp.CSS("#password"),
				p.Password))
			b.press(`form[action="/admin/sign-in"] button`)
			return
		}
	}
	b.t.Fatalf("nobody is %s", role)
}

// press clicks something and waits for the page it leads to.
func (b *tab) press(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, world.Patience)
	defer cancel()
	if b.inMenu(selector) {
		b.Do(chromedp.Click(chromedp.CSS(menuButton)))
	}
	if _, err := chromedp.RunResponse(ctx, chromedp.ScrollIntoView(chromedp.CSS(selector)),
		chromedp.Click(chromedp.CSS(selector))); err != nil {
		b.t.Fatalf("%s: press %s: %v\n%s", b.look, selector, err, b.Text())
	}
}

const menuButton = ".menu > summary"

// inMenu reports whether something stands in the menu of a narrow window, which is shut.
func (b *tab) inMenu(selector string) bool {
	b.t.Helper()
	return js[bool](b, fmt.Sprintf(`(() => { const menu = document.querySelector(%q)?.closest(".menu"); return !!menu &&
		!menu.open && getComputedStyle(menu.querySelector("summary")).display !== "none"; })()`, selector))
}

// Text is what the page says.
func (b *tab) Text() string {
	b.t.Helper()
	return ask(b, chromedp.Text(chromedp.CSS("body")))
}

// inspect holds the page to what every page has to be: no violation of the accessibility rules, nothing wider than the
// window, nothing that moved after it was shown, no word left untranslated.
func (b *tab) inspect(name string) {
	b.t.Helper()
	b.still(name)
	b.unfolded(name)
}

// unfolded holds a page to the same once somebody unfolded a part of it. What moved then moved because of them; a
// browser takes it for that only within half a second, which a busy machine does not keep to.
func (b *tab) unfolded(name string) {
	b.t.Helper()
	b.words(name)
	b.fits(name)
	b.asksWhole(name)
	b.columns(name)
	b.legible(name)
	b.tops(name)
	if !b.look.noScript && !b.look.sameElements { // the checker is a script, and waits for timers
		b.axe(name)
	}
	b.picture(name)
}

// still holds the page to staying where it was shown.
func (b *tab) still(name string) {
	b.t.Helper()
	if b.look.noScript { // it is a script that tells
		return
	}
	if js[bool](b, `location.hash !== ""`) { // the browser itself opens and shows what an address leads to within its page
		return
	}
	moved := ask(b, chromedp.Evaluate[float64](layoutShift, chromedp.EvalAwaitPromise))
	if moved > mostShift {
		what := js[string](b, `(window.whatMoved || []).join(", ")`)
		b.t.Errorf("%s %s: the layout jumped by %.3f: %s", name, b.look, moved, what)
	}
}

// layoutShift sums what moved on the page by itself; mostShift is half of what is called good (0.1:
// https://web.dev/articles/cls).
const (
	layoutShift = `new Promise(done => { let sum = 0; new PerformanceObserver(list => { for (const e of list.getEntries()) {
		if (!e.hadRecentInput) { sum += e.value; window.whatMoved = (window.whatMoved || []).concat(e.sources.map(s => s.node?.nodeName + "." + (s.node?.className ?? ""))) }
		} }).observe({type: "layout-shift", buffered: true}); setTimeout(() => done(sum), 50) })`
	mostShift = 0.05
)

// TestBrowserConsole looks at every page of the console as a system admin, who sees most.
func TestBrowserConsole(t *testing.T) {
	t.Parallel()
	chromium(t)
	file, _ := world.StartDemo(t, t.TempDir())
	for _, l := range looks {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			b := openTab(t, file.API, l)
			b.open("/admin/sign-in")
			b.inspect("sign-in")
			b.signIn(file, "system_admin")
			b.inspect("account")
			b.open("/admin/nothing")
			b.inspect("not-found")
		})
	}
}
