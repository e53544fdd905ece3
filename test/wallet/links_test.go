package wallet

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/demo"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestWalletFromALink follows a link of a mail through the simulated shop, which signs whatever the link has.
// covers: 004-04, H-26
func TestWalletFromALink(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v, plain := world.InShop(t, file, "7001000001")
	for _, link := range []string{"?utm_source=mail&utm_campaign=spring&_pos=1&_sid=ab12&_ss=r",
		"?fbclid=IwAR2xY_z&ref=top", "?openExternalBrowser=1", "?syclid=a&_kx=b%3D%3D.c", "?ref=a&ref=b", "?preview_theme_id=1"} {
		p := v.Get(demo.WalletPath + link)
		expect.Equal(t, "p.Status", p.Status, http.StatusOK, link, p.Text)
		expect.Equal(t, "p.Headline()", p.Headline(), plain.Headline(), link, p.Text)
		expect.That(t, "p.Raw to contain world.WalletForm", strings.Contains(p.Raw, world.WalletForm), link, p.Raw,
			p.Text)
	}
	p := v.Get(demo.WalletPath + "?next=timestamp%3D1")
	if strings.Contains(p.Raw, world.WalletForm) {
		t.Errorf("what could be read in two ways: %d\n%s", p.Status, p.Text())
	}
	if !strings.Contains(p.Raw, `href="?"`) {
		t.Errorf("there is no way to the page's own address:\n%s", p.Raw)
	}
}
