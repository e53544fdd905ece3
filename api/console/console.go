// Package console is the staff's pages, below /admin. They are made on the server from templates, work without script,
// and do what they do through the same services, rights and refusals as the API.
package console

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"pointbridge/api/pages"
	"pointbridge/domain"
)

const consolePath = "/admin"

// Deps is what the console works with. All of it is needed.
type Deps struct {
	*pages.Base
	// Seen tells who is asking, for the request's line in the log.
	Seen func(c *gin.Context, caller domain.Caller)
	// Address is the client's, as far as proxies are believed.
	Address func(c *gin.Context) string
}

// Console is the assembled pages.
type Console struct {
	deps    Deps
	html    screens
	origins *http.CrossOriginProtection
	// exports has room for the files that may be made at once.
	exports chan struct{}
}

// New finds the templates.
func New(d Deps) (*Console, error) {
	con := &Console{deps: d, origins: http.NewCrossOriginProtection(),
		exports: make(chan struct{}, exportsAtOnce)}
	if origin := originOf(d.PublicURL); origin != "" {
		if err := con.origins.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("trust the public address: %w", err)
		}
	}
	var err error
	con.html, err = loadTemplates()
	return con, err
}

// Mount registers the pages.
func (con *Console) Mount(engine *gin.Engine) {
	pages.Mount(engine, slices.Concat(con.routes(), con.queueRoutes()), con.serve)
}

// routes is every page.
func (con *Console) routes() []route {
	entry, people, account := entryHandlers{con}, peopleHandlers{con}, accountHandlers{con}
	return slices.Concat(entry.sessionRoutes(), entry.halfWayRoutes(), couponHandlers{con}.couponRoutes(),
		reviewHandlers{con}.reviewRoutes(), requestHandlers{con}.requestRoutes(), bulkHandlers{con}.bulkRoutes(), decisionHandlers{con}.decisionRoutes(),
		campaignHandlers{con}.campaignRoutes(), codeHandlers{con}.codeRoutes(), identityHandlers{con}.identityRoutes(),
		dashboardHandlers{con}.dashboardRoutes(), reportHandlers{con}.reportRoutes(), auditHandlers{con}.auditRoutes(),
		people.staffRoutes(), people.keyRoutes(), eventHandlers{con}.eventRoutes(), letterHandlers{con}.letterRoutes(),
		account.tokenRoutes(), account.accountRoutes(), account.helpRoutes())
}

// Each group of pages has a type of its own, on what all of them share.
type (
	// entryHandlers lead in and out.
	entryHandlers struct{ *Console }
	// couponHandlers show and end coupons, and show whose they are.
	couponHandlers struct{ *Console }
	// reviewHandlers show reviews and take what is decided.
	reviewHandlers struct{ *Console }
	// requestHandlers take requests to cancel, and what is decided about them.
	requestHandlers struct{ *Console }
	// bulkHandlers do one thing to many coupons.
	bulkHandlers struct{ *Console }
	// decisionHandlers show what was decided about codes, and take what people say of it.
	decisionHandlers struct{ *Console }
	// campaignHandlers show campaigns and change their rules.
	campaignHandlers struct{ *Console }
	// codeHandlers make the codes of campaigns, show them and end them.
	codeHandlers struct{ *Console }
	// identityHandlers show people as far as they are known, and what rules would have caught.
	identityHandlers struct{ *Console }
	// dashboardHandlers show how things stand.
	dashboardHandlers struct{ *Console }
	// reportHandlers show sums with a way down to each coupon.
	reportHandlers struct{ *Console }
	// auditHandlers show what happened, and give it away as a table.
	auditHandlers struct{ *Console }
	// peopleHandlers are about the staff, and about keys of programs.
	peopleHandlers struct{ *Console }
	// accountHandlers are about whoever is signed in.
	accountHandlers struct{ *Console }
)

// Fail answers with a page for an address below the console, and reports whether it did: for one that there is no page
// for, and for a fault on the way. Somebody who asks for the address of a form, by going back to it or by changing the
// language there, is led to the page above it.
func (con *Console) Fail(c *gin.Context, cause error) bool {
	if !inConsole(c.Request.URL.Path) {
		return false
	}
	req := con.request(c)
	code := domain.CodeOf(cause)
	if code == domain.CodeMethodNotAllowed && c.Request.Method == http.MethodGet {
		req.redirect(localPath(path.Dir(c.Request.URL.EscapedPath())))
		return true
	}
	if code != domain.CodeInternal { // after a fault nothing is asked that may have been the fault
		if err := req.identify(); err != nil {
			cause = err
		}
	}
	req.fail(cause)
	return true
}

// Missing answers for a file that no page loads. Nobody is looked up for it.
func (con *Console) Missing(c *gin.Context) { con.request(c).fail(domain.Refuse(domain.CodeNotFound)) }

func inConsole(address string) bool {
	return address == consolePath || strings.HasPrefix(address, consolePath+"/")
}

// originOf returns scheme and host of an address.
func originOf(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return ""
	}
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}
