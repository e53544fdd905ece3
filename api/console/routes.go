package console

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
)

// own is what everybody who is signed in may do: look at their own sign-in and end it.
var own = access.To("session", "own")

// route is one of the console's pages.
type route = pages.Route[*request]

// sessionRoutes lead in and out. What only sends people on, or in, is open.
func (con entryHandlers) sessionRoutes() []route {
	return []route{
		pages.Get(consolePath, own, con.home),
		pages.Get(signInPath, access.Right{}, con.signInForm),
		pages.Post(signInPath, access.Right{}, con.signIn),
		pages.Get(providerPath, access.Right{}, con.toProvider),
		pages.Get(ProviderReturn, access.Right{}, con.fromProvider),
		pages.Post(consolePath+"/sign-out", own, con.signOut),
		pages.Post(consolePath+"/language", access.Right{}, con.language),
	}
}

// serve lets a request through to its page once it is known who asks and that they may, and turns a refusal into a
// page.
func (con *Console) serve(r route) gin.HandlerFunc {
	return func(c *gin.Context) {
		req := con.request(c)
		err := con.admit(req, r)
		if err == nil && r.Method == http.MethodPost && con.ask(req, r) {
			return
		}
		if err == nil {
			err = r.Handle(req)
		}
		if err != nil && !errors.Is(err, errShown) {
			req.fail(err)
		}
	}
}

func (con *Console) admit(req *request, r route) error {
	if err := req.identify(); err != nil {
		return err
	}
	if stage, ok := stageOf(r); ok {
		return con.admitHalf(req, r, stage)
	}
	if r.May != (access.Right{}) {
		if req.half != nil {
			return req.half.stage.Refusal()
		}
		if req.session == nil {
			return domain.Refuse(domain.CodeUnauthenticated)
		}
		if err := con.deps.Access.Demand(req.Who, r.May); err != nil {
			return req.denied(r, err)
		}
	}
	if r.Method != http.MethodPost {
		return nil
	}
	if err := req.checkForm(r); err != nil || !isFresh(r) {
		return err
	}
	return req.fresh()
}

// denied refuses, and records an attempt to change something.
func (req *request) denied(r route, refusal error) error {
	if r.Method != http.MethodPost {
		return refusal
	}
	err := req.console.deps.Access.Refused(req.Ctx(), req.Who, r.Method+" "+r.Path,
		map[string]any{"right": r.May.String()})
	return errors.Join(refusal, err)
}
