package console

import (
	"net/http"
	"testing"
)

// TestEveryFormIsThoughtAbout: a form either can be undone, or has a page before it that says what will happen, or asks
// once. One that stands in no line of the table, or a line without a form, is a fault.
func TestEveryFormIsThoughtAbout(t *testing.T) {
	t.Parallel()
	forms := map[string]bool{}
	for _, r := range (&Console{}).routes() {
		if r.Method != http.MethodPost {
			continue
		}
		forms[r.Path] = true
		c, known := cares[r.Path]
		if !known {
			t.Errorf("nobody thought about the form %s", r.Path)
		}
		if (c.ask == "") == (c.why == "") {
			t.Errorf("%s is asked about (%q) or has a reason why not (%q)", r.Path, c.ask, c.why)
		}
	}
	for path := range cares {
		if !forms[path] {
			t.Errorf("there is no form %s", path)
		}
	}
}
