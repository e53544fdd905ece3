// Package wallet is the customer's page in the storefront: points, the coupons made of them, and the form that makes
// one. Shopify renders it within the shop's theme; it works without script, and asks for the same rights as the API.
package wallet

import (
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
)

const (
	// root is where the customer's page stands here; the storefront has it below a path of its own.
	root = "/proxy"
	// AssetsPath is where the storefront finds the files that pages load.
	AssetsPath = root + pages.AssetsPath
)

// Deps is what the customer's page works with. All of it is needed.
type Deps struct {
	*pages.Base
	// Shopper finds out which customer the storefront vouches for; what is known is there beside a refusal as well.
	// FromStorefront refuses a form that another site made a customer's browser send.
	Shopper        func(c *gin.Context) (Shopper, error)
	FromStorefront func(c *gin.Context) error
}

// Wallet is the assembled page.
type Wallet struct {
	deps Deps
	html *template.Template
}

// New reads the templates.
func New(d Deps) (*Wallet, error) {
	html, err := loadTemplates()
	return &Wallet{deps: d, html: html}, err
}

// Shopper is who asks for the customer's page.
type Shopper struct {
	Caller domain.Caller
	// Base is where the storefront has the page, e.g. /apps/pointbridge; empty for who did not come through it.
	Base string
	// Locale is the language that the storefront asks for; it may be empty.
	Locale string
	// Proof names the signature by which the storefront sent the request.
	Proof string
}

// request is one request for the customer's page.
type request struct {
	pages.Request
	wallet *Wallet
	// storefront is where the storefront has the page.
	storefront string
	proof      string
	asked      string // the language that the address names, if there are words in it
	member     domain.Customer
}

// route is one of the customer's pages.
type route = pages.Route[*request]

func (w *Wallet) routes() []route {
	reads := access.To("points", "read")
	return []route{
		pages.Get(root, reads, w.home),
		pages.Get(root+"/", reads, w.home),
		pages.Get(root+"/preview", reads, w.preview),
		pages.Post(root+"/preview", reads, w.choose),
		// Somebody who asks for the address of a form that was refused is led back to it.
		pages.Get(root+"/conversions", reads, func(req *request) error { req.redirect("/"); return nil }),
		pages.Post(root+"/conversions", access.To("conversions", "create"), w.convert),
		pages.Get(root+"/conversions/:key", access.To("conversions", "read"), w.conversion),
		pages.Get(root+"/undo", reads, func(req *request) error { req.redirect("/"); return nil }),
		pages.Post(root+"/undo", access.To("conversions", "undo"), w.undo),
		pages.Post(root+"/offers/:key", access.To("campaign_codes", "create"), w.take),
		pages.Get(root+"/offers/:key", access.To("conversions", "read"), w.taken),
	}
}

// Mount registers the pages.
func (w *Wallet) Mount(engine *gin.Engine) { pages.Mount(engine, w.routes(), w.serve) }

func (w *Wallet) serve(r route) gin.HandlerFunc {
	return func(c *gin.Context) {
		req, err := w.arrive(c)
		if err == nil {
			err = req.admit(r)
		}
		if err == nil {
			err = r.Handle(req)
		}
		if err != nil {
			req.fail(err)
		}
	}
}

// arrive finds out who asks and in which language they are answered. The result is there also when it fails: the
// refusal is said to somebody.
func (w *Wallet) arrive(c *gin.Context) (*request, error) {
	who, err := w.deps.Shopper(c)
	req := w.requestOf(c, who)
	if err == nil {
		req.member, err = w.deps.Directory.Customer(req.Ctx(), who.Caller.CustomerID)
	}
	req.Begin(req.language())
	return req, err
}

func (w *Wallet) requestOf(c *gin.Context, who Shopper) *request {
	return &request{Request: pages.Request{Base: w.deps.Base, Gin: c, Who: who.Caller}, wallet: w,
		storefront: who.Base, proof: who.Proof, asked: w.deps.LanguageNamed(who.Locale)}
}

// Fail answers with a page for an address below the storefront's that there is nothing at. It stands on its own and
// has the true status: no page of the shop is asked for there.
func (w *Wallet) Fail(c *gin.Context, who Shopper, cause error) {
	req := w.requestOf(c, who)
	req.Begin(req.language())
	c.Writer.Header().Add("Vary", "Accept, Accept-Language, Cookie")
	told := req.told(cause)
	req.alone(told.Status, req.page("refused", "refused.html", told))
}

// language is what the address names, else the member's, else what the browser asks for, else the shop's.
func (req *request) language() string {
	if req.asked != "" {
		return req.asked
	}
	if lang := req.Base.LanguageNamed(req.member.Locale); lang != "" {
		return lang
	}
	return req.wallet.deps.LanguageOf(req.Gin)
}

func (req *request) admit(r route) error {
	if err := req.wallet.deps.Access.Demand(req.Who, r.May); err != nil {
		return err
	}
	if r.Method != http.MethodPost {
		return nil
	}
	return req.checkPosted()
}

// redirect leads to another of the customer's pages, at the storefront's address of it.
func (req *request) redirect(path string, query ...string) {
	req.Gin.Redirect(http.StatusSeeOther, req.link(path, query...))
}

// fail turns a refusal into a page of its own.
func (req *request) fail(err error) {
	told := req.told(err)
	req.show(told.Status, "refused", "refused.html", told)
}

// told words a refusal for a customer: what the shared sentences say to programs is said here to people.
func (req *request) told(err error) pages.Told {
	told := req.Refuse(err)
	if title, err := req.wallet.deps.Words.Say(req.Lang, "wallet.refused."+string(told.Code)); err == nil {
		told.Title, told.Detail = title, req.T("wallet.refused."+string(told.Code)+".detail")
	}
	if told.Code == domain.CodeConversionsLocked && told.RetryAfter > 0 {
		told.Detail = req.T("wallet.locked_until", req.Time(req.lockEnds(told.RetryAfter)))
	}
	return told
}
