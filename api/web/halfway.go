package web

import (
	"net/http"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// halfWayRoutes are the pages of a sign-in between its beginning and its end. They work without script but for
// passkeys.
func (w *Web) halfWayRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{post, signInPath + "/passkey", access.Right{}, w.askPasskey},
		{get, secondPath, own, w.secondForm},
		{post, secondPath, own, w.second},
		{post, secondPath + "/passkey", own, w.askSecond},
		{post, secondPath + "/leave", own, w.startOver},
		{get, choosePath, own, w.chooseForm},
		{post, choosePath, own, w.choose},
		{post, choosePath + "/leave", own, w.startOver},
		{get, setUpPath, own, w.setUpForm},
		{post, setUpPath, own, w.setUp},
		{post, setUpPath + "/passkey/ask", own, w.askSetUp},
		{post, setUpPath + "/passkey", own, w.setUpPasskey},
		{post, setUpPath + "/leave", own, w.startOver},
	}
}

// startOver ends a sign-in that has not come to its end.
func (w *Web) startOver(v *visit) error {
	if err := v.leave(); err != nil {
		return err
	}
	v.endCookie()
	v.redirect(signInPath)
	return nil
}

type secondPage struct {
	Back string
	Told *Told
	// TOTP and Passkey say what the person has.
	TOTP, Passkey bool
	Site          string
}

func (w *Web) secondForm(v *visit) error { return w.showSecond(v, localPath(v.query("back")), nil) }

func (w *Web) showSecond(v *visit, back string, told *Told) error {
	person := v.half.person
	page := secondPage{
		Back:    back,
		Told:    told,
		TOTP:    person.TOTP != "",
		Passkey: person.Passkeys > 0,
		Site:    w.deps.Staff.PasskeySite(),
	}
	v.showStatus(statusOf(told), "second", v.t("second.title"), page)
	return nil
}

func statusOf(told *Told) int {
	if told == nil {
		return http.StatusOK
	}
	return told.Status
}

// second goes on with a code or with the answer of a passkey.
func (w *Web) second(v *visit) error {
	back, from := localPath(v.field("back")), v.from(v.half.person.Email)
	var signed staff.SignedIn
	var err error
	if answer := v.field("answer"); answer != "" {
		signed, err = w.deps.Staff.SecondPasskey(
			v.ctx(),
			v.half.person,
			v.half.session,
			v.field("challenge"),
			answer,
			from,
		)
	} else {
		signed, err = w.deps.Staff.SecondFactor(v.ctx(), v.half.person, v.half.session, v.field("code"), from)
	}
	if err != nil {
		if code := domain.CodeOf(err); code != domain.CodeSecondFactorWrong && code != domain.CodeRateLimited {
			return err
		}
		told := v.refusedEntry(err)
		return w.showSecond(v, back, &told)
	}
	v.arrive(signed, from, back)
	return nil
}

func (w *Web) askSecond(v *visit) error {
	return v.askJSON(w.deps.Staff.AskSecondPasskey(v.ctx(), v.half.person))
}

type choosePage struct {
	Email   string
	Minimum int
	Told    *Told
}

func (w *Web) chooseForm(v *visit) error { return w.showChoose(v, nil) }

func (w *Web) showChoose(v *visit, told *Told) error {
	v.showStatus(
		statusOf(told),
		"choose",
		v.t("choose.title"),
		choosePage{Email: v.half.person.Email, Minimum: domain.MinPassword, Told: told},
	)
	return nil
}

// choose replaces the password that somebody else knows; the person signs in with the new one.
func (w *Web) choose(v *visit) error {
	return w.newPassword(v, v.half.person.ID, func(told Told) error { return w.showChoose(v, &told) })
}

type setUpPage struct {
	// Action is where the first code goes.
	Action  string
	HalfWay bool
	App     staff.Enrolment
	Site    string
	Told    *Told
}

func (w *Web) setUpForm(v *visit) error {
	app, err := w.deps.Staff.BeginTOTP(v.half.person)
	if err != nil {
		return err
	}
	return w.showSetUp(v, setUpPath, app, nil)
}

func (w *Web) showSetUp(v *visit, action string, app staff.Enrolment, told *Told) error {
	page := setUpPage{Action: action, HalfWay: v.half != nil, App: app, Site: w.deps.Staff.PasskeySite(), Told: told}
	v.showStatus(statusOf(told), "set-up", v.t("set_up.title"), page)
	return nil
}

func (w *Web) setUp(v *visit) error { return w.finishTOTP(v, setUpPath, v.half.person, v.half.session) }

// finishTOTP takes the app's first code; one that is wrong shows the same secret again.
func (w *Web) finishTOTP(v *visit, action string, person domain.Staff, session domain.Session) error {
	setup := v.field("setup")
	codes, err := w.deps.Staff.FinishTOTP(v.ctx(), person, session, setup, v.field("code"))
	if err == nil {
		return w.showCodes(v, codes)
	}
	if code := domain.CodeOf(err); code != domain.CodeSecondFactorWrong && code != domain.CodeRateLimited {
		return err
	}
	told := v.refusedEntry(err)
	app, err := w.deps.Staff.ResumeTOTP(person, setup)
	if err != nil {
		return err
	}
	return w.showSetUp(v, action, app, &told)
}

func (w *Web) askSetUp(v *visit) error {
	return v.askJSON(w.deps.Staff.AskNewPasskey(v.ctx(), v.half.person))
}

func (w *Web) setUpPasskey(v *visit) error {
	codes, err := w.deps.Staff.AddPasskey(
		v.ctx(),
		v.half.person,
		v.half.session,
		v.field("name"),
		v.field("challenge"),
		v.field("answer"),
	)
	if err != nil {
		return err
	}
	return w.showCodes(v, codes)
}

type codesPage struct {
	Codes []string
	Next  string
}

// showCodes shows recovery codes this once; whoever got none goes on.
func (w *Web) showCodes(v *visit, codes []string) error {
	next := accountPath
	if v.half != nil {
		next = consolePath
	}
	if len(codes) == 0 {
		v.redirect(next)
		return nil
	}
	v.show("codes", v.t("codes.title"), codesPage{Codes: codes, Next: next})
	return nil
}
