package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"pointbridge/domain"
)

// proxyPath is where Shopify's app proxy reaches us: what the shop serves below its own path_prefix stands below it
// here.
const proxyPath = "/proxy"

// The ways by which a shop's customer comes, as the audit names them.
const (
	byProxy     = "storefront"
	byExtension = "extension"
)

// Storefront proves what Shopify says about a customer of the shop. Errors: unauthenticated.
type Storefront interface {
	// Proxied checks the signed query of the app proxy.
	Proxied(query string) (domain.ProxyRequest, error)
	// ProxiedPage does the same for a page that is only looked at: links in mails and advertisements have parameters of
	// their own, which mean nothing here.
	ProxiedPage(query string) (domain.ProxyRequest, error)
	// SessionCustomer checks an extension's session token and gives the customer's gid, empty when it names nobody.
	SessionCustomer(token string) (customerGID string, err error)
}

// nobody is the storefront of a service that is not told the app's secret.
type nobody struct{}

func (nobody) Proxied(string) (domain.ProxyRequest, error) {
	return domain.ProxyRequest{}, domain.Refuse(domain.CodeUnauthenticated)
}

func (nobody) ProxiedPage(string) (domain.ProxyRequest, error) {
	return domain.ProxyRequest{}, domain.Refuse(domain.CodeUnauthenticated)
}

func (nobody) SessionCustomer(string) (string, error) {
	return "", domain.Refuse(domain.CodeUnauthenticated)
}

// proxyCaller finds out for which customer Shopify's app proxy has forwarded this request; pages use it as well. From
// then on the request speaks the storefront's language and its query holds the visitor's own parameters only. Errors:
// unauthenticated, not_signed_in, rate_limited, customer_not_linked, upstream_unavailable.
func (a *API) proxyCaller(c *gin.Context) (domain.Caller, error) {
	proxied, err := a.arriveByProxy(c)
	if err != nil {
		return domain.Caller{}, err
	}
	x := exchangeOf(c.Request.Context())
	err = a.recognise(c.Request.Context(), x, proxied.CustomerGID, nil)
	return x.caller, err
}

// arriveByProxy is proxyCaller as long as it is not asked which member it is.
func (a *API) arriveByProxy(c *gin.Context) (domain.ProxyRequest, error) {
	x := exchangeOf(c.Request.Context())
	proxied, err := a.proxied(c, x)
	if err != nil {
		return domain.ProxyRequest{}, err
	}
	return proxied, a.arrive(x, proxied.CustomerGID, byProxy)
}

// proxied checks what Shopify signed. Errors: unauthenticated.
func (a *API) proxied(c *gin.Context, x *exchange) (domain.ProxyRequest, error) {
	check := a.deps.Storefront.Proxied
	if looksAtHome(c.Request) {
		check = a.deps.Storefront.ProxiedPage
	}
	proxied, err := check(c.Request.URL.RawQuery)
	// Whatever comes of it, nobody further on sees what was signed.
	c.Request.URL.RawQuery, c.Request.RequestURI = proxied.Query, c.Request.URL.EscapedPath()
	if err != nil {
		return domain.ProxyRequest{}, err
	}
	x.base, x.locale, x.proof = proxied.PathPrefix, proxied.Locale, proxied.Proof
	if proxied.Locale != "" {
		x.words = a.texts.pick(proxied.Locale)
	}
	return proxied, nil
}

// looksAtHome says that a request is for the customer's page itself, the one that links lead to.
func looksAtHome(r *http.Request) bool {
	return r.Method == http.MethodGet && (r.URL.Path == proxyPath || r.URL.Path == proxyPath+"/")
}

// sessionCaller does the same for an extension's session token. Whatever needs more than a customer's rights is refused
// before it is looked up which member they are.
func (a *API) sessionCaller(c *gin.Context, x *exchange, r route, token string) error {
	gid, err := a.signIn.session(token, c.ClientIP(), a.deps.Storefront)
	if err != nil {
		return err
	}
	if r.asksDecision() {
		return a.askShopper(x, r, gid)
	}
	if err := a.arrive(x, gid, byExtension); err != nil {
		return err
	}
	if !r.ofCustomer() && !r.asksCode() || !a.access.May(domain.Caller{Role: domain.RoleCustomer}, r.may) {
		return domain.Refuse(domain.CodePermissionDenied)
	}
	return a.recognise(c.Request.Context(), x, gid, a.forShoppers(r))
}

// arrive notes who Shopify vouches for, and counts them before anything else: any shopper can come, what they are
// refused goes into the audit, and finding out which member they are may mean asking Shopify and the POS.
func (a *API) arrive(x *exchange, gid, channel string) error {
	if gid == "" {
		return domain.Refuse(domain.CodeNotSignedIn)
	}
	x.caller = domain.Shopper(channel)
	if wait, ok := a.requests.take(gid, a.deps.Now()); !ok {
		return &domain.Error{Code: domain.CodeRateLimited, RetryAfter: wait}
	}
	x.counted = true
	return nil
}

// recognise finds the member who a customer of the shop is. One who is no member is who they are in the shop, where such
// are served.
func (a *API) recognise(ctx context.Context, x *exchange, gid string,
	serves func(ctx context.Context, shopperID string) bool) error {
	member, err := a.deps.Linking.MemberOf(ctx, x.caller, gid)
	if serves != nil && errors.Is(err, &domain.Error{Code: domain.CodeCustomerNotLinked}) {
		id := a.deps.ShopperID(gid)
		if !serves(ctx, id) {
			return err
		}
		x.caller, x.shopper = x.caller.As(id), gid
		return nil
	}
	if err != nil {
		return err
	}
	x.caller = x.caller.As(member.ID)
	return nil
}

// fromStorefront refuses what another site made a customer's browser send. The signature does not tell: the shop's own
// session signs it. A browser says where a request that changes something comes from; where nothing is said it is no
// browser's, or one that cannot have sent JSON to another site without asking first.
func (a *API) fromStorefront(r *http.Request) error {
	if err := a.crossSite.Check(r); err != nil {
		return &domain.Error{Code: domain.CodePermissionDenied, Err: err}
	}
	return nil
}

// trustOrigins lists the storefront's addresses, by scheme and host.
func trustOrigins(list []string) (*http.CrossOriginProtection, error) {
	guard := http.NewCrossOriginProtection()
	for _, address := range list {
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		if err := guard.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, err
		}
	}
	return guard, nil
}

// looksLikeSessionToken tells Shopify's tokens from our own keys, which have no dots.
func looksLikeSessionToken(token string) bool { return strings.Count(token, ".") == 2 }
