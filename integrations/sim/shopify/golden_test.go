package shopify_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pointbridge/integrations/sim"
	shop "pointbridge/integrations/sim/shopify"
)

// goldens are answers of the vendor, each with its source. The client reads them; here the store has to produce them.
const goldens = "../../testdata/shopify"

type golden struct {
	Source  string
	Status  int
	Headers map[string]string
	Body    any
}

func TestGoldens(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(goldens, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			produce := scenarios[name]
			if produce == nil {
				t.Fatal("no scenario produces this answer")
			}
			want := readGolden(t, file)
			got := produce(goldenStore(t))
			equal(t, "status", got.Status, want.Status)
			for header, value := range want.Headers {
				equal(t, header, normalText(got.Header.Get(header)), normalText(value))
			}
			var body any
			if err := json.Unmarshal([]byte(got.Body), &body); err != nil {
				t.Fatalf("body: %v: %s", err, got.Body)
			}
			if diff := cmp.Diff(normal("", want.Body), normal("", body)); diff != "" {
				t.Errorf("%s (-the vendor's +the store's):\n%s", want.Source, diff)
			}
		})
	}
}

func readGolden(t *testing.T, file string) golden {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// changing are texts that differ from one recording to the next.
var changing = []struct {
	pattern *regexp.Regexp
	stands  string
}{
	{regexp.MustCompile(`(gid://shopify/\w+)/\d+`), "$1/#"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`), "<time>"},
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "<digest>"},
	{regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(-\d+)?\b`), "<request>"},
	{regexp.MustCompile(`shpat_\w+`), "<token>"},
	{regexp.MustCompile(`app--\d+`), "<app>"},
	{regexp.MustCompile(`Query cost is \d+`), "Query cost is #"},
}

func normalText(text string) string {
	for _, c := range changing {
		text = c.pattern.ReplaceAllString(text, c.stands)
	}
	return text
}

// normal replaces what changes from answer to answer and keeps keys, codes, fields, messages and what is null.
func normal(key string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		object := map[string]any{}
		for name, part := range v {
			if name != "path" || !withinQuery(part) {
				object[name] = normal(name, part)
			}
		}
		return object
	case []any:
		if key == "locations" {
			return len(v)
		}
		list := make([]any, len(v))
		for i, part := range v {
			list[i] = normal("", part)
		}
		if key == "errors" { // in the order of the fields at the vendor, and as they come here
			slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		return list
	case string:
		if key == "endCursor" {
			return "<cursor>"
		}
		return normalText(v)
	case float64:
		switch key {
		case "requestedQueryCost", "actualQueryCost", "currentlyAvailable", "maximumAvailable", "restoreRate", "cost":
			return "<points>"
		}
	}
	return value
}

// withinQuery reports whether a path leads through the text of a query ("mutation x", …), as only errors of validation
// have it. The engine knows the line and the column instead.
func withinQuery(path any) bool {
	list, _ := path.([]any)
	if len(list) == 0 {
		return false
	}
	start, _ := list[0].(string)
	return strings.HasPrefix(start, "mutation ") || strings.HasPrefix(start, "query ")
}

// goldenStore is the store that the golden files speak of.
func goldenStore(t *testing.T) store {
	t.Helper()
	return newStore(t, func(c *shop.Config) {
		c.Shop, c.Name, c.Faults = "example-store.myshopify.com", "Example Store", &sim.Faults{}
	})
}
