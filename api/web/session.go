package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"time"

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

// identify finds out whose session the cookie is. No session is no error: pages that need one say so themselves.
func (v *visit) identify() error {
	token, err := v.c.Cookie(v.web.cookieName())
	if err != nil || !domain.IsSessionToken(token) {
		return nil
	}
	session, person, err := v.web.deps.Staff.Session(v.ctx(), token)
	if errors.Is(err, &domain.Error{Code: domain.CodeUnauthenticated}) {
		return nil
	}
	if err != nil {
		return err
	}
	v.session, v.person, v.who, v.token = &session, person, session.Caller(person), token
	v.web.deps.Hooks.Seen(v.c, v.who)
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
	if r.may == (permission{}) {
		return nil
	}
	if !hmac.Equal([]byte(v.field(formToken)), []byte(v.formToken())) {
		return domain.Refuse(domain.CodePermissionDenied)
	}
	return nil
}

// formToken belongs to one session and cannot be made without the service's secret.
func (v *visit) formToken() string { return v.web.sign("form", v.token) }

// sign gives a text's signature for one purpose.
func (w *Web) sign(purpose, text string) string {
	mac := hmac.New(sha256.New, w.deps.Secret)
	mac.Write([]byte(purpose + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

type signInPage struct {
	Email string
	Back  string
	Told  *Told
	// Passwords and Provider are by what people sign in; ToProvider is the address that leads to the provider.
	Passwords, Provider bool
	ToProvider          string
}

func (w *Web) signInPage(email, back string, told *Told) signInPage {
	passwords, provider := w.deps.Staff.Ways()
	return signInPage{Email: email, Back: back, Told: told, Passwords: passwords, Provider: provider, ToProvider: providerPath + backQuery(back)}
}

func (w *Web) signInForm(v *visit) error {
	if v.session != nil {
		v.redirect(localPath(v.query("back")))
		return nil
	}
	v.show("sign-in", v.t("sign_in.title"), w.signInPage("", localPath(v.query("back")), nil))
	return nil
}

// signIn opens a session. Whatever was wrong, the page stays, with what was typed but for the password.
func (w *Web) signIn(v *visit) error {
	email, back := v.field("email"), localPath(v.field("back"))
	signed, err := w.deps.Staff.SignIn(v.ctx(), email, v.field("password"), v.origin(email))
	if err != nil {
		w.deps.Hooks.Refused(v.c, err)
		told := w.deps.Hooks.Say(v.lang, err)
		if told.Code == domain.CodeUnauthenticated {
			told.Title, told.Detail = v.t("sign_in.wrong"), v.t("sign_in.wrong_detail")
		}
		if told.RetryAfter > 0 {
			v.c.Header("Retry-After", number(told.RetryAfter))
		}
		v.showStatus(told.Status, "sign-in", v.t("sign_in.title"), w.signInPage(email, back, &told))
		return nil
	}
	return v.letIn(signed, back)
}

// letIn gives the browser its session and leads on.
func (v *visit) letIn(signed staff.SignedIn, back string) error {
	if v.session != nil { // whoever signs in again leaves the session before, so that nobody else is left signed in by it
		if err := v.web.deps.Staff.SignOut(v.ctx(), v.who, *v.session); err != nil && domain.CodeOf(err) != domain.CodeNotFound {
			return err
		}
	}
	v.setCookie(signed.Token, signed.ExpiresAt)
	v.rememberDevice(signed.Staff.Email)
	v.redirect(back)
	return nil
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
	v.redirect(consolePath + "/coupons")
	return nil
}

func backQuery(address string) string {
	back := localPath(address)
	if back == consolePath {
		return ""
	}
	return "?" + url.Values{"back": {back}}.Encode()
}
