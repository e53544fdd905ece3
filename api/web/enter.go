package web

import (
	"net/http"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

type signInPage struct {
	Email string
	Back  string
	Told  *Told
	// Site is the host that passkeys are bound to; empty where there are none.
	Site string
	// Passwords and Provider are by what people sign in; ToProvider is the address that leads to the provider.
	Passwords, Provider bool
	ToProvider          string
}

func (w *Web) signInPage(email, back string, told *Told) signInPage {
	passwords, provider := w.deps.Staff.Ways()
	page := signInPage{Email: email, Back: back, Told: told, Passwords: passwords, Provider: provider}
	page.ToProvider = providerPath + backQuery(back)
	if passwords {
		page.Site = w.deps.Staff.PasskeySite()
	}
	return page
}

func (w *Web) signInForm(v *visit) error {
	if v.session != nil {
		v.redirect(localPath(v.query("back")))
		return nil
	}
	v.show("sign-in", v.t("sign_in.title"), w.signInPage("", localPath(v.query("back")), nil))
	return nil
}

// signIn opens a session by a password, or by a passkey alone. Whatever was wrong, the page stays, with what was typed
// but for the password.
func (w *Web) signIn(v *visit) error {
	email, back := v.field("email"), localPath(v.field("back"))
	from := v.from(email)
	var signed staff.SignedIn
	var err error
	if answer := v.field("answer"); answer != "" {
		signed, err = w.deps.Staff.EnterByPasskey(v.ctx(), v.field("challenge"), answer, from)
	} else {
		signed, err = w.deps.Staff.Enter(v.ctx(), staff.Entry{Email: email, Password: v.field("password"), Page: true, From: from})
	}
	if err != nil {
		told := v.refusedEntry(err)
		if told.Code == domain.CodeUnauthenticated {
			told.Title, told.Detail = v.t("sign_in.wrong"), v.t("sign_in.wrong_detail")
			if v.field("answer") != "" {
				told.Title, told.Detail = v.t("sign_in.passkey_wrong"), v.t("sign_in.passkey_wrong_detail")
			}
		}
		v.showStatus(told.Status, "sign-in", v.t("sign_in.title"), w.signInPage(email, back, &told))
		return nil
	}
	return v.letIn(signed, from, back)
}

// letIn is for somebody whose sign-in begins here. Whoever signs in again leaves the session before, so that nobody else
// is left signed in by it.
func (v *visit) letIn(signed staff.SignedIn, from staff.From, back string) error {
	if err := v.leave(); err != nil {
		return err
	}
	v.arrive(signed, from, back)
	return nil
}

// leave ends the session that the browser has, if it has one.
func (v *visit) leave() error {
	session, who := v.session, v.who
	if v.half != nil {
		session, who = &v.half.session, v.half.session.Caller(v.half.person)
	}
	if session == nil {
		return nil
	}
	err := v.web.deps.Staff.SignOut(v.ctx(), who, *session)
	if err != nil && domain.CodeOf(err) != domain.CodeNotFound {
		return err
	}
	return nil
}

// arrive gives the browser its session, and leads to what is due or wanted. The device is known from now on once every
// factor was shown.
func (v *visit) arrive(signed staff.SignedIn, from staff.From, back string) {
	v.setCookie(signed.Token, signed.ExpiresAt)
	if signed.Stage != staff.StageSecondFactor {
		v.rememberDevice(from.Browser, signed.Staff.Email)
	}
	if page, due := halfWayPages[signed.Stage]; due {
		v.redirect(page + backQuery(back))
		return
	}
	v.redirect(back)
}

// refusedEntry words why somebody was not let in.
func (v *visit) refusedEntry(err error) Told {
	v.web.deps.Hooks.Refused(v.c, err)
	told := v.web.deps.Hooks.Say(v.lang, err)
	if told.RetryAfter > 0 {
		v.c.Header("Retry-After", number(told.RetryAfter))
	}
	return told
}

// askJSON answers a script that asks what to ask the browser for.
func (v *visit) askJSON(q staff.Question, err error) error {
	if err != nil {
		return err
	}
	v.c.JSON(http.StatusOK, map[string]any{"options": rawJSON(q.Options), "challenge": q.Challenge})
	return nil
}

// rawJSON is JSON that is written as it is.
type rawJSON []byte

// MarshalJSON implements json.Marshaler.
func (r rawJSON) MarshalJSON() ([]byte, error) { return r, nil }

func (w *Web) askPasskey(v *visit) error { return v.askJSON(w.deps.Staff.AskPasskey(v.ctx())) }

func (w *Web) askConfirmation(v *visit) error {
	return v.askJSON(w.deps.Staff.AskConfirmation(v.ctx(), v.person))
}
