package shopify

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
)

// byOperation answers each operation with its body and notes the order.
func byOperation(bodies map[string]string, seen *[]string) *stub {
	return &stub{answer: func(_ *http.Request, body string) (*http.Response, error) {
		for op, answer := range bodies {
			if strings.Contains(body, `"operationName":"`+op+`"`) {
				*seen = append(*seen, op)
				return reply(http.StatusOK, answer), nil
			}
		}
		return reply(http.StatusInternalServerError, ""), nil
	}}
}

func TestSetup(t *testing.T) {
	t.Parallel()
	none := string(readGolden(t, "metafield_definitions_none").Body)
	good := string(readGolden(t, "metafield_definitions_ok").Body)
	made := string(readGolden(t, "metafield_definition_create_ok").Body)
	taken := string(readGolden(t, "metafield_definition_create_taken").Body)
	changed := string(readGolden(t, "metafield_definition_update_ok").Body)
	for name, tc := range map[string]struct {
		answers map[string]string
		sent    []string
		missing int
		reason  string
	}{
		"made when there is none": {map[string]string{"couponsDefinition": none, "couponsDefine": made},
			[]string{"couponsDefinition", "couponsDefine"}, 1, ""},
		"another replica was first": {map[string]string{"couponsDefinition": none, "couponsDefine": taken},
			[]string{"couponsDefinition", "couponsDefine"}, 1, ""},
		"nothing to do": {map[string]string{"couponsDefinition": good}, []string{"couponsDefinition"}, 0,
			""},
		"a customer could write it": {map[string]string{"couponsDefinition": strings.Replace(good, `"READ"`,
			`"READ_WRITE"`, 1), "couponsRedefine": changed}, []string{"couponsDefinition", "couponsRedefine"}, 1, ""},
		"the storefront could see it": {map[string]string{"couponsDefinition": strings.Replace(good, `"NONE"`,
			`"PUBLIC_READ"`, 1), "couponsRedefine": changed}, []string{"couponsDefinition", "couponsRedefine"}, 1, ""},
		"it has another type": {map[string]string{"couponsDefinition": strings.Replace(good, `"json"`, `"boolean"`, 1)},
			[]string{"couponsDefinition"}, 1, "definition_type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen []string
			c := newTestClient(t, testConfig(), byOperation(tc.answers, &seen))
			err := c.Setup(t.Context())
			if domain.ReasonOf(err) != tc.reason || (err == nil) != (tc.reason == "") {
				t.Errorf("got %v", err)
			}
			if !slices.Equal(seen, tc.sent) {
				t.Errorf("sent %v, want %v", seen, tc.sent)
			}
			missing, err := c.SetupMissing(t.Context())
			if err != nil || len(missing) != tc.missing {
				t.Errorf("missing %v, %v", missing, err)
			}
		})
	}
}
