package jobs

import (
	"os"
	"regexp"
	"testing"
)

// River's modules are built for each other: a mix may not even compile.
func TestModules_OneVersion(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`github\.com/riverqueue/(river[\w/]*) (v[\w.+-]+)`).FindAllStringSubmatch(string(file),
		-1)
	if len(found) < 5 {
		t.Fatalf("go.mod names %d of River's modules", len(found))
	}
	for _, m := range found {
		if m[2] != "v0.51.2" {
			t.Errorf("%s is at %s, want v0.51.2", m[1], m[2])
		}
	}
}
