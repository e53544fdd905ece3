package api

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"pointbridge/domain"
)

// setUpFrameworks sets what gin and huma keep in package variables and offer no other way to say: quiet start, our own
// error body and rules, and member names compared with case. It runs once and before anything reads them.
var setUpFrameworks = sync.OnceFunc(func() {
	gin.SetMode(gin.ReleaseMode)
	huma.ValidateStrictCasing = true
	rewordHuma()
	huma.NewError = func(status int, _ string, _ ...error) huma.StatusError {
		return &Problem{Status: status}
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		return exchangeOf(ctx.Context()).problem(ctx.SetHeader, status, errs)
	}
})

// newHuma configures huma: JSON only, nothing served by itself (its own documentation page loads scripts from another
// host), and no query parameter that an operation does not name.
func newHuma(engine *gin.Engine, address string) huma.API {
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: decode}
	return humagin.New(engine, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:   "Pointbridge",
				Version: "1",
				Description: "Points from the POS become single-use discount codes in the online shop. Times are RFC 3339 in UTC, " +
					"amounts are whole numbers of the currency's smallest unit, and every refusal is a problem document " +
					"(RFC 9457) with a stable code.",
				License: &huma.License{Name: "Apache 2.0", Identifier: "Apache-2.0"},
			},
			Servers: []*huma.Server{{URL: address, Description: "This service, under the address that callers reach it at"}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				// No scheme is called like a schema: generators make types of both.
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"apiKey": {Type: "http", Scheme: "bearer",
						Description: "An API key, or the token of a sign-in, as it was shown once when it was made."},
					"sessionToken": {Type: "http", Scheme: "bearer", BearerFormat: "JWT",
						Description: "The session token of a customer-account or checkout UI extension of the shop, for the customer signed in there."},
					"storefront": {Type: "apiKey", In: "query", Name: "signature",
						Description: "Shopify's app proxy adds it, together with shop, path_prefix, timestamp and logged_in_customer_id: ask under " +
							"the storefront's own address, e.g. /apps/pointbridge/v1/customers/me/points. A locale parameter chooses the language."},
				},
			},
			Security: []map[string][]string{{"apiKey": {}}},
		},
		Formats:                      map[string]huma.Format{"application/json": format, "json": format},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	})
}

// unescape decodes the path's parameters, each on its own. What the router matched is well-formed by construction; no
// page is named by what is no text then, and operations check theirs themselves.
func (a *API) unescape(c *gin.Context) {
	for i, p := range c.Params {
		if value, err := url.PathUnescape(p.Value); err == nil {
			c.Params[i].Value = value
		}
		if !domain.PlainText(c.Params[i].Value) && a.console != nil &&
			a.console.Fail(c, domain.Refuse(domain.CodeNotFound)) {
			c.Abort()
			return
		}
	}
}

// secure sets the headers every answer carries. Pages replace the content policy by one that fits them.
func (a *API) secure(h http.Header, requestID string) {
	h.Set("X-Request-Id", requestID)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	if a.overHTTPS() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// schemaName names a type in the document: as it is called here, without the word that says that it is a body.
func schemaName(t reflect.Type, hint string) string {
	return strings.TrimSuffix(huma.DefaultSchemaNamer(t, hint), "Body")
}
