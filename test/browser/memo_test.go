package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// The longest memo there can be, as one word that no line breaks in.
var oneWord = strings.Repeat("W", 2000)

// TestBrowserLongMemo: whatever somebody wrote, a review on a phone is as wide as the phone, and what it is there for,
// the decision, begins within a screen and a third.
func TestBrowserLongMemo(t *testing.T) {
	t.Parallel()
	chromium(t)
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	code := world.MadeCoupon(t, file, taro, 300)
	manager := world.Caller{T: t, Base: file.API, Key: file.Keys["store_manager"]}
	got := manager.Do("POST", "/v1/coupons/"+code+"/suspension", "long", fmt.Sprintf(`{"reason":"other","note":%q}`,
		oneWord))
	expect.MustEqual(t, "got.Status", got.Status, 202, got.Raw)
	world.Eventually(t, "it is suspended", func() bool { return world.CouponAt(t, manager, code)["status"] == "suspended" })
	propose := func(note string) {
		world.Statement(t, data, fmt.Sprintf(`UPDATE reviews SET proposed_outcome = 'forfeit', proposed_note = '%s', proposed_by = 'Ueda Kenji', proposed_actor = 'staff:3', proposed_at = opened_at`, note))
	}
	propose(oneWord)
	for _, l := range []look{{lang: "ja", width: 360}, {lang: "en", width: 360, dark: true, noScript: true},
		{lang: "en", width: 1200, slowLine: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			b := openTab(t, file.API, l)
			b.signIn(file, "system_admin")
			b.open("/admin/reviews/1")
			b.inspect("case-long-memo")
			if top := js[float64](b, `document.getElementById("decide").getBoundingClientRect().top + scrollY`); top > 1200 {
				t.Errorf("the decision begins %.0f pixels down", top)
			}
			if whole := js[float64](b, `[...document.querySelectorAll("main details .memo")].filter(e => e.textContent.length === 2000).length`); whole != 2 {
				t.Fatalf("%.0f memos are there in full, want 2", whole)
			}
			for range 2 {
				b.Do(chromedp.Click(chromedp.CSS(`main details:has(.memo):not([open]) summary`)))
			}
			if open := js[float64](b, `document.querySelectorAll("main details[open] .memo").length`); open != 2 {
				t.Errorf("%.0f memos can be unfolded, want 2", open)
			}
			b.unfolded("case-long-memo-open")
		})
	}
}
