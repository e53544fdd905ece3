package console

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
)

// request is one request for a page of the console.
type request struct {
	pages.Request
	console *Console
	person  domain.Staff
	session *domain.Session
	// half is a sign-in that has not come to its end; there is no session then.
	half  *halfIn
	token string
	// waiting is what the menu's badges count, once it was asked for.
	waiting *waiting
}

func (con *Console) request(c *gin.Context) *request {
	req := &request{Request: pages.Request{Base: con.deps.Base, Gin: c}, console: con}
	req.Begin(con.deps.LanguageOf(c))
	c.Writer.Header().Add("Vary", "Accept-Language, Cookie")
	return req
}

// language keeps the language that somebody chose and leads back to where they were.
func (con *Console) language(req *request) error {
	if err := req.KeepLanguage(req.Field("language")); err != nil {
		return err
	}
	req.redirect(localPath(req.Field("back")))
	return nil
}

// redirect leads to another page, which is then asked for by GET.
func (req *request) redirect(path string) { req.Gin.Redirect(http.StatusSeeOther, path) }

// localPath lets nobody be led away from the console: whatever is no address in it becomes its start.
func localPath(path string) string {
	if path != consolePath && !strings.HasPrefix(path, consolePath+"/") && !strings.HasPrefix(path, consolePath+"?") {
		return consolePath
	}
	if strings.ContainsAny(path, "\\\r\n\t") || strings.Contains(path, "//") || strings.Contains(path, "/..") {
		return consolePath
	}
	return path
}

// may reports whether the visitor's role has a right.
func (req *request) may(object, action string) bool {
	return req.session != nil && req.console.deps.Access.May(req.Who, access.To(object, action))
}

// fail turns a refusal into a page: nobody signed in is led to where they can.
func (req *request) fail(err error) {
	told := req.console.deps.Hooks.Say(req.Lang, err)
	req.console.deps.Hooks.Refused(req.Gin, err)
	if told.Code == domain.CodeUnauthenticated {
		req.endCookie()
		if req.Gin.Request.Method == http.MethodGet {
			req.redirect(signInPath + backQuery(req.Gin.Request.URL.RequestURI()))
			return
		}
	}
	if req.towards(told.Code) {
		return
	}
	req.RetryAfter(told)
	page := errorPage{Told: told}
	if told.Status >= http.StatusInternalServerError {
		req.waiting = &waiting{} // nothing is asked of what may have been the fault
	}
	if told.Status == http.StatusInternalServerError {
		page.Request = req.Gin.Writer.Header().Get("X-Request-Id")
	}
	req.showStatus(told.Status, "error", req.T("error.title"), page)
}

// errorPage is a refusal or a fault; a fault names its request, for those who ask about it.
type errorPage struct {
	pages.Told
	Request string
}
