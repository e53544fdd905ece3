package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

const (
	secondPath  = signInPath + "/second"
	choosePath  = signInPath + "/password"
	setUpPath   = signInPath + "/set-up"
	keysPath    = consolePath + "/keys"
	confirmName = "confirm_"
)

// freshForms are done only by somebody who showed a moment ago who they are: each hands out or takes away what lets
// somebody in. Making somebody who decides, changing a mail address, and letting somebody in again who was disabled are
// as well, which the form says: see addPerson and changePerson.
var freshForms = []string{
	keysPath,
	tokensPath,
	staffPath + "/:id/password",
	staffPath + "/:id/second-factor",
	staffPath + "/:id/link",
	accountPath + "/totp",
	accountPath + "/totp/remove",
	accountPath + "/recovery",
	accountPath + "/passkeys",
	accountPath + "/passkeys/remove",
}

// halfWayPages are the pages of a sign-in that has not come to its end, and where each of its stages leads.
var halfWayPages = map[staff.Stage]string{
	staff.StageSecondFactor: secondPath,
	staff.StagePassword:     choosePath,
	staff.StageSetUp:        setUpPath,
}

// errShown says that the request was answered: somebody was asked for something first.
var errShown = errors.New("a page was shown instead")

// stage is the stage of a sign-in that the page is for, if it is for one.
func (r route) stage() (staff.Stage, bool) {
	for stage, path := range halfWayPages {
		if r.path == path || strings.HasPrefix(r.path, path+"/") {
			return stage, true
		}
	}
	return staff.StageIn, false
}

// fresh tells whether the form is for somebody alone who showed a moment ago who they are.
func (r route) fresh() bool {
	return r.method == http.MethodPost && slices.Contains(freshForms, r.path)
}

// halfIn is a sign-in that has not come to its end.
type halfIn struct {
	session domain.Session
	person  domain.Staff
	stage   staff.Stage
}

// admitHalf lets a request through to the page of a stage, and leads whoever is elsewhere to where they are.
func (w *Web) admitHalf(v *visit, r route, stage staff.Stage) error {
	if v.half == nil && v.session == nil {
		return domain.Refuse(domain.CodeUnauthenticated)
	}
	if r.method == http.MethodPost {
		if err := v.checkForm(r); err != nil {
			return err
		}
	}
	switch {
	case v.half == nil:
		v.redirect(consolePath)
		return errShown
	case v.half.stage != stage:
		return v.half.stage.Refusal()
	case stage == staff.StageSetUp && r.path != setUpPath+"/leave" && !w.deps.Staff.Fresh(v.half.session):
		v.redirect(signInPath) // what is set up lets in: it is not for whoever finds a browser open
		return errShown
	}
	return nil
}

// towards leads a sign-in to the page of its stage.
func (v *visit) towards(code domain.Code) bool {
	if v.half == nil || domain.CodeOf(v.half.stage.Refusal()) != code {
		return false
	}
	back := ""
	if v.c.Request.Method == http.MethodGet {
		back = backQuery(v.c.Request.URL.RequestURI())
	}
	v.redirect(halfWayPages[v.half.stage] + back)
	return true
}

type confirmPage struct {
	// Action is where the form goes that was sent, Fields what stood in it.
	Action string
	Fields url.Values
	Told   *Told
	Ways   staff.ConfirmWays
	Site   string
	// ToProvider is the address that leads to the identity provider, and back to the page that the form stood on.
	ToProvider string
}

// fresh goes on when the person showed a moment ago who they are, or does so with this form. Otherwise the page that
// asks for it carries what was wanted, so that it is done as soon as they did.
func (v *visit) fresh() error {
	if v.web.deps.Staff.Fresh(*v.session) {
		return nil
	}
	c := staff.Confirmation{
		Password:  v.field("confirm_password"),
		Code:      v.field("confirm_code"),
		Challenge: v.field("confirm_challenge"),
		Answer:    v.field("confirm_answer"),
	}
	if c.Password == "" && c.Code == "" && c.Answer == "" {
		return v.askAgain(nil)
	}
	err := v.web.deps.Staff.Confirm(v.ctx(), v.person, *v.session, c)
	if err == nil {
		return nil
	}
	told := v.web.deps.Hooks.Say(v.lang, err)
	switch told.Code {
	case domain.CodeValidation:
		told.Title, told.Detail = v.t("account.password_wrong"), v.t("confirm.wrong_detail")
	case domain.CodeSecondFactorWrong, domain.CodeRateLimited, domain.CodeReauthentication:
	default:
		return err
	}
	v.web.deps.Hooks.Refused(v.c, err)
	return v.askAgain(&told)
}

func (v *visit) askAgain(told *Told) error {
	fields := url.Values{}
	for name, values := range v.c.Request.PostForm {
		if name != formToken && !strings.HasPrefix(name, confirmName) {
			fields[name] = values
		}
	}
	status := http.StatusForbidden
	if told != nil {
		status = told.Status
	}
	v.showStatus(
		status,
		"confirm",
		v.t("confirm.title"),
		confirmPage{Action: v.c.Request.URL.Path, Fields: fields, Told: told, Site: v.web.deps.Staff.PasskeySite(),
			Ways: v.web.deps.Staff.ConfirmWays(v.person, *v.session), ToProvider: providerPath + "?" + url.Values{"again": {"yes"}, "back": {v.formPage()}}.Encode()},
	)
	return errShown
}

// formPage is the page that a form stood on: the nearest one above the form's address that can be looked at.
func (v *visit) formPage() string {
	pattern, path := v.c.FullPath(), v.c.Request.URL.Path
	for strings.HasPrefix(pattern, consolePath+"/") {
		if slices.ContainsFunc(v.web.routes(), func(r route) bool { return r.method == http.MethodGet && r.path == pattern }) {
			return path
		}
		pattern, path = pattern[:strings.LastIndexByte(pattern, '/')], path[:strings.LastIndexByte(path, '/')]
	}
	return consolePath
}
