package shopify

import (
	"math"
	"strings"

	schemaast "github.com/graph-gophers/graphql-go/ast"
	"github.com/vektah/gqlparser/v2/ast"
)

// mutationCost is the price of a mutation before the objects below its payload.
const mutationCost = 10

// cost is the price of a selection, compiled once: what it costs by itself, and its parts. Objects cost 1, scalars
// nothing; a list behind a connection costs 2 + size(n) × (1 + what one node costs).
type cost struct {
	alias    string
	own      int
	list     bool      // a connection
	first    ast.Value // how many nodes were asked for
	hasFirst bool
	parts    []cost
	branches [][]cost // one per fragment on a type: the dearest counts
}

// free are objects that the recordings show at no cost: values rather than things.
func free(name string) bool {
	switch name {
	case "MoneyV2", "PageInfo", "Count", "DiscountCombinesWith":
		return true
	}
	return strings.HasSuffix(name, "UserError")
}

type pricing struct {
	types     *schemaast.Schema
	fragments ast.FragmentDefinitionList
}

func (p pricing) operation(op *ast.OperationDefinition) cost {
	kind := "query"
	if op.Operation == ast.Mutation {
		kind = "mutation"
	}
	total := cost{}
	p.selections(&total, op.SelectionSet, p.types.RootOperationTypes[kind].TypeName())
	if kind == "mutation" {
		for i := range total.parts {
			total.parts[i].own = mutationCost
			for j := range total.parts[i].parts {
				total.parts[i].parts[j].own = 0 // the payload's own objects come with the mutation
			}
		}
	}
	return total
}

func (p pricing) selections(into *cost, set ast.SelectionSet, parent string) {
	for _, selection := range set {
		switch sel := selection.(type) {
		case *ast.Field:
			if c, priced := p.field(sel, parent); priced {
				into.parts = append(into.parts, c)
			}
		case *ast.InlineFragment:
			p.fragment(into, sel.SelectionSet, sel.TypeCondition, parent)
		case *ast.FragmentSpread:
			if f := p.fragments.ForName(sel.Name); f != nil {
				p.fragment(into, f.SelectionSet, f.TypeCondition, parent)
			}
		}
	}
}

func (p pricing) fragment(into *cost, set ast.SelectionSet, on, parent string) {
	if on == "" || on == parent {
		p.selections(into, set, parent)
		return
	}
	var branch cost
	p.selections(&branch, set, on)
	into.branches = append(into.branches, branch.parts)
}

func (p pricing) field(field *ast.Field, parent string) (cost, bool) {
	name, composite := p.typeOf(parent, field.Name)
	if !composite || free(name) {
		return cost{}, false
	}
	c := cost{alias: field.Alias, own: 1, list: strings.HasSuffix(name, "Connection")}
	if c.list {
		c.own = 0
		if argument := field.Arguments.ForName("first"); argument != nil {
			c.first, c.hasFirst = *argument.Value, true
		}
	}
	p.selections(&c, field.SelectionSet, name)
	return c, true
}

// typeOf is the name of a field's type without list and non-null, and whether it has fields of its own.
func (p pricing) typeOf(parent, field string) (string, bool) {
	var fields schemaast.FieldsDefinition
	switch t := p.types.Types[parent].(type) {
	case *schemaast.ObjectTypeDefinition:
		fields = t.Fields
	case *schemaast.InterfaceTypeDefinition:
		fields = t.Fields
	}
	definition := fields.Get(field)
	if definition == nil {
		return "", false
	}
	kind := definition.Type
	for {
		switch t := kind.(type) {
		case *schemaast.NonNull:
			kind = t.OfType
		case *schemaast.List:
			kind = t.OfType
		case *schemaast.ObjectTypeDefinition, *schemaast.InterfaceTypeDefinition, *schemaast.Union:
			return t.(schemaast.NamedType).TypeName(), true
		default:
			return "", false
		}
	}
}

// requested is the price before the query runs.
func (c cost) requested(variables map[string]any) int {
	if c.list {
		return 2 + size(c.asked(variables))*c.inside(variables)
	}
	return c.inside(variables)
}

func (c cost) inside(variables map[string]any) int {
	total, dearest := c.own, 0
	for _, part := range c.parts {
		total += part.requested(variables)
	}
	for _, branch := range c.branches {
		sum := 0
		for _, part := range branch {
			sum += part.requested(variables)
		}
		dearest = max(dearest, sum)
	}
	return total + dearest
}

func (c cost) asked(variables map[string]any) int {
	if !c.hasFirst {
		return 0
	}
	value, err := c.first.Value(variables)
	if err != nil {
		return 0
	}
	switch n := value.(type) {
	case int64:
		return int(n)
	case float64:
		return int(n)
	}
	return 0
}

// size is how the vendor weighs the length of a list.
func size(n int) int {
	if n <= 2 {
		return max(n, 0)
	}
	return int(2 * math.Log(float64(n)))
}

// actual is the price of what came back: a list counts what it holds, an object that is null costs itself only.
func (c cost) actual(value any) int {
	object, ok := value.(map[string]any)
	if !ok {
		return c.own
	}
	if c.list {
		nodes, _ := object["nodes"].([]any)
		dearest := 0
		for _, node := range nodes {
			for _, part := range c.parts {
				dearest = max(dearest, part.actual(node))
			}
		}
		return 2 + size(len(nodes))*dearest
	}
	total := c.own
	for _, part := range c.parts {
		total += part.actual(object[part.alias])
	}
	for _, branch := range c.branches {
		for _, part := range branch {
			if held, ok := object[part.alias]; ok {
				total += part.actual(held)
			}
		}
	}
	return total
}
