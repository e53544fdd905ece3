// Package wire holds the types of the Square Loyalty API as far as it is used, generated from the vendor's own document
// (schema/loyalty.json).
package wire

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml schema/loyalty.json

// Words that Square may add to.
type (
	ErrorCode          string
	ErrorCategory      string
	LoyaltyEventType   string
	LoyaltyEventSource string
)
