package web

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"pointbridge/api/access"
	"pointbridge/domain"
)

const consolePath = "/admin"

// own is what everybody who is signed in may do: look at their own sign-in and end it.
var own = access.To("session", "own")

// route is one page: where it is, the right it needs, and what it does. Without a right it is open to everybody.
type route struct {
	method, path string
	may          access.Right
	handle       func(*visit) error
}

// routes is every page.
func (w *Web) routes() []route {
	return slices.Concat(w.sessionRoutes(), w.halfWayRoutes(), w.couponRoutes(), w.reviewRoutes(), w.dashboardRoutes(), w.auditRoutes(), w.staffRoutes(), w.keyRoutes(),
		w.tokenRoutes(), w.accountRoutes())
}

// sessionRoutes lead in and out. What only sends people on, or in, is open.
func (w *Web) sessionRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, consolePath, own, w.home},
		{get, signInPath, access.Right{}, w.signInForm},
		{post, signInPath, access.Right{}, w.signIn},
		{get, providerPath, access.Right{}, w.toProvider},
		{get, ProviderReturn, access.Right{}, w.fromProvider},
		{post, consolePath + "/sign-out", own, w.signOut},
		{post, consolePath + "/language", access.Right{}, w.language},
	}
}

// serve lets a request through to its page once it is known who asks and that they may, and turns a refusal into a page.
func (w *Web) serve(r route) gin.HandlerFunc {
	return func(c *gin.Context) {
		v := w.visit(c)
		err := w.admit(v, r)
		if err == nil {
			err = r.handle(v)
		}
		if err != nil && !errors.Is(err, errShown) {
			v.fail(err)
		}
	}
}

func (w *Web) admit(v *visit, r route) error {
	if err := v.identify(); err != nil {
		return err
	}
	if stage, ok := r.stage(); ok {
		return w.admitHalf(v, r, stage)
	}
	if r.may != (access.Right{}) {
		if v.half != nil {
			return v.half.stage.Refusal()
		}
		if v.session == nil {
			return domain.Refuse(domain.CodeUnauthenticated)
		}
		if err := w.access.Demand(v.who, r.may); err != nil {
			return v.denied(r, err)
		}
	}
	if r.method != http.MethodPost {
		return nil
	}
	if err := v.checkForm(r); err != nil || !r.fresh() {
		return err
	}
	return v.fresh()
}

// denied refuses, and records an attempt to change something.
func (v *visit) denied(r route, refusal error) error {
	if r.method != http.MethodPost {
		return refusal
	}
	err := v.web.access.Refused(v.ctx(), v.who, r.method+" "+r.path, map[string]any{"right": r.may.String()})
	return errors.Join(refusal, err)
}
