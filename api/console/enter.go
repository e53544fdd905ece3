package console

import (
	"net/http"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

type signInPage struct {
	Email string
	Back  string
	Told  *pages.Told
	// Site is the host that passkeys are bound to; empty where there are none.
	Site string
	// Passwords and Provider are by what people sign in; ToProvider is the address that leads to the provider.
	Passwords, Provider bool
	ToProvider          string
}

func (con entryHandlers) signInPage(email, back string, told *pages.Told) signInPage {
	passwords, provider := con.deps.Staff.Ways()
	page := signInPage{Email: email, Back: back, Told: told, Passwords: passwords, Provider: provider}
	page.ToProvider = providerPath + backQuery(back)
	if passwords {
		page.Site = con.deps.Staff.PasskeySite()
	}
	return page
}

func (con entryHandlers) signInForm(req *request) error {
	if req.session != nil {
		req.redirect(localPath(req.Query("back")))
		return nil
	}
	req.show("sign-in", req.T("sign_in.title"), con.signInPage("", localPath(req.Query("back")), nil))
	return nil
}

// signIn opens a session by a password, or by a passkey alone. Whatever was wrong, the page stays, with what was typed
// but for the password.
func (con entryHandlers) signIn(req *request) error {
	email, back := req.Field("email"), localPath(req.Field("back"))
	from := req.from(email)
	var signed staff.SignedIn
	var err error
	if answer := req.Field("answer"); answer != "" {
		signed, err = con.deps.Staff.EnterByPasskey(req.Ctx(), req.Field("challenge"), answer, from)
	} else {
		signed, err = con.deps.Staff.Enter(req.Ctx(),
			staff.Entry{Email: email, Password: req.Field("password"), Page: true, From: from})
	}
	if err != nil {
		told := req.Refuse(err)
		if told.Code == domain.CodeUnauthenticated {
			told.Title, told.Detail = req.T("sign_in.wrong"), req.T("sign_in.wrong_detail")
			if req.Field("answer") != "" {
				told.Title, told.Detail = req.T("sign_in.passkey_wrong"), req.T("sign_in.passkey_wrong_detail")
			}
		}
		req.showStatus(told.Status, "sign-in", req.T("sign_in.title"), con.signInPage(email, back, &told))
		return nil
	}
	return req.letIn(signed, from, back)
}

// letIn is for somebody whose sign-in begins here. Whoever signs in again leaves the session before, so that nobody
// else is left signed in by it.
func (req *request) letIn(signed staff.SignedIn, from staff.From, back string) error {
	if err := req.leave(); err != nil {
		return err
	}
	req.arrive(signed, from, back)
	return nil
}

// leave ends the session that the browser has, if it has one.
func (req *request) leave() error {
	session, who := req.session, req.Who
	if req.half != nil {
		session, who = &req.half.session, req.half.session.Caller(req.half.person)
	}
	if session == nil {
		return nil
	}
	err := req.console.deps.Staff.SignOut(req.Ctx(), who, *session)
	if err != nil && domain.CodeOf(err) != domain.CodeNotFound {
		return err
	}
	return nil
}

// arrive gives the browser its session, and leads to what is due or wanted. The device is known from now on once every
// factor was shown.
func (req *request) arrive(signed staff.SignedIn, from staff.From, back string) {
	req.setCookie(signed.Token, signed.ExpiresAt)
	if signed.Stage != staff.StageSecondFactor {
		req.rememberDevice(from.Browser, signed.Staff.Email)
	}
	if page, due := halfWayPages[signed.Stage]; due {
		req.redirect(page + backQuery(back))
		return
	}
	req.redirect(back)
}

// askJSON answers a script that asks what to ask the browser for.
func (req *request) askJSON(q staff.Question, err error) error {
	if err != nil {
		return err
	}
	req.Gin.JSON(http.StatusOK, map[string]any{"options": rawJSON(q.Options), "challenge": q.Challenge})
	return nil
}

// rawJSON is JSON that is written as it is.
type rawJSON []byte

// MarshalJSON implements json.Marshaler.
func (r rawJSON) MarshalJSON() ([]byte, error) { return r, nil }

func (con entryHandlers) askPasskey(req *request) error {
	return req.askJSON(con.deps.Staff.AskPasskey(req.Ctx()))
}

func (con *Console) askConfirmation(req *request) error {
	return req.askJSON(con.deps.Staff.AskConfirmation(req.Ctx(), req.person))
}
