package command

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/test/world"
)

// wrongRow is a row of the table "Settings that are refused": setting, value, sentence.
var wrongRow = regexp.MustCompile("(?m)^\\| `([A-Z0-9_]+)` \\| `([^`]*)` \\| (.+) \\|$")

// TestTheTableOfWrongSettings: what the operators' page says of each wrong setting is what the configuration says, and
// nothing else is said.
func TestTheTableOfWrongSettings(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## Settings that are refused\n")
	section, _, _ = strings.Cut(section, "\n## ")
	rows := wrongRow.FindAllStringSubmatch(section, -1)
	if len(rows) < 40 {
		t.Fatalf("the table has %d rows", len(rows))
	}
	for _, row := range rows {
		env := world.GoodEnvironment()
		env[row[1]] = row[2]
		_, err := app.LoadConfig(world.EnvironOf(env))
		if want := "the configuration has faults:\n  - " + row[3]; err == nil || err.Error() != want {
			t.Errorf("%s=%s gets %v, and the page says %s", row[1], row[2], err, row[3])
		}
	}
}
