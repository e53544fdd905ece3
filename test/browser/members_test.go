package browser

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// mostClicks is how many acts it may take from a name on the phone to the caller's coupon.
const mostClicks = 4

// TestBrowserNameOnly: a clerk hears a name. By keyboard, in both languages, with and without script, it takes four acts
// at most to have the caller's coupon on the screen: into the box, search, the member, the coupon.
func TestBrowserNameOnly(t *testing.T) {
	t.Parallel()
	chromium(t)
	file, _ := world.StartDemo(t, t.TempDir())
	code := world.MadeCoupon(t, file, "12345", 300)
	for _, l := range []look{{lang: "ja", width: 1200}, {lang: "en", width: 360, noScript: true}, {lang: "en", width: 1200},
		{lang: "ja", width: 360, noScript: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			b := openTab(t, file.API, l)
			b.keysSignIn(file)
			clicks := 0
			act := func(keys string) {
				clicks++
				b.key(keys)
			}
			// to goes to a link, by the arrows where a script is there and by the Tab key where none is.
			to := func(link string) {
				if l.noScript {
					b.tabTo(link)
					return
				}
				b.key(kb.ArrowDown)
				b.comes("the first row has the focus", `document.activeElement.matches(`+"`"+link+"`"+`)`)
			}
			if l.noScript {
				clicks++
				b.tabTo("#seek")
			} else {
				act("/")
				b.comes("the box has the focus", `document.activeElement.id === "seek"`)
			}
			name := l.in("すずき", "suzuki")
			b.key(name)
			act(kb.Enter)
			b.arrives(`.page-search main a[href="/admin/customers/12345"]`)
			expect.Equal(t, "what was searched for", js[string](b, `document.getElementById("q").value`), name)
			b.inspect("name-search")
			to(`main a[href="/admin/customers/12345"]`)
			act(kb.Enter)
			b.arrives(".page-customer #balance")
			b.inspect("name-member")
			to(`main a[href="/admin/coupons/` + code + `"]`)
			act(kb.Enter)
			b.arrives(".page-coupon h1 .code")
			b.shows(code)
			expect.That(t, "it takes few acts", clicks <= mostClicks, clicks)
			b.open("/admin/customers")
			b.inspect("name-members")
			b.open("/admin/customers/12345/convert")
			b.inspect("name-convert")
		})
	}
}
