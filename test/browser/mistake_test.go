package browser

import (
	"testing"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// clicksToUndo is how many clicks it may take to undo a mistaken conversion, from the page that somebody is on after they
// signed in.
const clicksToUndo = 3

// TestBrowserAMistakenConversionIsUndoneInThreeClicks counts them: those of a manager, who undoes it, and those of a
// clerk, who asks for it.
func TestBrowserAMistakenConversionIsUndoneInThreeClicks(t *testing.T) {
	t.Parallel()
	chromium(t)
	file, _ := world.StartDemo(t, t.TempDir())
	points := 0 // another sum each time, which is another conversion
	for _, l := range []look{{lang: "ja", width: 360}, {lang: "en", width: 1200, noScript: true}} {
		for _, role := range []string{"store_manager", "staff"} {
			t.Run(l.String()+" "+role, func(t *testing.T) {
				points += 100
				code := world.MadeCoupon(t, file, taro, points)
				b := openTab(t, file.API, l)
				b.enter(file, role)
				b.open("/admin/coupons")
				clicks := 0
				click := func(selector string) {
					clicks++
					b.press(selector)
				}
				click(`main a.code[href="/admin/coupons/` + code + `"]`)
				click(`main a[href$="?reason=issued_in_error"]`)
				if role == "staff" {
					b.inspect("mistake-asked")
					click(`main form button.main`)
					b.shows(code, b.look.in("決定待ち", "Waiting"))
				} else {
					b.inspect("mistake-undone")
					click(`main form button.danger`)
					b.comes("it is undone", `document.querySelector("h1 .cancelled, h1 .cancelling") !== null`)
				}
				expect.That(t, "the clicks are few", clicks <= clicksToUndo, clicks)
			})
		}
	}
}
