package api

import (
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
)

const (
	preflightAge   = "600" // seconds
	allowedHeaders = "Accept-Language, Authorization, Content-Type, Idempotency-Key, X-Request-Id"
	exposedHeaders = "Content-Language, Idempotent-Replayed, Location, Retry-After, X-Request-Id"
)

// crossOrigin lets the pages of extensions read the answers to a customer's calls. No cookie is ever involved: who has
// no token gets nothing, wherever they ask from.
func (a *API) crossOrigin(guard func(huma.Context, func(huma.Context))) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		c := humagin.Unwrap(ctx)
		exchangeOf(ctx.Context()).vary = []string{"Origin"}
		c.Header("Vary", "Origin")
		if origin, ok := a.allowedOrigin(c.Request); ok {
			c.Header("Access-Control-Allow-Origin", origin)
			c.Header("Access-Control-Expose-Headers", exposedHeaders)
		}
		guard(ctx, next)
	}
}

// preflights are the addresses of a customer's own operations, once more.
func (a *API) preflights() {
	for _, call := range []string{"points", "quote", "conversions", "conversions/:key", "coupons", "offers", "undos"} {
		a.engine.OPTIONS("/v1/customers/:id/"+call, a.preflight)
	}
}

// preflight answers a browser that asks whether an extension may send such a request.
func (a *API) preflight(c *gin.Context) {
	c.Header("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
	if origin, ok := a.allowedOrigin(c.Request); ok {
		c.Header("Access-Control-Allow-Origin", origin)
		c.Header("Access-Control-Allow-Methods", "GET, POST")
		c.Header("Access-Control-Allow-Headers", allowedHeaders)
		c.Header("Access-Control-Max-Age", preflightAge)
	}
	c.Status(http.StatusNoContent)
}

// allowedOrigin returns what to answer an origin with: itself, or * where every origin is allowed.
func (a *API) allowedOrigin(r *http.Request) (string, bool) {
	origin := r.Header.Get("Origin")
	switch {
	case origin == "":
		return "", false
	case slices.Contains(a.deps.ExtensionOrigins, "*"):
		return "*", true
	default:
		return origin, slices.Contains(a.deps.ExtensionOrigins, origin)
	}
}
