// Package shopify is a simulated Shopify store: the part of the Admin GraphQL API that deals with discount codes,
// customers, metafields and orders, as an http.Handler with state of its own.
//
// It answers as the vendor was seen to answer (API 2026-10 and recordings of live development stores, 2025-01 and
// 2026-04): the same validations and user errors, the same cost accounting, the same refusals at HTTP 200. It shares no
// type with the client, so the two cannot agree on a fiction. What the vendor leaves open is a switch: whether a
// checkout that already holds a code completes after its deactivation, how long the usage count and the search index
// lag behind. That the text of a deleted code is free again is an inference, not an observation.
//
// There are no REST discount routes, as in the vendor's current API; requests to them are counted.
package shopify
