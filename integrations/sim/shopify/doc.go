// Package shopify is a simulated Shopify store: the part of the Admin GraphQL API that deals with discount codes,
// customers, metafields and orders, as an http.Handler with state of its own.
//
// It answers as the vendor was seen to answer (API 2026-10 and recordings of live development stores, 2025-01 and
// 2026-04): the same validations and user errors, the same cost accounting, the same refusals at HTTP 200. It shares no
// type with the client, so the two cannot agree on a fiction. What the vendor leaves open is a switch: whether a
// checkout that already holds a code completes after its deactivation, how long the usage count and the search index
// lag behind. That the text of a deleted code is free again is an inference, not an observation.
//
// Subscriptions are served with signed webhooks, at least once, with retries, and kept over a restart: what happens to
// orders, refunds, discounts, customers and the app itself, and the compliance topics to an address of the
// configuration. Switches make them late, double, reversed or lost. Left open by the vendor and decided here: a
// redemption and a written metafield are no update of the discount or of the customer, and a merge leaves codes bound
// to the customer who is gone.
//
// The storefront is for people who want to walk the way of a code from the link in a mail to the order and back.
//
// There are no REST discount routes, as in the vendor's current API; requests to them are counted.
package shopify
