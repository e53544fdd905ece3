// Package learn connects decisions with what happens: it learns from orders who used a code, asks before points become a
// coupon, acts in the shop on what was decided, and keeps digests in order.
//
// switch.go knows which campaigns are protected, so that one that is not costs nothing, keys.go which key is in use, and
// believed.go asks the database for both now and then. orders.go is an order that was
// heard of, issue.go a conversion, acts.go what follows in the shop, traces.go whoever is to be forgotten, maintenance.go
// retention and new keys. Decisions themselves, and the reading of the past, are the package decisions'.
package learn
