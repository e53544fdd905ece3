package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"

	"pointbridge/api/access"
	"pointbridge/domain"
)

const (
	languageCookie = "pointbridge_language"
	// maxForm bounds a form in bytes: the longest note fits, in any script and escaped.
	maxForm = 64 << 10
	// maxLanguageHeader bounds the work a client can ask for by a long Accept-Language.
	maxLanguageHeader = 256
)

// visit is one request for a page.
type visit struct {
	web     *Web
	c       *gin.Context
	lang    string
	who     domain.Caller
	person  domain.Staff
	session *domain.Session
	// half is a sign-in that has not come to its end; there is no session then.
	half  *halfIn
	token string
}

func (w *Web) visit(c *gin.Context) *visit {
	v := &visit{web: w, c: c}
	v.lang = w.languageOf(c)
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Content-Language", v.lang)
	h.Set("Referrer-Policy", "same-origin")
	h.Add("Vary", "Accept-Language, Cookie")
	return v
}

// contentPolicy lets a page load what this service serves, and nothing else; no script or style stands in a page itself.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (v *visit) ctx() context.Context { return v.c.Request.Context() }

// languageOf is what the person chose, else what the browser asks for, else the shop's.
func (w *Web) languageOf(c *gin.Context) string {
	if chosen, err := c.Cookie(languageCookie); err == nil && w.words.Has(chosen) {
		return chosen
	}
	header := c.GetHeader("Accept-Language")
	if header == "" || len(header) > maxLanguageHeader {
		return w.deps.Locale
	}
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return w.deps.Locale
	}
	for _, tag := range wanted {
		if base, _ := tag.Base(); w.words.Has(base.String()) {
			return base.String()
		}
	}
	return w.deps.Locale
}

// language keeps the language that somebody chose and leads back to where they were.
func (w *Web) language(v *visit) error {
	chosen := v.field("language")
	if !w.words.Has(chosen) {
		return domain.Refuse(domain.CodeValidation, "field", "language")
	}
	http.SetCookie(v.c.Writer, &http.Cookie{Name: languageCookie, Value: chosen, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
		Secure: w.secure(), SameSite: http.SameSiteLaxMode})
	v.redirect(localPath(v.field("back")))
	return nil
}

// field is one field of the posted form.
func (v *visit) field(name string) string { return v.c.Request.PostFormValue(name) }

// query is one parameter of the address. What is no text in it can be nothing that anybody typed.
func (v *visit) query(name string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(v.c.Query(name), "\uFFFD"), "\x00", "\uFFFD")
}

// redirect leads to another page, which is then asked for by GET.
func (v *visit) redirect(path string) { v.c.Redirect(http.StatusSeeOther, path) }

// localPath lets nobody be led away from the console: whatever is no address in it becomes its start.
func localPath(path string) string {
	if path != consolePath && !strings.HasPrefix(path, consolePath+"/") && !strings.HasPrefix(path, consolePath+"?") {
		return consolePath
	}
	if strings.ContainsAny(path, "\\\r\n\t") || strings.Contains(path, "//") || strings.Contains(path, "/..") {
		return consolePath
	}
	return path
}

// may tells whether the visitor's role has a right.
func (v *visit) may(object, action string) bool {
	return v.session != nil && v.web.access.May(v.who, access.To(object, action))
}

// fail turns a refusal into a page: nobody signed in is led to where they can.
func (v *visit) fail(err error) {
	told := v.web.deps.Hooks.Say(v.lang, err)
	v.web.deps.Hooks.Refused(v.c, err)
	if told.Code == domain.CodeUnauthenticated {
		v.endCookie()
		if v.c.Request.Method == http.MethodGet {
			v.redirect(signInPath + backQuery(v.c.Request.URL.RequestURI()))
			return
		}
	}
	if v.towards(told.Code) {
		return
	}
	if told.RetryAfter > 0 {
		v.c.Header("Retry-After", number(told.RetryAfter))
	}
	page := errorPage{Told: told}
	if told.Status == http.StatusInternalServerError {
		page.Request = v.c.Writer.Header().Get("X-Request-Id")
	}
	v.showStatus(told.Status, "error", v.t("error.title"), page)
}
