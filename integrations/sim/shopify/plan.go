package shopify

import (
	"fmt"
	"sync"

	graphql "github.com/graph-gophers/graphql-go"
	"github.com/graph-gophers/graphql-go/errors"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// plan is what is known of a query text before it runs: that it is valid, what its root fields are and what it costs.
type plan struct {
	invalid    []*errors.QueryError
	operations map[string]*operation
}

// operation is one operation of a query text.
type operation struct {
	mutation bool
	roots    []root
	cost     cost
}

// root is one root field and what it was given.
type root struct {
	field     string
	alias     string
	at        errors.Location
	arguments ast.ArgumentList
}

func newRoot(field *ast.Field) root {
	return root{
		field: field.Name, alias: field.Alias, arguments: field.Arguments,
		at: errors.Location{Line: field.Position.Line, Column: field.Position.Column},
	}
}

// act is the name under which faults know the field.
func (r root) act() string { return "shopify." + r.field }

// subject is what the field is about, for faults that hit one subject only: a code, else an id, an owner's id or a
// filter.
func (r root) subject(variables map[string]any) string {
	for _, argument := range r.arguments {
		value, err := argument.Value.Value(variables)
		if err != nil {
			continue
		}
		switch v := value.(type) {
		case string:
			return v
		case map[string]any:
			if code, ok := v["code"].(string); ok {
				return code
			}
		case []any:
			if len(v) > 0 {
				object, _ := v[0].(map[string]any)
				owner, _ := object["ownerId"].(string)
				return owner
			}
		}
	}
	return ""
}

// mostPlans bounds the cache; a client has a handful of query texts.
const mostPlans = 512

// plans remembers the plan of each query text, so that a text is validated and priced once.
type plans struct {
	schema *graphql.Schema
	mu     sync.RWMutex
	known  map[string]*plan
}

func (p *plans) of(query string) *plan {
	p.mu.RLock()
	known := p.known[query]
	p.mu.RUnlock()
	if known != nil {
		return known
	}
	made := p.make(query)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.known) >= mostPlans {
		clear(p.known)
	}
	p.known[query] = made
	return made
}

func (p *plans) make(query string) *plan {
	made := plan{operations: map[string]*operation{}}
	for _, e := range p.schema.Validate(query) {
		if e.Rule != ruleVariables { // there are no variables yet
			made.invalid = append(made.invalid, e)
		}
	}
	if len(made.invalid) > 0 {
		return &made
	}
	document, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		made.invalid = []*errors.QueryError{{Message: err.Error(), Err: errors.ErrSyntax}}
		return &made
	}
	pricing := pricing{types: p.schema.AST(), fragments: document.Fragments}
	for _, op := range document.Operations {
		made.operations[op.Name] = &operation{
			mutation: op.Operation == ast.Mutation,
			roots:    roots(op.SelectionSet, document.Fragments),
			cost:     pricing.operation(op),
		}
	}
	return &made
}

// pick finds the operation to run.
func (p *plan) pick(name string) (*operation, error) {
	if name == "" && len(p.operations) == 1 {
		for _, op := range p.operations {
			return op, nil
		}
	}
	if op := p.operations[name]; op != nil {
		return op, nil
	}
	return nil, fmt.Errorf("no operation named %q", name)
}

func roots(set ast.SelectionSet, fragments ast.FragmentDefinitionList) []root {
	var found []root
	for _, selection := range set {
		switch sel := selection.(type) {
		case *ast.Field:
			found = append(found, newRoot(sel))
		case *ast.InlineFragment:
			found = append(found, roots(sel.SelectionSet, fragments)...)
		case *ast.FragmentSpread:
			if fragment := fragments.ForName(sel.Name); fragment != nil {
				found = append(found, roots(fragment.SelectionSet, fragments)...)
			}
		}
	}
	return found
}
