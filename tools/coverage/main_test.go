package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const list = "id,title\n000-01,One\n004-24,\"Two, in words\"\nH-02,Three\n"

func TestBuild(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		list   string // the titles; list where it is empty
		path   string // of the one Go file
		source string
		rows   []string // of the page
		faults []string // in the error
	}{
		"a test and what it covers": {
			path:   "a/x_test.go",
			source: "// TestX says why.\n// covers: 000-01, H-02\nfunc TestX() {}",
			rows: []string{
				"| 000-01 | One | `a: TestX` |", "| H-02 | Three | `a: TestX` |",
				"## Not covered yet", "| 004-24 | Two, in words |",
			},
		},
		"a method": {
			path:   "x_test.go",
			source: "// covers: H-02\nfunc (w *world) Add() {}",
			rows:   []string{"| H-02 | Three | `.: world.Add` |"},
		},
		"a helper under test": {
			path:   "test/world/x.go",
			source: "// covers: H-02\nfunc Add() {}",
			rows:   []string{"| H-02 | Three | `test/world: Add` |"},
		},
		"code of the product": {
			path:   "a/x.go",
			source: "// covers: H-02\nfunc Add() {}",
			rows:   []string{"| H-02 | Three |"},
		},
		"an id that nobody knows": {
			path:   "x_test.go",
			source: "// covers: H-99\nfunc TestX() {}",
			faults: []string{"H-99 has no title", ".: TestX"},
		},
		"an id of no form": {
			path:   "x_test.go",
			source: "// covers: H-02, 4-24\nfunc TestX() {}",
			faults: []string{`x_test.go:3: "4-24" is not`},
		},
		"a line that names no id": {
			path:   "x_test.go",
			source: "// covers:\nfunc TestX() {}",
			faults: []string{`"" is not a requirement id`},
		},
		"a line above no function": {
			path:   "x_test.go",
			source: "// covers: H-02\nvar x = 1",
			faults: []string{"x_test.go:3: a covers line above no function"},
		},
		"a line in a function": {
			path:   "x_test.go",
			source: "func TestX() {\n\t// covers: H-02\n}",
			faults: []string{"x_test.go:4: a covers line above no function"},
		},
		"an id in a text": {
			path:   "x_test.go",
			source: "var x = \"\\n004-24 it holds\"",
			faults: []string{"x_test.go:3: 004-24 stands in a text"},
		},
		"an id in a name": {
			path:   "x_test.go",
			source: "func TestX_004_24() {}",
			faults: []string{"the name of TestX_004_24"},
		},
		"a letter's id in a name": {
			path:   "x_test.go",
			source: "func TestX_H_02() {}",
			faults: []string{"the name of TestX_H_02"},
		},
		"faults come together": {
			path:   "x_test.go",
			source: "// covers: H-99\nfunc TestX_H02() { _ = \"T-01\" }",
			faults: []string{"H-99", "TestX_H02", "T-01"},
		},
		"examples of this command": {
			path:   "tools/coverage/x_test.go",
			source: "var x = \"004-24\"",
			rows:   []string{"| 004-24 | Two, in words |"},
		},
		"a title twice": {
			list:   list + "H-02,Three again\n",
			faults: []string{"H-02 stands after H-02"},
		},
		"a title of no id": {
			list:   list + "H-3,Four\n",
			faults: []string{`"H-3" is not a requirement id`},
		},
		"an id without a title": {list: list + "H-03,\n", faults: []string{"the title of H-03"}},
		"a list without a head": {list: "000-01,One\n", faults: []string{"id,title"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			if c.list == "" {
				c.list = list
			}
			place(t, filepath.Join(root, titles), c.list)
			if c.path != "" {
				place(t, filepath.Join(root, filepath.FromSlash(c.path)), "package x\n\n"+c.source+"\n")
			}
			text, err := build(root)
			for _, row := range c.rows {
				if !strings.Contains(text, row+"\n") {
					t.Errorf("%q is missing on the page:\n%s", row, text)
				}
			}
			if (err != nil) != (len(c.faults) > 0) {
				t.Fatalf("the error is %v", err)
			}
			for _, fault := range c.faults {
				if !strings.Contains(err.Error(), fault) {
					t.Errorf("%q is missing in the error: %v", fault, err)
				}
			}
		})
	}
}

func place(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
