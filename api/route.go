package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"pointbridge/api/access"
	"pointbridge/domain"
)

// route is one operation: where it is, who may call it, and how it can refuse.
type route struct {
	method, path string
	may          access.Right
	summary      string
	// keyed operations move something, so they need an idempotency key.
	keyed bool
	codes []domain.Code
}

func (r route) ofCustomer() bool { return strings.HasPrefix(r.direct(), "/v1/customers/{id}") }

// proxied operations are the storefront's; direct is where the same operation is for those who call us directly.
func (r route) proxied() bool  { return strings.HasPrefix(r.path, proxyPath+"/") }
func (r route) direct() string { return strings.TrimPrefix(r.path, proxyPath) }

// bodyless is what moves something and needs to be told nothing.
var bodyless = []string{passwordPath, totpPath, recoveryPath, endpointSecretPath, endpointTestPath}

func (r route) hasBody() bool {
	return (r.method == http.MethodPost || r.method == http.MethodPut || r.method == http.MethodPatch) &&
		!slices.Contains(bodyless, r.path)
}

// bodyLimit is how many bytes a body may have: a list of recipients needs room.
func (r route) bodyLimit() int64 {
	if r.path == batchesPath {
		return maxBatchBody
	}
	return maxBody
}

// refuses lists every code the operation can answer with: its own, and those that any request can meet.
func (r route) refuses() []domain.Code {
	codes := append([]domain.Code{domain.CodeValidation, domain.CodeUnauthenticated, domain.CodePermissionDenied,
		domain.CodeRateLimited, domain.CodeUnavailable, domain.CodeInternal}, r.codes...)
	codes = append(codes, r.gateCodes()...)
	if r.hasBody() {
		codes = append(codes, domain.CodeBodyTooLarge, domain.CodeUnsupportedMedia)
	}
	if r.keyed {
		codes = append(codes, domain.CodeKeyMissing, domain.CodeKeyReused, domain.CodeRequestInProgress)
	}
	return codes
}

// add registers one operation behind its guard. A route without a permission is a mistake in the program: it stops at
// the start instead of being open.
func add[I, O any](a *API, r route, status int, handle func(context.Context, *I) (*O, error)) {
	a.needs(r)
	register(a, r, status, a.guard(r), nil, handle)
}

func (a *API) needs(r route) {
	if r.may == (access.Right{}) {
		panic("no permission for " + r.method + " " + r.path)
	}
	a.permissions[r.method+" "+r.path] = r.may
}

// addShared registers one of a customer's own operations twice: for keys and for extensions' session tokens under its
// address, and for the storefront, whose requests Shopify signs, under the proxy's. One handler serves them all. Both
// are documented, because whoever writes a theme or an extension works from the document as the POS's people do.
func addShared[I, O any](a *API, r route, status int, handle func(context.Context, *I) (*O, error)) {
	r.codes = append(r.codes[:len(r.codes):len(r.codes)], domain.CodeNotSignedIn, domain.CodeCustomerNotLinked,
		domain.CodeUpstreamUnavailable)
	slices.Sort(r.codes)
	r.codes = slices.Compact(r.codes)
	a.needs(r)
	register(a, r, status, a.crossOrigin(a.guard(r)), []map[string][]string{{"apiKey": {}}, {"sessionToken": {}}}, handle)
	r.path = proxyPath + r.path
	a.needs(r)
	register(a, r, status, a.guard(r), []map[string][]string{{"storefront": {}}}, handle)
}

// addOpen registers the operation that nobody needs a credential for.
func addOpen[I, O any](a *API, r route, status int, handle func(context.Context, *I) (*O, error)) {
	register(a, r, status, a.door(r), []map[string][]string{{}}, handle)
}

func register[I, O any](a *API, r route, status int, guard func(huma.Context, func(huma.Context)),
	security []map[string][]string,
	handle func(context.Context, *I) (*O, error)) {
	huma.Register(a.huma, huma.Operation{
		OperationID: operationID(r), Method: r.method, Path: r.path, Summary: r.summary, Tags: []string{groupOf(r.path)}, DefaultStatus: status,
		// The body was read, and bounded, before huma sees it. A deadline set now would not bound it but cut the work that
		// follows; a second bound, one that nobody chose, would refuse lists that are allowed.
		BodyReadTimeout: -1, MaxBodyBytes: -1,
		Middlewares: huma.Middlewares{guard},
		Security:    security,
		Responses:   a.documentRefusals(r),
	}, handle)
}

// operationID is made of the address, so that it is as stable as that: get-v1-customers-id-points.
func operationID(r route) string {
	return strings.ToLower(r.method) + strings.NewReplacer("/", "-", "{", "", "}", "").Replace(r.path)
}

// problemMedia is the media type of RFC 9457.
const problemMedia = "application/problem+json"

// documentRefusals writes the problems of an operation into its documentation, one answer per status.
func (a *API) documentRefusals(r route) map[string]*huma.Response {
	schema := a.huma.OpenAPI().Components.Schemas.Schema(problemType, true, "Problem")
	responses := map[string]*huma.Response{}
	for _, code := range r.refuses() {
		status := strconv.Itoa(statusOf(code))
		response := responses[status]
		if response == nil {
			response = &huma.Response{Headers: map[string]*huma.Param{},
				Content: map[string]*huma.MediaType{problemMedia: {Schema: schema, Examples: map[string]*huma.Example{}}}}
			responses[status] = response
		}
		problemRefs(response.Content[problemMedia].Examples, code)
		title := a.documentTitle(code)
		response.Description = strings.TrimPrefix(response.Description+"; `"+string(code)+"`: "+title, "; ")
		if waitOf(&domain.Error{Code: code}) > 0 || code == domain.CodeRateLimited ||
			code == domain.CodeConversionsLocked {
			response.Headers["Retry-After"] = wholeNumber("Seconds to wait before asking again, where waiting helps")
		}
		if statusOf(code) == http.StatusUnauthorized {
			response.Headers["WWW-Authenticate"] = text("Bearer")
		}
	}
	return responses
}

// documentTitle is the title of a refusal. The same few stand at most routes: each is looked up once.
func (a *API) documentTitle(code domain.Code) string {
	title, known := a.titles[code]
	if !known {
		title, _ = a.texts.say(a.texts.in("en"), code, nil)
		a.titles[code] = title
	}
	return title
}

func wholeNumber(description string) *huma.Param {
	return &huma.Param{Description: description, Schema: &huma.Schema{Type: huma.TypeInteger}}
}

func text(description string) *huma.Param {
	return &huma.Param{Description: description, Schema: &huma.Schema{Type: huma.TypeString}}
}
