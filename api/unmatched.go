package api

import (
	"strings"

	"github.com/gin-gonic/gin"

	"pointbridge/api/wallet"
	"pointbridge/domain"
)

func (a *API) unmatched(c *gin.Context) { a.fail(c, domain.Refuse(domain.CodeNotFound)) }

// fail refuses in the form that fits the address: a page to people, a problem document to programs. Below the
// storefront's address both come, and only browsers say that they accept pages.
func (a *API) fail(c *gin.Context, err error) {
	switch {
	case a.console == nil:
	case a.console.Fail(c, err):
		return
	case exchangeOf(c.Request.Context()).reader && belowProxy(c.Request.URL.Path):
		a.wallet.Fail(c, a.arrival(c, err), err)
		return
	}
	a.refuse(c, err)
}

// arrival is where the storefront has us, and its language, as far as that is proved. Nobody is looked up for an
// address that does not exist, and after a fault nothing is asked that may have been the fault.
func (a *API) arrival(c *gin.Context, cause error) wallet.Shopper {
	x := exchangeOf(c.Request.Context())
	if x.base == "" && domain.CodeOf(cause) != domain.CodeInternal {
		_, _ = a.proxied(c, x) // for somebody who did not come through the storefront nothing is known
	}
	return wallet.Shopper{Base: x.base, Locale: x.locale}
}

func belowProxy(path string) bool { return path == proxyPath || strings.HasPrefix(path, proxyPath+"/") }

// acceptsPages reports whether a client prefers a page, as browsers say. */* is what programs say.
func acceptsPages(c *gin.Context) bool {
	return c.NegotiateFormat(gin.MIMEJSON, gin.MIMEHTML) == gin.MIMEHTML
}

// otherMethod answers for an address that exists with other methods; the router has named them in Allow.
func (a *API) otherMethod(c *gin.Context) { a.fail(c, domain.Refuse(domain.CodeMethodNotAllowed)) }
