package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		noskip   bool
		code     int
		last     string
	}{
		{"all well", `{"Action":"pass","Package":"p","Test":"A"}
{"Action":"pass","Package":"p"}`, true, 0, "1 passed, 0 failed, 0 skipped"},
		{"a failure", `{"Action":"output","Package":"p","Test":"A","Output":"why\n"}
{"Action":"fail","Package":"p","Test":"A"}
{"Action":"fail","Package":"p"}`, false, 1, "0 passed, 1 failed, 0 skipped"},
		{"nothing ran", `{"Action":"pass","Package":"p"}`, false, 1, "0 passed, 0 failed, 0 skipped"},
		{"a skip that is allowed", `{"Action":"pass","Package":"p","Test":"A"}
{"Action":"skip","Package":"p","Test":"B"}`, false, 0, "1 passed, 0 failed, 1 skipped"},
		{"a skip that is not", `{"Action":"pass","Package":"p","Test":"A"}
{"Action":"skip","Package":"p","Test":"B"}`, true, 1, "1 passed, 0 failed, 1 skipped"},
		{"a package that panics outside of a test", `{"Action":"pass","Package":"p","Test":"A"}
{"Action":"fail","Package":"p"}`, false, 1, "1 passed, 0 failed, 0 skipped"},
		{"a build that fails", `{"Action":"pass","Package":"p","Test":"A"}
{"ImportPath":"q","Action":"build-fail"}`, false, 1, "1 passed, 0 failed, 0 skipped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			code := report(strings.NewReader(c.in), &out, c.noskip)
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if code != c.code || lines[len(lines)-1] != c.last {
				t.Fatalf("exit %d, printed %s", code, &out)
			}
			if c.name == "a failure" && !strings.Contains(out.String(), "why") {
				t.Fatalf("the reason is missing: %s", &out)
			}
		})
	}
}
