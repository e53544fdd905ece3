package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/staff"
)

const signInPath = consolePath + "/sign-in"

// cookieName carries the browser's promise, where it can be had, that no other host has set it.
func (con *Console) cookieName() string {
	if con.deps.Secure() {
		return "__Host-pointbridge"
	}
	return "pointbridge"
}

// identify finds out whose session the cookie is, and whether its sign-in has come to its end. No session is no error:
// pages that need one say so themselves.
func (req *request) identify() error {
	token, err := req.Gin.Cookie(req.console.cookieName())
	if err != nil || !domain.IsSessionToken(token) {
		return nil
	}
	session, person, stage, err := req.console.deps.Staff.AnySession(req.Ctx(), token)
	if errors.Is(err, &domain.Error{Code: domain.CodeUnauthenticated}) {
		return nil
	}
	if err != nil {
		return err
	}
	req.token = token
	req.console.deps.Seen(req.Gin, session.Caller(person))
	if stage != staff.StageIn {
		req.half = &halfIn{session, person, stage}
		return nil
	}
	req.session, req.person, req.Who = &session, person, session.Caller(person)
	return nil
}

func (req *request) setCookie(token string, until time.Time) {
	req.SetCookie(&http.Cookie{Name: req.console.cookieName(), Value: token, Expires: until})
}

func (req *request) endCookie() {
	req.SetCookie(&http.Cookie{Name: req.console.cookieName(), MaxAge: -1})
}

// checkForm refuses a form that another site made: by what the browser says of its origin, and, where a right is
// needed, by a token that only a page of the signed-in person holds. The pages that are open to all have none: somebody
// who signed in meanwhile may still send them.
func (req *request) checkForm(r route) error {
	read := req.ReadForm
	if slices.Contains(uploads, r.Path) {
		read = func() error { return req.ReadUpload(codes.MaxCSV) }
	}
	if err := read(); err != nil {
		return err
	}
	if err := req.console.origins.Check(req.Gin.Request); err != nil {
		return domain.Refuse(domain.CodePermissionDenied)
	}
	if r.May == (access.Right{}) {
		return nil
	}
	if !req.Proves(req.formToken()) {
		return domain.Refuse(domain.CodePermissionDenied)
	}
	return nil
}

// formToken belongs to one session and cannot be made without the service's secret. Who has no session has none.
func (req *request) formToken() string {
	if req.token == "" {
		return ""
	}
	return req.console.deps.Sign("form", req.token)
}

func (con entryHandlers) signOut(req *request) error {
	if err := con.deps.Staff.SignOut(req.Ctx(), req.Who, *req.session); err != nil {
		return err
	}
	req.endCookie()
	if address := con.deps.Staff.LeaveAddress(req.Ctx(), *req.session); address != "" {
		req.session = nil
		req.show("left", req.T("left.title"), leftPage{Address: address})
		return nil
	}
	req.redirect(signInPath)
	return nil
}

// home leads to what the role works with first.
func (con entryHandlers) home(req *request) error {
	for _, first := range []struct{ object, part string }{
		{"coupons", "/coupons"}, {"reviews", "/reviews"}, {"reports", "/dashboard"}, {"audit", "/audit"},
	} {
		if req.may(first.object, "read") {
			req.redirect(consolePath + first.part)
			return nil
		}
	}
	req.redirect(accountPath)
	return nil
}

func backQuery(address string) string {
	back := localPath(address)
	if back == consolePath {
		return ""
	}
	return "?" + url.Values{"back": {back}}.Encode()
}
