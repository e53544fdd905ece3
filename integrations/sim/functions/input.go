package functions

import (
	"errors"
	"fmt"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// Query is an input query that is valid against the Functions API's schema.
type Query struct {
	schema    *ast.Schema
	operation *ast.OperationDefinition
}

// ReadQuery checks an input query.
func ReadQuery(schema, query string) (Query, error) {
	parsed, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: schema})
	if err != nil {
		return Query{}, fmt.Errorf("the schema: %w", err)
	}
	document, faults := gqlparser.LoadQuery(parsed, query)
	if len(faults) > 0 {
		return Query{}, fmt.Errorf("the query: %w", faults)
	}
	if len(document.Operations) != 1 {
		return Query{}, errors.New("an input query has one operation")
	}
	return Query{parsed, document.Operations[0]}, nil
}

// Field answers a field that has arguments.
type Field func(arguments map[string]any) any

// Input is what the query makes of the shop's facts: maps by the schema's names, lists, texts, numbers, and Field where
// there are arguments. What the facts lack is null. Errors: a fact that the schema does not allow to be null.
func (q Query) Input(facts map[string]any) (map[string]any, error) {
	return q.object(q.operation.SelectionSet, facts)
}

func (q Query) object(selection ast.SelectionSet, facts map[string]any) (map[string]any, error) {
	made := map[string]any{}
	for _, one := range selection {
		field, plain := one.(*ast.Field)
		if !plain {
			return nil, errors.New("fragments are not supported")
		}
		value := facts[field.Name]
		if call, ok := value.(Field); ok {
			value = call(field.ArgumentMap(nil))
		}
		var err error
		if made[field.Alias], err = q.value(field, field.Definition.Type, value); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func (q Query) value(field *ast.Field, kind *ast.Type, value any) (any, error) {
	switch v := value.(type) {
	case nil:
		if kind.NonNull {
			return nil, fmt.Errorf("%s must not be null", field.Name)
		}
		return nil, nil
	case []any:
		list := make([]any, 0, len(v))
		for _, entry := range v {
			one, err := q.value(field, kind.Elem, entry)
			if err != nil {
				return nil, err
			}
			list = append(list, one)
		}
		return list, nil
	case map[string]any:
		if len(field.SelectionSet) > 0 {
			return q.object(field.SelectionSet, v)
		}
	}
	return value, nil
}

// CheckAnswer holds an answer against the type that a target answers with. Errors: what is wrong with it.
func (q Query) CheckAnswer(target string, answer map[string]any) error {
	mutation := q.schema.Mutation.Fields.ForName(target)
	if mutation == nil || len(mutation.Arguments) != 1 {
		return fmt.Errorf("the schema has no target %s", target)
	}
	return q.check("answer", mutation.Arguments[0].Type, answer)
}

func (q Query) check(path string, kind *ast.Type, value any) error {
	if value == nil {
		if kind.NonNull {
			return fmt.Errorf("%s is missing", path)
		}
		return nil
	}
	if kind.Elem != nil {
		list, ok := value.([]any)
		if !ok {
			return fmt.Errorf("%s is no list", path)
		}
		for i, one := range list {
			if err := q.check(fmt.Sprintf("%s[%d]", path, i), kind.Elem, one); err != nil {
				return err
			}
		}
		return nil
	}
	if definition := q.schema.Types[kind.NamedType]; definition.Kind == ast.InputObject {
		return q.checkObject(path, definition, value)
	}
	if _, text := value.(string); kind.NamedType == "String" && !text {
		return fmt.Errorf("%s is no text", path)
	}
	return nil
}

func (q Query) checkObject(path string, definition *ast.Definition, value any) error {
	object, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is no object", path)
	}
	for name := range object {
		if definition.Fields.ForName(name) == nil {
			return fmt.Errorf("%s has no %s", path, name)
		}
	}
	for _, field := range definition.Fields {
		if err := q.check(path+"."+field.Name, field.Type, object[field.Name]); err != nil {
			return err
		}
	}
	return nil
}
