package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	inLine = regexp.MustCompile(`(?i)^//\s*covers:(.*)`)
	inText = regexp.MustCompile(`\b` + form + `\b`)
	inName = regexp.MustCompile(`_(?:00[0-4]|[DHT])_?\d\d(?:_|$)`)
)

// scan maps each id to the functions that cover it, as "folder: Function". It reads the tests and what lies under
// test/; the faults that it finds come joined.
func scan(root string) (map[string][]string, error) {
	found := map[string][]string{}
	var faults []error
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		inside = filepath.ToSlash(inside)
		if d.IsDir() {
			return leaveOut(inside, d.Name())
		}
		below := strings.HasPrefix(inside, "test/") && strings.HasSuffix(inside, ".go")
		if below || strings.HasSuffix(inside, "_test.go") {
			faults = append(faults, scanFile(path, inside, found))
		}
		return nil
	})
	for id := range found {
		slices.Sort(found[id])
		found[id] = slices.Compact(found[id])
	}
	return found, errors.Join(append(faults, err)...)
}

// leaveOut skips what holds no tests of the product. In the tests of this command the ids are examples.
func leaveOut(inside, name string) error {
	hidden := strings.HasPrefix(name, ".") && inside != "."
	if hidden || name == "testdata" || name == "node_modules" || inside == "tools/coverage" {
		return filepath.SkipDir
	}
	return nil
}

func scanFile(path, inside string, found map[string][]string) error {
	positions := token.NewFileSet()
	parsed, err := parser.ParseFile(positions, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	f := &file{inside: inside, positions: positions, owner: map[*ast.CommentGroup]string{}, found: found}
	ast.Inspect(parsed, f.look)
	for _, group := range parsed.Comments {
		for _, comment := range group.List {
			if line := inLine.FindStringSubmatch(comment.Text); line != nil {
				f.note(comment.Pos(), f.owner[group], line[1])
			}
		}
	}
	return errors.Join(f.faults...)
}

type file struct {
	inside    string
	positions *token.FileSet
	owner     map[*ast.CommentGroup]string // the function that a comment belongs to
	found     map[string][]string
	faults    []error
}

func (f *file) fault(at token.Pos, format string, args ...any) {
	where := fmt.Sprintf("%s:%d: ", f.inside, f.positions.Position(at).Line)
	f.faults = append(f.faults, fmt.Errorf(where+format, args...))
}

// look notes which function a comment belongs to, and finds the ids where a sentence should stand.
func (f *file) look(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		f.owner[n.Doc] = filepath.ToSlash(filepath.Dir(f.inside)) + ": " + called(n)
		if inName.MatchString(n.Name.Name) {
			f.fault(n.Pos(), "an id stands in the name of %s; ids belong into a covers line", n.Name.Name)
		}
	case *ast.BasicLit:
		if id := inLiteral(n); id != "" {
			f.fault(n.Pos(), "%s stands in a text; ids belong into a covers line", id)
		}
	}
	return true
}

// note takes up the ids of one covers line.
func (f *file) note(at token.Pos, owner, ids string) {
	if owner == "" {
		f.fault(at, "a covers line above no function")
		return
	}
	for id := range strings.SplitSeq(ids, ",") {
		if id = strings.TrimSpace(id); !whole.MatchString(id) {
			f.fault(at, "%q is not a requirement id", id)
			continue
		}
		f.found[id] = append(f.found[id], owner)
	}
}

// called is the name of a function, that of a method after the type it belongs to.
func called(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return fn.Name.Name
	}
	kind := fn.Recv.List[0].Type
	if star, ok := kind.(*ast.StarExpr); ok {
		kind = star.X
	}
	if generic, ok := kind.(*ast.IndexExpr); ok {
		kind = generic.X
	}
	if name, ok := kind.(*ast.Ident); ok {
		return name.Name + "." + fn.Name.Name
	}
	return fn.Name.Name
}

func inLiteral(literal *ast.BasicLit) string {
	if literal.Kind != token.STRING {
		return ""
	}
	text, err := strconv.Unquote(literal.Value)
	if err != nil {
		return ""
	}
	return inText.FindString(text)
}
