package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"time"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

const (
	signInPath = consolePath + "/sign-in"
	formToken  = "form_token"
	// maxFormKey bounds the key under which a form has one effect, in bytes; ours are much shorter.
	maxFormKey = 128
)

// cookieName carries the browser's promise, where it can be had, that no other host has set it.
func (w *Web) cookieName() string {
	if w.secure() {
		return "__Host-pointbridge"
	}
	return "pointbridge"
}

// identify finds out whose session the cookie is, and whether its sign-in has come to its end. No session is no error: pages that need one say so themselves.
func (v *visit) identify() error {
	token, err := v.c.Cookie(v.web.cookieName())
	if err != nil || !domain.IsSessionToken(token) {
		return nil
	}
	session, person, stage, err := v.web.deps.Staff.AnySession(v.ctx(), token)
	if errors.Is(err, &domain.Error{Code: domain.CodeUnauthenticated}) {
		return nil
	}
	if err != nil {
		return err
	}
	v.token = token
	v.web.deps.Hooks.Seen(v.c, session.Caller(person))
	if stage != staff.StageIn {
		v.half = &halfIn{session, person, stage}
		return nil
	}
	v.session, v.person, v.who = &session, person, session.Caller(person)
	return nil
}

func (v *visit) setCookie(token string, until time.Time) {
	http.SetCookie(v.c.Writer, &http.Cookie{Name: v.web.cookieName(), Value: token, Path: "/", Expires: until, HttpOnly: true,
		Secure: v.web.secure(), SameSite: http.SameSiteLaxMode})
}

func (v *visit) endCookie() {
	http.SetCookie(v.c.Writer, &http.Cookie{Name: v.web.cookieName(), Path: "/", MaxAge: -1, HttpOnly: true, Secure: v.web.secure(),
		SameSite: http.SameSiteLaxMode})
}

// readForm reads a posted form: each field once, and text only. Of two values nobody could tell which one was meant.
func (v *visit) readForm() error {
	v.c.Request.Body = http.MaxBytesReader(v.c.Writer, v.c.Request.Body, maxForm)
	if err := v.c.Request.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return domain.Refuse(domain.CodeBodyTooLarge, "maximum_bytes", maxForm)
		}
		return domain.Refuse(domain.CodeValidation)
	}
	for name, values := range v.c.Request.PostForm {
		if len(values) != 1 || !domain.PlainText(values[0]) || (name == "key" && len(values[0]) > maxFormKey) {
			return domain.Refuse(domain.CodeValidation)
		}
	}
	return nil
}

// checkForm refuses a form that another site made: by what the browser says of its origin, and, where a right is needed, by a
// token that only a page of the signed-in person holds. The pages that are open to all have none: somebody who signed in
// meanwhile may still send them.
func (v *visit) checkForm(r route) error {
	if err := v.readForm(); err != nil {
		return err
	}
	if err := v.web.origins.Check(v.c.Request); err != nil {
		return domain.Refuse(domain.CodePermissionDenied)
	}
	if r.may == (access.Right{}) {
		return nil
	}
	if v.token == "" || !hmac.Equal([]byte(v.field(formToken)), []byte(v.formToken())) {
		return domain.Refuse(domain.CodePermissionDenied)
	}
	return nil
}

// formToken belongs to one session and cannot be made without the service's secret. Who has no session has none.
func (v *visit) formToken() string {
	if v.token == "" {
		return ""
	}
	return v.web.sign("form", v.token)
}

// sign gives a text's signature for one purpose.
func (w *Web) sign(purpose, text string) string {
	mac := hmac.New(sha256.New, w.deps.Secret)
	mac.Write([]byte(purpose + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (w *Web) signOut(v *visit) error {
	if err := w.deps.Staff.SignOut(v.ctx(), v.who, *v.session); err != nil {
		return err
	}
	v.endCookie()
	if address := w.deps.Staff.LeaveAddress(v.ctx(), *v.session); address != "" {
		v.session = nil
		v.show("left", v.t("left.title"), leftPage{Address: address})
		return nil
	}
	v.redirect(signInPath)
	return nil
}

// home leads to what the role works with first.
func (w *Web) home(v *visit) error {
	for _, first := range []struct{ object, part string }{{"coupons", "/coupons"}, {"reviews", "/reviews"}, {"reports", "/dashboard"}, {"audit", "/audit"}} {
		if v.may(first.object, "read") {
			v.redirect(consolePath + first.part)
			return nil
		}
	}
	v.redirect(accountPath)
	return nil
}

func backQuery(address string) string {
	back := localPath(address)
	if back == consolePath {
		return ""
	}
	return "?" + url.Values{"back": {back}}.Encode()
}
