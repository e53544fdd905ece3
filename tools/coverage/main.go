// Command coverage writes docs/requirements-coverage.md: which requirement is covered by which tests. A test says so in
// the last line of its comment, "// covers: 004-01, H-03"; docs/requirements.csv holds the title of each requirement.
// Without -write it only says whether the page is current, and exits with 1 when it is not.
package main

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const page, titles = "docs/requirements-coverage.md", "docs/requirements.csv"

func main() {
	write := flag.Bool("write", false, "write the page")
	flag.Parse()
	text, err := build(".")
	if err == nil {
		err = finish(text, *write)
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

// build returns the page for the tree under root, or every fault that keeps it from being whole.
func build(root string) (string, error) {
	list, err := requirements(filepath.Join(root, titles))
	if err != nil {
		return "", err
	}
	found, err := scan(root)
	faults := []error{err}
	for _, id := range slices.Sorted(maps.Keys(found)) {
		if !slices.ContainsFunc(list, func(r requirement) bool { return r.id == id }) {
			tests := strings.Join(found[id], ", ")
			faults = append(faults, fmt.Errorf("%s has no title in %s; covered by %s", id, titles, tests))
		}
	}
	return render(list, found), errors.Join(faults...)
}

const head = `# Requirement coverage

Which tests cover which requirement. A test names the ids in a line ` + "`// covers:`" + ` above it; the titles stand in
[requirements.csv](requirements.csv). This page is generated (` + "`make generate`" + `).

| id | requirement | tests |
|---|---|---|
`

func render(list []requirement, found map[string][]string) string {
	var covered, open strings.Builder
	for _, r := range list {
		if tests := found[r.id]; len(tests) > 0 {
			fmt.Fprintf(&covered, "| %s | %s | `%s` |\n", r.id, r.title, strings.Join(tests, "`, `"))
		} else {
			fmt.Fprintf(&open, "| %s | %s |\n", r.id, r.title)
		}
	}
	text := head + covered.String()
	if open.Len() > 0 {
		text += "\n## Not covered yet\n\n| id | requirement |\n|---|---|\n" + open.String()
	}
	return text
}
