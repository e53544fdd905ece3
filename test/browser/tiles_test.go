package browser

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// tileRows are how many tiles stand in each row.
const tileRows = `Object.values(Object.groupBy(document.querySelectorAll(".tiles > .card"), tile =>
	Math.round(tile.getBoundingClientRect().top))).map(row => row.length)`

// TestBrowserTilesWrapEvenly: at no width does one figure of the dashboard stand alone below a full row.
func TestBrowserTilesWrapEvenly(t *testing.T) {
	t.Parallel()
	chromium(t)
	file, _ := world.StartDemo(t, t.TempDir())
	for role, most := range map[string]int{"system_admin": 5, "staff": 4} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			b := openTab(t, file.API, look{lang: "ja", width: 1280})
			b.signIn(file, role)
			for _, width := range []int64{560, 768, 1000, 1280} {
				b.looks(look{lang: "ja", width: width})
				b.open("/admin/dashboard")
				rows := js[[]int](b, tileRows)
				tiles := 0
				for _, n := range rows {
					tiles += n
				}
				expect.That(t, "there are tiles", tiles > 1 && tiles <= most, width, rows)
				expect.That(t, "the rows are even", len(rows) > 0 && slices.Max(rows)-slices.Min(rows) <= 1, width, rows)
				if width >= 1280 {
					expect.Equal(t, "how many rows there are", len(rows), 1)
				}
				b.picture("tiles-" + role)
				b.fits("tiles-" + role)
				b.Do(chromedp.EmulateViewport(360, 900))
				b.fits("tiles-phone-" + role)
			}
		})
	}
}
