package browser

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"pointbridge/test/expect"
)

// whole is a page without a fault, with a place for something more.
const whole = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A page</title>
<style>body { background: #fff; color: #333; } main { position: relative; } .pale { color: #999; } .dark { background: #444; }
	.over { position: absolute; inset: 0; background: #444; }</style>
<main><h1>One</h1><div class="box"><p id="p">Words in a line.</p><div class="more"></div></div></main></html>`

// TestBrowserExaminesWhatDiffers: a page that differs from an examined one in something the checker goes by is examined,
// and its fault is found; one that differs in its words alone is not.
func TestBrowserExaminesWhatDiffers(t *testing.T) {
	t.Parallel()
	if os.Getenv("AXE_CORE") == "" && os.Getenv("POINTBRIDGE_TEST_ALL") == "" {
		t.Skip("no accessibility checker here: run make test, or scripts/with-browser go test")
	}
	b := openTab(t, "data:", look{lang: "en", width: 800})
	b.open("text/html;charset=utf-8," + url.PathEscape(whole))
	show := func(more string) {
		js[bool](b, fmt.Sprintf(`!!(document.querySelector(".more").innerHTML = %q)`, more))
	}
	const link = `<p>Some long words before <a href="/a" style="color:#555;text-decoration:%s">there</a> and some long words behind.</p>`
	beyond := func(top string) string {
		return `<div style="background:#444;height:2em"><p style="color:#ddd;margin:0;position:relative;top:` + top + `">Two</p></div>`
	}
	scrolls := func(top string) string {
		return `<div style="overflow:auto;height:5em;width:9em"><p style="height:9em">Two</p><p style="margin-top:` + top + `">Three</p></div>`
	}
	for what, c := range map[string]struct{ more, otherwise, rule string }{
		"letters that are pale":        {`<p>Two</p>`, `<p class="pale">Two</p>`, "color-contrast"},
		"a ground that is dark":        {`<div><p>Two</p></div>`, `<div class="dark"><p>Two</p></div>`, "color-contrast"},
		"a ground under some letters":  {`<p>Two <b>three</b></p>`, `<p>Two <b class="dark">three</b></p>`, "color-contrast"},
		"something under the letters":  {`<div style="position:relative"><i></i><p style="position:relative">Two</p></div>`, `<div style="position:relative"><i class="over"></i><p style="position:relative">Two</p></div>`, "color-contrast"},
		"letters beyond their ground":  {beyond("0"), beyond("9em"), "color-contrast"},
		"letters that are small":       {`<p style="color:#888;font-size:30px">Two</p>`, `<p style="color:#888;font-size:15px">Two</p>`, "color-contrast"},
		"a veil":                       {`<p style="opacity:1">Two</p>`, `<p style="opacity:.4">Two</p>`, "color-contrast"},
		"a field that is off no more":  {`<fieldset disabled><label>A <input value="x" style="color:#aaa"></label></fieldset>`, `<fieldset><label>A <input value="x" style="color:#aaa"></label></fieldset>`, "color-contrast"},
		"a link like its text":         {strings.Replace(link, "%s", "underline", 1), strings.Replace(link, "%s", "none", 1), "link-in-text-block"},
		"a picture without a text":     {`<img src="data:," alt="One">`, `<img src="data:,">`, "image-alt"},
		"a picture with an empty name": {`<div role="img" aria-label="One"></div>`, `<div role="img" aria-label=""></div>`, "role-img-alt"},
		"a button without words":       {`<button>Go</button>`, `<button> </button>`, "button-name"},
		"a field without a label":      {`<label for="f">F</label><input id="f">`, `<label for="g">F</label><input id="f">`, "label"},
		"a name that is another":       {`<button aria-label="Go now">Go</button>`, `<button aria-label="Leave">Go</button>`, "label-content-name-mismatch"},
		"two parts of other capitals":  {`<nav aria-label="One">a</nav><nav aria-label="Two">b</nav>`, `<nav aria-label="One">a</nav><nav aria-label="one">b</nav>`, "landmark-unique"},
		"two parts of one name":        {`<nav aria-label="One">a</nav><nav aria-label="Two">b</nav>`, `<nav aria-label="One">a</nav><nav aria-label="One">b</nav>`, "landmark-unique"},
		"a heading that is left out":   {`<h2>Two</h2>`, `<h3>Two</h3>`, "heading-order"},
		"a role that nobody knows":     {`<div role="note">a</div>`, `<div role="nothing">a</div>`, "aria-roles"},
		"a state that is none":         {`<div role="checkbox" tabindex="0" aria-checked="true">a</div>`, `<div role="checkbox" tabindex="0">a</div>`, "aria-required-attr"},
		"a hidden thing with a focus":  {`<div><button>Go</button></div>`, `<div aria-hidden="true"><button>Go</button></div>`, "aria-hidden-focus"},
		"a language that is none":      {`<p lang="en">a</p>`, `<p lang="english">a</p>`, "valid-lang"},
		"a list of something else":     {`<ul><li>a</li></ul>`, `<ul><p>a</p></ul>`, "list"},
		"something that scrolls":       {scrolls("-8em"), scrolls("0"), "scrollable-region-focusable"},
		"a button that is seen":        {`<div style="display:none"><button></button></div>`, `<div style="display:block"><button></button></div>`, "button-name"},
	} {
		known := newRegister()
		show(c.more)
		expect.Equal(t, what+": faults of the first page", b.violations(what, known), nil)
		show(c.otherwise)
		found := strings.Join(b.violations(what, known), "\n")
		expect.That(t, what+": it is found on the second page", strings.HasPrefix(found, c.rule+":"), found)
	}
	const words = `<p>%s <a href="%s">%s</a></p><input aria-describedby="p" type="hidden" value="%s">`
	known := newRegister()
	show(fmt.Sprintf(words, "Two more words", "/a", "three", "t1"))
	expect.Equal(t, "faults of a page", b.violations("words", known), nil)
	show(fmt.Sprintf(words, "Four and some more", "/b", "five", "t2"))
	shape, places := known.fresh(ask(b, chromedp.Evaluate[measured](measure)))
	expect.That(t, "other words alone are nothing fresh", !shape && len(places) == 0, shape, places)
}
