// Command functionschema makes the part of the Functions API's schema that a Function uses: of the input the fields
// that its query asks for, and of the output everything that the target can answer.
//
//	go run ./tools/functionschema INTROSPECTION.json.gz QUERY.graphql cartLinesDiscountsGenerateRun > schema.graphql
//
// The introspection is the answer to the usual query, gzipped, of the API's version that the Function is written for.
package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

const header = `# The part of Shopify's Functions API that the Function uses, made by tools/functionschema. Names and types are Shopify's
# own. The schema that Shopify's CLI writes holds all of it, and may take this file's place.
`

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: functionschema INTROSPECTION.json.gz QUERY.graphql TARGET")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "functionschema:", err)
		os.Exit(1)
	}
}

// The parts of an introspection.
type (
	typeRef struct {
		Kind, Name string
		OfType     *typeRef
	}
	value struct {
		Name         string
		Type         typeRef
		DefaultValue *string
	}
	field struct {
		Name string
		Args []value
		Type typeRef
	}
	definition struct {
		Kind, Name  string
		Fields      []field
		InputFields []value
		EnumValues  []struct{ Name string }
	}
)

func (t typeRef) named() string {
	if t.OfType != nil {
		return t.OfType.named()
	}
	return t.Name
}

func (t typeRef) String() string {
	switch t.Kind {
	case "NON_NULL":
		return t.OfType.String() + "!"
	case "LIST":
		return "[" + t.OfType.String() + "]"
	}
	return t.Name
}

// subset is what is taken of the schema: the fields of each type, all of them for a type that stands in whole.
type subset struct {
	types  map[string]definition
	fields map[string][]string
	whole  map[string]bool
}

func run(introspection, query, target string, out io.Writer) error {
	types, roots, err := read(introspection)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(query)
	if err != nil {
		return err
	}
	document, err := parser.ParseQuery(&ast.Source{Name: query, Input: string(text)})
	if err != nil {
		return err
	}
	s := subset{types: types, fields: map[string][]string{}, whole: map[string]bool{}}
	for _, operation := range document.Operations {
		if err := s.take(roots[0], operation.SelectionSet); err != nil {
			return err
		}
	}
	if err := s.takeField(roots[1], target); err != nil {
		return err
	}
	_, err = io.WriteString(out, s.print(roots))
	return err
}

func read(path string) (types map[string]definition, roots [2]string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, roots, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, roots, err
	}
	type schema struct {
		QueryType, MutationType struct{ Name string }
		Types                   []definition
	}
	var answer struct {
		Schema schema `json:"__schema"`
		Data   struct {
			Schema schema `json:"__schema"`
		}
	}
	if err := json.NewDecoder(unzipped).Decode(&answer); err != nil {
		return nil, roots, err
	}
	found := answer.Schema
	if len(found.Types) == 0 {
		found = answer.Data.Schema
	}
	if len(found.Types) == 0 {
		return nil, roots, errors.New("this is no introspection")
	}
	types = map[string]definition{}
	for _, t := range found.Types {
		types[t.Name] = t
	}
	return types, [2]string{found.QueryType.Name, found.MutationType.Name}, nil
}

// take takes what a selection asks of a type.
func (s subset) take(name string, selection ast.SelectionSet) error {
	for _, one := range selection {
		asked, plain := one.(*ast.Field)
		if !plain {
			return errors.New("fragments are not supported")
		}
		if err := s.takeField(name, asked.Name); err != nil {
			return err
		}
		for _, f := range s.types[name].Fields {
			if f.Name == asked.Name && len(asked.SelectionSet) > 0 {
				if err := s.take(f.Type.named(), asked.SelectionSet); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s subset) takeField(name, wanted string) error {
	for _, f := range s.types[name].Fields {
		if f.Name != wanted {
			continue
		}
		if !slices.Contains(s.fields[name], wanted) {
			s.fields[name] = append(s.fields[name], wanted)
		}
		for _, a := range f.Args {
			s.takeWhole(a.Type.named())
		}
		if kind := s.types[f.Type.named()].Kind; kind == "ENUM" || kind == "SCALAR" {
			s.takeWhole(f.Type.named())
		} else if s.fields[f.Type.named()] == nil {
			s.fields[f.Type.named()] = []string{}
		}
		return nil
	}
	return fmt.Errorf("%s has no field %s", name, wanted)
}

// takeWhole takes a type that is written or compared, and all that it is made of.
func (s subset) takeWhole(name string) {
	if s.whole[name] {
		return
	}
	s.whole[name] = true
	for _, f := range s.types[name].InputFields {
		s.takeWhole(f.Type.named())
	}
}

func (s subset) print(roots [2]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nschema {\n  query: %s\n  mutation: %s\n}\n", header, roots[0], roots[1])
	names := []string{}
	for name := range s.types {
		if s.whole[name] || s.fields[name] != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		s.printType(&b, s.types[name])
	}
	return b.String()
}

func (s subset) printType(b *strings.Builder, t definition) {
	switch t.Kind {
	case "SCALAR":
		if !slices.Contains([]string{"Boolean", "Float", "ID", "Int", "String"}, t.Name) {
			fmt.Fprintf(b, "\nscalar %s\n", t.Name)
		}
	case "ENUM":
		fmt.Fprintf(b, "\nenum %s {\n", t.Name)
		for _, v := range t.EnumValues {
			fmt.Fprintf(b, "  %s\n", v.Name)
		}
		b.WriteString("}\n")
	case "INPUT_OBJECT":
		fmt.Fprintf(b, "\ninput %s {\n", t.Name)
		for _, v := range t.InputFields {
			fmt.Fprintf(b, "  %s\n", v)
		}
		b.WriteString("}\n")
	default:
		s.printObject(b, t)
	}
}

func (s subset) printObject(b *strings.Builder, t definition) {
	fmt.Fprintf(b, "\ntype %s {\n", t.Name)
	for _, f := range t.Fields {
		if !slices.Contains(s.fields[t.Name], f.Name) {
			continue
		}
		args := make([]string, 0, len(f.Args))
		for _, a := range f.Args {
			args = append(args, a.String())
		}
		list := ""
		if len(args) > 0 {
			list = "(" + strings.Join(args, ", ") + ")"
		}
		fmt.Fprintf(b, "  %s%s: %s\n", f.Name, list, f.Type)
	}
	b.WriteString("}\n")
}

func (v value) String() string {
	text := v.Name + ": " + v.Type.String()
	if v.DefaultValue != nil {
		text += " = " + *v.DefaultValue
	}
	return text
}
