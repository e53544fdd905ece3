package extensions_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the fixtures anew")

// TestFixtures holds inputs and answers still, one for each reason. scripts/build-function holds the same files against
// the schema with Shopify's own helpers.
func TestFixtures(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	used := shopSays(t, []string{"ab@gmail.com"}, nil, false)
	for name, c := range map[string]cart{
		"nothing": {codes: []code{{"OTHER", true}}, language: "JA"},
		"paused":  {codes: []code{{"SUMMER-1", true}}, language: "EN", config: shopSays(t, nil, nil, true)},
		"blocked": {codes: []code{{"SUMMER-1", true}}, language: "JA", member: "x@example.com", config: used,
			own: own([]any{}, []any{"summer"})},
		"used": {codes: []code{{"summer-1", true}}, language: "JA", email: "a.b@gmail.com", config: used},
		"one":  {codes: []code{{"SUMMER-1", false}, {"SUMMER-2", true}}, language: "FR", config: used},
	} {
		input := s.input(c)
		answer, err := s.function.Run(t.Context(), input)
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		lines := json.NewEncoder(&text)
		lines.SetIndent("", "  ")
		if err := lines.Encode(map[string]any{"payload": map[string]any{"export": "run",
			"target": "cart.lines.discounts.generate.run",
			"input":  json.RawMessage(input), "output": json.RawMessage(answer)}}); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("pointbridge-guard", "fixtures", name+".json")
		if *update {
			if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(text.Bytes(), want) {
			t.Errorf("%s has changed (-update): %s", path, text.String())
		}
	}
}
