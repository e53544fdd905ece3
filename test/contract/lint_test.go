package contract

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"testing"
)

// TestALinterFindsNothing: neither errors nor warnings, with the linter's own recommended rules.
func TestALinterFindsNothing(t *testing.T) {
	t.Parallel()
	linter := program(t, "REDOCLY")
	for _, document := range []string{posDocument, ownDocument} {
		t.Run(document, func(t *testing.T) {
			t.Parallel()
			out, err := exec.CommandContext(t.Context(), linter, "lint", "--format=json", document).Output()
			var said struct {
				Totals   map[string]int `json:"totals"`
				Problems []struct {
					Rule     string `json:"ruleId"`
					Message  string `json:"message"`
					Location []struct {
						Pointer string `json:"pointer"`
					} `json:"location"`
				} `json:"problems"`
			}
			if unreadable := json.Unmarshal(out, &said); unreadable != nil {
				t.Fatalf("the linter said %s: %v, %v", out, unreadable, err)
			}
			for _, p := range said.Problems {
				t.Errorf("%s: %s (%v)", p.Rule, p.Message, p.Location)
			}
			if err != nil || len(said.Totals) == 0 {
				t.Errorf("the linter counted %v: %v", said.Totals, err)
			}
		})
	}
}

// TestEveryNumberHasABoundAndAnExample: a mock that knows neither answers the least number that there is.
func TestEveryNumberHasABoundAndAnExample(t *testing.T) {
	t.Parallel()
	for _, path := range []string{posDocument, ownDocument} {
		numbers := 0
		raw, err := json.Marshal(load(t, path))
		if err != nil {
			t.Fatal(err)
		}
		var document any
		if err := json.Unmarshal(raw, &document); err != nil {
			t.Fatal(err)
		}
		eachNumber("", document, func(where string, schema map[string]any) {
			numbers++
			examples, _ := schema["examples"].([]any)
			if schema["minimum"] == nil || len(examples) == 0 {
				t.Errorf("%s: %s has minimum %v and examples %v", path, where, schema["minimum"], examples)
			}
		})
		if numbers < 5 {
			t.Errorf("%s: %d numbers were found", path, numbers)
		}
	}
}

func eachNumber(where string, value any, see func(where string, schema map[string]any)) {
	switch v := value.(type) {
	case map[string]any:
		if isNumber(v["type"]) {
			see(where, v)
		}
		for name, below := range v {
			eachNumber(where+"/"+name, below, see)
		}
	case []any:
		for i, below := range v {
			eachNumber(fmt.Sprintf("%s/%d", where, i), below, see)
		}
	}
}

func isNumber(kind any) bool {
	if list, ok := kind.([]any); ok {
		for _, one := range list {
			if isNumber(one) {
				return true
			}
		}
	}
	return kind == "integer" || kind == "number"
}
