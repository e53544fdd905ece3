package web

import (
	"net/http"
	"strconv"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

const accountPath = consolePath + "/account"

type accountPage struct {
	Session  domain.Session
	Told     *Told
	Minimum  int
	Factor   staff.Factor
	Sessions []domain.Session
	Site     string
	// Password tells that the person has one to change.
	Password bool
}

// Current tells whether a session is the one that looks.
func (p accountPage) Current(s domain.Session) bool { return s.PublicID() == p.Session.PublicID() }

// accountRoutes are one's own sign-in.
func (w *Web) accountRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, accountPath, own, w.account},
		{post, accountPath + "/password", own, w.changePassword},
		{post, accountPath + "/sign-out-everywhere", own, w.signOutEverywhere},
		{post, accountPath + "/sign-out-others", own, w.signOutOthers},
		{post, accountPath + "/sessions/end", own, w.endSession},
		{post, accountPath + "/totp", own, w.beginTOTP},
		{post, accountPath + "/totp/activate", own, w.activateTOTP},
		{post, accountPath + "/totp/remove", own, w.removeTOTP},
		{post, accountPath + "/recovery", own, w.renewRecovery},
		{post, accountPath + "/passkeys/ask", own, w.askNewPasskey},
		{post, accountPath + "/passkeys", own, w.addPasskey},
		{post, accountPath + "/passkeys/remove", own, w.removePasskey},
		{post, accountPath + "/confirm", own, w.askConfirmation},
	}
}

func (w *Web) account(v *visit) error { return w.showAccount(v, nil) }

func (w *Web) showAccount(v *visit, told *Told) (err error) {
	passwords, _ := w.deps.Staff.Ways()
	page := accountPage{Session: *v.session, Minimum: domain.MinPassword, Told: told, Site: w.deps.Staff.PasskeySite(),
		Password: passwords && v.person.HasPassword()}
	if page.Factor, err = w.deps.Staff.Factor(v.ctx(), v.person); err != nil {
		return err
	}
	if page.Sessions, err = w.deps.Staff.Sessions(v.ctx(), v.person.ID); err != nil {
		return err
	}
	v.showStatus(statusOf(told), "account", v.t("account.title"), page)
	return nil
}

// changePassword ends every other session as well; the person signs in again with the new password.
func (w *Web) changePassword(v *visit) error {
	return w.newPassword(v, v.person.ID, func(told Told) error { return w.showAccount(v, &told) })
}

// newPassword replaces a person's password, or stays with what was wrong.
func (w *Web) newPassword(v *visit, id int64, stay func(Told) error) error {
	unfit := func(title, detail string) error {
		return stay(Told{Status: http.StatusUnprocessableEntity, Code: domain.CodeValidation, Title: title, Detail: detail})
	}
	current, chosen := v.field("current_password"), v.field("new_password")
	switch {
	case !domain.GoodPassword(chosen):
		return unfit(v.t("account.password_short"), v.t("account.password_rule", domain.MinPassword))
	case chosen != v.field("again"):
		return unfit(v.t("account.password_differs"), v.t("account.password_differs_detail"))
	case chosen == current:
		return unfit(v.t("account.password_same"), v.t("account.password_same_detail"))
	}
	err := w.deps.Staff.ChangePassword(v.ctx(), id, current, chosen)
	if err != nil {
		told := w.deps.Hooks.Say(v.lang, err)
		switch told.Code {
		case domain.CodeValidation: // the new one was looked at above, so it was the present one
			told.Title, told.Detail = v.t("account.password_wrong"), v.t("account.password_wrong_detail")
		case domain.CodeRateLimited, domain.CodePasswordGuessable:
		default:
			return err
		}
		w.deps.Hooks.Refused(v.c, err)
		return stay(told)
	}
	v.endCookie()
	v.redirect(signInPath)
	return nil
}

func (w *Web) signOutEverywhere(v *visit) error {
	if err := w.deps.Staff.SignOutEverywhere(v.ctx(), v.who, v.person.ID); err != nil {
		return err
	}
	v.endCookie()
	v.redirect(signInPath)
	return nil
}

// backToAccount leads back to the account, or shows there what was refused.
func (w *Web) backToAccount(v *visit, err error) error {
	if err != nil {
		if domain.CodeOf(err) == domain.CodeInternal {
			return err
		}
		told := w.deps.Hooks.Say(v.lang, err)
		w.deps.Hooks.Refused(v.c, err)
		return w.showAccount(v, &told)
	}
	v.redirect(accountPath)
	return nil
}

func (w *Web) signOutOthers(v *visit) error {
	return w.backToAccount(v, w.deps.Staff.EndOtherSessions(v.ctx(), v.who, *v.session))
}

func (w *Web) endSession(v *visit) error {
	if v.field("session") == v.session.PublicID() {
		return w.signOut(v)
	}
	return w.backToAccount(v, w.deps.Staff.EndOwnSession(v.ctx(), v.who, v.person.ID, v.field("session")))
}

// beginTOTP shows the secret of an authenticator app. It is a form, so that it takes somebody who showed who they are.
func (w *Web) beginTOTP(v *visit) error {
	app, err := w.deps.Staff.BeginTOTP(v.person)
	if err != nil {
		return w.backToAccount(v, err)
	}
	return w.showSetUp(v, accountPath+"/totp/activate", app, nil)
}

func (w *Web) activateTOTP(v *visit) error {
	return w.finishTOTP(v, accountPath+"/totp/activate", v.person, *v.session)
}

func (w *Web) removeTOTP(v *visit) error {
	return w.backToAccount(v, w.deps.Staff.RemoveTOTP(v.ctx(), v.person, *v.session))
}

func (w *Web) renewRecovery(v *visit) error {
	codes, err := w.deps.Staff.RenewRecovery(v.ctx(), v.person, *v.session)
	if err != nil {
		return w.backToAccount(v, err)
	}
	return w.showCodes(v, codes)
}

func (w *Web) askNewPasskey(v *visit) error {
	return v.askJSON(w.deps.Staff.AskNewPasskey(v.ctx(), v.person))
}

func (w *Web) addPasskey(v *visit) error {
	codes, err := w.deps.Staff.AddPasskey(v.ctx(), v.person, *v.session, v.field("name"), v.field("challenge"), v.field("answer"))
	if err != nil {
		return w.backToAccount(v, err)
	}
	return w.showCodes(v, codes)
}

func (w *Web) removePasskey(v *visit) error {
	id, err := strconv.ParseInt(v.field("passkey"), 10, 64)
	if err != nil {
		return domain.Refuse(domain.CodeNotFound)
	}
	return w.backToAccount(v, w.deps.Staff.RemovePasskey(v.ctx(), v.person, *v.session, id))
}
