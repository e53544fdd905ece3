package schema_test

import (
	"testing"

	"github.com/graph-gophers/graphql-go"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"pointbridge/integrations/shopify/schema"
)

// The client's generator and the simulated store use different engines: both have to read the schema.
func TestSchemaIsReadByBothEngines(t *testing.T) {
	t.Parallel()
	parsed, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: schema.SDL})
	if err != nil {
		t.Fatal(err)
	}
	if parsed.Query.Name != "QueryRoot" || parsed.Mutation.Name != "Mutation" {
		t.Errorf("root types %s and %s", parsed.Query.Name, parsed.Mutation.Name)
	}
	if _, err := graphql.ParseSchema(schema.SDL, nil); err != nil {
		t.Error(err)
	}
}

// The errors that the flows tell apart are in the schema under the names that the client looks for.
func TestSchemaHasTheErrorCodes(t *testing.T) {
	t.Parallel()
	parsed, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: schema.SDL})
	if err != nil {
		t.Fatal(err)
	}
	for enum, codes := range map[string][]string{
		"DiscountErrorCode": {"TAKEN", "INVALID", "TOO_LONG", "INTERNAL_ERROR"},
		"MetafieldsSetUserErrorCode": {"STALE_OBJECT", "INVALID_COMPARE_DIGEST", "INVALID_VALUE",
			"INTERNAL_ERROR"},
		"MetafieldDefinitionCreateUserErrorCode": {"TAKEN"},
	} {
		for _, code := range codes {
			if parsed.Types[enum].EnumValues.ForName(code) == nil {
				t.Errorf("%s has no %s", enum, code)
			}
		}
	}
}
