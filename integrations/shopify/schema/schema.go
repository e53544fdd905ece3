// Package schema holds the subset of Shopify's Admin GraphQL schema (2026-10) that this service speaks. The client is
// generated from it and the simulated store executes it, so both are held to the same words.
package schema

import _ "embed"

// SDL is schema.graphql as written.
//
//go:embed schema.graphql
var SDL string
