package repository

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sources calls a function with every Go file of the program.
func sources(t *testing.T, look func(path, text string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		raw, err := os.ReadFile(path)
		look(path, string(raw))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTheSecurityPageNamesTestsThatExist keeps docs/security.md from naming what is not there, and its table whole:
// each requirement once, with a test or a reason.
func TestTheSecurityPageNamesTestsThatExist(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	exists := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	sources(t, func(path, text string) {
		if !strings.HasSuffix(path, "_test.go") {
			return
		}
		for _, found := range function.FindAllStringSubmatch(text, -1) {
			exists[found[1]] = true
		}
	})
	for _, name := range regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w+`).FindAllString(string(page), -1) {
		if !exists[name] {
			t.Errorf("docs/security.md names %s, which does not exist", name)
		}
	}
	seen := map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^\| (\d+\.\d+\.\d+) \|(.*)\|(.*)\|$`).FindAllStringSubmatch(string(page), -1) {
		if seen[line[1]] {
			t.Errorf("%s is there twice", line[1])
		}
		seen[line[1]] = true
		if strings.TrimSpace(line[2]) == "" {
			t.Errorf("%s says nothing", line[1])
		}
	}
	if len(seen) != levelTwo {
		t.Errorf("the table has %d requirements, level 2 has %d", len(seen), levelTwo)
	}
}

// levelTwo is how many requirements of chapters 2 to 14 level 2 of ASVS 4.0.3 has.
const levelTwo = 221

// TestNoCertificateIsTakenUnchecked: nothing in the program switches the checking of certificates off.
func TestNoCertificateIsTakenUnchecked(t *testing.T) {
	t.Parallel()
	seen := 0
	sources(t, func(path, text string) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		seen++
		if strings.Contains(text, "Insecure"+"SkipVerify") {
			t.Errorf("%s takes certificates unchecked", path)
		}
	})
	if seen < 100 {
		t.Fatalf("%d files were looked at", seen)
	}
}
