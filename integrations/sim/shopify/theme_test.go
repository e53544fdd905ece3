package shopify_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/test/expect"
)

// TestThemed: an app's Liquid comes within the theme, where it would have been run; everything else comes as it is.
func TestThemed(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/liquid":
			w.Header().Set("Content-Type", "application/liquid; charset=utf-8")
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, `<p lang="`+r.URL.Query().Get("locale")+
				`">{{ customer.email }}{% assign x = 1 %}&#123;&#123; shop.name &#125;&#125;</p>`)
		case "/away":
			http.Redirect(w, r, "/apps/points/liquid", http.StatusSeeOther)
		default:
			_, _ = io.WriteString(w, `{"a": "{{ b }}"}`)
		}
	})
	ask := func(path, lang string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		if lang != "" {
			r.AddCookie(&http.Cookie{Name: "store_lang", Value: lang})
		}
		w := httptest.NewRecorder()
		s.Themed(app).ServeHTTP(w, r)
		return w
	}
	page := ask("/liquid", "ja")
	body := page.Body.String()
	expect.Equal(t, "page.Code", page.Code, http.StatusAccepted, page.Header())
	expect.That(t, `body to begin with "<!doctype html>"`, strings.HasPrefix(body, "<!doctype html>"), body,
		page.Header())
	expect.That(t, `page.Header().Get("Content-Type") to contain "text/html"`,
		strings.Contains(page.Header().Get("Content-Type"), "text/html"), page.Header().Get("Content-Type"),
		page.Header())
	expect.That(t, `page.Header().Get("Content-Security-Policy") to contain "script-src 'self'"`,
		strings.Contains(page.Header().Get("Content-Security-Policy"), "script-src 'self'"),
		page.Header().Get("Content-Security-Policy"), page.Header())
	expect.Equal(t, `strings.Count(body, "[Liquid was run here]")`, strings.Count(body, "[Liquid was run here]"), 2)
	expect.That(t, `body to contain "&#123;&#123; shop.name &#125;&#125;"`,
		strings.Contains(body, "&#123;&#123; shop.name &#125;&#125;"), body)
	expect.That(t, "body to contain `<p lang=\"ja\">`", strings.Contains(body, `<p lang="ja">`), body)
	got := ask("/liquid?locale=en", "ja").Body.String()
	expect.That(t, "got to contain `<p lang=\"en\">`", strings.Contains(got, `<p lang="en">`), got)
	got = ask("/liquid", "").Body.String()
	expect.That(t, "got to contain `<p lang=\"\">`", strings.Contains(got, `<p lang="">`), got)
	{
		got := ask("/data", "")
		expect.Equal(t, "got.Body.String()", got.Body.String(), `{"a": "{{ b }}"}`, got.Body)
		expect.Equal(t, "got.Code", got.Code, http.StatusOK, got.Body)
	}
	{
		got := ask("/away", "")
		expect.Equal(t, "got.Code", got.Code, http.StatusSeeOther, got.Header())
		expect.Equal(t, `got.Header().Get("Location")`, got.Header().Get("Location"), "/apps/points/liquid",
			got.Header())
	}
}
