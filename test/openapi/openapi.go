// Package openapi holds what is said over HTTP against an OpenAPI document, so that a client and a simulator written
// from the same document cannot share a mistake about it.
package openapi

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// Document is an OpenAPI document.
type Document struct {
	router   routers.Router
	problems *openapi3.SchemaRef
}

// Load reads a document. What it does not name is not allowed: a misspelt field would pass for one of tomorrow's
// otherwise. Samples in it are not looked at. problems names the schema whose list every answer holds, under the name
// "errors", that is no success.
func Load(t testing.TB, path, problems string) *Document {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, schema := range doc.Components.Schemas {
		if schema.Value.Type.Is("object") && schema.Value.AdditionalProperties.Has == nil {
			none := false
			schema.Value.AdditionalProperties.Has = &none
		}
	}
	doc.Servers = nil
	router, err := legacy.NewRouter(doc, openapi3.DisableExamplesValidation())
	if err != nil {
		t.Fatal(err)
	}
	list := openapi3.NewArraySchema()
	list.Items = doc.Components.Schemas[problems]
	wrapped := openapi3.NewObjectSchema()
	wrapped.Properties = openapi3.Schemas{"errors": list.NewRef()}
	wrapped.Required = []string{"errors"}
	return &Document{router, wrapped.NewRef()}
}

// Requests holds every request against the document before it goes on.
func (d *Document) Requests(t testing.TB, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.request(t, r)
		next.ServeHTTP(w, r)
	})
}

// Exchanges holds every request, and every answer that is given, against the document.
func (d *Document) Exchanges(t testing.TB, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		input := d.request(t, r)
		heard := &listener{ResponseWriter: w}
		next.ServeHTTP(heard, r)
		if input == nil || heard.status == 0 {
			return
		}
		if err := d.answer(r.Context(), input, heard); err != nil {
			t.Errorf("the answer to %s %s is not what the document says: %v", r.Method, input.Route.Path, err)
		}
	})
}

func (d *Document) request(t testing.TB, r *http.Request) *openapi3filter.RequestValidationInput {
	route, params, err := d.router.FindRoute(r)
	if err != nil {
		t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		return nil
	}
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
		t.Errorf("%s %s is not what the document says: %v", r.Method, route.Path, err)
	}
	return input
}

func (d *Document) answer(ctx context.Context, input *openapi3filter.RequestValidationInput, heard *listener) error {
	if heard.status != http.StatusOK {
		body, err := openapi3filter.RegisteredBodyDecoder("application/json")(bytes.NewReader(heard.body.Bytes()),
			heard.Header(), d.problems, nil)
		if err != nil {
			return err
		}
		return d.problems.Value.VisitJSON(body)
	}
	return openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{RequestValidationInput: input,
		Status: heard.status, Header: heard.Header(), Body: io.NopCloser(bytes.NewReader(heard.body.Bytes()))})
}

// listener hears what is answered.
type listener struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (l *listener) WriteHeader(status int) {
	l.status = status
	l.ResponseWriter.WriteHeader(status)
}

func (l *listener) Write(p []byte) (int, error) {
	if l.status == 0 {
		l.status = http.StatusOK
	}
	l.body.Write(p)
	return l.ResponseWriter.Write(p)
}

// Unwrap lets a handler take the connection.
func (l *listener) Unwrap() http.ResponseWriter { return l.ResponseWriter }
