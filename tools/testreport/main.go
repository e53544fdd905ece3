// Command testreport says what gotestsum does not: which tests took longest, how many there were, and that one which
// was left out counts as a failure. It reads the events that gotestsum wrote with --jsonfile-timing-events.
//
//	go run ./tools/testreport [-noskip] FILE
//
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

// event is how a test, or without one a package, ended.
type event struct {
	Action, Package, Test string
	Elapsed               float64
}

func main() {
	noskip := flag.Bool("noskip", false, "count a skipped test as a failure")
	flag.Parse()
	file, err := os.Open(flag.Arg(0))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(report(file, os.Stdout, *noskip))
}

// longest is how many of the longest tests are named.
const longest = 12

func report(in io.Reader, out io.Writer, noskip bool) int {
	counts := map[string]int{}
	var long []event // whole tests, not their parts, for whoever makes them faster
	broken := false
	scanner := bufio.NewScanner(in)
	for scanner.Scan() {
		var e event
		switch err := json.Unmarshal(scanner.Bytes(), &e); {
		case err != nil:
			broken = true
			_, _ = fmt.Fprintln(out, "an event cannot be read:", err)
		case e.Test == "":
			broken = broken || e.Action == "fail"
		default:
			counts[e.Action]++
			if !strings.Contains(e.Test, "/") && e.Elapsed >= 1 {
				long = append(long, e)
			}
		}
	}
	slices.SortFunc(long, func(a, b event) int { return cmp.Compare(b.Elapsed, a.Elapsed) })
	for _, e := range long[:min(longest, len(long))] {
		_, _ = fmt.Fprintf(out, "long  %6.1fs  %s %s\n", e.Elapsed, e.Package, e.Test)
	}
	_, _ = fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", counts["pass"], counts["fail"], counts["skip"])
	if broken || scanner.Err() != nil || counts["fail"] > 0 || counts["pass"] == 0 || noskip && counts["skip"] > 0 {
		return 1
	}
	return 0
}
