package console

import (
	"net/http"
	"strconv"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

const accountPath = consolePath + "/account"

type accountPage struct {
	Session  domain.Session
	Told     *pages.Told
	Minimum  int
	Factor   staff.Factor
	Sessions []domain.Session
	Site     string
	// Password says that the person has one to change.
	Password bool
}

// Current reports whether a session is the one that looks.
func (p accountPage) Current(s domain.Session) bool { return s.PublicID() == p.Session.PublicID() }

// accountRoutes are one's own sign-in.
func (con accountHandlers) accountRoutes() []route {
	return []route{
		pages.Get(accountPath, own, con.account),
		pages.Post(accountPath+"/password", own, con.changePassword),
		pages.Post(accountPath+"/sign-out-everywhere", own, con.signOutEverywhere),
		pages.Post(accountPath+"/sign-out-others", own, con.signOutOthers),
		pages.Post(accountPath+"/sessions/end", own, con.endSession),
		pages.Post(accountPath+"/totp", own, con.beginTOTP),
		pages.Post(accountPath+"/totp/activate", own, con.activateTOTP),
		pages.Post(accountPath+"/totp/remove", own, con.removeTOTP),
		pages.Post(accountPath+"/recovery", own, con.renewRecovery),
		pages.Post(accountPath+"/passkeys/ask", own, con.askNewPasskey),
		pages.Post(accountPath+"/passkeys", own, con.addPasskey),
		pages.Post(accountPath+"/passkeys/remove", own, con.removePasskey),
		pages.Post(accountPath+"/confirm", own, con.askConfirmation),
	}
}

func (con accountHandlers) account(req *request) error { return con.showAccount(req, nil) }

func (con accountHandlers) showAccount(req *request, told *pages.Told) (err error) {
	passwords, _ := con.deps.Staff.Ways()
	page := accountPage{Session: *req.session, Minimum: domain.MinPassword, Told: told,
		Site:     con.deps.Staff.PasskeySite(),
		Password: passwords && req.person.HasPassword()}
	if page.Factor, err = con.deps.Staff.Factor(req.Ctx(), req.person); err != nil {
		return err
	}
	if page.Sessions, err = con.deps.Staff.Sessions(req.Ctx(), req.person.ID); err != nil {
		return err
	}
	req.showStatus(statusOf(told), "account", req.T("account.title"), page)
	return nil
}

// changePassword ends every other session as well; the person signs in again with the new password.
func (con accountHandlers) changePassword(req *request) error {
	return con.newPassword(req, req.person.ID, func(told pages.Told) error { return con.showAccount(req, &told) })
}

// newPassword replaces a person's password, or stays with what was wrong.
func (con *Console) newPassword(req *request, id int64, stay func(pages.Told) error) error {
	unfit := func(title, detail string) error {
		return stay(pages.Told{Status: http.StatusUnprocessableEntity, Code: domain.CodeValidation, Title: title,
			Detail: detail})
	}
	current, chosen := req.Field("current_password"), req.Field("new_password")
	switch {
	case !domain.GoodPassword(chosen):
		return unfit(req.T("account.password_short"), req.T("account.password_rule", domain.MinPassword))
	case chosen != req.Field("again"):
		return unfit(req.T("account.password_differs"), req.T("account.password_differs_detail"))
	case chosen == current:
		return unfit(req.T("account.password_same"), req.T("account.password_same_detail"))
	}
	err := con.deps.Staff.ChangePassword(req.Ctx(), id, current, chosen)
	if err != nil {
		told := con.deps.Hooks.Say(req.Lang, err)
		switch told.Code {
		case domain.CodeValidation: // the new one was looked at above, so it was the present one
			told.Title, told.Detail = req.T("account.password_wrong"), req.T("account.password_wrong_detail")
		case domain.CodeRateLimited, domain.CodePasswordGuessable:
		default:
			return err
		}
		con.deps.Hooks.Refused(req.Gin, err)
		return stay(told)
	}
	req.endCookie()
	req.redirect(signInPath)
	return nil
}

func (con accountHandlers) signOutEverywhere(req *request) error {
	if err := con.deps.Staff.SignOutEverywhere(req.Ctx(), req.Who, req.person.ID); err != nil {
		return err
	}
	req.endCookie()
	req.redirect(signInPath)
	return nil
}

// backToAccount leads back to the account, or shows there what was refused.
func (con accountHandlers) backToAccount(req *request, err error) error {
	if err != nil {
		if domain.CodeOf(err) == domain.CodeInternal {
			return err
		}
		told := con.deps.Hooks.Say(req.Lang, err)
		con.deps.Hooks.Refused(req.Gin, err)
		return con.showAccount(req, &told)
	}
	req.redirect(accountPath)
	return nil
}

func (con accountHandlers) signOutOthers(req *request) error {
	return con.backToAccount(req, con.deps.Staff.EndOtherSessions(req.Ctx(), req.Who, *req.session))
}

func (con accountHandlers) endSession(req *request) error {
	if req.Field("session") == req.session.PublicID() {
		return entryHandlers(con).signOut(req)
	}
	return con.backToAccount(req, con.deps.Staff.EndOwnSession(req.Ctx(), req.Who, req.person.ID, req.Field("session")))
}

// beginTOTP shows the secret of an authenticator app. It is a form, so that it takes somebody who showed who they are.
func (con accountHandlers) beginTOTP(req *request) error {
	app, err := con.deps.Staff.BeginTOTP(req.person)
	if err != nil {
		return con.backToAccount(req, err)
	}
	return con.showSetUp(req, accountPath+"/totp/activate", app, nil)
}

func (con accountHandlers) activateTOTP(req *request) error {
	return con.finishTOTP(req, accountPath+"/totp/activate", req.person, *req.session)
}

func (con accountHandlers) removeTOTP(req *request) error {
	return con.backToAccount(req, con.deps.Staff.RemoveTOTP(req.Ctx(), req.person, *req.session))
}

func (con accountHandlers) renewRecovery(req *request) error {
	codes, err := con.deps.Staff.RenewRecovery(req.Ctx(), req.person, *req.session)
	if err != nil {
		return con.backToAccount(req, err)
	}
	return con.showCodes(req, codes)
}

func (con accountHandlers) askNewPasskey(req *request) error {
	return req.askJSON(con.deps.Staff.AskNewPasskey(req.Ctx(), req.person))
}

func (con accountHandlers) addPasskey(req *request) error {
	codes, err := con.deps.Staff.AddPasskey(req.Ctx(), req.person, *req.session, req.Field("name"),
		req.Field("challenge"), req.Field("answer"))
	if err != nil {
		return con.backToAccount(req, err)
	}
	return con.showCodes(req, codes)
}

func (con accountHandlers) removePasskey(req *request) error {
	id, err := strconv.ParseInt(req.Field("passkey"), 10, 64)
	if err != nil {
		return domain.Refuse(domain.CodeNotFound)
	}
	return con.backToAccount(req, con.deps.Staff.RemovePasskey(req.Ctx(), req.person, *req.session, id))
}
