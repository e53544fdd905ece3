package repository

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

const (
	// mostMethods is how many methods of its own an interface has at most, unless a sentence beside it says why.
	mostMethods = 5
	reason      = "It is this large because "
)

// TestInterfacesAreSmallOrSayWhy: a caller gets the noun it works with, and no more; what has to be larger says why.
func TestInterfacesAreSmallOrSayWhy(t *testing.T) {
	t.Parallel()
	var seen int
	sources(t, func(path, source string) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		found, large := interfaces(t, path, source)
		seen += found
		for _, where := range large {
			t.Errorf("%s has more than %d methods of its own and no sentence that begins %q", where, mostMethods,
				reason)
		}
	})
	if seen < 50 {
		t.Errorf("%d interfaces were found: is everything read?", seen)
	}
}

// TestALargeInterfaceIsFound: the rule sees an interface in a group and by itself, counts what is its own and not
// what is embedded, and takes a reason from the comment of either.
func TestALargeInterfaceIsFound(t *testing.T) {
	t.Parallel()
	const six = "interface {\nA()\nB()\nC()\nD()\nE()\nF()\n}\n"
	for source, want := range map[string]int{
		"type T " + six:                                                          1,
		"// T is a port.\ntype T " + six:                                         1,
		"type (\n// T is a port.\nT " + six + ")":                                1,
		"func f() {\ntype T " + six + "}":                                        1,
		"// T is a port. It is this large because it is one.\ntype T " + six:     0,
		"// T is a port. It is this large because\n// it is one.\ntype T " + six: 0,
		"type (\n// T is one. It is this large because it is.\nT " + six + ")":   0,
		"type T interface {\nU\nV\nA()\nB()\nC()\nD()\nE()\n}":                   0,
	} {
		if _, large := interfaces(t, "port.go", "package port\n\n"+source); len(large) != want {
			t.Errorf("%d large interfaces, not %d, in:\n%s", len(large), want, source)
		}
	}
}

// interfaces counts the named interfaces of a file, and gives the places of those that are large without a reason.
func interfaces(t *testing.T, path, source string) (found int, large []string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	if ast.IsGenerated(file) {
		return 0, nil
	}
	ast.Inspect(file, func(n ast.Node) bool {
		group, is := n.(*ast.GenDecl)
		if !is || group.Tok != token.TYPE {
			return true
		}
		for _, spec := range group.Specs {
			named := spec.(*ast.TypeSpec)
			port, is := named.Type.(*ast.InterfaceType)
			if !is {
				continue
			}
			found++
			comment := strings.Join(strings.Fields(group.Doc.Text()+" "+named.Doc.Text()), " ")
			if ownMethods(port) > mostMethods && !strings.Contains(comment, reason) {
				large = append(large, set.Position(named.Pos()).String()+": "+named.Name.Name)
			}
		}
		return true
	})
	return found, large
}

func ownMethods(port *ast.InterfaceType) (n int) {
	for _, field := range port.Methods.List {
		n += len(field.Names)
	}
	return n
}
