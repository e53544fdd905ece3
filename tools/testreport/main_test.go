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
		{"a failure", `{"Action":"fail","Package":"p","Test":"A"}
{"Action":"fail","Package":"p"}`, false, 1, "0 passed, 1 failed, 0 skipped"},
		{"nothing ran", `{"Action":"pass","Package":"p"}`, false, 1, "0 passed, 0 failed, 0 skipped"},
		{"a skip that is allowed", `{"Action":"pass","Package":"p","Test":"A"}
{"Action":"skip","Package":"p","Test":"B"}`, false, 0, "1 passed, 0 failed, 1 skipped"},
		{"a skip that is not", `{"Action":"pass","Package":"p","Test":"A"}
{"Action":"skip","Package":"p","Test":"B"}`, true, 1, "1 passed, 0 failed, 1 skipped"},
		{"a package that panics outside of a test", `{"Action":"pass","Package":"p","Test":"A"}
{"Action":"fail","Package":"p"}`, false, 1, "1 passed, 0 failed, 0 skipped"},
		{"a build that fails", `{"Action":"pass","Package":"p","Test":"A"}
{"Action":"fail","Package":"q","FailedBuild":"q [q.test]"}`, false, 1, "1 passed, 0 failed, 0 skipped"},
		{"an event that is cut off", `{"Action":"pass","Package":"p","Test":"A"}
{"Action":"pa`, false, 1, "1 passed, 0 failed, 0 skipped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			code := report(strings.NewReader(c.in), &out, c.noskip)
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if code != c.code || lines[len(lines)-1] != c.last {
				t.Fatalf("exit %d, printed %s", code, &out)
			}
		})
	}
}

// The longest whole tests are named, longest first; their parts and short ones are not.
func TestReport_NamesTheLongest(t *testing.T) {
	t.Parallel()
	in := `{"Action":"pass","Package":"p","Test":"Short","Elapsed":0.9}
{"Action":"pass","Package":"p","Test":"Long/part","Elapsed":7}
{"Action":"pass","Package":"p","Test":"Long","Elapsed":7}
{"Action":"pass","Package":"p","Test":"Longer","Elapsed":30.25}`
	var out strings.Builder
	if code := report(strings.NewReader(in), &out, true); code != 0 {
		t.Errorf("exit %d", code)
	}
	if want := "long    30.2s  p Longer\nlong     7.0s  p Long\n4 passed, 0 failed, 0 skipped\n"; out.String() != want {
		t.Errorf("printed\n%swant\n%s", out.String(), want)
	}
}
