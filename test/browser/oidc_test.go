package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// TestBrowserProvider: a real browser goes to the provider and back, and out again. What our pages' policy lets a form
// and a page lead to is a browser's to say.
func TestBrowserProvider(t *testing.T) {
	t.Parallel()
	chromium(t)
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		f := world.NewFederation(t, db)
		f.Idp.Employs("mori", "mori@example.com", "admins")
		f.Idp.Employs("guest", "guest@example.com", "everybody")
		here := "MAP " + strings.TrimPrefix(world.Public, "http://") + " " + strings.TrimPrefix(f.P.Base, "http://")
		for _, l := range []look{{lang: "en", width: 360}, {lang: "ja", width: 1200, dark: true, noScript: true}} {
			t.Run(l.String(), func(t *testing.T) {
				t.Parallel()
				b := openTab(t, world.Public, l, chromedp.Flag("host-resolver-rules", here))
				b.also = f.Idp.URL
				b.atProvider("guest")
				b.shows(l.in("ここで使える権限がありません", "has no role here"))
				b.inspect("provider-no-role")
				b.atProvider("mori")
				b.shows("mori@example.com")
				b.inspect("provider-account")
				b.open("/admin/staff/1")
				b.inspect("provider-person")
				b.open("/admin/audit")
				b.shows(l.in("会社のアカウントでログインしました", "Signed in with the company account"))
				b.inspect("provider-audit")
				b.press(signOutForm + " button")
				b.comesBackTo(world.Public + "/admin/sign-in")
				b.inspect("provider-sign-in")
			})
		}
	})
}

// atProvider signs in by our button and the provider's own form.
func (b *tab) atProvider(id string) {
	b.t.Helper()
	b.open("/admin/sign-in?back=/admin/account")
	b.press(`a[href^="/admin/sign-in/provider"]`)
	b.Do(chromedp.SendKeys(chromedp.CSS("#username"), id), chromedp.SendKeys(chromedp.CSS("#password"),
		world.TheirWord))
	b.press(`form[action="/login/username"] button`)
}

// comesBackTo waits until the browser has been led to an address, by pages that lead on by themselves.
func (b *tab) comesBackTo(address string) {
	b.t.Helper()
	b.comes("the browser is at "+address, fmt.Sprintf(`document.readyState === "complete" && location.href === %q`, address))
}
