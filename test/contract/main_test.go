// Package contract holds the two documents of OpenAPI that Pointbridge publishes, its own and that of the POS, against
// linters, mocks and generators of other people, and against what the program really sends and answers.
package contract

import (
	"os"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"pointbridge/test/world"
)

func TestMain(m *testing.M) { world.Main(m) }

const (
	posDocument = "docs/pos-contract.openapi.yaml"
	ownDocument = "api/openapi.json"
)

// program returns the tool that a variable names. Without it the test is left out, loudly, or fails where everything
// has to run.
func program(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		if os.Getenv("POINTBRIDGE_TEST_ALL") != "" {
			t.Fatal(variable + " is not set, and nothing may be left out")
		}
		t.Skip("LEFT OUT: " + variable + " is not set. Run scripts/with-openapi, or make test")
	}
	return path
}

// load reads a document and holds it, with its examples, against OpenAPI itself.
func load(t *testing.T, path string) *openapi3.T {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := document.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return document
}
