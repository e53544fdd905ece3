package web

import (
	"net/http"
	"time"

	"pointbridge/domain"
)

const accountPath = consolePath + "/account"

type accountPage struct {
	Ends    time.Time
	Told    *Told
	Minimum int
	// Password tells that the person has one to change.
	Password bool
}

func (v *visit) accountPage(told *Told) accountPage {
	passwords, _ := v.web.deps.Staff.Ways()
	return accountPage{Ends: v.session.ExpiresAt, Told: told, Minimum: domain.MinPassword, Password: passwords && v.person.HasPassword()}
}

// accountRoutes are one's own sign-in.
func (w *Web) accountRoutes() []route {
	return []route{
		{http.MethodGet, accountPath, own, w.account},
		{http.MethodPost, accountPath + "/password", own, w.changePassword},
		{http.MethodPost, accountPath + "/sign-out-everywhere", own, w.signOutEverywhere},
	}
}

func (w *Web) account(v *visit) error {
	v.show("account", v.t("account.title"), v.accountPage(nil))
	return nil
}

// changePassword ends every other session as well; the person signs in again with the new password.
func (w *Web) changePassword(v *visit) error {
	stay := func(told Told) error {
		v.showStatus(told.Status, "account", v.t("account.title"), v.accountPage(&told))
		return nil
	}
	chosen := v.field("new_password")
	if !domain.GoodPassword(chosen) {
		return stay(Told{Status: http.StatusUnprocessableEntity, Title: v.t("account.password_short"), Detail: v.t("account.password_rule", domain.MinPassword)})
	}
	if chosen != v.field("again") {
		return stay(Told{Status: http.StatusUnprocessableEntity, Title: v.t("account.password_differs"), Detail: v.t("account.password_differs_detail")})
	}
	err := w.deps.Staff.ChangePassword(v.ctx(), v.person.ID, v.field("current_password"), chosen)
	if err != nil {
		told := w.deps.Hooks.Say(v.lang, err)
		switch told.Code {
		case domain.CodeValidation: // the new one was looked at above, so it was the present one
			told.Title, told.Detail = v.t("account.password_wrong"), v.t("account.password_wrong_detail")
		case domain.CodeRateLimited:
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
