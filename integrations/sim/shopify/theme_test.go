package shopify_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
	if page.Code != http.StatusAccepted || !strings.HasPrefix(body, "<!doctype html>") ||
		!strings.Contains(page.Header().Get("Content-Type"), "text/html") ||
		!strings.Contains(page.Header().Get("Content-Security-Policy"), "script-src 'self'") {
		t.Errorf("%d %v %s", page.Code, page.Header(), body)
	}
	if strings.Count(body, "[Liquid was run here]") != 2 || !strings.Contains(body,
		"&#123;&#123; shop.name &#125;&#125;") || !strings.Contains(body, `<p lang="ja">`) {
		t.Errorf("%s", body)
	}
	if got := ask("/liquid?locale=en", "ja").Body.String(); !strings.Contains(got, `<p lang="en">`) {
		t.Errorf("%s", got)
	}
	if got := ask("/liquid", "").Body.String(); !strings.Contains(got, `<p lang="">`) {
		t.Errorf("%s", got)
	}
	if got := ask("/data", ""); got.Body.String() != `{"a": "{{ b }}"}` || got.Code != http.StatusOK {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if got := ask("/away", ""); got.Code != http.StatusSeeOther ||
		got.Header().Get("Location") != "/apps/points/liquid" {
		t.Errorf("%d %v", got.Code, got.Header())
	}
}
