package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestWalletFromALink follows a link of a mail through the simulated shop, which signs whatever the link has.
// covers: 004-04, H-26
func TestWalletFromALink(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	v, plain := inShop(t, file, "7001000001")
	for _, link := range []string{"?utm_source=mail&utm_campaign=spring&_pos=1&_sid=ab12&_ss=r", "?fbclid=IwAR2xY_z&ref=top", "?openExternalBrowser=1", "?syclid=a&_kx=b%3D%3D.c", "?ref=a&ref=b", "?preview_theme_id=1"} {
		p := v.get(walletPath + link)
		if p.status != http.StatusOK || p.headline() != plain.headline() || !strings.Contains(p.raw, walletForm) {
			t.Errorf("%s: %d\n%s", link, p.status, p.text())
		}
	}
	p := v.get(walletPath + "?next=timestamp%3D1")
	if strings.Contains(p.raw, walletForm) {
		t.Errorf("what could be read in two ways: %d\n%s", p.status, p.text())
	}
	if !strings.Contains(p.raw, `href="?"`) {
		t.Errorf("there is no way to the page's own address:\n%s", p.raw)
	}
}
