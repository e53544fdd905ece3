package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
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

// docsGroup is a part of the API with its operations.
type docsGroup struct {
	Name, What string
	Operations []docsOperation
}

// ID is where the group is on the page.
func (g docsGroup) ID() string {
	return "group-" + strings.ToLower(strings.ReplaceAll(g.Name, " ", "-"))
}

// docsOperation is one operation as the page shows it.
type docsOperation struct {
	ID, Method, Path, Summary string
	Parameters                []*huma.Param
	Body, Example             string
	// Answers are those that an operation hopes for; Problems the words of all others, by status.
	Answers  []docsAnswer
	Problems []docsRefusals
}

type docsAnswer struct{ Status, Description, Body, Example string }

type docsRefusals struct {
	Status string
	Codes  []string
}

type docsSchema struct {
	Name   string
	Fields []docsField
}

type docsField struct {
	Name, Type, Description string
	Required                bool
}

type docsProblem struct {
	Code   domain.Code
	Status int
	// Titles and Details are in both languages.
	Title, Detail, TitleJa, DetailJa string
	Example                          string
}

// renderDocs writes the page once, from the published document and every problem there is, also those that only pages can
// meet: problems lead to it. It asks no other host for anything, and its content
// policy allows its own style sheet alone.
func renderDocs(document *huma.OpenAPI, problems map[string]*huma.Example) (page []byte, policy string, err error) {
	parsed, err := template.New("docs").Funcs(template.FuncMap{"type": typeOf, "marked": marked}).Parse(docsPage)
	if err != nil {
		return nil, "", fmt.Errorf("read the documentation page: %w", err)
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, map[string]any{"Info": document.Info, "Groups": docsGroups(document),
		"Schemas": docsSchemas(document), "Problems": docsProblems(problems)})
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

func docsGroups(document *huma.OpenAPI) []docsGroup {
	list := make([]docsGroup, 0, len(document.Tags))
	for _, tag := range document.Tags {
		shown := docsGroup{Name: tag.Name, What: tag.Description}
		for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
			for _, op := range operationsOf(document.Paths[path]) {
				if slices.Contains(op.Tags, tag.Name) {
					shown.Operations = append(shown.Operations, docsOperationOf(document, op))
				}
			}
		}
		list = append(list, shown)
	}
	return list
}

func docsOperationOf(document *huma.OpenAPI, op *huma.Operation) docsOperation {
	shown := docsOperation{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary,
		Parameters: op.Parameters}
	if op.RequestBody != nil {
		shown.Body, shown.Example = bodyOf(op.RequestBody.Content), exampleIn(document, op.RequestBody.Content)
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		if problem := r.Content[problemMedia]; problem != nil {
			shown.Problems = append(shown.Problems, docsRefusals{status, codesOf(problem)})
			continue
		}
		shown.Answers = append(shown.Answers, docsAnswer{status, r.Description, bodyOf(r.Content), exampleIn(document, r.Content)})
	}
	return shown
}

// codesOf are the codes of an answer, each once.
func codesOf(problem *huma.MediaType) []string {
	var codes []string
	for name := range problem.Examples {
		code, _, _ := strings.Cut(name, ".")
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// exampleIn is the first body's example as JSON, or as it is where it is a table.
func exampleIn(document *huma.OpenAPI, content map[string]*huma.MediaType) string {
	for _, media := range slices.Sorted(maps.Keys(content)) {
		for _, name := range slices.Sorted(maps.Keys(content[media].Examples)) {
			return written(document.Components.Examples[name].Value)
		}
	}
	return ""
}

func written(value any) string {
	if text, table := value.(string); table {
		return strings.TrimPrefix(text, "\uFEFF")
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(value); err != nil {
		return ""
	}
	return strings.TrimSpace(out.String())
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

func docsProblems(said map[string]*huma.Example) []docsProblem {
	list := make([]docsProblem, 0, len(domain.Codes()))
	for _, code := range domain.Codes() {
		en := said[exampleName(code, "en")].Value
		shown := docsProblem{Code: code, Status: statusOf(code), Example: written(en)}
		shown.Title, shown.Detail = saidIn(en)
		shown.TitleJa, shown.DetailJa = saidIn(said[exampleName(code, "ja")].Value)
		list = append(list, shown)
	}
	return list
}

func saidIn(example any) (title, detail string) {
	said, _ := example.(map[string]any)
	title, _ = said["title"].(string)
	detail, _ = said["detail"].(string)
	return title, detail
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
