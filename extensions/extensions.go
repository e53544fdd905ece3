// Package extensions holds what is deployed to Shopify beside the service: the Function of the checkout, ready made, so
// that the simulated store runs the very module that a shop does.
package extensions

import _ "embed"

// GuardHandle is the Function's name, as shopify.extension.toml gives it.
const GuardHandle = "pointbridge-guard"

// GuardModule is the Function, as pointbridge-guard/assembly is compiled.
//
//go:embed pointbridge-guard/dist/function.wasm
var GuardModule []byte

// GuardQuery asks for the Function's input.
//
//go:embed pointbridge-guard/run.graphql
var GuardQuery string

// FunctionsSchema is the part of Shopify's schema by which the query, the input and the answer are made.
//
//go:embed pointbridge-guard/schema.graphql
var FunctionsSchema string
