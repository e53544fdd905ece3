package shopify

import (
	"bytes"
	"html/template"
	"net/http"
	"regexp"
	"strings"
)

// themePolicy is the storefront's own, and lets what an app's page brings run from the storefront's address.
const themePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// liquidRun is what stands where an app's answer held Liquid: nothing is evaluated here, and nobody can miss that it
// would have been.
const liquidRun = "[Liquid was run here]"

var liquidTag = regexp.MustCompile(`(?s)\{\{.*?\}\}|\{%.*?%\}`)

// Themed does with an app's answers what the storefront does: those of the type application/liquid are rendered within
// the theme's layout, all others are passed on as they are. A language that the shopper chose in the shop is asked for.
func (s *Server) Themed(app http.Handler) http.Handler {
	f := &front{s: s, pages: template.Must(template.New("").Funcs(template.FuncMap{"pair": pair}).ParseFS(frontFiles,
		"front/*.html"))}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := f.view(r)
		if lang := cookie(r, langCookie); lang != "" {
			askIn(r, v.Lang)
		}
		answer := &themed{ResponseWriter: w}
		app.ServeHTTP(answer, r)
		if !answer.liquid {
			return
		}
		page := f.around(v, answer.body.Bytes())
		h := w.Header()
		h.Del("Content-Length")
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", themePolicy)
		w.WriteHeader(answer.status)
		_, _ = w.Write(page) // a reader who has gone away sees nothing
	})
}

// askIn adds the language to what the app is asked, unless the address names one.
func askIn(r *http.Request, lang string) {
	query := r.URL.Query()
	if !query.Has("locale") {
		query.Set("locale", lang)
		r.URL.RawQuery = query.Encode()
	}
}

// around puts the layout around an app's page.
func (f *front) around(v *view, body []byte) []byte {
	var page bytes.Buffer
	for _, part := range []string{"head", "", "foot"} {
		if part == "" {
			page.Write(liquidTag.ReplaceAll(body, []byte(liquidRun)))
			continue
		}
		if err := f.pages.ExecuteTemplate(&page, part, v); err != nil {
			return []byte("the theme cannot be rendered")
		}
	}
	return page.Bytes()
}

// themed holds an answer back when it is Liquid.
type themed struct {
	http.ResponseWriter
	status int
	liquid bool
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (t *themed) WriteHeader(status int) {
	t.status = status
	kind, _, _ := strings.Cut(t.Header().Get("Content-Type"), ";")
	if t.liquid = strings.TrimSpace(kind) == "application/liquid"; !t.liquid {
		t.ResponseWriter.WriteHeader(status)
	}
}

// Write implements http.ResponseWriter.
func (t *themed) Write(b []byte) (int, error) {
	if t.status == 0 {
		t.WriteHeader(http.StatusOK)
	}
	if t.liquid {
		return t.body.Write(b)
	}
	return t.ResponseWriter.Write(b)
}
