// Package learn connects decisions with what happens: it learns from orders who used a code, asks before points become a
// coupon, acts in the shop on what was decided, reads the past, and keeps digests in order.
//
// switch.go knows which campaigns are protected, so that one that is not costs nothing. orders.go is an order that was
// heard of, past.go the orders of earlier days, issue.go a conversion, acts.go what follows in the shop, upkeep.go
// retention and new keys. Decisions themselves are the package decisions'.
package learn
