package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"pointbridge/domain"
)

//go:embed docs.html
var docsPage string

// docsOperation is one operation as the page shows it.
type docsOperation struct {
	ID, Method, Path, Summary string
	Parameters                []*huma.Param
	Body                      string
	Responses                 []docsResponse
}

type docsResponse struct{ Status, Description, Body string }

type docsSchema struct {
	Name   string
	Fields []docsField
}

type docsField struct {
	Name, Type, Description string
	Required                bool
}

type docsProblem struct {
	Code          domain.Code
	Status        int
	Title, Detail string
}

// renderDocs writes the page once, from the published document. It asks no other host for anything, and its content
// policy allows its own style sheet alone.
func renderDocs(document *huma.OpenAPI, t *texts) (page []byte, policy string, err error) {
	parsed, err := template.New("docs").Funcs(template.FuncMap{"type": typeOf, "marked": marked}).Parse(docsPage)
	if err != nil {
		return nil, "", fmt.Errorf("read the documentation page: %w", err)
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, map[string]any{"Info": document.Info, "Operations": docsOperations(document),
		"Schemas": docsSchemas(document), "Problems": docsProblems(t)})
	if err != nil {
		return nil, "", fmt.Errorf("write the documentation page: %w", err)
	}
	_, rest, _ := strings.Cut(out.String(), "<style>")
	style, _, found := strings.Cut(rest, "</style>")
	if !found {
		return nil, "", fmt.Errorf("the documentation page has no style")
	}
	sum := sha256.Sum256([]byte(style))
	policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return out.Bytes(), policy, nil
}

func docsOperations(document *huma.OpenAPI) []docsOperation {
	var list []docsOperation
	for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
		item := document.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			shown := docsOperation{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary,
				Parameters: op.Parameters}
			if op.RequestBody != nil {
				shown.Body = bodyOf(op.RequestBody.Content)
			}
			for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
				r := op.Responses[status]
				shown.Responses = append(shown.Responses, docsResponse{status, r.Description, bodyOf(r.Content)})
			}
			list = append(list, shown)
		}
	}
	return list
}

func bodyOf(content map[string]*huma.MediaType) string {
	for _, media := range slices.Sorted(maps.Keys(content)) {
		if schema := content[media].Schema; schema != nil && schema.Ref != "" {
			return typeOf(schema) // anything else has no place of its own to lead to
		}
	}
	return ""
}

func docsSchemas(document *huma.OpenAPI) []docsSchema {
	all := document.Components.Schemas.Map()
	list := make([]docsSchema, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		shown := docsSchema{Name: name}
		for _, field := range slices.Sorted(maps.Keys(all[name].Properties)) {
			s := all[name].Properties[field]
			shown.Fields = append(shown.Fields, docsField{Name: field, Type: typeOf(s), Description: s.Description,
				Required: slices.Contains(all[name].Required, field)})
		}
		list = append(list, shown)
	}
	return list
}

func docsProblems(t *texts) []docsProblem {
	list := make([]docsProblem, 0, len(domain.Codes()))
	for _, code := range domain.Codes() {
		title, detail := t.say(t.in("en"), code, nil)
		list = append(list, docsProblem{code, statusOf(code), title, detail})
	}
	return list
}

// marked escapes a sentence, and sets what stands between two backquotes as code.
func marked(text string) template.HTML {
	var out strings.Builder
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			part = "<code>" + template.HTMLEscapeString(part) + "</code>"
		} else {
			part = template.HTMLEscapeString(part)
		}
		out.WriteString(part)
	}
	return template.HTML(out.String()) //nolint:gosec // every part is escaped
}
