// Command coverage writes docs/requirements-coverage.md: which tests name which requirement. Without -write it only says
// whether the page is current, and exits with 1 when it is not.
package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const page = "docs/requirements-coverage.md"

var (
	inText = regexp.MustCompile(`\b(?:00[0-4]-\d\d|[HT]-\d\d)\b`)
	inName = regexp.MustCompile(`_([HT])(\d\d)(?:_|$)|_(00[0-4])_(\d\d)(?:_|$)`)
)

func main() {
	write := flag.Bool("write", false, "write the page")
	flag.Parse()
	found, err := collect(".")
	if err == nil {
		err = finish(render(found), *write)
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "coverage:", err)
		os.Exit(1)
	}
}

func finish(text string, write bool) error {
	if write {
		return os.WriteFile(page, []byte(text), 0o644) //nolint:gosec // a page of the documentation is for everybody
	}
	have, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	if string(have) != text {
		return fmt.Errorf("%s is stale; run: make generate", page)
	}
	return nil
}

// collect maps each id to the tests that name it, as "folder: TestFunction".
func collect(root string) (map[string][]string, error) {
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != root || d.Name() == "tools") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		return scan(path, found)
	})
	for id := range found {
		slices.Sort(found[id])
		found[id] = slices.Compact(found[id])
	}
	return found, err
}

func scan(path string, found map[string][]string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return err
	}
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		note := func(id string) {
			found[id] = append(found[id], filepath.ToSlash(filepath.Dir(path))+": "+fn.Name.Name)
		}
		for _, m := range inName.FindAllStringSubmatch(fn.Name.Name, -1) {
			note(m[1] + m[3] + "-" + m[2] + m[4])
		}
		ast.Inspect(fn, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			if text, err := strconv.Unquote(literal.Value); err == nil {
				for _, id := range inText.FindAllString(text, -1) {
					note(id)
				}
			}
			return true
		})
	}
	return nil
}

func render(found map[string][]string) string {
	ids := make([]string, 0, len(found))
	for id := range found {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var b strings.Builder
	b.WriteString("# Requirement coverage\n\nWhich tests name which requirement. This page is generated from the names of the tests (`make generate`).\n\n| requirement | tests |\n|---|---|\n")
	for _, id := range ids {
		fmt.Fprintf(&b, "| %s | `%s` |\n", id, strings.Join(found[id], "`, `"))
	}
	return b.String()
}
