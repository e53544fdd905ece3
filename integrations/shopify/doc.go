// Package shopify speaks to one store's Admin GraphQL API. Operations are generated from the subset schema; on top of
// them stand the access token, one cost budget for the whole process, and the rules that turn every answer into one of
// three outcomes: applied, refused, unknown. A call is one attempt; only the queue repeats it.
//
// Facts about Shopify's answers are the recordings retold in integrations/testdata/shopify, which name their sources.
package shopify
