package mailbox

import (
	"net/http"
	"time"

	"golang.org/x/text/language"
)

const (
	langCookie = "mailbox_lang"
	shownTime  = "2006-01-02 15:04:05 MST"
)

// view is what the templates see: a list of mails or one.
type view struct {
	Lang, Title string
	List        []Message
	Mail        *Message
	zone        *time.Location
}

// Time is when a mail arrived, by the clocks of the shop.
func (v view) Time(m Message) string {
	if v.zone == nil {
		return m.At.Format(shownTime)
	}
	return m.At.In(v.zone).Format(shownTime)
}

// In says one of two sentences, by the page's language.
func (v view) In(ja, en string) string {
	if v.Lang == "ja" {
		return ja
	}
	return en
}

// Subject is what a mail is called.
func (v view) Subject(m Message) string {
	if m.Subject == "" {
		return v.In("（件名なし）", "(no subject)")
	}
	return m.Subject
}

// Framed is a mail's HTML as the frame shows it.
func (v view) Framed(html string) string { return framed + html }

// languageOf is the language that the address chooses, which is kept; else the one chosen before, else what the browser
// asks for first; English when it is neither.
func languageOf(w http.ResponseWriter, r *http.Request) string {
	if chosen := r.URL.Query().Get("lang"); known(chosen) {
		http.SetCookie(w, &http.Cookie{Name: langCookie, Value: chosen, Path: "/", HttpOnly: true,
			SameSite: http.SameSiteLaxMode}) //nolint:gosec // a demo's, on loopback without TLS, and no secret
		return chosen
	}
	if c, err := r.Cookie(langCookie); err == nil && known(c.Value) {
		return c.Value
	}
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err == nil && len(tags) > 0 {
		if base, _ := tags[0].Base(); base.String() == "ja" {
			return "ja"
		}
	}
	return "en"
}

func known(lang string) bool { return lang == "ja" || lang == "en" }
