package api

import (
	"context"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// exchange is what is known of one request while it runs: who asks, in which language, and how it was refused. Its line
// in the log is written from it.
type exchange struct {
	api   *API
	id    string
	words *wording
	// caller and customerID are set once the request was admitted: the customer is the one the path means.
	caller     domain.Caller
	customerID string
	// staffID and session are set when a person asks, the session only when it is not by an API token.
	staffID int64
	session *domain.Session
	// stage is what that session still has to show.
	stage staff.Stage
	// counted says that the request was counted against its customer already.
	counted bool
	// shopper is the shop's customer whom a session token names, where no member is looked for.
	shopper string
	// base is where the storefront has our addresses; empty for those who call us directly.
	base string
	// proof names the signature by which the storefront sent the request; empty for those who call us directly.
	proof string
	// locale is the language that the storefront asked for, as it was written there.
	locale string
	// vary lists, beside the language, what an answer depends on.
	vary []string
	// reader says that a browser asks for something to read.
	reader bool
	// address is the client's, as far as proxies are believed.
	address string
	// agent is what the client calls itself, at a sign-in.
	agent string
	// code and cause say how it was refused.
	code  domain.Code
	cause error
	// invalid are the fields that were wrong, with validation_failed.
	invalid []FieldProblem
}

type exchangeKey struct{}

func (x *exchange) in(ctx context.Context) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

// exchangeOf returns the running request's exchange. Every request has one: observe is the first thing that sees it.
func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}
