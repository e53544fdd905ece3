package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// withPages lets a service have its pages.
func withPages(d *Deps) { d.Secret, d.Zone = []byte(strings.Repeat("s", 32)), time.UTC }

// browse asks as a browser does.
func (s *shop) browse(method, address string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(s.t.Context(), method, address, nil)
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	s.api.ServeHTTP(w, r)
	return w
}

// A link in a mail or an advertisement opens the customer's page; nothing else takes such parameters.
// covers: 004-04, H-26
func TestProxied_Links(t *testing.T) {
	t.Parallel()
	const link = "openExternalBrowser=1&syclid=cst3&_kx=a%3D%3D.b&utm_source=mail&utm_medium=email&utm_campaign=spring-sale&fbclid=IwAR2xY_z&gclid=Cj0K&ref=top&_pos=1&_sid=ab12&_ss=r"
	s := newShop(t, withPages)
	for _, path := range []string{"/proxy?", "/proxy/?", "/proxy/?locale=en&"} {
		got := s.browse(http.MethodGet, s.signed(path+link, "7001"), nil)
		expect.Equal(t, "got.Code", got.Code, http.StatusOK, path, got.Body)
		expect.That(t, `got.Body.String() to contain "pb-figure"`, strings.Contains(got.Body.String(), "pb-figure"),
			path, got.Body)
		expect.That(t, `got.Body.String() not to contain "IwAR2xY_z"`,
			!strings.Contains(got.Body.String(), "IwAR2xY_z"), path, got.Body)
	}
	read := s.service.called()
	refused := func(what, method, address string) {
		t.Helper()
		got := s.browse(method, address, nil)
		expect.Equal(t, "got.Code", got.Code, http.StatusUnauthorized, what, got.Body)
		expect.That(t, "got.Body.String() to contain `data-code=\"unauthenticated\"`",
			strings.Contains(got.Body.String(), `data-code="unauthenticated"`), what, got.Body)
	}
	refused("not signed", http.MethodGet, "/proxy/?"+link)
	refused("one more than was signed", http.MethodGet, s.signed("/proxy/?"+link, "7001")+"&utm_term=x")
	refused("what could be read in two ways", http.MethodGet, s.signed("/proxy/?next=timestamp%3D1", "7001"))
	refused("another page", http.MethodGet, s.signed("/proxy/preview?points=500&"+link, "7001"))
	refused("a form", http.MethodPost, s.signed("/proxy/conversions?"+link, "7001"))
	s.call("", http.MethodGet, s.signed(mine+"/points?ref=a", "7001"), "").want(t, 401, domain.CodeUnauthenticated)
	s.call("", http.MethodPost, s.signed(mine+"/conversions?utm_source=a", "7001"), `{"points":500}`,
		keyed("k1")).want(t, 401, domain.CodeUnauthenticated)
	if n := s.service.called(); n != read {
		t.Errorf("%d calls were made for what is refused", n-read)
	}
}
