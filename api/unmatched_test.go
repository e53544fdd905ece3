package api

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/test/expect"
)

// An address below the storefront's that there is nothing at is a page to a browser and a problem document to a
// program.
func TestUnknownAddressesOfTheStorefront(t *testing.T) {
	t.Parallel()
	s := newShop(t, withPages)
	for name, c := range map[string]struct {
		method, address, lang, says string
		status                      int
	}{
		"in Japanese": {"GET", "/proxy/nothing", "ja", "このページは", 404},
		"in English":  {"GET", "/proxy/nothing/at/all", "en", "There is nothing here", 404},
		"as the storefront asks": {"GET", s.signed("/proxy/nothing?locale=en", "7001"), "ja",
			"There is nothing here", 404},
		"below the API":  {"GET", "/proxy/v1/nothing", "en", "There is nothing here", 404},
		"another method": {"DELETE", "/proxy/preview", "en", "This address does not do that", 405},
		"signed for nobody, with a link's": {"GET", s.signed("/proxy/nothing?utm_source=a", ""), "en",
			"There is nothing here", 404},
	} {
		header := http.Header{"Accept-Language": {c.lang}}
		got := s.browse(c.method, c.address, header)
		expect.Equal(t, "got.Code", got.Code, c.status, name, got.Header(), got.Body)
		expect.That(t, `got.Header().Get("Content-Type") to begin with "text/html"`,
			strings.HasPrefix(got.Header().Get("Content-Type"), "text/html"), name, got.Header().Get("Content-Type"),
			got.Header(), got.Body)
		expect.That(t, "got.Body.String() to contain c.says", strings.Contains(got.Body.String(), c.says), name, c.says,
			got.Body, got.Header())
		expect.That(t, `got.Header().Get("Vary") to contain "Accept,"`,
			strings.Contains(got.Header().Get("Vary"), "Accept,"), name, got.Header().Get("Vary"), got.Header(),
			got.Body)
		expect.That(t, `got.Header().Get("Content-Security-Policy") != ""`,
			got.Header().Get("Content-Security-Policy") != "", name, got.Header(), got.Body)
		expect.That(t, `got.Body.String() to contain "pb-refused"`, strings.Contains(got.Body.String(), "pb-refused"),
			name, got.Body, got.Header())
		if back := strings.Contains(got.Body.String(),
			`href="/apps/pointbridge/`); back != (c.address == s.signed("/proxy/nothing?locale=en", "7001")) {
			t.Errorf("%s: it leads back to the storefront: %v", name, back)
		}
		for _, accept := range []string{"", "*/*", "application/json", "application/json, text/html;q=0"} {
			header.Set("Accept", accept)
			if got := s.browse(c.method, c.address, header); got.Code != c.status ||
				got.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s, to who accepts %q: %d %v", name, accept, got.Code, got.Header())
			}
		}
	}
	for _, elsewhere := range []string{"/nothing", "/v1/nothing", "/proxyish"} {
		got := s.browse(http.MethodGet, elsewhere, nil)
		expect.Equal(t, "got.Code", got.Code, 404, elsewhere, got.Header())
		expect.Equal(t, `got.Header().Get("Content-Type")`, got.Header().Get("Content-Type"),
			"application/problem+json", elsewhere, got.Header())
	}
	if n := s.service.called(); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}
