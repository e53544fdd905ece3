package api

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

// nullsMissing takes a member that is null for one that is missing, once guard has let the caller through. Everything
// may be missing in a question, and what a shop's server knows it has from Shopify, which writes null where an address
// has no second line and a customer no phone: a refusal for that would stop honest buyers.
func nullsMissing(guard func(huma.Context, func(huma.Context))) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		guard(ctx, func(ctx huma.Context) {
			r := humagin.Unwrap(ctx).Request
			// intake has read the body, so that this reads from memory.
			if body, err := io.ReadAll(r.Body); err == nil {
				r.Body = io.NopCloser(bytes.NewReader(withoutNulls(body)))
			}
			next(ctx)
		})
	}
}

// withoutNulls leaves what is no JSON as it is, for whoever says what is wrong with it.
func withoutNulls(body []byte) []byte {
	var tree any
	if !bytes.Contains(body, []byte("null")) || decode(body, &tree) != nil {
		return body
	}
	if kept, err := json.Marshal(dropNulls(tree)); err == nil {
		return kept
	}
	return body
}

func dropNulls(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			if _, null := member.(absent); null {
				delete(v, name)
				continue
			}
			v[name] = dropNulls(member)
		}
	case []any:
		for i := range v {
			v[i] = dropNulls(v[i])
		}
	}
	return value
}

// MarshalJSON writes what was read.
func (absent) MarshalJSON() ([]byte, error) { return []byte("null"), nil }
