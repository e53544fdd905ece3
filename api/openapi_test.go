package api

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"pointbridge/test/expect"
)

//go:generate go test . -run TestOpenAPIDocument -update

var update = flag.Bool("update", false, "write openapi.json anew")

const documentFile = "openapi.json"

func TestOpenAPIDocument(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	got, err := s.api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(documentFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != string(got) {
		t.Errorf("%s is not what the types say; run go generate ./api", documentFile)
	}
	served := s.call("", "GET", "/openapi.json", "").want(t, 200, "")
	if served.raw != string(kept) {
		t.Error("what is served is not what is kept")
	}
	if served.body["openapi"] != "3.1.0" {
		t.Errorf("it is OpenAPI %v", served.body["openapi"])
	}
}

// TestEveryOperationIsDocumented holds each operation to a summary, its sign-in, described parameters, and whole
// answers.
func TestEveryOperationIsDocumented(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	document := s.api.huma.OpenAPI()
	if len(document.Security) == 0 || document.Components.SecuritySchemes["apiKey"] == nil {
		t.Error("nothing says how to sign in")
	}
	for name := range walk {
		method, path, _ := strings.Cut(name, " ")
		op := operation(document, method, path)
		if op == nil {
			t.Errorf("%s is not documented", name)
			continue
		}
		if op.Summary == "" || op.OperationID == "" {
			t.Errorf("%s has no summary or id", name)
		}
		for _, p := range op.Parameters {
			if p.Description == "" || p.Schema == nil {
				t.Errorf("%s: %s is not described", name, p.Name)
			}
		}
		for status, response := range op.Responses {
			if response.Description == "" || (len(response.Content) == 0) != (status == "204") {
				t.Errorf("%s: answer %s is not described", name, status)
			}
		}
		if !slices.Contains(slices.Collect(maps.Keys(op.Responses)), strconv.Itoa(walk[name].status)) {
			t.Errorf("%s: %d is not documented", name, walk[name].status)
		}
	}
	convert := operation(document, "POST", "/v1/customers/{id}/conversions")
	if !slices.ContainsFunc(convert.Parameters, func(p *huma.Param) bool { return p.In == "header" && p.Name == keyHeader && p.Required }) {
		t.Error("the idempotency key is not documented as required")
	}
	for _, name := range []string{"Location", "Retry-After"} {
		if convert.Responses["202"].Headers[name] == nil {
			t.Errorf("202 does not document %s", name)
		}
	}
}

// TestReferencesResolve finds references to bodies that are not in the document.
func TestReferencesResolve(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	text, err := s.api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Components struct {
			Schemas map[string]json.RawMessage `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	for part := range strings.SplitSeq(string(text), `"#/components/schemas/`) {
		name, _, _ := strings.Cut(part, `"`)
		if strings.HasPrefix(part, "{") {
			continue
		}
		if document.Components.Schemas[name] == nil {
			t.Errorf("there is no %s", name)
		}
	}
}

// TestWhatCanBeNullIsInItsList: a list of values binds null as well, so a strict reader refuses an answer whose reason is
// null unless the list has it.
func TestWhatCanBeNullIsInItsList(t *testing.T) {
	t.Parallel()
	text, err := newShop(t).api.OpenAPI()
	expect.MustEqual(t, "err", err, nil)
	var document struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Type any
					Enum []any
				}
			}
		}
	}
	expect.MustEqual(t, "it can be read", json.Unmarshal(text, &document), nil)
	lists := 0
	for name, schema := range document.Components.Schemas {
		for field, property := range schema.Properties {
			types, _ := property.Type.([]any)
			if !slices.Contains(types, any("null")) || len(property.Enum) == 0 {
				continue
			}
			lists++
			if !slices.Contains(property.Enum, any(nil)) {
				t.Errorf("%s.%s can be null, which is not in its list", name, field)
			}
		}
	}
	expect.That(t, "there are such lists", lists >= 5, lists)
}

// documents reports whether this answer of this route is in the document.
func (s *shop) documents(method, route string, got answer) bool {
	op := operation(s.api.huma.OpenAPI(), method, braces(route))
	if op == nil {
		return false
	}
	response := op.Responses[strconv.Itoa(got.status)]
	code, _ := got.body["code"].(string)
	return response != nil && strings.Contains(response.Description, "`"+code+"`")
}

func operation(document *huma.OpenAPI, method, path string) *huma.Operation {
	item := document.Paths[path]
	if item == nil {
		return nil
	}
	return map[string]*huma.Operation{"GET": item.Get, "PUT": item.Put, "POST": item.Post, "PATCH": item.Patch,
		"DELETE": item.Delete}[method]
}
