package browser

import (
	"testing"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// brokenTimes are the times of the list of campaigns that stand in more than one line.
const brokenTimes = `[...document.querySelectorAll("#campaigns time")].filter(t =>
	t.getBoundingClientRect().height > 1.8 * parseFloat(getComputedStyle(t).lineHeight)).map(t => t.textContent)`

// TestBrowserCampaignPeriods: at a desk a period of the list breaks between its two times, and not within one of them.
func TestBrowserCampaignPeriods(t *testing.T) {
	t.Parallel()
	chromium(t)
	file, _ := world.StartDemo(t, t.TempDir())
	b := openTab(t, file.API, look{lang: "ja", width: 1280})
	b.signIn(file, "ec_admin")
	b.open("/admin/campaigns")
	expect.That(t, "there are periods", js[int](b, `document.querySelectorAll("#campaigns time").length`) > 1)
	broken := js[[]string](b, brokenTimes)
	expect.Equal(t, "times in more than one line", len(broken), 0, broken)
	b.looks(look{lang: "ja", width: 360})
	b.fits("campaigns")
}
