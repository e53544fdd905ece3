// Package web is what people read: the staff's console and the customer's page. Pages are made on the server from
// templates, work without script, and do what they do through the same services, rights and refusals as the API.
package web

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/templates"
)

// Shared is what the pages and the JSON API work with alike: one set that both are given.
type Shared struct {
	Service   Service
	Coupons   Coupons
	Reviews   Reviews
	Listing   Listing
	Members   Members
	Directory Directory
	Lists     Lists
	Mails     Mails
	Audit     Audit
	// Sealed is the record as an export takes it.
	Sealed audit.Source
	Staff  Staff
	// Machines hands out the keys of programs.
	Machines Machines
	Policy   access.Policy
	Record   Record
	// Reports has the figures of the dashboard, Condition how the service is at the moment.
	Reports   Reports
	Condition func(ctx context.Context) (Condition, error)
	Now       func() time.Time
	// Zone is the shop's time zone, in which every time on a page is written.
	Zone     *time.Location
	ShopName string
	// Locale is the language of those who ask for none: "ja" or "en".
	Locale string
	// Secret signs what forms carry; at least 32 bytes. Without one there are no pages.
	Secret []byte
	// PublicURL is where clients reach this service; https makes cookies travel over nothing else, and switches strict
	// transport security on. It may be empty.
	PublicURL string
	// ApplyURL is the address before the code that applies it to a cart: https://shop.example/discount/.
	ApplyURL string
	// AdminURL is the address of the store's own admin, without a slash at its end; orders are linked to it.
	AdminURL string
}

// Deps is what the pages work with. All of it is needed.
type Deps struct {
	Shared
	// Hooks connect the pages with the requests they are part of.
	Hooks Hooks
}

// Hooks are what the surrounding requests offer.
type Hooks struct {
	// Seen tells who is asking, Refused how the request was refused, both for its line in the log.
	Seen    func(c *gin.Context, caller domain.Caller)
	Refused func(c *gin.Context, err error)
	// Address is the client's, as far as proxies are believed.
	Address func(c *gin.Context) string
	// Say words a refusal, with the status that belongs to it.
	Say func(locale string, err error) Told
	// Shopper finds out which customer the storefront vouches for; what is known is there beside a refusal as well.
	// FromStorefront refuses a form that another site made a customer's browser send.
	Shopper        func(c *gin.Context) (Shopper, error)
	FromStorefront func(c *gin.Context) error
}

// Told is a refusal in words.
type Told struct {
	Status int
	Code   domain.Code
	Title  string
	Detail string
	// RetryAfter is in seconds; 0 when waiting does not help.
	RetryAfter int64
}

// errorPage is a refusal or a fault; a fault names its request, for those who ask about it.
type errorPage struct {
	Told
	Request string
}

// Web is the assembled pages.
type Web struct {
	deps    Deps
	words   *templates.Catalogue
	pages   *pages
	assets  assets
	origins *http.CrossOriginProtection
	access  access.Check
	// walletPages are the customer's pages.
	walletPages *template.Template
}

// New reads the templates and the words. It fails on what is missing in them.
func New(d Deps) (*Web, error) {
	if len(d.Secret) < 32 {
		return nil, fmt.Errorf("the secret of the pages has %d bytes, at least 32 are needed", len(d.Secret))
	}
	w := &Web{deps: d, origins: http.NewCrossOriginProtection(), access: access.Check{Policy: d.Policy, Record: d.Record, Now: d.Now}}
	if origin := originOf(d.PublicURL); origin != "" {
		if err := w.origins.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("trust the public address: %w", err)
		}
	}
	var err error
	if w.words, err = templates.Texts(); err != nil {
		return nil, err
	}
	if w.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if w.walletPages, err = loadWallet(); err != nil {
		return nil, err
	}
	w.pages, err = loadPages()
	return w, err
}

// Mount registers the pages.
func (w *Web) Mount(engine *gin.Engine) {
	engine.GET(assetsPath+":name", w.asset)
	w.mountWallet(engine)
	for _, r := range w.routes() {
		engine.Handle(r.method, r.path, w.serve(r))
	}
}

// Fail answers with a page for an address below the console, and tells whether it did: for one that there is no page for,
// and for a fault on the way. Somebody who asks for the address of a form, by going back to it or by changing the language
// there, is led to the page above it.
func (w *Web) Fail(c *gin.Context, cause error) bool {
	if !inConsole(c.Request.URL.Path) {
		return false
	}
	v := w.visit(c)
	code := domain.CodeOf(cause)
	if code == domain.CodeMethodNotAllowed && c.Request.Method == http.MethodGet {
		v.redirect(localPath(path.Dir(c.Request.URL.EscapedPath())))
		return true
	}
	if code != domain.CodeInternal { // after a fault nothing is asked that may have been the fault
		if err := v.identify(); err != nil {
			cause = err
		}
	}
	v.fail(cause)
	return true
}

func inConsole(address string) bool {
	return address == consolePath || strings.HasPrefix(address, consolePath+"/")
}

func (w *Web) secure() bool { return strings.HasPrefix(w.deps.PublicURL, "https://") }

// originOf gives scheme and host of an address.
func originOf(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return ""
	}
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}
