// Command testreport reads the output of go test -json: failures with what they printed, a line per package, and a total.
// It exits with 1 when anything failed, when no test ran, and, with -noskip, when any was skipped.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Output     string
	Elapsed    float64
}

func main() {
	noskip := flag.Bool("noskip", false, "count a skipped test as a failure")
	flag.Parse()
	os.Exit(report(os.Stdin, os.Stdout, *noskip))
}

type tally struct {
	out                     io.Writer
	passed, failed, skipped int
	broken                  bool
	printed                 map[string]*strings.Builder
	skips                   []string
	// took are the whole tests (not their parts) and how long they ran, for whoever makes them faster.
	took []duration
}

type duration struct {
	name    string
	seconds float64
}

// longest is how many of the longest tests are named.
const longest = 12

func report(in io.Reader, out io.Writer, noskip bool) int {
	t := &tally{out: out, printed: map[string]*strings.Builder{}}
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, 16<<20)
	for scanner.Scan() {
		var e event
		if json.Unmarshal(scanner.Bytes(), &e) != nil {
			_, _ = fmt.Fprintln(out, scanner.Text())
			continue
		}
		t.take(e)
	}
	if scanner.Err() != nil {
		t.broken = true
		_, _ = fmt.Fprintln(out, "the output cannot be read:", scanner.Err())
	}
	slices.SortFunc(t.took, func(a, b duration) int { return cmp.Compare(b.seconds, a.seconds) })
	for _, d := range t.took[:min(longest, len(t.took))] {
		_, _ = fmt.Fprintf(out, "long  %6.1fs  %s\n", d.seconds, d.name)
	}
	for _, name := range t.skips {
		_, _ = fmt.Fprintln(out, "skipped:", name)
	}
	_, _ = fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	if t.broken || t.failed > 0 || t.passed == 0 || (noskip && t.skipped > 0) {
		return 1
	}
	return 0
}

func (t *tally) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		t.buffer(key).WriteString(e.Output)
	case "build-output":
		_, _ = fmt.Fprint(t.out, e.Output)
	case "build-fail":
		t.broken = true
	case "pass", "fail", "skip":
		t.end(e, key)
	}
}

func (t *tally) buffer(key string) *strings.Builder {
	if t.printed[key] == nil {
		t.printed[key] = &strings.Builder{}
	}
	return t.printed[key]
}

func (t *tally) end(e event, key string) {
	if e.Test == "" {
		t.endPackage(e, key)
		return
	}
	if !strings.Contains(e.Test, "/") && e.Elapsed >= 1 {
		t.took = append(t.took, duration{key, e.Elapsed})
	}
	switch e.Action {
	case "pass":
		t.passed++
	case "skip":
		t.skipped++
		t.skips = append(t.skips, key)
	case "fail":
		t.failed++
		_, _ = fmt.Fprintf(t.out, "FAILED %s\n%s\n", key, t.buffer(key))
	}
	delete(t.printed, key)
}

func (t *tally) endPackage(e event, key string) {
	if e.Action == "fail" {
		t.broken = true
		_, _ = fmt.Fprint(t.out, t.buffer(key))
	}
	_, _ = fmt.Fprintf(t.out, "%-4s  %6.1fs  %s\n", e.Action, e.Elapsed, e.Package)
}
