// Package api is the HTTP surface: routes, sign-in, permissions, strict intake, and every refusal as a problem
// document. It is the only package that knows gin and huma; what a request means is the domain's business.
package api

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"pointbridge/api/access"
	"pointbridge/api/console"
	"pointbridge/api/pages"
	"pointbridge/api/wallet"
	"pointbridge/domain"
)

// Deps is everything the API works with. All of it is needed unless its comment says otherwise.
type Deps struct {
	// Shared is what the pages are given as well, as it stands.
	pages.Shared
	Keys Keys
	// Linking and Refunds are what only programs ask for, Accounts what only the API asks of the staff; Counter is told
	// of what many do alike.
	Linking  Linking
	Refunds  Refunds
	Accounts Accounts
	Counter  Counter
	// Storefront proves customers that Shopify vouches for; without one nobody comes that way.
	Storefront Storefront
	// StorefrontOrigins are the shop's own addresses, from where customers' requests come; ExtensionOrigins are those
	// whose scripts may read a customer's answers, "*" for all.
	StorefrontOrigins []string
	ExtensionOrigins  []string
	Metrics           Metrics
	// Webhooks takes in what the shop tells, PointsWebhooks what the POS tells of points; without one there is no such
	// address.
	Webhooks       Webhooks
	PointsWebhooks Webhooks
	// MetricsHandler serves /metrics to whoever brings MetricsToken; without the handler there is no such address.
	MetricsHandler http.Handler
	MetricsToken   string
	// Checks are what /readyz asks; none means always ready.
	Checks []Check
	// Notes are what an operator should put right although requests can be served; /readyz shows them.
	Notes func(ctx context.Context) []string
	// NewID draws ids for requests that bring none.
	NewID  func() string
	Logger *slog.Logger
	Limits Limits
	// UnknownCodes is how many answers coupon_not_found to one caller within Limits.Window raise an alert; 0 for none.
	UnknownCodes int
	// KeepAddresses lets the log of requests, and the audit of what was refused, hold the client's address.
	KeepAddresses bool
	// TrustedProxies are the addresses whose X-Forwarded-For is believed; none by default.
	TrustedProxies []string
}

// Limits are how often somebody may ask within a Window. A zero field means its default.
type Limits struct {
	// Window is the length of time the other figures are for; one minute.
	Window time.Duration
	// PerCustomer is for one caller about one customer; 60.
	PerCustomer int
	// FailedSignIns is for one client address; 60.
	FailedSignIns int
}

func (l Limits) filled() Limits {
	if l.Window == 0 {
		l.Window = time.Minute
	}
	if l.PerCustomer == 0 {
		l.PerCustomer = 60
	}
	if l.FailedSignIns == 0 {
		l.FailedSignIns = 60
	}
	return l
}

// API is the assembled surface.
type API struct {
	deps     Deps
	engine   *gin.Engine
	huma     huma.API
	texts    *texts
	signIn   *signIn
	requests *limiter
	unknown  *burst
	console  *console.Console
	wallet   *wallet.Wallet
	// unsigned bounds how often a refused webhook is told.
	unsigned *limiter
	// hall bounds what webhooks take up before they are proved.
	hall hall
	// forwarded notices proxies that the settings do not name.
	forwarded forwarded
	// permissions is what each registered operation needs, by method and path; for the test that walks them.
	permissions map[string]access.Right
	// titles are those of refusals in the document, by their codes.
	titles    map[domain.Code]string
	access    access.Check
	crossSite *http.CrossOriginProtection
}

// New assembles the API. It fails on sentences that are missing and on proxy addresses that are none.
func New(d Deps) (*API, error) {
	setUpFrameworks()
	sentences, err := loadTexts(d.Locale)
	if err != nil {
		return nil, err
	}
	limits := d.Limits.filled()
	if d.Storefront == nil {
		d.Storefront = nobody{}
	}
	trusted, err := trustOrigins(d.StorefrontOrigins)
	if err != nil {
		return nil, fmt.Errorf("storefront origins: %w", err)
	}
	a := &API{deps: d, engine: gin.New(), texts: sentences, permissions: map[string]access.Right{},
		titles: map[domain.Code]string{}, crossSite: trusted,
		access:   access.Check{Policy: d.Policy, Recorder: d.Recorder, Now: d.Now},
		requests: newLimiter(limits.PerCustomer, limits.Window), unknown: newBurst(d.UnknownCodes, limits.Window),
		unsigned: newLimiter(1, limits.Window), hall: newHall(),
		signIn: newSignIn(d.Keys, d.Staff, d.Now, newLimiter(limits.FailedSignIns, limits.Window), d.Logger)}
	if err := a.engine.SetTrustedProxies(d.TrustedProxies); err != nil {
		return nil, fmt.Errorf("trusted proxies: %w", err)
	}
	// One header is what the proxies promise to write; any other could be the client's own.
	a.engine.RemoteIPHeaders = []string{forwardedHeader}
	a.engine.RedirectTrailingSlash = false
	a.engine.HandleMethodNotAllowed = true
	// Parameters are matched as they were sent and decoded by unescape: an idempotency key may hold a slash.
	a.engine.UseEscapedPath, a.engine.UnescapePathValues = true, false
	a.engine.Use(a.observe, a.unescape)
	a.huma = newHuma(a.engine, d.PublicURL)
	a.routes()
	a.ownRoles(d.Policy.Roles())
	if err := a.mountPages(); err != nil {
		return nil, err
	}
	a.webhookRoutes()
	showFigures(a.huma.OpenAPI())
	showGroups(a.huma.OpenAPI())
	showNulls(a.huma.OpenAPI())
	if err := a.showExamples(); err != nil {
		return nil, err
	}
	a.operatorRoutes()
	return a, nil
}

// ServeHTTP answers one request. HEAD is answered as GET is; the server leaves the body out.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		r = r.Clone(r.Context())
		r.Method = http.MethodGet
	}
	a.engine.ServeHTTP(w, r)
}

// OpenAPI returns the published document, indented, as it is served and as it is kept in the repository.
func (a *API) OpenAPI() ([]byte, error) {
	document, err := json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	return append(document, '\n'), nil
}

func (a *API) overHTTPS() bool { return strings.HasPrefix(a.deps.PublicURL, "https://") }
