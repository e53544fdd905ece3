package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"pointbridge/api/pages"
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

// stageOf is the stage of a sign-in that a page is for, if it is for one.
func stageOf(r route) (staff.Stage, bool) {
	for stage, path := range halfWayPages {
		if r.Path == path || strings.HasPrefix(r.Path, path+"/") {
			return stage, true
		}
	}
	return staff.StageIn, false
}

// isFresh reports whether a form is for somebody alone who showed a moment ago who they are.
func isFresh(r route) bool {
	return r.Method == http.MethodPost && slices.Contains(freshForms, r.Path)
}

// halfIn is a sign-in that has not come to its end.
type halfIn struct {
	session domain.Session
	person  domain.Staff
	stage   staff.Stage
}

// admitHalf lets a request through to the page of a stage, and leads whoever is elsewhere to where they are.
func (con *Console) admitHalf(req *request, r route, stage staff.Stage) error {
	if req.half == nil && req.session == nil {
		return domain.Refuse(domain.CodeUnauthenticated)
	}
	if r.Method == http.MethodPost {
		if err := req.checkForm(r); err != nil {
			return err
		}
	}
	switch {
	case req.half == nil:
		req.redirect(consolePath)
		return errShown
	case req.half.stage != stage:
		return req.half.stage.Refusal()
	case stage == staff.StageSetUp && r.Path != setUpPath+"/leave" && !con.deps.Staff.Fresh(req.half.session):
		req.redirect(signInPath) // what is set up lets in: it is not for whoever finds a browser open
		return errShown
	}
	return nil
}

// towards leads a sign-in to the page of its stage.
func (req *request) towards(code domain.Code) bool {
	if req.half == nil || domain.CodeOf(req.half.stage.Refusal()) != code {
		return false
	}
	back := ""
	if req.Gin.Request.Method == http.MethodGet {
		back = backQuery(req.Gin.Request.URL.RequestURI())
	}
	req.redirect(halfWayPages[req.half.stage] + back)
	return true
}

type confirmPage struct {
	// Action is where the form goes that was sent, Fields what stood in it.
	Action string
	Fields url.Values
	Told   *pages.Told
	Ways   staff.ConfirmWays
	Site   string
	// ToProvider is the address that leads to the identity provider, and back to the page that the form stood on.
	ToProvider string
}

// fresh goes on when the person showed a moment ago who they are, or does so with this form. Otherwise the page that
// asks for it carries what was wanted, so that it is done as soon as they did.
func (req *request) fresh() error {
	if req.console.deps.Staff.Fresh(*req.session) {
		return nil
	}
	c := staff.Confirmation{
		Password:  req.Field("confirm_password"),
		Code:      req.Field("confirm_code"),
		Challenge: req.Field("confirm_challenge"),
		Answer:    req.Field("confirm_answer"),
	}
	if c.Password == "" && c.Code == "" && c.Answer == "" {
		return req.askAgain(nil)
	}
	err := req.console.deps.Staff.Confirm(req.Ctx(), req.person, *req.session, c)
	if err == nil {
		return nil
	}
	told := req.console.deps.Hooks.Say(req.Lang, err)
	switch told.Code {
	case domain.CodeValidation:
		told.Title, told.Detail = req.T("account.password_wrong"), req.T("confirm.wrong_detail")
	case domain.CodeSecondFactorWrong, domain.CodeRateLimited, domain.CodeReauthentication:
	default:
		return err
	}
	req.console.deps.Hooks.Refused(req.Gin, err)
	return req.askAgain(&told)
}

func (req *request) askAgain(told *pages.Told) error {
	fields := url.Values{}
	for name, values := range req.Gin.Request.PostForm {
		if name != pages.FormToken && !strings.HasPrefix(name, confirmName) {
			fields[name] = values
		}
	}
	status := http.StatusForbidden
	if told != nil {
		status = told.Status
	}
	req.showStatus(
		status,
		"confirm",
		req.T("confirm.title"),
		confirmPage{Action: req.Gin.Request.URL.Path, Fields: fields, Told: told,
			Site:       req.console.deps.Staff.PasskeySite(),
			Ways:       req.console.deps.Staff.ConfirmWays(req.person, *req.session),
			ToProvider: providerPath + "?" + url.Values{"again": {"yes"}, "back": {req.formPage()}}.Encode()},
	)
	return errShown
}

// formPage is the page that a form stood on: the nearest one above the form's address that can be looked at.
func (req *request) formPage() string {
	pattern, path := req.Gin.FullPath(), req.Gin.Request.URL.Path
	for strings.HasPrefix(pattern, consolePath+"/") {
		if slices.ContainsFunc(req.console.routes(),
			func(r route) bool { return r.Method == http.MethodGet && r.Path == pattern }) {
			return path
		}
		pattern, path = pattern[:strings.LastIndexByte(pattern, '/')], path[:strings.LastIndexByte(path, '/')]
	}
	return consolePath
}
