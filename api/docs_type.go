package api

import (
	"fmt"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// typeOf writes a schema in a few words: "integer, 1 to 200", "string or null", "list of ListedCoupon".
func typeOf(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case len(s.AnyOf) > 0:
		forms := make([]string, 0, len(s.AnyOf))
		for _, form := range s.AnyOf {
			forms = append(forms, typeOf(form))
		}
		return strings.Join(forms, " or ")
	}
	text := s.Type
	switch {
	case s.Type == huma.TypeArray:
		text = "list of " + typeOf(s.Items)
	case len(s.Enum) > 0:
		values := slices.DeleteFunc(slices.Clone(s.Enum), func(v any) bool { return v == nil }) // orNull says that
		text = "one of " + strings.Trim(fmt.Sprintf("%q", values), "[]")
	case s.Format == "date-time":
		text = "time"
	}
	return text + bounds(s) + orNull(s)
}

func bounds(s *huma.Schema) string {
	text := ""
	if s.Minimum != nil {
		text += fmt.Sprintf(", at least %.0f", *s.Minimum)
	}
	if s.Maximum != nil {
		text += fmt.Sprintf(", at most %.0f", *s.Maximum)
	}
	if s.MaxLength != nil {
		text += fmt.Sprintf(", at most %d characters", *s.MaxLength)
	}
	if s.Default != nil {
		text += fmt.Sprintf(", otherwise %v", s.Default)
	}
	return text
}

func orNull(s *huma.Schema) string {
	if s.Nullable {
		return " or null"
	}
	return ""
}

// showNulls writes null into the list of values of whatever can be null: JSON Schema has a list bind every type, also
// the type null, so that a strict reader would refuse answers without a reason
// (https://json-schema.org/draft/2020-12/json-schema-validation#section-6.1.2).
func showNulls(document *huma.OpenAPI) {
	for _, schema := range document.Components.Schemas.Map() {
		for _, property := range schema.Properties {
			if property.Nullable && len(property.Enum) > 0 {
				property.Enum = append(slices.Clip(property.Enum), nil)
			}
		}
	}
}
