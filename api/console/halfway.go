package console

import (
	"net/http"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// halfWayRoutes are the pages of a sign-in between its beginning and its end. They work without script but for
// passkeys.
func (con entryHandlers) halfWayRoutes() []route {
	return []route{
		pages.Post(signInPath+"/passkey", access.Right{}, con.askPasskey),
		pages.Get(secondPath, own, con.secondForm),
		pages.Post(secondPath, own, con.second),
		pages.Post(secondPath+"/passkey", own, con.askSecond),
		pages.Post(secondPath+"/leave", own, con.startOver),
		pages.Get(choosePath, own, con.chooseForm),
		pages.Post(choosePath, own, con.choose),
		pages.Post(choosePath+"/leave", own, con.startOver),
		pages.Get(setUpPath, own, con.setUpForm),
		pages.Post(setUpPath, own, con.setUp),
		pages.Post(setUpPath+"/passkey/ask", own, con.askSetUp),
		pages.Post(setUpPath+"/passkey", own, con.setUpPasskey),
		pages.Post(setUpPath+"/leave", own, con.startOver),
	}
}

// startOver ends a sign-in that has not come to its end.
func (con entryHandlers) startOver(req *request) error {
	if err := req.leave(); err != nil {
		return err
	}
	req.endCookie()
	req.redirect(signInPath)
	return nil
}

type secondPage struct {
	Back string
	Told *pages.Told
	// TOTP and Passkey say what the person has.
	TOTP, Passkey bool
	Site          string
}

func (con entryHandlers) secondForm(req *request) error {
	return con.showSecond(req, localPath(req.Query("back")), nil)
}

func (con entryHandlers) showSecond(req *request, back string, told *pages.Told) error {
	person := req.half.person
	page := secondPage{
		Back:    back,
		Told:    told,
		TOTP:    person.TOTP != "",
		Passkey: person.Passkeys > 0,
		Site:    con.deps.Staff.PasskeySite(),
	}
	req.showStatus(statusOf(told), "second", req.T("second.title"), page)
	return nil
}

func statusOf(told *pages.Told) int {
	if told == nil {
		return http.StatusOK
	}
	return told.Status
}

// second goes on with a code or with the answer of a passkey.
func (con entryHandlers) second(req *request) error {
	back, from := localPath(req.Field("back")), req.from(req.half.person.Email)
	var signed staff.SignedIn
	var err error
	if answer := req.Field("answer"); answer != "" {
		signed, err = con.deps.Staff.SecondPasskey(
			req.Ctx(),
			req.half.person,
			req.half.session,
			req.Field("challenge"),
			answer,
			from,
		)
	} else {
		signed, err = con.deps.Staff.SecondFactor(req.Ctx(), req.half.person, req.half.session, req.Field("code"), from)
	}
	if err != nil {
		if code := domain.CodeOf(err); code != domain.CodeSecondFactorWrong && code != domain.CodeRateLimited {
			return err
		}
		told := req.Refuse(err)
		return con.showSecond(req, back, &told)
	}
	req.arrive(signed, from, back)
	return nil
}

func (con entryHandlers) askSecond(req *request) error {
	return req.askJSON(con.deps.Staff.AskSecondPasskey(req.Ctx(), req.half.person))
}

type choosePage struct {
	Email   string
	Minimum int
	Told    *pages.Told
}

func (con entryHandlers) chooseForm(req *request) error { return con.showChoose(req, nil) }

func (con entryHandlers) showChoose(req *request, told *pages.Told) error {
	req.showStatus(
		statusOf(told),
		"choose",
		req.T("choose.title"),
		choosePage{Email: req.half.person.Email, Minimum: domain.MinPassword, Told: told},
	)
	return nil
}

// choose replaces the password that somebody else knows; the person signs in with the new one.
func (con entryHandlers) choose(req *request) error {
	return con.newPassword(req, req.half.person.ID, func(told pages.Told) error { return con.showChoose(req, &told) })
}

type setUpPage struct {
	// Action is where the first code goes.
	Action  string
	HalfWay bool
	App     staff.Enrolment
	Site    string
	Told    *pages.Told
}

func (con entryHandlers) setUpForm(req *request) error {
	app, err := con.deps.Staff.BeginTOTP(req.half.person)
	if err != nil {
		return err
	}
	return con.showSetUp(req, setUpPath, app, nil)
}

func (con *Console) showSetUp(req *request, action string, app staff.Enrolment, told *pages.Told) error {
	page := setUpPage{Action: action, HalfWay: req.half != nil, App: app, Site: con.deps.Staff.PasskeySite(),
		Told: told}
	req.showStatus(statusOf(told), "set-up", req.T("set_up.title"), page)
	return nil
}

func (con entryHandlers) setUp(req *request) error {
	return con.finishTOTP(req, setUpPath, req.half.person, req.half.session)
}

// finishTOTP takes the app's first code; one that is wrong shows the same secret again.
func (con *Console) finishTOTP(req *request, action string, person domain.Staff, session domain.Session) error {
	setup := req.Field("setup")
	codes, err := con.deps.Staff.FinishTOTP(req.Ctx(), person, session, setup, req.Field("code"))
	if err == nil {
		return con.showCodes(req, codes)
	}
	if code := domain.CodeOf(err); code != domain.CodeSecondFactorWrong && code != domain.CodeRateLimited {
		return err
	}
	told := req.Refuse(err)
	app, err := con.deps.Staff.ResumeTOTP(person, setup)
	if err != nil {
		return err
	}
	return con.showSetUp(req, action, app, &told)
}

func (con entryHandlers) askSetUp(req *request) error {
	return req.askJSON(con.deps.Staff.AskNewPasskey(req.Ctx(), req.half.person))
}

func (con entryHandlers) setUpPasskey(req *request) error {
	codes, err := con.deps.Staff.AddPasskey(
		req.Ctx(),
		req.half.person,
		req.half.session,
		req.Field("name"),
		req.Field("challenge"),
		req.Field("answer"),
	)
	if err != nil {
		return err
	}
	return con.showCodes(req, codes)
}

type codesPage struct {
	Codes []string
	Next  string
}

// showCodes shows recovery codes this once; whoever got none goes on.
func (con *Console) showCodes(req *request, codes []string) error {
	next := accountPath
	if req.half != nil {
		next = consolePath
	}
	if len(codes) == 0 {
		req.redirect(next)
		return nil
	}
	req.show("codes", req.T("codes.title"), codesPage{Codes: codes, Next: next})
	return nil
}
