package pages

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"

	"pointbridge/domain"
	"pointbridge/templates"
)

const (
	languageCookie = "pointbridge_language"
	// maxLanguageHeader bounds the work a client can ask for by a long Accept-Language.
	maxLanguageHeader = 256
)

// ContentPolicy lets a page load what this service serves, and nothing else; no script or style stands in a page
// itself.
const ContentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Request is one request for a page of either kind.
type Request struct {
	Base *Base
	Gin  *gin.Context
	// Lang is the language that is answered in, Who the caller; a zero one is nobody that is known.
	Lang string
	Who  domain.Caller
}

// Begin chooses the language, and what every page's answer says of itself.
func (r *Request) Begin(lang string) {
	r.Lang = lang
	h := r.Gin.Writer.Header()
	h.Set("Content-Security-Policy", ContentPolicy)
	h.Set("Content-Language", lang)
	h.Set("Referrer-Policy", "same-origin")
}

// Ctx is the request's context.
func (r *Request) Ctx() context.Context { return r.Gin.Request.Context() }

// Field is one field of the posted form.
func (r *Request) Field(name string) string { return r.Gin.Request.PostFormValue(name) }

// Shown is a figure that a form carries because it was shown to whoever sends it. One that is missing or no number equals
// no real one.
func (r *Request) Shown(name string) *int64 {
	n, err := strconv.ParseInt(r.Field(name), 10, 64)
	if err != nil {
		n = -1
	}
	return &n
}

// Query is one parameter of the address. What is no text in it can be nothing that anybody typed.
func (r *Request) Query(name string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(r.Gin.Query(name), "\uFFFD"), "\x00", "\uFFFD")
}

// T is a text for code; in templates it is the View's T.
func (r *Request) T(key string, args ...any) string {
	text, err := r.Base.Words.Say(r.Lang, key, args...)
	if err != nil {
		panic(err)
	}
	return text
}

// Points writes a number of points with its word.
func (r *Request) Points(points int64) templates.Quantity {
	return templates.Quantity{Count: points, Words: templates.Points(r.Lang, points)}
}

// Time writes a minute of the shop's zone.
func (r *Request) Time(t time.Time) string { return templates.DateTime(r.Lang, t, r.Base.Zone) }

// Refuse words a refusal, and tells the request's line in the log and the client's own clock of it.
func (r *Request) Refuse(err error) Told {
	r.Base.Hooks.Refused(r.Gin, err)
	told := r.Base.Hooks.Say(r.Lang, err)
	r.RetryAfter(told)
	return told
}

// RetryAfter says when another try may help, if it may.
func (r *Request) RetryAfter(told Told) {
	if told.RetryAfter > 0 {
		r.Gin.Header("Retry-After", Number(told.RetryAfter))
	}
}

// LanguageOf is what the person chose, else what the browser asks for, else the shop's.
func (b *Base) LanguageOf(c *gin.Context) string {
	if chosen, err := c.Cookie(languageCookie); err == nil && b.Words.Has(chosen) {
		return chosen
	}
	header := c.GetHeader("Accept-Language")
	if header == "" || len(header) > maxLanguageHeader {
		return b.Locale
	}
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return b.Locale
	}
	for _, tag := range wanted {
		if ours := b.ours(tag); ours != "" {
			return ours
		}
	}
	return b.Locale
}

// LanguageNamed returns the language of ours that a tag such as ja-JP means; empty when there is none.
func (b *Base) LanguageNamed(locale string) string {
	tag, err := language.Parse(locale)
	if err != nil {
		return ""
	}
	return b.ours(tag)
}

func (b *Base) ours(tag language.Tag) string {
	if base, _ := tag.Base(); b.Words.Has(base.String()) {
		return base.String()
	}
	return ""
}

// KeepLanguage keeps the language that somebody chose, if there are words in it.
func (r *Request) KeepLanguage(chosen string) error {
	if !r.Base.Words.Has(chosen) {
		return domain.Refuse(domain.CodeValidation, "field", "language")
	}
	r.SetCookie(&http.Cookie{Name: languageCookie, Value: chosen, MaxAge: 365 * 24 * 3600})
	return nil
}

// SetCookie gives the browser a cookie of ours: for every page and for no script, and over https alone where clients
// reach us by it.
func (r *Request) SetCookie(c *http.Cookie) {
	c.Path, c.HttpOnly, c.Secure, c.SameSite = "/", true, r.Base.Secure(), http.SameSiteLaxMode
	http.SetCookie(r.Gin.Writer, c)
}
